"""Copies and splits of leads: what the new lead gets, and their undo."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from leadlight.replication.checks import check
from leadlight.sales.copying import copy_lead, split_lead
from leadlight.sales.models import ActivityType, Client, CustomField, Lead, Relation, Tag
from leadlight.sales.models.actions import acting
from leadlight.sales.models.relations import relations_of
from leadlight.sales.refusals import Refused
from leadlight.sales.undo import undo
from tests.sales.conftest import Company, at
from tests.sales.test_merging import fresh, state


@pytest.fixture
def lead(company: Company) -> Lead:
    lead = Lead.create(
        title="Windows",
        by=company.bo,
        owner=company.bo,
        amount=100,
        step=company.offer,
        description="jo@example.com",
        at=at(1, 5),
    )
    lead.tag(Tag.objects.create(name="urgent"), by=company.bo)
    lead.set_field(CustomField.define("lead", "Floors", "text"), "Five", by=company.bo)
    lead.log_activity(ActivityType.objects.create(name="Call"), by=company.bo)
    return lead


def copied(lead: Lead, company: Company, **more: Any) -> Lead:
    return copy_lead(lead, **({"title": "Doors", "client": None, "by": company.ana} | more))


def test_a_copy_has_the_values_but_not_the_history(company: Company, lead: Lead) -> None:
    copy = fresh(copied(lead, company))
    assert (copy.title, copy.description, copy.owner) == ("Doors", lead.description, company.ana)
    assert (copy.tag_ids, copy.field_texts) == (lead.tag_ids, lead.field_texts)
    assert (copy.amount, copy.step, copy.status) == (None, company.contact, "todo")
    assert not copy.activities.exists()
    assert copy.contact_points.get().value == "jo@example.com"
    assert relations_of(copy) == {lead.key: Relation.COPY_OF}
    assert relations_of(lead) == {copy.key: Relation.COPIED_TO}
    assert [*map(str, check())] == []


def test_a_client_groups_both_leads_unless_the_first_has_another(
    company: Company, lead: Lead
) -> None:
    first, second = (Client.create(name=name, by=company.ana) for name in ("One", "Two"))
    copied(lead, company, client=first)
    assert fresh(lead).client == first
    assert copied(lead, company, client=second).client == second
    assert fresh(lead).client == first


def test_values_of_archived_fields_are_not_copied(company: Company, lead: Lead) -> None:
    CustomField.objects.get().archive()
    assert copied(lead, company).field_texts == {}


def test_a_split_moves_a_part_of_the_amount(company: Company, lead: Lead) -> None:
    part = split_lead(lead, title="Doors", amount=Decimal("30.50"), by=company.ana)
    lead, part = fresh(lead), fresh(part)
    assert (lead.amount, part.amount) == (Decimal("69.50"), Decimal("30.50"))
    assert (part.owner, part.step, part.team) == (lead.owner, lead.step, lead.team)
    assert (part.description, part.tag_ids) == (lead.description, lead.tag_ids)
    assert relations_of(part) == {lead.key: Relation.SPLIT_FROM}
    assert [*map(str, check())] == []


@pytest.mark.parametrize("amount", [0, -1, 100, 101])
def test_a_part_is_less_than_the_whole(company: Company, lead: Lead, amount: int) -> None:
    with pytest.raises(Refused):
        split_lead(lead, title="Doors", amount=Decimal(amount), by=company.ana)
    assert Lead.objects.count() == 1


def test_closed_leads_and_leads_without_an_amount_are_not_split(
    company: Company, lead: Lead
) -> None:
    lead.set_amount(None, by=company.bo)
    with pytest.raises(Refused):
        split_lead(lead, title="Doors", amount=Decimal(1), by=company.ana)
    lead.set_amount(10, by=company.bo)
    lead.win(by=company.bo)
    with pytest.raises(Refused, match="closed"):
        split_lead(lead, title="Doors", amount=Decimal(1), by=company.ana)


def test_an_undo_of_a_copy_or_a_split_restores_the_lead_and_bins_the_new_one(
    company: Company, lead: Lead
) -> None:
    before = state([lead])
    client = Client.create(name="One", by=company.ana)
    for number, work in enumerate(
        (
            lambda: copied(lead, company, client=client),
            lambda: split_lead(lead, title="Doors", amount=Decimal(30), by=company.ana),
        )
    ):
        with acting(f"copy {number}", company.ana) as action:
            new = work()
        assert state([lead]) != before
        undo(action, by=company.ana)
        assert state([lead]) == before
        assert fresh(new).is_deleted
    assert [*map(str, check())] == []


def test_a_split_is_not_undone_after_work_on_the_part(company: Company, lead: Lead) -> None:
    with acting("split", company.ana) as action:
        part = split_lead(lead, title="Doors", amount=Decimal(30), by=company.ana)
    part.set_amount(40, by=company.bo)
    with pytest.raises(Refused):
        undo(action, by=company.ana)
    assert fresh(lead).amount == 70

"""Costs of actions: verbs, their refusals, audit log and undo, and the merge of tags."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from leadlight.accounts.keys import new_key
from leadlight.accounts.models import AuditEntry
from leadlight.sales import bulk_undo, costs, tag_merging
from leadlight.sales.models import Cost, Lead, ProspectingList, Tag
from leadlight.sales.models.actions import acting
from leadlight.sales.refusals import Refused
from leadlight.sales.undo import undo

pytestmark = pytest.mark.database

JANUARY = {"first_on": date(2026, 1, 1), "last_on": date(2026, 1, 31)}


@pytest.fixture
def salon(company) -> Tag:
    return Tag.define("Salon")


def stand(company, on: Tag, **values: object) -> Cost:
    return costs.add(
        company.ana, **{"name": "Stand", "amount": Decimal(310), "tag": on, **JANUARY, **values}
    )


def state() -> list[tuple[object, ...]]:
    names = ("key", "name", "amount", "first_on", "last_on", "source", "tag__name", "created_at")
    return list(Cost.objects.order_by("pk").values_list(*names))


def test_a_cost_is_on_a_list_a_source_or_a_tag(company, salon):
    fair = ProspectingList.objects.create(name="Fair")
    subjects = [{"tag": salon}, {"source": " Web "}, {"prospecting_list": fair}]
    made = [costs.add(company.ana, name="x", amount=Decimal(1), **JANUARY, **s) for s in subjects]
    assert [one.subject for one in made] == [salon, "Web", fair]


def test_without_a_last_day_a_cost_is_of_one_day(company, salon):
    one = costs.add(company.ana, name="x", amount=Decimal(1), first_on=date(2026, 1, 5), tag=salon)
    assert (one.first_on, one.last_on) == (date(2026, 1, 5), date(2026, 1, 5))


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"amount": Decimal("-0.01")}, "cannot be negative"),
        ({"amount": Decimal("0.001")}, "two decimals"),
        ({"amount": Decimal(10) ** 12}, "twelve digits"),
        ({"name": " "}, "Enter a name"),
        ({"name": "a\nb"}, "line breaks"),
        ({"name": "x" * 10_000}, "At most 200"),
        ({"last_on": date(2025, 12, 31)}, "before the first day"),
        ({"last_on": date(2036, 1, 9)}, "ten years"),
        ({"first_on": date(1899, 12, 31)}, "Enter a date from"),
        ({"tag": None}, "one prospecting list, one source or one tag"),
        ({"source": "Web"}, "one prospecting list, one source or one tag"),
        ({"tag": None, "source": "a\0"}, "NUL"),
    ],
)
def test_bad_values_are_refused(values, sentence, company, salon):
    with pytest.raises(Refused, match=sentence):
        stand(company, salon, **values)
    assert not Cost.objects.exists()
    assert not AuditEntry.objects.exists()


def test_hostile_names_are_kept(company, salon):
    for name in ("=1+1", "\u202e😀", "<script>"):
        assert stand(company, salon, name=name).name == name


def test_the_database_refuses_a_cost_on_nothing_or_with_days_in_the_wrong_order(salon):
    for values in (
        {"tag": None},
        {"source": "Web"},
        {"amount": -1},
        {"last_on": date(2025, 12, 31)},
    ):
        given = {"name": "x", "amount": 1, "tag": salon, **JANUARY, **values}
        with pytest.raises(IntegrityError), transaction.atomic():
            Cost.objects.create(**given)


def test_each_change_is_in_the_audit_log(company, salon):
    cost = stand(company, salon)
    costs.change(cost, company.bo, name="Stand", amount=Decimal(400), source="Web", **JANUARY)
    costs.change(cost, company.bo, name="Stand", amount=Decimal(400), source="Web", **JANUARY)
    costs.delete(cost, company.ana)
    told = AuditEntry.objects.order_by("pk").values_list("actor", "subject", "old_value")
    salon_line = "Salon · 310.00 · 2026-01-01 – 2026-01-31"
    web_line = "Web · 400.00 · 2026-01-01 – 2026-01-31"
    assert list(told) == [
        (company.ana.pk, "Stand", ""),
        (company.bo.pk, "Stand", salon_line),
        (company.ana.pk, "Stand", web_line),
    ]
    assert AuditEntry.objects.latest("pk").new_value == ""


@pytest.mark.parametrize("what", ["add", "change", "delete"])
def test_a_change_is_undone_to_the_letter(what, company, salon):
    cost = stand(company, salon)
    before = state()
    with acting(new_key(), company.ana) as action:
        match what:
            case "add":
                stand(company, salon, name="Flyers")
            case "change":
                costs.change(cost, company.ana, name="y", amount=Decimal(1), source="s", **JANUARY)
            case "delete":
                costs.delete(cost, company.ana)
    assert state() != before
    assert action.has_parts
    undo(action, by=company.ana)
    assert state() == before
    assert AuditEntry.objects.count() == 3


def test_a_change_is_not_undone_after_a_later_one(company, salon):
    with acting(new_key(), company.ana) as action:
        cost = stand(company, salon)
    costs.change(cost, company.bo, name="y", amount=Decimal(1), source="s", **JANUARY)
    with pytest.raises(Refused, match="has changed since"):
        undo(action, by=company.ana)
    assert Cost.objects.get().name == "y"


def test_a_deleted_cost_can_be_neither_changed_nor_deleted(company, salon):
    cost = stand(company, salon)
    costs.delete(Cost.objects.get(), company.ana)
    for verb in (costs.change, costs.delete):
        more = {"name": "y", "amount": 1, "source": "s", **JANUARY} if verb is costs.change else {}
        with pytest.raises(Refused, match="no longer exists"):
            verb(cost, company.ana, **more)


def test_the_merge_of_tags_moves_their_costs_and_its_undo_brings_them_back(company, salon):
    fair = Tag.define("Fair")
    lead = Lead.create(title="L", by=company.ana, owner=company.ana)
    lead.tag(salon, by=company.ana)
    cost, other = stand(company, salon), stand(company, salon, name="Flyers")
    with acting(new_key(), company.ana) as action:
        tag_merging.merge(salon, fair)
    assert {one.tag for one in Cost.objects.all()} == {fair}
    costs.change(other, company.bo, name="Paper", amount=Decimal(5), tag=fair, **JANUARY)
    bulk_undo.begin_undo(action, by=company.ana)
    cost.refresh_from_db()
    other.refresh_from_db()
    assert (cost.tag, other.tag, other.name) == (salon, fair, "Paper")


def test_the_undo_of_a_merge_of_a_tag_without_leads_brings_tag_and_costs_back(company, salon):
    fair = Tag.define("Fair")
    cost = stand(company, salon)
    with acting(new_key(), company.ana) as action:
        tag_merging.merge(salon, fair)
    assert action.has_parts
    bulk_undo.begin_undo(action, by=company.ana)
    cost.refresh_from_db()
    salon.refresh_from_db()
    assert (cost.tag, salon.is_active) == (salon, True)
    with pytest.raises(Refused, match="already undone"):
        bulk_undo.begin_undo(action, by=company.ana)


def test_a_new_list_with_a_cost_is_not_removed_by_undo(company):
    from leadlight.sales.prospecting.lists import make_list

    with acting(new_key(), company.ana) as action:
        made = make_list(company.ana, "Fair", ["Company"], [["Acme"]])
    costs.add(company.ana, name="x", amount=Decimal(1), prospecting_list=made, **JANUARY)
    with pytest.raises(Refused, match="another one since"):
        undo(action, by=company.ana)
    assert ProspectingList.objects.filter(pk=made.pk).exists()


def test_the_check_finds_a_cost_that_could_not_be_entered(company, salon):
    stand(company, salon)
    assert list(costs.differences()) == []
    Cost.objects.update(last_on=date(2099, 1, 1))
    assert "ten years" in next(costs.differences())

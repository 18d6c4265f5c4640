"""Conflicts: two people change the same field of a lead."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import transaction

from leadlight.sales.conflicts import Conflict, Conflicting, current_texts, refuse_conflicts
from leadlight.sales.models import CustomField, Lead, Reminder, Tag
from leadlight.sales.models.event_log import FIELDS
from leadlight.sales.models.lead_changes import locked
from tests.sales.conftest import Company, at


@pytest.fixture
def lead(company: Company) -> Lead:
    return Lead.create(
        title="Windows", by=company.ana, owner=company.ana, amount=Decimal("10.50"), at=at(1, 5)
    )


def conflicts(lead: Lead, before: dict[str, str]) -> list[Conflict]:
    try:
        with locked(lead):
            refuse_conflicts(lead, before)
    except Conflicting as conflicting:
        return conflicting.conflicts
    return []


def test_another_field_that_changed_is_no_conflict(company: Company, lead: Lead) -> None:
    before = current_texts(lead, ["amount", "owner"])
    Lead.objects.get(pk=lead.pk).rename("Doors", by=company.bo)
    assert conflicts(lead, before) == []


def test_the_same_field_that_changed_is_a_conflict(company: Company, lead: Lead) -> None:
    before = current_texts(lead, ["amount", "title"])
    other = Lead.objects.get(pk=lead.pk)
    other.set_amount(20, by=company.bo)
    assert conflicts(lead, before) == [Conflict("amount", "10.50", "20")]


def test_a_field_that_changed_back_is_no_conflict(company: Company, lead: Lead) -> None:
    before = current_texts(lead, ["amount"])
    other = Lead.objects.get(pk=lead.pk)
    other.set_amount(20, by=company.bo)
    other.set_amount(Decimal("10.5"), by=company.bo)
    assert conflicts(lead, before) == []


def test_a_custom_field_that_changed_is_a_conflict(company: Company, lead: Lead) -> None:
    size = CustomField.define("lead", "Size", "text")
    visit = CustomField.define("lead", "Visit", "text")
    name = f"field:{size.key}"
    before = current_texts(lead, [name, f"field:{visit.key}"])
    assert before[name] == ""
    Lead.objects.get(pk=lead.pk).set_field(size, "M", by=company.bo)
    assert conflicts(lead, before) == [Conflict(name, "", "M")]


def test_tags_and_reminders_are_compared_by_value(company: Company, lead: Lead) -> None:
    urgent, big = (Tag.objects.create(name=name) for name in ("urgent", "big"))
    other = Lead.objects.get(pk=lead.pk)
    other.tag(urgent, big, by=company.bo)
    other.set_reminder(Reminder(at(12, 1), note="Plans"), by=company.bo)
    before = current_texts(other, ["tags", "reminder", "reminder_note"])
    assert before == {
        "tags": f"{urgent.pk} {big.pk}",
        "reminder": "2026-12-01T09:00:00Z",
        "reminder_note": "Plans",
    }
    assert conflicts(lead, before) == []
    other.untag(big, by=company.bo)
    assert [each.name for each in conflicts(lead, before)] == ["tags"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_that_a_browser_changes_are_no_conflict(
    company: Company, lead: Lead, end: str
) -> None:
    lead.describe(f"Two{end}lines", by=company.ana)
    assert conflicts(lead, {"description": "Two\r\nlines"}) == []
    assert len(conflicts(lead, {"description": "Two lines"})) == 1


def test_every_field_of_the_log_has_a_text(lead: Lead) -> None:
    assert set(current_texts(lead, list(FIELDS))) == set(FIELDS)


def test_nothing_is_written_after_a_conflict(company: Company, lead: Lead) -> None:
    def save() -> None:
        with transaction.atomic(), locked(lead):
            lead.set_amount(30, by=company.ana)
            refuse_conflicts(lead, {"title": "Doors"})

    with pytest.raises(Conflicting):
        save()
    assert Lead.objects.get(pk=lead.pk).amount == Decimal("10.50")

"""Leads, actions and their states for tests of undo."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import count
from typing import Any

import pytest

from leadlight.sales.models import (
    Action,
    ActivityType,
    CustomField,
    Lead,
    LeadEvent,
    Reminder,
    Tag,
)
from leadlight.sales.models.actions import acting
from leadlight.sales.refusals import Refused
from leadlight.sales.undo import undo
from tests.sales.conftest import Company, at

keys = (f"key {number}" for number in count())
Work = Callable[[Lead, Company], Any]


def new_lead(company: Company, title: str = "Windows") -> Lead:
    return Lead.create(title=title, by=company.ana, owner=company.ana, amount=10, at=at(1, 5))


def row(lead: Lead) -> dict[str, Any]:
    """Return the columns of a lead that are the same after an undo, its tags and own fields."""
    lead = Lead.objects.get(pk=lead.pk)
    names = {field.attname for field in Lead._meta.concrete_fields} - {"version", "updated_at"}
    values = {name: getattr(lead, name) for name in names}
    return values | {"tags": lead.tag_ids, "fields": lead.field_texts}


def comments(lead: Lead) -> dict[str, str]:
    """Return the texts of the comments of a lead by key, without removed ones."""
    events = lead.events.filter(kind="comment").order_by("pk")
    texts = {event.about or event.key: event.value for event in events}
    return {key: text for key, text in texts.items() if text}


def states(leads: Iterable[Lead]) -> list[Any]:
    return [(row(lead), comments(lead), lead.activities.count()) for lead in leads]


def act(company: Company, lead: Lead, *work: Work) -> Action:
    with acting(next(keys), company.ana) as action:
        for each in work:
            each(lead, company)
    return action


def assert_refused(action: Action, company: Company, leads: Iterable[Lead]) -> None:
    """Check that an undo is refused and changes nothing."""
    leads = list(leads)
    before, events = states(leads), LeadEvent.objects.count()
    with pytest.raises(Refused):
        undo(action, by=company.ana)
    assert (states(leads), LeadEvent.objects.count()) == (before, events)
    action.refresh_from_db()
    assert action.undone_at is None


def reminder(day: int, **more: Any) -> Reminder:
    return Reminder(at(12, day), **more)


def tag(name: str) -> Tag:
    return Tag.objects.get_or_create(name=name, key=name)[0]


def own(name: str, choices: tuple[str, ...] = ()) -> CustomField:
    kind = "choice" if choices else "text"
    return CustomField.objects.filter(name=name).first() or CustomField.define(
        "lead", name, kind, choices=choices
    )


def call() -> ActivityType:
    return ActivityType.objects.get_or_create(name="Call")[0]


def last_comment(lead: Lead) -> LeadEvent:
    comment = lead.events.filter(kind="comment", about="").order_by("pk").last()
    assert comment is not None
    return comment

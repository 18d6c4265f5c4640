"""Creation of many leads in few statements, with the rows and events that `Lead.create` writes.

A lead enters its step, and gets its tags, reminder and fields, at the instant of its creation; a
closed one is closed at its close date.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from leadlight.accounts.models import User
from leadlight.sales.lead_values import PLAIN, Contacts, FieldText
from leadlight.sales.many_rows import insert_all, insert_with_ids
from leadlight.sales.models import Client, Lead, LeadEvent, LeadFieldValue
from leadlight.sales.models.actions import current_action
from leadlight.sales.models.event_log import CLOSED, FIELDS, OPENING, Kind, current_channel
from leadlight.sales.models.field_values import derived
from leadlight.sales.models.lead_changes import Changes, opening_values
from leadlight.sales.models.reminders import remind
from leadlight.sales.models.valid_values import valid_past_instant
from leadlight.sales.search.writing import SEARCHED, index_lead

NO_REMINDER = Changes()
remind(NO_REMINDER, None)


@dataclass
class NewLead:
    """Lead that was not saved yet, with its tags, and the values of its custom fields."""

    lead: Lead
    tags: frozenset[int]
    texts: Sequence[FieldText]
    status: str
    closed_at: datetime | None


def new_lead(values: Mapping[str, Any], *, by: User, now: datetime) -> NewLead:
    """Return a lead with values (`sales.lead_values`), whose step must be given; nothing is saved.

    Its history before the import is unknown if it was created earlier. Raises `Refused` for an
    invalid value.
    """
    created, closed = values.get("created"), values.get("closed")
    created_at = valid_past_instant(created and created.at, now)
    status = values.get("status", Lead.Status.TODO)
    closed_at = None
    if status in CLOSED:
        # A close date without a time is the start of its day, which can be before the creation.
        closed_at = max(valid_past_instant(closed and closed.at, now), created_at)
    described = dict(values)
    contacts: Contacts | None = values.get("contacts")
    if contacts is not None:
        described["description"] = contacts.below(values.get("description", ""))
    lead = Lead(
        created_by=by,
        created_at=created_at,
        updated_at=now,
        step=values["step"],
        pipeline_id=values["step"].pipeline_id,
        owner=values.get("owner"),
        team=values.get("team"),
        status=status,
        closed_at=closed_at,
        status_since=closed_at or created_at,
        step_since=created_at,
        has_history=created is None,
    )
    for target, (kind, check) in PLAIN.items():
        if target in described:
            setattr(lead, FIELDS[kind].attribute, check(described[target]))
    reminder = Changes()
    remind(reminder, values.get("reminder"))
    for kind, value in reminder.items():
        setattr(lead, FIELDS[kind].attribute, value)
    lead.postponements = int(lead.reminder_at is not None)
    texts = [value for value in values.values() if isinstance(value, FieldText) and value.text]
    return NewLead(lead, values.get("tags", frozenset()), texts, status, closed_at)


def save_all(rows: Sequence[NewLead], *, by: User, now: datetime) -> None:
    """Save new leads with all that belongs to them, in the caller's transaction.

    Raises `Refused` if the client of one was merged into another one meanwhile.
    """
    leads = [row.lead for row in rows]
    insert_with_ids(leads)
    merged = Client.objects.filter(pk__in={lead.client_id for lead in leads if lead.client_id})
    for client in merged.exclude(merged_into=None)[:1]:
        Client.refuse_merged(client.pk)
    insert_all(
        Lead.tags.through,
        ({"lead_id": row.lead.pk, "tag_id": tag} for row in rows for tag in sorted(row.tags)),
    )
    insert_all(
        LeadFieldValue,
        (
            {"owner_id": row.lead.pk, "field_id": one.field.pk, "text": one.text}
            | derived(one.field, one.text)
            for row in rows
            for one in row.texts
        ),
    )
    action = current_action()
    common = {
        "actor_id": by.pk,
        "recorded_at": now,
        "channel": current_channel(),
        "action_id": action and action.pk,
    }
    insert_all(LeadEvent, (common | event for row in rows for event in _events(row)))
    for lead in leads:
        index_lead(lead.pk, SEARCHED)


def _events(row: NewLead) -> Iterable[dict[str, Any]]:
    """Yield the columns of the events of a lead, in order of time."""
    lead = row.lead

    def event(kind: str, value: str, old: str, at: datetime, about: str = "") -> dict[str, Any]:
        return {
            "lead_id": lead.pk,
            "kind": kind,
            "value": value,
            "old_value": old,
            "occurred_at": at,
            "about": about,
            "version": lead.version,
        }

    def change(kind: str, value: Any, old: Any, at: datetime) -> dict[str, Any]:
        write = FIELDS[kind].write
        return event(kind, write(value), write(old), at)

    opening = {kind: getattr(lead, FIELDS[kind].attribute) for kind in OPENING}
    for kind, value in opening_values(opening | {Kind.STATUS: Lead.Status.TODO}):
        yield event(kind, value, "", lead.created_at)
    if row.tags:
        yield change(Kind.TAGS, row.tags, frozenset(), lead.created_at)
    for one in row.texts:
        yield event(Kind.FIELD, one.text, "", lead.created_at, one.field.key)
    for kind, old in NO_REMINDER.items():
        value = getattr(lead, FIELDS[kind].attribute)
        if value != old:
            yield change(kind, value, old, lead.created_at)
    if row.status != Lead.Status.TODO:
        yield change(Kind.STATUS, row.status, Lead.Status.TODO, lead.status_since)

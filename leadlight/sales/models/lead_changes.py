"""Writes of leads: the row and the events of a change, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from leadlight.accounts.models import User
from leadlight.sales.models.actions import current_action
from leadlight.sales.models.clients import Client
from leadlight.sales.models.event_log import (
    CLOSED,
    FIELDS,
    OPENING,
    Kind,
    LeadEvent,
    current_channel,
)
from leadlight.sales.models.field_values import LeadFieldValue
from leadlight.sales.models.fields import CustomField
from leadlight.sales.models.valid_values import valid_past_instant
from leadlight.sales.refusals import Refused
from leadlight.sales.search.writing import SEARCHED, batches, index_lead

if TYPE_CHECKING:
    from leadlight.sales.models.leads import Lead


# Columns derived from the events and activities of a lead, for lists (`sales.derived_columns`).
DERIVED = ("status_since", "step_since", "last_activity_at", "postponements")


class Changes(dict[str, Any]):
    """Changes made by one verb: kind of event → new value of its field.

    `of_fields` holds the changes of custom fields: field → new canonical text.
    """

    def __init__(self) -> None:
        super().__init__()
        self.of_fields: dict[CustomField, str] = {}


@contextmanager
def locked(lead: Lead) -> Iterator[None]:
    """Lock and reload the row of a lead, in a transaction around the `with` block."""
    with transaction.atomic():
        rows = type(lead)._default_manager.select_for_update(of=("self",))
        lead.refresh_from_db(from_queryset=rows)
        yield


@contextmanager
def changing(lead: Lead, by: User | None, at: datetime | None = None) -> Iterator[Changes]:
    """Lock a lead, yield `Changes` for the caller to fill in, then write row and events.

    The events occur at `at` (None: now). Writes nothing if no value changes.
    """
    with locked(lead):
        changes = Changes()
        yield changes
        _write(lead, changes, by, at)


def log_creation(lead: Lead, opening: Mapping[str, Any], by: User | None, now: datetime) -> None:
    """Log the opening events of a lead that was just saved."""
    Client.refuse_merged(lead.client_id)
    LeadEvent.objects.bulk_create(opening_events(lead, opening, by, now))
    index_lead(lead.pk, SEARCHED)


def opening_events(
    lead: Lead, opening: Mapping[str, Any], by: User | None, now: datetime
) -> list[LeadEvent]:
    """Return the events of the creation of a lead: CREATED, and one for each field with a value."""
    return [
        event_of(lead, kind, "", value, by, lead.created_at, now)
        for kind, value in opening_values(opening)
    ]


def opening_values(opening: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield kind and value of each event of a creation; the first one, CREATED, has no value."""
    yield Kind.CREATED, ""
    for kind in OPENING:
        value = FIELDS[kind].write(opening[kind])
        if value:
            yield kind, value


def log_event(
    lead: Lead,
    kind: str,
    value: str,
    by: User | None,
    *,
    old_value: str = "",
    about: str = "",
    now: datetime | None = None,
) -> LeadEvent:
    """Log an event that changes no field; the caller holds the lock of the lead (`locked`)."""
    now = now or timezone.now()
    increment_version(lead, now)
    event = event_of(lead, kind, old_value, value, by, now, now, about)
    event.save(force_insert=True)
    return event


def move_to_client(leads: Iterable[Lead], client: Client, by: User | None) -> None:
    """Set the client of any number of leads, which the caller has locked, in few statements.

    The caller updates the search words of the leads.
    """
    now, value = timezone.now(), FIELDS[Kind.CLIENT].write(client.pk)
    events = []
    for batch in batches(leads):
        rows = type(batch[0])._default_manager.filter(pk__in=[lead.pk for lead in batch])
        rows.update(client=client, version=F("version") + 1, updated_at=now)
        for lead in batch:
            old_value = FIELDS[Kind.CLIENT].write(lead.client_id)
            lead.client, lead.version, lead.updated_at = client, lead.version + 1, now
            events.append(event_of(lead, Kind.CLIENT, old_value, value, by, now, now))
    LeadEvent.objects.bulk_create(events)


def bin_all(leads: Iterable[Lead], by: User | None) -> None:
    """Move any number of leads, which the caller has locked, to the bin in few statements."""
    now = timezone.now()
    for batch in batches(lead for lead in leads if not lead.is_deleted):
        rows = type(batch[0])._default_manager.filter(pk__in=[lead.pk for lead in batch])
        rows.update(is_deleted=True, version=F("version") + 1, updated_at=now)
        events = []
        for lead in batch:
            lead.is_deleted, lead.version, lead.updated_at = True, lead.version + 1, now
            old, new = FIELDS[Kind.DELETED].write(False), FIELDS[Kind.DELETED].write(True)
            events.append(event_of(lead, Kind.DELETED, old, new, by, now, now))
        LeadEvent.objects.bulk_create(events)
        for lead in batch:
            index_lead(lead.pk, {Kind.DELETED})


def _write(lead: Lead, changes: Changes, by: User | None, at: datetime | None) -> None:
    before = {kind: getattr(lead, FIELDS[kind].attribute) for kind in changes}
    values = {kind: value for kind, value in changes.items() if before[kind] != value}
    if Kind.STATUS in values and Kind.CLOSED_AT in changes:
        # Logged even if it equals the old value, because the change of status sets another one.
        values[Kind.CLOSED_AT] = changes[Kind.CLOSED_AT]
    texts = _changed_texts(lead, changes)
    if not values and not texts:
        return
    now = timezone.now()
    occurred_at = valid_past_instant(at, now)
    _refuse_if_overtaken(lead, values, occurred_at)
    _set_values(lead, values, occurred_at)
    for field, (_old, text) in texts.items():
        LeadFieldValue.put(lead, field, text)
    increment_version(lead, now, values)
    Client.refuse_merged(values.get(Kind.CLIENT))
    events = [
        event_of(
            lead,
            kind,
            FIELDS[kind].write(before[kind]),
            FIELDS[kind].write(value),
            by,
            occurred_at,
            now,
        )
        for kind, value in values.items()
    ]
    for field, (old, text) in texts.items():
        events.append(event_of(lead, Kind.FIELD, old, text, by, occurred_at, now, field.key))
    LeadEvent.objects.bulk_create(events)
    kinds = {event.kind for event in events}
    if lead.is_open and before.get(Kind.STATUS, lead.status) not in CLOSED:
        kinds.discard(Kind.STATUS)  # the search distinguishes only open and closed leads
    index_lead(lead.pk, kinds)


def _changed_texts(lead: Lead, changes: Changes) -> dict[CustomField, tuple[str, str]]:
    """Return the custom fields that change, each with its text before and after."""
    rows = lead.field_values.filter(field__in=list(changes.of_fields))
    before = dict(rows.values_list("field_id", "text")) if changes.of_fields else {}
    return {
        field: (before.get(field.pk, ""), text)
        for field, text in changes.of_fields.items()
        if before.get(field.pk, "") != text
    }


def _set_values(lead: Lead, values: Mapping[str, Any], occurred_at: datetime) -> None:
    for kind, value in values.items():
        if not FIELDS[kind].is_many:
            setattr(lead, FIELDS[kind].attribute, value)
    if Kind.STATUS in values:
        if Kind.CLOSED_AT not in values:
            lead.closed_at = occurred_at if lead.status in CLOSED else None
        lead.status_since = occurred_at
    if Kind.STEP in values:
        lead.step_since = occurred_at
    if values.get(Kind.REMINDER) is not None:
        lead.postponements += 1
    if Kind.TAGS in values:
        lead.tags.set(values[Kind.TAGS])


def _refuse_if_overtaken(lead: Lead, values: Mapping[str, Any], occurred_at: datetime) -> None:
    """Refuse a change dated before the lead's creation or a later change of the same field."""
    if occurred_at < lead.created_at:
        raise Refused(_("“%(lead)s” did not exist on that date.") % {"lead": lead})
    kinds = {*values, *([Kind.CLOSED_AT] if Kind.STATUS in values else [])}
    if lead.events.filter(kind__in=kinds, occurred_at__gt=occurred_at).exists():
        raise Refused(_("“%(lead)s” has changed since that date.") % {"lead": lead})


def increment_version(lead: Lead, now: datetime, values: Iterable[str] = ()) -> None:
    """Save the lead with its next version, its derived columns and the fields of `values`."""
    lead.version += 1
    lead.updated_at = now
    fields = [FIELDS[kind].attribute for kind in values if not FIELDS[kind].is_many]
    lead.save(update_fields=[*fields, *DERIVED, "closed_at", "version", "updated_at"])


def event_of(
    lead: Lead,
    kind: str,
    old_value: str,
    value: str,
    by: User | None,
    occurred_at: datetime,
    now: datetime,
    about: str = "",
) -> LeadEvent:
    """Return an event of the current action and channel, with the version of the lead."""
    return LeadEvent(
        lead=lead,
        kind=kind,
        old_value=old_value,
        value=value,
        actor=by,
        occurred_at=occurred_at,
        recorded_at=now,
        channel=current_channel(),
        about=about,
        version=lead.version,
        action=current_action(),
    )

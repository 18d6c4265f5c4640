"""Writing a change of a lead: its row and its events, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from leadlight.accounts.models import User
from leadlight.sales.models.event_log import (
    CLOSED,
    FIELDS,
    OPENING,
    Kind,
    LeadEvent,
    current_channel,
)
from leadlight.sales.models.valid_values import valid_past_instant
from leadlight.sales.refusals import Refused

if TYPE_CHECKING:
    from leadlight.sales.models.leads import Lead

Changes = dict[str, Any]  # kind of event → the new value of its field


@contextmanager
def locked(lead: Lead) -> Iterator[None]:
    """Lock and reread a lead's row until the transaction within ends."""
    with transaction.atomic():
        rows = type(lead)._default_manager.select_for_update(of=("self",))
        lead.refresh_from_db(from_queryset=rows)
        yield


@contextmanager
def changing(lead: Lead, by: User | None, at: datetime | None = None) -> Iterator[Changes]:
    """Lock a lead, let the caller fill in what changes, then write its row and its events."""
    with locked(lead):
        changes: Changes = {}
        yield changes
        _write(lead, changes, by, at)


def log_creation(lead: Lead, opening: Mapping[str, Any], by: User | None, now: datetime) -> None:
    """Write the first events of a lead that was just saved."""
    events = [_event(lead, Kind.CREATED, "", "", by, lead.created_at, now)]
    for kind in OPENING:
        value = FIELDS[kind].write(opening[kind])
        if value:
            events.append(_event(lead, kind, "", value, by, lead.created_at, now))
    LeadEvent.objects.bulk_create(events)


def log_event(
    lead: Lead,
    kind: str,
    value: str,
    by: User | None,
    *,
    old_value: str = "",
    about: str = "",
) -> LeadEvent:
    """Write an event that changes no field of its lead, which is `locked`."""
    now = timezone.now()
    _raise_version(lead, now)
    event = _event(lead, kind, old_value, value, by, now, now)
    event.about = about
    event.save(force_insert=True)
    return event


def _write(lead: Lead, changes: Changes, by: User | None, at: datetime | None) -> None:
    before = {kind: getattr(lead, FIELDS[kind].attribute) for kind in changes}
    changes = {kind: value for kind, value in changes.items() if before[kind] != value}
    if not changes:
        return
    now = timezone.now()
    occurred_at = valid_past_instant(at, now)
    _refuse_if_overtaken(lead, changes, occurred_at)
    for kind, value in changes.items():
        if not FIELDS[kind].is_many:
            setattr(lead, FIELDS[kind].attribute, value)
    if Kind.STATUS in changes:
        lead.closed_at = occurred_at if lead.status in CLOSED else None
    if Kind.TAGS in changes:
        lead.tags.set(changes[Kind.TAGS])
    _raise_version(lead, now, changes)
    LeadEvent.objects.bulk_create(
        _event(
            lead,
            kind,
            FIELDS[kind].write(before[kind]),
            FIELDS[kind].write(value),
            by,
            occurred_at,
            now,
        )
        for kind, value in changes.items()
    )


def _refuse_if_overtaken(lead: Lead, changes: Changes, occurred_at: datetime) -> None:
    """Refuse a change at a time before the lead, or before a later one of the same field."""
    if occurred_at < lead.created_at:
        raise Refused(_("“%(lead)s” did not exist at that time.") % {"lead": lead})
    kinds = {*changes, *([Kind.CLOSED_AT] if Kind.STATUS in changes else [])}
    if lead.events.filter(kind__in=kinds, occurred_at__gt=occurred_at).exists():
        raise Refused(_("“%(lead)s” has changed since that time.") % {"lead": lead})


def _raise_version(lead: Lead, now: datetime, changes: Changes | None = None) -> None:
    lead.version += 1
    lead.updated_at = now
    fields = [FIELDS[kind].attribute for kind in changes or {} if not FIELDS[kind].is_many]
    lead.save(update_fields=[*fields, "closed_at", "version", "updated_at"])


def _event(
    lead: Lead,
    kind: str,
    old_value: str,
    value: str,
    by: User | None,
    occurred_at: datetime,
    now: datetime,
) -> LeadEvent:
    return LeadEvent(
        lead=lead,
        kind=kind,
        old_value=old_value,
        value=value,
        actor=by,
        occurred_at=occurred_at,
        recorded_at=now,
        channel=current_channel(),
        version=lead.version,
    )

"""Undo of an action: the values that it changed, on one lead or many, become those before it.

The log only grows: an undo writes events of its own. An action can be undone as long as nothing
that it changed was changed again since.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from leadlight.accounts.models import User
from leadlight.sales import derived_columns
from leadlight.sales.models import Action, Activity, CustomField, Lead, LeadEvent
from leadlight.sales.models.event_log import CLOSED, FIELDS, EventFields, Kind, replay
from leadlight.sales.models.lead_changes import Changes, changing, locked
from leadlight.sales.refusals import Refused


def undo(action: Action, *, by: User) -> list[Lead]:
    """Undo an action and return its leads.

    Only the user whose action it is can undo it. Raises `Refused` if it cannot be undone; then
    nothing is.
    """
    with transaction.atomic():
        held = Action.objects.select_for_update().get(pk=action.pk)
        if held.undone_at is not None:
            raise Refused(_("This change was already undone."))
        if held.user_id != by.pk or not held.is_undoable:
            raise Refused(_("This change can no longer be undone."))
        leads = _undo_activities(held) | _undo_events(held, by)
        held.undone_at = timezone.now()
        held.save(update_fields=["undone_at"])
    return sorted(leads, key=lambda lead: lead.pk)


def _undo_activities(action: Action) -> set[Lead]:
    activities = Activity.objects.filter(action=action).select_related("lead")
    leads = {activity.lead for activity in activities if activity.lead is not None}
    activities.delete()
    derived_columns.refresh(lead.pk for lead in leads)
    return leads


def _undo_events(action: Action, by: User) -> set[Lead]:
    events: dict[Lead, list[LeadEvent]] = defaultdict(list)
    for event in action.events.select_related("lead").order_by("lead", "-pk"):
        events[event.lead].append(event)
    for lead, newest_first in events.items():
        with locked(lead):
            _undo_on(lead, newest_first, by)
    return set(events)


def _undo_on(lead: Lead, events: Iterable[LeadEvent], by: User) -> None:
    closing: datetime | None = None
    with changing(lead, by) as changes:
        for event in events:
            if event.kind == Kind.CREATED:
                # The lead stays in the log, and goes to the bin with all its values.
                changes.clear()
                changes.of_fields.clear()
                changes[Kind.DELETED] = True
            elif event.kind == Kind.COMMENT:
                _undo_comment(lead, event, by)
            elif event.kind == Kind.FIELD:
                _undo_field(lead, event, changes)
            elif event.kind in FIELDS:
                _undo_value(lead, event, changes)
                if event.kind == Kind.STATUS and event.old_value in CLOSED:
                    closing = _closing_before(event)
    if closing is not None and lead.is_closed:
        lead.correct_closing(closing, by=by)


def _undo_value(lead: Lead, event: LeadEvent, changes: Changes) -> None:
    field = FIELDS[event.kind]
    value: Any = changes.get(event.kind, getattr(lead, field.attribute))
    if field.write(value) != event.value:
        raise _changed_since(lead)
    changes[event.kind] = field.read(event.old_value)


def _undo_field(lead: Lead, event: LeadEvent, changes: Changes) -> None:
    field = CustomField.objects.get(key=event.about)
    if changes.of_fields.get(field, lead.field_texts.get(field.key, "")) != event.value:
        raise _changed_since(lead)
    changes.of_fields[field] = event.old_value


def _undo_comment(lead: Lead, event: LeadEvent, by: User) -> None:
    if not event.about:
        lead.remove_comment(event, by=by)
        return
    comment = lead.events.get(key=event.about)
    last = lead.events.filter(kind=Kind.COMMENT, about=event.about).order_by("pk").last()
    if last != event:
        raise _changed_since(lead)
    lead.restore_comment(comment, event.old_value, by=by)


def _closing_before(event: LeadEvent) -> datetime | None:
    """Return the instant of closing that the lead had before a status event."""
    earlier = event.lead.events.filter(pk__lt=event.pk).order_by("occurred_at", "pk")
    fields = earlier.values_list("occurred_at", "kind", "value")
    closed_at: datetime | None = replay(EventFields(*each) for each in fields).get("closed_at")
    return closed_at


def _changed_since(lead: Lead) -> Refused:
    return Refused(_("“%(lead)s” has changed since. Nothing was undone.") % {"lead": lead})

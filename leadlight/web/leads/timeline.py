"""Timeline of a lead: its events and its activities, newest first."""

from __future__ import annotations

from dataclasses import replace

from django.db.models import Q

from leadlight.accounts.models import User
from leadlight.presentation.lead_entries import (
    Entry,
    activity_entry,
    event_entries,
    lookups_for,
)
from leadlight.sales.models import Action, Activity, Lead


def timeline_of(lead: Lead, reader: User | None = None) -> list[Entry]:
    """Return the entries of a lead; those that `reader` can still undo have an `undo_key`."""
    events = list(lead.events.select_related("actor").order_by("occurred_at", "pk"))
    entries = [
        *event_entries(events, lookups_for(events, edits=events, reader=reader)),
        *(activity_entry(activity) for activity in _activities(lead)),
    ]
    ordered = sorted(entries, key=lambda entry: entry.happened_at)[::-1]
    return ordered if reader is None else _with_undo(ordered, reader)


def _with_undo(entries: list[Entry], reader: User) -> list[Entry]:
    ids = {entry.action_id for entry in entries if entry.action_id is not None}
    actions = Action.objects.filter(pk__in=ids, user=reader) if ids else []
    keys = {action.pk: action.key for action in actions if action.is_undoable}
    return [replace(entry, undo_key=keys.get(entry.action_id or 0, "")) for entry in entries]


def _activities(lead: Lead) -> list[Activity]:
    """Return the activities on the lead and on the prospect that became the lead, in order."""
    behind = Q(lead=lead)
    if lead.prospect_id:
        behind |= Q(prospect=lead.prospect_id)
    activities = Activity.objects.filter(behind).order_by("pk")
    return list(activities.select_related("activity_type", "outcome", "user"))

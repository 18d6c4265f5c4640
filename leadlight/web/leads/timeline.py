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
        *(activity_entry(activity) for activity in activities_of(lead)),
    ]
    ordered = sorted(entries, key=lambda entry: entry.happened_at)[::-1]
    return ordered if reader is None else with_undo(ordered, reader)


def with_undo(entries: list[Entry], reader: User) -> list[Entry]:
    ids = {entry.action_id for entry in entries if entry.action_id is not None}
    actions = Action.objects.filter(pk__in=ids, user=reader) if ids else Action.objects.none()
    by_id = {action.pk: action for action in actions.select_related("job")}
    return [_offering(entry, by_id.get(entry.action_id or 0)) for entry in entries]


def _offering(entry: Entry, action: Action | None) -> Entry:
    """Return an entry with the undo of its action, or with the page of its bulk job."""
    if action is None:
        return entry
    if hasattr(action, "job"):
        return replace(entry, job_key=action.key)
    return replace(entry, undo_key=action.key) if action.is_undoable else entry


def activities_of(lead: Lead) -> list[Activity]:
    """Return the activities on the lead and on the prospect that became the lead, in order."""
    behind = Q(lead=lead)
    if lead.prospect_id:
        behind |= Q(prospect=lead.prospect_id)
    activities = Activity.objects.filter(behind).order_by("pk")
    return list(activities.select_related("activity_type", "outcome", "user"))

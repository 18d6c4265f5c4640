"""Timeline of a lead: its events and its activities, newest first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from itertools import groupby

from django.db.models import Q

from leadlight.accounts.models import User
from leadlight.presentation.lead_entries import (
    Entry,
    activity_entry,
    event_entries,
    lookups_for,
)
from leadlight.sales.models import Action, Activity, Lead, LeadEvent


def timeline_of(lead: Lead, reader: User | None = None) -> list[Entry]:
    """Return the entries of a lead; those that `reader` can still undo have an `undo_key`."""
    entries = timelines_of([lead], reader)[lead.pk]
    return entries if reader is None else with_undo(entries, reader)


def timelines_of(leads: Collection[Lead], reader: User | None = None) -> dict[int, list[Entry]]:
    """Return the entries of leads by id; the number of queries does not depend on that of leads."""
    ids = [lead.pk for lead in leads]
    events = list(
        LeadEvent.objects.filter(lead__in=ids)
        .select_related("actor")
        .order_by("lead", "occurred_at", "pk")
    )
    lookups = lookups_for(events, edits=events, reader=reader)
    entries: dict[int, list[Entry]] = {pk: [] for pk in ids}
    for pk, of_lead in groupby(events, lambda event: event.lead_id):
        entries[pk] += event_entries(of_lead, lookups)
    for pk, activities in activities_by_lead(leads).items():
        entries[pk] += map(activity_entry, activities)
    return {
        pk: sorted(found, key=lambda entry: entry.happened_at)[::-1]
        for pk, found in entries.items()
    }


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
    return activities_by_lead([lead])[lead.pk]


def activities_by_lead(leads: Collection[Lead]) -> dict[int, list[Activity]]:
    """Return the activities on each lead and on the prospect that became it, in order, by id."""
    of_prospects = {lead.prospect_id: lead.pk for lead in leads if lead.prospect_id}
    behind = Q(lead__in=[lead.pk for lead in leads])
    if of_prospects:
        behind |= Q(prospect__in=list(of_prospects))
    activities = Activity.objects.filter(behind).order_by("pk")
    found: dict[int, list[Activity]] = {lead.pk: [] for lead in leads}
    for activity in activities.select_related("activity_type", "outcome", "user"):
        own = found.get(activity.lead_id or 0)
        if own is None:
            own = found[of_prospects[activity.prospect_id or 0]]
        own.append(activity)
    return found

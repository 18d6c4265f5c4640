"""Timeline of a lead: its events and its activities, newest first."""

from __future__ import annotations

from django.db.models import Q

from leadlight.presentation.lead_entries import (
    Entry,
    activity_entry,
    event_entries,
    lookups_for,
)
from leadlight.sales.models import Activity, Lead


def timeline_of(lead: Lead) -> list[Entry]:
    events = list(lead.events.select_related("actor").order_by("occurred_at", "pk"))
    entries = [
        *event_entries(events, lookups_for(events, edits=events)),
        *(activity_entry(activity) for activity in _activities(lead)),
    ]
    return sorted(entries, key=lambda entry: entry.happened_at)[::-1]


def _activities(lead: Lead) -> list[Activity]:
    """Return the activities on the lead and on the prospect that became the lead, in order."""
    behind = Q(lead=lead)
    if lead.prospect_id:
        behind |= Q(prospect=lead.prospect_id)
    activities = Activity.objects.filter(behind).order_by("pk")
    return list(activities.select_related("activity_type", "outcome", "user"))

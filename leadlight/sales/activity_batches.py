"""Creation and removal of many activities in few statements, with the columns derived from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import F
from django.utils import timezone

from leadlight.sales import derived_columns
from leadlight.sales.models import Activity, Lead
from leadlight.sales.models.actions import current_action
from leadlight.sales.prospecting import lists, states
from leadlight.sales.search.writing import batches


def create_all(rows: Iterable[Mapping[str, Any]]) -> list[Activity]:
    """Create activities with valid values as part of the current action.

    The caller holds the locks of their leads.
    """
    now, action = timezone.now(), current_action()
    activities = Activity.objects.bulk_create(
        Activity(recorded_at=now, action=action, **values) for values in rows
    )
    _update_derived(activities)
    return activities


def remove(activities: Sequence[Activity]) -> None:
    """Delete activities; the caller holds the locks of their leads."""
    for batch in batches(activities):
        Activity.objects.filter(pk__in=[one.pk for one in batch]).delete()
    _update_derived(activities)


def _update_derived(activities: Iterable[Activity]) -> None:
    """Update the values derived from activities: columns of leads, states of prospects."""
    listed = list(activities)
    leads = sorted({one.lead_id for one in listed if one.lead_id is not None})
    prospects = sorted({one.prospect_id for one in listed if one.prospect_id is not None})
    for batch in batches(leads):
        rows = Lead.objects.filter(pk__in=batch)
        rows.update(version=F("version") + 1, updated_at=timezone.now())
    derived_columns.refresh(leads)
    states.refresh(prospects)
    lists.renew(prospects)

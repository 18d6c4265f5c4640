"""Columns of leads that are derived from their events and activities.

Lists filter and sort by them. Events of undone actions and of their undo do not count, so that an
undo restores the columns too. The verbs of `Lead` keep them up to date; the import and undo compute
them again; `leadlight check` compares them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, F, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from leadlight.sales.models import Activity, Lead, LeadEvent
from leadlight.sales.models.event_log import Kind

BATCH = 900  # below the limit of variables per statement of SQLite


def refresh(ids: Iterable[int]) -> None:
    """Compute the derived columns of leads again."""
    pending = sorted(set(ids))
    for start in range(0, len(pending), BATCH):
        leads = Lead.objects.filter(pk__in=pending[start : start + BATCH])
        leads.update(**expressions())


def expressions() -> dict[str, Any]:
    """Return derived column → expression of its value, for a query of leads."""
    reminders = _events(Kind.REMINDER).exclude(value="").order_by().values("lead")
    activities = Activity.objects.filter(lead=OuterRef("pk")).values("lead")
    return {
        "status_since": _last(Kind.STATUS),
        "step_since": _last(Kind.STEP),
        "last_activity_at": Subquery(activities.values(last=Max("occurred_at"))),
        "postponements": Coalesce(Subquery(reminders.values(count=Count("pk"))), 0),
    }


def _last(kind: str) -> Any:
    """Return the instant of the last event of a kind, the creation of the lead if there is none."""
    last = _events(kind).order_by("-occurred_at", "-pk").values("occurred_at")[:1]
    return Coalesce(Subquery(last), F("created_at"))


def _events(kind: str) -> QuerySet[LeadEvent]:
    events = LeadEvent.objects.filter(lead=OuterRef("pk"), kind=kind)
    return events.filter(action__undone_at__isnull=True)

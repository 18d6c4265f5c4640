"""Conditions of leads by the work done and planned on them, for lists."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.db.models.lookups import IsNull, LessThanOrEqual
from django.db.models.sql.compiler import SQLCompiler

from leadlight.sales.models import Activity, Lead, LeadEvent
from leadlight.sales.models.event_log import Kind


class Unindexed(Coalesce):
    """Column that SQLite reads without an index, because most leads meet a condition on it.

    PostgreSQL gets the column itself, because its planner has statistics of columns, but not of
    expressions (decision 0034).
    """

    def __init__(self, column: str) -> None:
        super().__init__(column, column)

    def as_postgresql(
        self, compiler: SQLCompiler, _connection: BaseDatabaseWrapper, **_more: Any
    ) -> tuple[str, Sequence[Any]]:
        return compiler.compile(self.get_source_expressions()[0])


def is_open() -> Q:
    """Return the condition of open leads, which is also the condition of their partial indexes."""
    return Q(closed_at__isnull=True)


def is_closed() -> Q:
    return Q(closed_at__isnull=False)


def can_drag_on(now: datetime) -> Q:
    """Return the condition of open leads without a reminder in the future.

    With a reminder in the future, the owner has planned when to work on the lead again.
    """
    without_reminder = IsNull(Unindexed("reminder_at"), True)
    return is_open() & (Q(without_reminder) | Q(reminder_at__lte=now))


def to_do_for(days: int, now: datetime) -> Q:
    """Return the condition of leads with the status "todo" for at least some days."""
    since = Q(status=Lead.Status.TODO, status_since__lte=_before(now, days))
    return since & can_drag_on(now)


def in_step_for(days: int, now: datetime) -> Q:
    return Q(step_since__lte=_before(now, days)) & can_drag_on(now)


def postponed(times: int, now: datetime) -> Q:
    """Return the condition of leads whose reminder was set at least some times."""
    return Q(postponements__gte=times) & can_drag_on(now)


def idle_for(days: int, now: datetime) -> Q:
    """Return the condition of leads without an activity for some days, from their creation on."""
    before, last = _before(now, days), Unindexed("last_activity_at")
    without_activity = Q(IsNull(last, True), LessThanOrEqual(Unindexed("created_at"), before))
    return (Q(LessThanOrEqual(last, before)) | without_activity) & can_drag_on(now)


def is_untouched() -> Any:
    """Return the condition of open leads without activity or comment since their assignment.

    The assignment is the last change of the owner, or else the creation.
    """
    changes = LeadEvent.objects.filter(lead=OuterRef(OuterRef("pk")), kind=Kind.OWNER)
    last = Subquery(changes.order_by("-occurred_at", "-pk").values("occurred_at")[:1])
    since = Coalesce(last, OuterRef("created_at"))
    activities = Activity.objects.filter(lead=OuterRef("pk"))
    comments = LeadEvent.objects.filter(lead=OuterRef("pk"), kind=Kind.COMMENT, about="")
    # Most leads have no activity at all: this condition avoids looking up their assignment.
    without_activity = Q(last_activity_at__isnull=True) | Q(last_activity_at__lt=F("created_at"))
    without_comment = ~Exists(comments) | ~Exists(comments.filter(occurred_at__gte=since))
    activities = activities.filter(occurred_at__gte=since)
    return is_open() & (without_activity | ~Exists(activities)) & without_comment


# Columns of conditions that have an index.
INDEXED = (
    *("amount", "created_at", "estimated_closing_on", "reminder_at"),
    *("status_since", "step_since", "postponements"),
)


def scanned(leads: QuerySet[Lead], condition: Any, ordered_by: str) -> QuerySet[Lead]:
    """Return the leads that meet a condition, for a query that reads them in an order.

    On SQLite, the condition may use only the index of the column that the leads are ordered by.
    With another index, SQLite would read and sort all leads that meet the condition.
    """
    columns = [column for column in INDEXED if column != ordered_by]
    leads = leads.alias(**{f"scanned_{column}": Unindexed(column) for column in columns})
    return leads.filter(_renamed(condition, columns))


def _renamed(condition: Any, columns: list[str]) -> Any:
    """Return a condition on the aliases of these columns."""
    if isinstance(condition, tuple):
        column, lookup = (
            condition[0].rsplit("__", 1) if "__" in condition[0] else (condition[0], "")
        )
        return (f"scanned_{column}__{lookup}", condition[1]) if column in columns else condition
    if not isinstance(condition, Q):
        return condition
    children = [_renamed(child, columns) for child in condition.children]
    return Q(*children, _connector=condition.connector, _negated=condition.negated)


def _before(now: datetime, days: int) -> datetime:
    return now - timedelta(days=days)

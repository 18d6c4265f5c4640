"""Conditions of leads by the work done and planned on them, for lists."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.db.models.lookups import IsNull, LessThanOrEqual

from leadlight.sales.models import Activity, Lead, LeadEvent
from leadlight.sales.models.event_log import Kind


def is_open() -> Q:
    """Return the condition of open leads; it is that of the indexes of open leads."""
    return Q(closed_at__isnull=True)


def is_closed() -> Q:
    return Q(closed_at__isnull=False)


def can_drag_on(now: datetime) -> Q:
    """Return the condition of open leads without a reminder in the future.

    A lead whose owner decided when to work on it again does not drag on.
    """
    return is_open() & ~Q(reminder_at__gt=now)


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
    since = LessThanOrEqual(Coalesce("last_activity_at", "created_at"), _before(now, days))
    return Q(since) & can_drag_on(now)


def is_untouched() -> Any:
    """Return the condition of open leads without activity or comment since their assignment.

    The assignment is the last change of the owner, or else the creation.
    """
    changes = LeadEvent.objects.filter(lead=OuterRef(OuterRef("pk")), kind=Kind.OWNER)
    last = Subquery(changes.order_by("-occurred_at", "-pk").values("occurred_at")[:1])
    since = Coalesce(last, OuterRef("created_at"))
    activities = Activity.objects.filter(lead=OuterRef("pk"))
    comments = LeadEvent.objects.filter(lead=OuterRef("pk"), kind=Kind.COMMENT, about="")
    # Most leads have none at all, and then the instant of their assignment need not be looked up.
    without_activity = Q(last_activity_at__isnull=True) | Q(last_activity_at__lt=F("created_at"))
    without_comment = ~Exists(comments) | ~Exists(comments.filter(occurred_at__gte=since))
    activities = activities.filter(occurred_at__gte=since)
    return is_open() & (without_activity | ~Exists(activities)) & without_comment


def has_no(column: str) -> Any:
    """Return the condition of leads without a value in a column.

    The databases must not look the condition up in an index: most leads meet it, and they would
    have to be sorted.
    """
    return IsNull(Coalesce(column, column), True)


def _before(now: datetime, days: int) -> datetime:
    return now - timedelta(days=days)

"""Work queue of a user: the leads and tasks that they own and have to act on now, in order.

The queue holds the leads to do, including those on standby with a reminder that has come
(`due_reminders.is_to_do`). Leads on standby until a later instant are not in the queue, even if
their expected close date has come: the seller decided when to work on them again. Tasks that are
due come before the rest of the leads, whether or not their leads are in the queue.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from operator import itemgetter
from typing import Any

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from leadlight.accounts.models import User
from leadlight.sales.due_reminders import is_to_do
from leadlight.sales.follow_ups import OPEN as OPEN_TASKS
from leadlight.sales.models import Activity, Lead, LeadEvent, Task
from leadlight.sales.models.event_log import OPEN, Kind

# Time for which a lead counts as newly assigned.
NEW_FOR = timedelta(days=7)


class Group(models.IntegerChoices):
    """Groups of the queue, in their order; a lead is in the first one that it belongs to.

    TASK has the tasks, all other groups have leads.
    """

    REMINDER = 1, _("Reminders")
    EXPECTED = 2, _("Expected to close")
    ASSIGNED = 3, _("Newly assigned")
    TASK = 4, _("Tasks")
    REST = 5, _("To do")


def work_queue(leads: QuerySet[Lead], user: User, now: datetime, today: date) -> QuerySet[Any]:
    """Return the leads of `leads` that are in the queue of a user, in its order.

    Each lead has its `group`, and `waits_since`, by which the leads of a group are sorted: the
    reminder, the expected close date, the instant of the assignment, or the start of the status.
    """
    queue = leads.filter(is_to_do(now), owner=user, status__in=OPEN)
    queue = queue.annotate(assigned_at=_assigned_at(user, now))
    groups = (
        (Q(reminder_at__lte=now), Group.REMINDER, F("reminder_at")),
        (Q(estimated_closing_on__lte=today), Group.EXPECTED, _instant("estimated_closing_on")),
        (Q(assigned_at__isnull=False) & ~_is_touched(user), Group.ASSIGNED, F("assigned_at")),
    )
    return queue.annotate(
        group=Case(
            *(When(condition, then=Value(group)) for condition, group, _since in groups),
            default=Value(Group.REST),
            output_field=models.IntegerField(),
        ),
        waits_since=Case(
            *(When(condition, then=since) for condition, _group, since in groups),
            default=F("status_since"),
            output_field=models.DateTimeField(),
        ),
    ).order_by("group", "waits_since", "pk")


def due_tasks(tasks: QuerySet[Task], user: User, today: date) -> QuerySet[Task]:
    """Return the tasks of `tasks` that are due and that a user owns, most overdue first."""
    due = tasks.filter(owner=user, status__in=OPEN_TASKS, due_on__lte=today)
    return due.order_by("due_on", "pk")


def places(leads: QuerySet[Any], tasks: QuerySet[Task]) -> list[tuple[int, int]]:
    """Return the group and the id of each lead and task of a queue, in its order.

    `leads` is a `work_queue`, `tasks` are `due_tasks`.
    """
    of_leads: list[tuple[int, int]] = list(leads.values_list("group", "pk"))
    of_tasks = [(int(Group.TASK), pk) for pk in tasks.values_list("pk", flat=True)]
    # The sort is stable: within a group, the order is that of its query.
    return sorted([*of_leads, *of_tasks], key=itemgetter(0))


def assigned_by(leads: Iterable[Lead]) -> dict[int, User | None]:
    """Return id of the lead → user who assigned it to its owner, None if unknown."""
    events = LeadEvent.objects.filter(lead__in=list(leads), kind=Kind.OWNER)
    ordered = events.select_related("actor").order_by("occurred_at", "pk")
    return {event.lead_id: event.actor for event in ordered}


def coming(leads: QuerySet[Lead], user: User, now: datetime) -> QuerySet[Lead]:
    """Return the leads of a user on standby until a later instant, soonest first."""
    waiting = leads.filter(owner=user, status=Lead.Status.STANDBY, reminder_at__gt=now)
    return waiting.order_by("reminder_at", "pk")


def _instant(day: str) -> Any:
    return Cast(day, models.DateTimeField())


def _assigned_at(user: User, now: datetime) -> Any:
    """Return the instant of the last assignment, if within `NEW_FOR` by someone else; else null.

    An assignment updates the lead: only leads updated within `NEW_FOR` are looked up in the log.
    """
    assignments = LeadEvent.objects.filter(lead=OuterRef("pk"), kind=Kind.OWNER)
    is_new = ~Q(actor=user) & Q(occurred_at__gte=now - NEW_FOR)
    new = assignments.annotate(at=Case(When(is_new, then=F("occurred_at"))))
    last = Subquery(new.order_by("-occurred_at", "-pk").values("at")[:1])
    return Case(When(updated_at__gte=now - NEW_FOR, then=last))


def _is_touched(user: User) -> Any:
    """Return the condition that the user changed the lead or acted on it since its assignment."""
    own = Q(lead=OuterRef("pk"), occurred_at__gte=OuterRef("assigned_at"))
    events = LeadEvent.objects.filter(own, actor=user)
    return Exists(events) | Exists(Activity.objects.filter(own, user=user))

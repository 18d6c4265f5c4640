"""Numbers of tasks of follow-ups: to do, postponed, done, and late."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Min, Q, QuerySet

from leadlight.sales.follow_ups import OPEN
from leadlight.sales.models import Task


@dataclass(frozen=True)
class Progress:
    """Numbers of tasks. A late task is to do or postponed, and was due before today.

    `next_on` is the day on which the first open task is due, None if all are done.
    """

    todo: int = 0
    standby: int = 0
    done: int = 0
    late: int = 0
    next_on: date | None = None

    @property
    def count(self) -> int:
        return self.todo + self.standby + self.done


def progress_by(tasks: QuerySet[Task], name: str, today: date) -> dict[Any, Progress]:
    """Return the progress of tasks that are not removed, by the value of a column."""
    is_open = Q(status__in=OPEN)
    rows = (
        tasks.filter(is_removed=False)
        .order_by()
        .values(name)
        .annotate(
            todo=Count("pk", filter=Q(status=Task.Status.TODO)),
            standby=Count("pk", filter=Q(status=Task.Status.STANDBY)),
            done=Count("pk", filter=Q(status=Task.Status.DONE)),
            late=Count("pk", filter=is_open & Q(due_on__lt=today)),
            next_on=Min("due_on", filter=is_open),
        )
    )
    return {row.pop(name): Progress(**row) for row in rows}


def progress_of(follow_ups: Collection[int], today: date) -> dict[int, Progress]:
    """Return id → progress of follow-ups."""
    return progress_by(Task.objects.filter(follow_up__in=follow_ups), "follow_up", today)

"""Tasks of one lead for its page: its follow-ups with their progress, then its other tasks."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from leadlight.accounts.models import User
from leadlight.sales.models import FollowUp, Lead, Task
from leadlight.web.shell.days import today

RELATED = ("owner", "done_by", "follow_up")


@dataclass(frozen=True)
class TaskRow:
    task: Task
    is_editable: bool
    is_late: bool


@dataclass(frozen=True)
class TaskGroup:
    """Follow-up with its tasks, or the tasks without a follow-up (None)."""

    follow_up: FollowUp | None
    rows: tuple[TaskRow, ...]

    @property
    def count(self) -> int:
        return len(self.rows)

    @property
    def done(self) -> int:
        return sum(not row.task.is_open for row in self.rows)


def task_groups(user: User, lead: Lead, *, is_editable: bool) -> list[TaskGroup]:
    """Return the tasks of a lead that `user` sees; with `is_editable`, they may change the lead."""
    tasks = Task.objects.filter(lead=lead, is_removed=False).select_related(*RELATED)
    day = today()
    rows: dict[FollowUp | None, list[TaskRow]] = defaultdict(list)
    for task in tasks.order_by("follow_up__started_at", "follow_up", "position", "due_on", "pk"):
        own = is_editable or task.owner_id == user.pk
        rows[task.follow_up].append(TaskRow(task, own, task.is_late(day)))
    groups = [TaskGroup(one, tuple(each)) for one, each in rows.items() if one is not None]
    groups.sort(key=lambda group: group.done == group.count)
    return groups + ([TaskGroup(None, _open_first(rows[None]))] if None in rows else [])


def _open_first(rows: list[TaskRow]) -> tuple[TaskRow, ...]:
    return tuple(sorted(rows, key=lambda row: not row.task.is_open))

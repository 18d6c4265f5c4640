"""Follow-ups on the leads of a client, with their progress."""

from __future__ import annotations

from dataclasses import dataclass

from leadlight.accounts.models import User
from leadlight.sales import task_access
from leadlight.sales.follow_up_progress import Progress, progress_of
from leadlight.sales.models import Client, FollowUp
from leadlight.web.shell.days import today

MOST_SHOWN = 10


@dataclass(frozen=True)
class Row:
    follow_up: FollowUp
    progress: Progress


def follow_ups_of(user: User, client: Client) -> list[Row]:
    """Return the last follow-ups of a client that a user may see, those with open tasks first."""
    found = task_access.visible_follow_ups(user).filter(lead__client=client)
    with_tasks = found.filter(tasks__is_removed=False).distinct()
    shown = list(with_tasks.select_related("lead").order_by("-started_at", "-pk")[:MOST_SHOWN])
    progress = progress_of([one.pk for one in shown], today())
    rows = [Row(one, progress[one.pk]) for one in shown]
    return sorted(rows, key=lambda row: row.progress.done == row.progress.count)

"""Access to tasks: users see the tasks on the leads that they may see, and their own tasks."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from leadlight.accounts.models import User
from leadlight.sales import access
from leadlight.sales.models import FollowUp, Task


def visible_tasks(user: User) -> QuerySet[Task]:
    """Return the tasks that a user may see, except those on leads in the bin.

    The owner of a task sees it even if they may not see its lead.
    """
    tasks = Task.objects.filter(is_removed=False, lead__is_deleted=False)
    scope = access.lead_scope(user)
    if scope.sees_all:
        return tasks
    of_leads = Q(lead__owner_id=scope.user_id) | Q(lead__team_id__in=scope.team_ids)
    return tasks.filter(of_leads | Q(owner_id=scope.user_id))


def editable_ids(user: User, tasks: Iterable[Task]) -> set[int]:
    """Return the ids of the given tasks that a user may change.

    Those are their own tasks, and the tasks on leads that they may change.
    """
    tasks = list(tasks)
    leads = {task.lead_id for task in tasks if task.owner_id != user.pk}
    editable = access.editable_leads(user).filter(pk__in=leads) if leads else None
    ids = set(editable.values_list("pk", flat=True)) if editable is not None else set()
    return {task.pk for task in tasks if task.owner_id == user.pk or task.lead_id in ids}


def may_edit(user: User, task: Task) -> bool:
    return bool(editable_ids(user, [task]))


def visible_follow_ups(user: User) -> QuerySet[FollowUp]:
    """Return the follow-ups of the leads that a user may see, except leads in the bin."""
    follow_ups = FollowUp.objects.filter(lead__is_deleted=False)
    scope = access.lead_scope(user)
    if scope.sees_all:
        return follow_ups
    return follow_ups.filter(Q(lead__owner_id=scope.user_id) | Q(lead__team_id__in=scope.team_ids))

"""Who sees and sets which goals, and which of them hold."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from leadlight.accounts.models import Team, User
from leadlight.sales.models import Goal


def visible(user: User) -> QuerySet[Goal]:
    """All for admins; for others their own, and those of the teams they manage and of these
    teams' members."""
    if user.is_admin:
        return Goal.objects.all()
    teams = user.managed_teams
    return Goal.objects.filter(
        Q(user=user) | Q(team__in=teams) | Q(user__in=User.objects.filter(teams__in=teams))
    )


def may_set(user: User) -> bool:
    return user.role in (User.Role.MANAGER, User.Role.ADMIN)


def changeable(user: User) -> QuerySet[Goal]:
    """Who may set goals changes all that he sees."""
    return visible(user) if may_set(user) else Goal.objects.none()


def users_to_lead(user: User) -> QuerySet[User]:
    """Whom this person may give a goal: himself and the members of his teams; admins everybody."""
    active = User.objects.filter(is_active=True)
    if user.is_admin:
        return active
    return active.filter(Q(pk=user.pk) | Q(teams__in=user.managed_teams)).distinct()


def teams_to_lead(user: User) -> QuerySet[Team]:
    return Team.objects.all() if user.is_admin else user.managed_teams


def kind_of(goal: Goal) -> tuple[Any, ...]:
    """What a later goal must have in common to replace this one."""
    return goal.user_id, goal.team_id, goal.measure, goal.activity_type_id, goal.period


def holding(goals: Iterable[Goal], day: date) -> list[Goal]:
    """Of each kind the last to start by this day. A target of 0 ends a goal."""
    started = sorted(
        (goal for goal in goals if goal.starts_on <= day),
        key=lambda goal: (goal.starts_on, goal.pk),
    )
    last = {kind_of(goal): goal for goal in started}
    return [goal for goal in last.values() if goal.target]


def coming(goals: Iterable[Goal], day: date) -> list[Goal]:
    """Those that start later, endings included."""
    return sorted((goal for goal in goals if goal.starts_on > day), key=lambda goal: goal.starts_on)


def put(goal: Goal) -> Goal:
    """Set a goal; one of the same kind and first day is replaced, also one that comes at once."""
    saved, _is_new = Goal.objects.update_or_create(
        user=goal.user,
        team=goal.team,
        measure=goal.measure,
        activity_type=goal.activity_type,
        period=goal.period,
        starts_on=goal.starts_on,
        defaults={"target": goal.target},
    )
    return saved


def end(goal: Goal, on: date) -> None:
    """It holds no more from this first day of a period on."""
    put(
        Goal(
            user=goal.user,
            team=goal.team,
            measure=goal.measure,
            activity_type=goal.activity_type,
            period=goal.period,
            starts_on=on,
            target=0,
        )
    )

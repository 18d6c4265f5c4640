"""Access to goals, and the goals in force on a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from leadlight.accounts.models import Team, User
from leadlight.sales import access
from leadlight.sales.models import Goal


def visible(user: User) -> QuerySet[Goal]:
    """Return the goals that a user may see.

    Admins see all goals. Other users see their own, and those of the teams whose leads they see
    and of the members of these teams.
    """
    return Goal.objects.all() if user.is_admin else _of_teams(user, access.seen_teams(user))


def _of_teams(user: User, teams: QuerySet[Team]) -> QuerySet[Goal]:
    """Return the goals of a user, of teams, and of the members of these teams."""
    return Goal.objects.filter(
        Q(user=user) | Q(team__in=teams) | Q(user__in=User.objects.filter(teams__in=teams))
    )


def may_set(user: User) -> bool:
    return user.role in (User.Role.MANAGER, User.Role.ADMIN)


def editable(user: User) -> QuerySet[Goal]:
    """Return the goals that a user may change.

    Admins may change all goals. Managers may change their own, those of the teams that they manage,
    and those of the members of these teams.
    """
    if user.is_admin:
        return Goal.objects.all()
    return _of_teams(user, access.led_teams(user)) if may_set(user) else Goal.objects.none()


def settable_users(user: User) -> QuerySet[User]:
    """Return the active users for whom a user may set goals.

    Admins may set goals for all users, others for themselves and the members of the teams that
    they manage.
    """
    active = User.objects.filter(is_active=True)
    if user.is_admin:
        return active
    return active.filter(Q(pk=user.pk) | Q(teams__in=access.led_teams(user))).distinct()


def settable_teams(user: User) -> QuerySet[Team]:
    teams = Team.objects.all() if user.is_admin else access.led_teams(user)
    return teams.filter(is_active=True)


def replacement_key(goal: Goal) -> tuple[Any, ...]:
    """Return the values that a later goal must share with this one to replace it."""
    return goal.user_id, goal.team_id, goal.measure, goal.activity_type_id, goal.period


def in_force(goals: Iterable[Goal], day: date) -> list[Goal]:
    """Return the goals in force on a day: of each kind, the last one that starts by then.

    Goals are of one kind if they have the same `replacement_key`. A goal with target 0 only ends
    the previous goal of its kind and is left out.
    """
    started = sorted(
        (goal for goal in goals if goal.starts_on <= day),
        key=lambda goal: (goal.starts_on, goal.pk),
    )
    last = {replacement_key(goal): goal for goal in started}
    return [goal for goal in last.values() if goal.target]


def upcoming(goals: Iterable[Goal], day: date) -> list[Goal]:
    """Return the goals that start after a day, including those with target 0, by first day."""
    return sorted((goal for goal in goals if goal.starts_on > day), key=lambda goal: goal.starts_on)


def save(goal: Goal) -> Goal:
    """Save a goal; it replaces one of the same kind and first day, also in concurrent requests."""
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
    """End a goal: from `on`, the first day of a period, a goal with target 0 replaces it."""
    save(
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

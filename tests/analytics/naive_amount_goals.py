"""Naive oracle of the goals of a won amount, spread over their days one by one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from tests.analytics import naive_days as days
from tests.analytics.naive_facts import key_of
from tests.analytics.world import Goal, World, colleagues_of

DAY = timedelta(1)


@dataclass(frozen=True)
class GoalDay:
    day: date
    cents: int
    user_id: int | None
    team_id: int | None


@dataclass
class AmountGoals:
    """The goals that a report shows, by its grouping and period."""

    world: World
    filters: Any
    scope: Any
    grouping: str
    first: date
    last: date
    windows: dict[tuple[str, str], list[date]] = field(default_factory=dict)

    def goal_owner(self) -> str | None:
        grouping = self.grouping
        if grouping not in ("bucket", "user", "team"):
            return None
        if {name for name, _keys in self.filters.chosen} - {"user", "team"}:
            return None
        every = self.every_goal_day()
        if grouping == "user":
            return "user" if any(goal.user_id for goal in every) else None
        if any(goal.team_id for goal in every) and not self.filters.keys("user"):
            return "team"
        has_users = any(goal.user_id for goal in every)
        return "user" if has_users and grouping == "bucket" else None

    def goal_days(self) -> list[GoalDay]:
        goal_owner = self.goal_owner()
        if goal_owner is None:
            return []
        return [goal for goal in self.every_goal_day() if getattr(goal, f"{goal_owner}_id")]

    def every_goal_day(self) -> list[GoalDay]:
        goals = [goal for goal in self.world.goals if self.is_asked(goal)]
        found = []
        day = self.first
        while day <= self.last:
            for goal in goals:
                window = self.window(day, goal.period)
                rivals = [
                    other
                    for other in goals
                    if (other.user_id, other.team_id, other.period)
                    == (goal.user_id, goal.team_id, goal.period)
                    and other.starts_on <= window[-1]
                ]
                if (
                    goal.target
                    and rivals
                    and goal == max(rivals, key=lambda g: (g.starts_on, g.id))
                ):
                    place, cents = window.index(day), int(goal.target * 100)
                    share = cents * (place + 1) // len(window) - cents * place // len(window)
                    found.append(GoalDay(day, share, goal.user_id, goal.team_id))
            day += DAY
        return found

    def is_asked(self, goal: Goal) -> bool:
        colleagues = colleagues_of(self.world, self.scope)
        seen = self.scope.sees_all or goal.user_id in colleagues
        seen = seen or goal.team_id in self.scope.team_ids
        users, teams = self.filters.keys("user"), self.filters.keys("team")
        its_teams = {
            key_of(self.world.teams, row.team_id)
            for row in self.world.memberships
            if row.user_id == goal.user_id
        }
        its_teams |= {key_of(self.world.teams, goal.team_id)}
        return (
            goal.measure == "won_amount"
            and seen
            and (not users or key_of(self.world.users, goal.user_id) in users)
            and (not teams or bool(its_teams & set(teams)))
        )

    def window(self, day: date, unit: str) -> list[date]:
        """Return the days of the month, quarter or year around a day."""
        key = days.key_of(day, unit, self.filters.calendar)
        if (unit, key) not in self.windows:
            its = [day]
            while days.key_of(its[0] - DAY, unit, self.filters.calendar) == key:
                its.insert(0, its[0] - DAY)
            while days.key_of(its[-1] + DAY, unit, self.filters.calendar) == key:
                its.append(its[-1] + DAY)
            self.windows[unit, key] = its
        return self.windows[unit, key]

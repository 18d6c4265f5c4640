"""Naive oracle of the goals view, counting goal by goal and day by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any

from tests.analytics import naive_days as days
from tests.analytics.agreeing import Expected, ExpectedRow
from tests.analytics.naive_activities import credited, wins
from tests.analytics.naive_facts import key_of
from tests.analytics.naive_leads import keys_of
from tests.analytics.naive_rows import lines
from tests.analytics.world import Goal, World, colleagues_of

DAY = timedelta(1)


@dataclass(frozen=True)
class Kind:
    measure: str
    type_id: int | None
    unit: str

    def key(self, world: World) -> str:
        kind = key_of(world.activity_types, self.type_id)
        return ":".join(part for part in (self.measure, kind, self.unit) if part)


def goals(world: World, filters: Any, scope: Any) -> Expected:
    return _Goals(world, filters, scope).answer()


class _Goals:
    def __init__(self, world: World, filters: Any, scope: Any) -> None:
        self.world, self.filters, self.scope = world, filters, scope
        self.day = min(filters.period.last, filters.today)
        self.held = f"{filters.group_by or 'user'}_id"
        self.every_done = credited(world, filters, scope)
        self.every_win = wins(world, filters, scope)
        self.goals = self.holding()
        self.kinds = {kind_of(goal) for goal in self.goals}

    def holding(self) -> list[Goal]:
        """Return the latest goal of each kind and holder on the day, among those within scope."""
        colleagues, scope = colleagues_of(self.world, self.scope), self.scope
        last: dict[Any, Goal] = {}
        for goal in sorted(self.world.goals, key=lambda goal: (goal.starts_on, goal.id)):
            seen = scope.sees_all or goal.user_id in colleagues or goal.team_id in scope.team_ids
            if seen and goal.starts_on <= self.day and getattr(goal, self.held) is not None:
                last[getattr(goal, self.held), kind_of(goal)] = goal
        return list(last.values())

    def is_asked(self, goal: Goal) -> bool:
        """Return whether the goal matches the filters; a team has the goals of its members."""
        users, teams = self.filters.keys("user"), self.filters.keys("team")
        its_teams = {goal.team_id} | {
            row.team_id for row in self.world.memberships if row.user_id == goal.user_id
        }
        keys = {key_of(self.world.teams, team_id) for team_id in its_teams}
        return (not users or key_of(self.world.users, goal.user_id) in users) and (
            not teams or bool(keys & set(teams))
        )

    def window(self, unit: str) -> list[date]:
        """Return the days of the month, quarter or year around the day."""
        calendar = self.filters.calendar
        key, its = days.key_of(self.day, unit, calendar), [self.day]
        while days.key_of(its[0] - DAY, unit, calendar) == key:
            its.insert(0, its[0] - DAY)
        while days.key_of(its[-1] + DAY, unit, calendar) == key:
            its.append(its[-1] + DAY)
        return its

    def so_far(self, kind: Kind) -> list[Any]:
        """Return activities or wins from the first day of the goal's window up to the day."""
        first = self.window(kind.unit)[0]
        facts: list[Any] = self.every_done if kind.measure == "activities" else self.every_win
        return [fact for fact in facts if first <= fact.day <= self.day]

    def answer(self) -> Expected:
        period = self.filters.period
        done = [one for one in self.every_done if one.day in period]
        won = [event for event in self.every_win if event.day in period]
        asked = [goal for goal in self.goals if self.is_asked(goal)]
        facts: list[Any] = [*done, *won, *asked]
        facts += [fact for kind in self.kinds for fact in self.so_far(kind)]
        grouping = self.filters.group_by or "user"
        rows = [
            self.line(
                key,
                [one for one in done if has(one)],
                [event for event in won if has(event)],
                [goal for goal in asked if has(goal)],
            )
            for key, _name, has in lines(self.world, grouping, self.filters, self.scope, facts, [])
        ]
        return Expected(rows, self.line(None, done, won, asked))

    def line(
        self, key: str | None, done: list[Any], won: list[Any], asked: list[Goal]
    ) -> ExpectedRow:
        amount = sum((event.then.amount or Decimal(0) for event in won), Decimal(0))
        mean = Decimal(round(Fraction(amount) / len(won) * 100)) / 100 if won else None
        cells: dict[str, Any] = {
            "activities": len(done),
            "won_leads": len(won),
            "won_amount": amount,
            "mean_deal": mean,
            "effort_per_win": (len(done), len(won)),
        }
        behind = {"won_leads": keys_of(won)}
        for kind in self.kinds:
            its = [goal for goal in asked if kind_of(goal) == kind]
            reached = [fact for fact in self.so_far(kind) if self.counts(fact, kind, its)]
            name = kind.key(self.world)
            cells |= self.figures(kind, its, reached, len(done), amount)
            if its:
                keys = (
                    [str(fact.activity.id) for fact in reached]
                    if kind.measure == "activities"
                    else keys_of(reached)
                )
                behind[f"done:{name}"] = keys
        return ExpectedRow(key, cells, behind)

    def counts(self, fact: Any, kind: Kind, its: list[Goal]) -> bool:
        holder = getattr(fact, self.held)
        is_theirs = any(getattr(goal, self.held) == holder for goal in its)
        return is_theirs and (
            kind.type_id is None or fact.activity.activity_type_id == kind.type_id
        )

    def figures(
        self, kind: Kind, its: list[Goal], reached: list[Any], activities: int, amount: Decimal
    ) -> dict[str, Any]:
        name, is_money = kind.key(self.world), kind.measure == "won_amount"
        target: Any = sum((goal.target for goal in its), Decimal(0)) if its else None
        done: Any = None
        pace: Any = None
        if its:
            sums = sum((fact.then.amount or 0 for fact in reached), Decimal(0)) if is_money else 0
            done = sums if is_money else len(reached)
            window = self.window(kind.unit)
            over = window.index(self.day) + 1
            cents = 100 if is_money else 1
            pace = Decimal(round(Fraction(done) * len(window) / over * cents)) / cents
        figures = {
            f"target:{name}": target,
            f"done:{name}": done,
            f"achieved_rate:{name}": (done or 0, target or 0),
            f"pace:{name}": pace,
        }
        if is_money:
            takes = (
                ceil(Fraction(target) * activities / Fraction(amount)) if its and amount else None
            )
            figures[f"needed:{name}"] = takes if activities else None
        return figures


def kind_of(goal: Goal) -> Kind:
    return Kind(goal.measure, goal.activity_type_id, goal.period)

"""Naive oracle of the forecast, counting one lead, one goal and one day at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor, sqrt
from typing import Any

from tests.analytics import naive_days as days
from tests.analytics.naive_amount_goals import DAY, AmountGoals, GoalDay
from tests.analytics.naive_facts import (
    Event,
    Stay,
    events_of,
    is_chosen,
    is_credited,
    stay_of,
)
from tests.analytics.naive_rows import lines
from tests.analytics.naive_step_history import closed_of_late
from tests.analytics.world import World, may_see, probability_at, state

Z = 1.2815515655446004  # 90 of 100 values of a normal distribution are lower
UNITS = {
    "next_7_days": "day",
    "next_30_days": "day",
    "next_8_weeks": "week",
    "next_3_months": "month",
    "next_6_months": "month",
    "next_12_months": "month",
}


@dataclass
class Line:
    """The cells of a row, and the keys of its won and of its open leads."""

    cells: dict[str, Any]
    won: list[str]
    open: list[str]


@dataclass
class Answer:
    rows: dict[str | None, Line]
    totals: Line
    unmeasured: list[str]


@dataclass
class Forecast:
    """The forecast of one company by filters and scope."""

    world: World
    filters: Any
    scope: Any
    known_rates: dict[int, Fraction] | None = None

    def answer(self) -> Answer:
        first, last, today = self.filters.period.first, self.filters.period.last, self.filters.today
        won, open_ = self.leads()
        won = [event for event in won if first <= event.day <= last]
        coming = [
            stay
            for stay in open_
            if (day := stay.then.expected_on) and first <= day <= last and day >= today
        ]
        overdue = [stay for stay in open_ if (day := stay.then.expected_on) and day < today]
        undated = [stay for stay in open_ if stay.then.expected_on is None]
        amount_goals = self.amount_goals()
        goals = amount_goals.goal_days()
        rows = {
            key: self.line(
                [event for event in won if has(event)],
                [stay for stay in coming if has(stay)],
                [goal for goal in goals if has(goal)],
            )
            for key, has in self.rows(won, coming, goals)
        }
        rows["overdue"] = self.line([], overdue, [])
        if first > today:
            sooner = [stay for stay in open_ if stay.then.expected_on in days_until(today, first)]
            rows["sooner"] = self.line([], sooner, [])
        later = [
            stay for stay in open_ if (day := stay.then.expected_on) and day > last and day >= today
        ]
        rows["later"] = self.line([], later, [])
        rows["undated"] = self.line([], undated, [])
        rows["all_open"] = self.line([], open_, [])
        totals = self.line(won, coming, goals)
        if amount_goals.goal_owner() is None:
            for row in (*rows.values(), totals):
                for name in ("goal", "gap", "coverage"):
                    del row.cells[name]
        return Answer(rows, totals, self.unmeasured(open_))

    def amount_goals(self) -> AmountGoals:
        period, grouping = self.filters.period, self.filters.group_by or "bucket"
        return AmountGoals(
            self.world, self.filters, self.scope, grouping, period.first, period.last
        )

    def leads(self) -> tuple[list[Event], list[Stay]]:
        won, open_ = [], []
        for lead in self.world.leads:
            then = state(lead, self.filters.as_of)
            if not then or not may_see(self.scope, lead):
                continue
            if not is_chosen(self.world, self.filters, lead, then):
                continue
            if then.status == "won":
                won.append(events_of(self.world, self.filters, lead, then)[-1])
            if then.status in ("todo", "standby"):
                open_.append(stay_of(self.world, self.filters, lead, then))
        return (
            [event for event in won if is_credited(self.world, self.filters, event)],
            [stay for stay in open_ if is_credited(self.world, self.filters, stay)],
        )

    def rows(
        self, won: list[Event], coming: list[Stay], goals: list[GoalDay]
    ) -> Iterable[tuple[str | None, Callable[[Any], bool]]]:
        grouping = self.filters.group_by or "bucket"
        if grouping == "bucket":
            first, last = self.filters.period.first, self.filters.period.last
            unit = self.filters.unit or UNITS.get(self.filters.preset or "")
            unit = unit or days.unit_of(first, last, self.filters)
            for bucket in days.buckets(first, last, unit, self.filters.calendar):
                yield bucket.key, lambda fact, its=set(bucket.days): day_of(fact) in its
            return
        facts: list[Any] = [*won, *goals]
        for key, _name, has in lines(self.world, grouping, self.filters, self.scope, facts, coming):
            yield key, has

    # Figures

    def line(self, won: list[Event], open_: list[Stay], goals: list[GoalDay]) -> Line:
        amount_won = sum((event.then.amount or Decimal(0) for event in won), Decimal(0))
        amount_open = sum((stay.then.amount or Decimal(0) for stay in open_), Decimal(0))
        cents = sum(goal.cents for goal in goals)
        goal = Decimal(cents) / 100 if cents else None
        gap = None if goal is None else max(goal - amount_won, Decimal(0))
        cells = {
            "won_amount": amount_won,
            "open_leads": len(open_),
            "open_amount": amount_open,
            "weighted_amount": sum(map(self.weighted, open_), Decimal(0)),
            "likely_range": self.likely_range(amount_won, open_),
            "set_amount": sum(map(self.set, open_), Decimal(0)),
            "measured_amount": sum(map(self.measured, open_), Decimal(0)),
            "goal": goal,
            "gap": gap,
            "coverage": (amount_open, gap or 0),
        }
        return Line(cells, *(sorted(fact.lead.key for fact in facts) for facts in (won, open_)))

    def likely_range(self, won: Decimal, open_: list[Stay]) -> tuple[float, float] | None:
        if not open_:
            return None
        chances = [(float(stay.then.amount or 0), self.weight(stay)) for stay in open_]
        middle = sum(amount * p for amount, p in chances)
        half = Z * sqrt(sum(p * (1 - p) * amount**2 for amount, p in chances))
        sure = sum(amount for amount, p in chances if p == 1)
        possible = sum(amount for amount, p in chances if p > 0)
        return float(won) + max(middle - half, sure), float(won) + min(middle + half, possible)

    def weight(self, stay: Stay) -> float:
        own = stay.then.probability
        return ((self.set_for(stay) if own is None else own) or 0) / 100

    def weighted(self, stay: Stay) -> Decimal:
        own = stay.then.probability
        per_cent = self.set_for(stay) if own is None else own
        return to_cents(stay, Fraction(per_cent or 0, 100))

    def set(self, stay: Stay) -> Decimal:
        return to_cents(stay, Fraction(self.set_for(stay) or 0, 100))

    def measured(self, stay: Stay) -> Decimal:
        rate = self.rates().get(stay.then.step_id)
        return to_cents(stay, Fraction(self.set_for(stay) or 0, 100) if rate is None else rate)

    def set_for(self, stay: Stay) -> int | None:
        [step] = [step for step in self.world.steps if step.id == stay.then.step_id]
        return probability_at(self.world, step, self.filters.as_of)

    def rates(self) -> dict[int, Fraction]:
        """Return, by step id, the win rate of the leads closed in 365 days that had reached it."""
        if self.known_rates is None:
            self.known_rates = self.counted_rates()
        return self.known_rates

    def counted_rates(self) -> dict[int, Fraction]:
        return {
            step: Fraction(sum(won), len(won))
            for step, won in closed_of_late(self.world, self.filters, self.scope).items()
            if len(won) >= 30
        }

    def unmeasured(self, open_: list[Stay]) -> list[str]:
        used = {stay.then.pipeline_id for stay in open_}
        rates = self.rates()
        return [
            step.name
            for step in self.world.steps
            if step.pipeline_id in used and step.id not in rates
        ]


def days_until(first: date, before: date) -> set[date]:
    return {first + number * DAY for number in range((before - first).days)}


def day_of(fact: Any) -> date | None:
    return fact.then.expected_on if isinstance(fact, Stay) else fact.day


def to_cents(stay: Stay, weight: Fraction) -> Decimal:
    """Return the weighted amount of the lead, rounded to the cent, halves up."""
    product = Fraction(stay.then.amount or 0) * weight
    return Decimal(floor(product * 100 + Fraction(1, 2))) / 100

"""Naive oracle of the company, team and category reports, counting one lead at a time.

The oracle implements the definitions of the reports without their code; filters and scope are
passed as values. A change of a definition must be made here too, by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.analytics import naive_days as days
from tests.analytics.naive_amount_goals import AmountGoals, GoalDay
from tests.analytics.naive_costs import CategoryCosts
from tests.analytics.naive_facts import (
    Event,
    Stay,
    events_of,
    is_chosen,
    is_credited,
    open_on,
    stay_of,
)
from tests.analytics.naive_rows import NaiveRow, lines, noted_in, row_of
from tests.analytics.naive_working import days_between
from tests.analytics.world import State, World, may_see, state

DEFAULT_GROUPING = {"company": "bucket", "team": "user", "categories": "category:region"}


@dataclass
class Answer:
    rows: list[NaiveRow]
    totals: NaiveRow
    noted: dict[str, int]
    compared: Answer | None = None


def answer(world: World, report: str, filters: Any, scope: Any) -> Answer:
    """Return the expected result of a report, with its compared period."""
    first, last = filters.period.first, filters.period.last
    unit = days.unit_of(first, last, filters)
    found = _answer(world, report, filters, scope, first, last, unit)
    if filters.compare:
        found.compared = _answer(world, report, filters, scope, *days.compared(filters), unit)
    return found


def _answer(
    world: World, report: str, filters: Any, scope: Any, first: date, last: date, unit: str
) -> Answer:
    events, stays = _facts(world, filters, scope)
    events = [event for event in events if first <= event.day <= last]
    grouping = filters.group_by or DEFAULT_GROUPING[report]
    buckets = days.buckets(first, last, unit, filters.calendar, days.first_not_over(filters))
    without_cancelled = filters.switch("leave_cancelled_out") == "yes"

    def took(then: State) -> Fraction:
        return days_between(world, then.created_at, then.closed_at, filters.switch("days"))

    totals = row_of(None, None, events, open_on(stays, last), without_cancelled, took)
    amount_goals = AmountGoals(world, filters, scope, grouping, first, last)
    costs = CategoryCosts(world, filters, scope, grouping, first, last)
    goals = amount_goals.goal_days() if report == "team" else []
    with_goals = report == "team" and amount_goals.goal_owner() is not None
    if with_goals:
        _reach(totals, goals)
    rows, members = [], []
    if grouping == "bucket":
        for bucket in buckets:
            its = [event for event in events if event.day in bucket.days]
            here = open_on(stays, bucket.days[-1])
            rows.append(row_of(bucket.key, bucket.key, its, here, without_cancelled, took))
            rows[-1].is_unfinished = bucket.is_unfinished
            if with_goals:
                _reach(rows[-1], [goal for goal in goals if goal.day in bucket.days])
    else:
        stays = open_on(stays, last)
        for key, label, has in lines(world, grouping, filters, scope, [*events, *goals], stays):
            members.append(has)
            its = [event for event in events if has(event)]
            here = [stay for stay in stays if has(stay)]
            rows.append(row_of(key, label, its, here, without_cancelled, took))
            rows[-1].trend = _trend(its, buckets) if report == "team" else ()
            if with_goals:
                _reach(rows[-1], [goal for goal in goals if has(goal)])
    if report == "team":
        for row in [*rows, totals]:
            row.cells["won_amount_share"] = (row.cells["won_amount"], totals.cells["won_amount"])
            row.leads["won_amount_share"] = row.leads["won_amount"]
    noted = noted_in(events)
    if report == "categories":
        for row, has in zip(rows, members, strict=True):
            costs.add_to(row, [event for event in events if has(event)], row.key, is_total=False)
        costs.add_to(totals, events, None, is_total=True)
        noted |= {"undivided_costs": costs.undivided} if costs.undivided else {}
    return Answer(rows, totals, noted)


def _reach(row: NaiveRow, goals: list[GoalDay]) -> None:
    """Add the goal of a row, and the won amount as a share of it."""
    cents = sum(goal.cents for goal in goals)
    row.cells["goal"] = Decimal(cents) / 100 if cents else None
    row.cells["goal_reached_rate"] = (row.cells["won_amount"], Decimal(cents) / 100)
    row.leads["goal"] = row.leads["goal_reached_rate"] = row.leads["won_amount"]


def _facts(world: World, filters: Any, scope: Any) -> tuple[list[Event], list[Stay]]:
    """Return events and stays of all leads within scope and filters, of any day."""
    events, stays = [], []
    for lead in world.leads:
        then = state(lead, filters.as_of)
        if then and may_see(scope, lead) and is_chosen(world, filters, lead, then):
            events += events_of(world, filters, lead, then)
            stays.append(stay_of(world, filters, lead, then))
    return (
        [event for event in events if is_credited(world, filters, event)],
        [stay for stay in stays if is_credited(world, filters, stay)],
    )


def _trend(events: list[Event], buckets: list[days.NaiveBucket]) -> tuple[int, ...]:
    """Return the number of leads won in each bucket."""
    won = [event.day for event in events if event.fact == "won"]
    return tuple(sum(day in bucket.days for day in won) for bucket in buckets)

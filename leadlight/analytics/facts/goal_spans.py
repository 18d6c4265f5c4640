"""Goals of a won amount, spread evenly over the days of their month, quarter or year.

So every day, week and month has a goal, and the goals of the parts of a period add up to the goal
of the period.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import ibis
from ibis import _
from ibis.expr.types import DateValue, Table

from leadlight.analytics.facts.prospects import is_of_colleague
from leadlight.analytics.query.bound_values import bound_table
from leadlight.analytics.query.filters import Filters
from leadlight.analytics.query.lead_filter import has_key
from leadlight.analytics.query.periods import MONTHS, Calendar, buckets
from leadlight.analytics.query.scope import Scope
from leadlight.analytics.star.schema import TABLES

TRUNCATED = {"month": "M", "quarter": "Q", "year": "Y"}


def visible_goals(scope: Scope) -> Table:
    """Return the goals of users whose figures the reader may see, and of the teams they manage."""
    goals = TABLES["goals"]
    if scope.sees_all:
        return goals
    return goals.filter(scope.has_team(goals.team_id) | is_of_colleague(goals.user_id, scope))


def chosen_goals(rows: Table, filters: Filters) -> Table:
    """Return the goals of the chosen users and teams, and of the members of these teams."""
    if keys := filters.keys("user"):
        rows = rows.filter(rows.user_id.notnull() & has_key(rows, "user", keys))
    if keys := filters.keys("team"):
        members = TABLES["memberships"]
        chosen = members.filter(has_key(members, "team", keys))
        of_team = rows.team_id.notnull() & has_key(rows, "team", keys)
        rows = rows.filter(rows.user_id.isin(chosen.user_id) | of_team)
    return rows


def goal_spans(goals: Table, filters: Filters) -> Table:
    """Return the `cents` of each goal in each span of the period, with its `user_id` and `team_id`.

    A span starts on `day` and is within one month and one bucket. The goal of a month, quarter or
    year is the one valid on its last day; a target of 0 counts as no goal. The cents of all days of
    the month, quarter or year add up to the target exactly.
    """
    held = goals.filter(goals.goal_measure == "won_amount").mutate(
        replaced_on=_.starts_on.lead().over(
            group_by=["user_id", "team_id", "goal_period"], order_by=["starts_on", "goal_id"]
        )
    )
    each = held.cross_join(_spans(filters))
    each = each.mutate(
        first=each.goal_period.cases(*((unit, each[f"{unit}_first"]) for unit in MONTHS)),
        after=each.goal_period.cases(*((unit, each[f"{unit}_after"]) for unit in MONTHS)),
        cents=(each.target * 100).cast("int64"),
    )
    each = each.filter(
        each.target > 0,
        each.starts_on < each.after,
        each.replaced_on.isnull() | (each.replaced_on >= each.after),
    )
    length = each.after.delta(each.first, unit="day")
    until, before = (each[day].delta(each.first, unit="day") for day in ("ends_before", "day"))
    return each.select(
        "user_id",
        "team_id",
        "day",
        cents=each.cents * until // length - each.cents * before // length,
    )


def _spans(filters: Filters) -> Table:
    """Return each span with the bounds of its month, quarter and year.

    For a month, `month_first` is its first day, and `month_after` the first day of the next one.
    """
    firsts = {unit: _first(SPANS.day, unit, filters.calendar) for unit in MONTHS}
    return SPANS.mutate(
        **{f"{unit}_first": firsts[unit] for unit in MONTHS},
        **{
            f"{unit}_after": firsts[unit] + ibis.interval(months=months)
            for unit, months in MONTHS.items()
        },
    )


def _days(filters: Filters) -> list[date]:
    """Return the first day of each span, and the day after the last span."""
    period, calendar = filters.period, filters.calendar
    starts = [*filters.buckets(), *buckets(period, "month", calendar)]
    within = {bucket.first for bucket in starts if bucket.first > period.first}
    return sorted({period.first, *within, period.last + timedelta(1)})


SPANS = bound_table(
    "goal_spans",
    {"day": "date", "ends_before": "date"},
    lambda query: pairwise(_days(query.filters)),
)


def _first(day: DateValue, unit: str, calendar: Calendar) -> DateValue:
    """Return the first day of the calendar month, fiscal quarter or fiscal year of a day."""
    shift = ibis.interval(months=(calendar.fiscal_year_start_month - 1) % MONTHS[unit])
    return (day - shift).truncate(TRUNCATED[unit]) + shift

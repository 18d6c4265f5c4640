"""Goals

Who is reaching their goals?

A goal is a number of activities (of one type or all types), a number of won leads or a won amount,
for a user or a team, each month, quarter or year. It applies from its first day until a newer goal
of the same kind replaces it. The table shows the goals that apply on the last day of the period, or
today if that is earlier, for the month, quarter or year of that day.

“Done” counts from the first day of the goal's month, quarter or year up to the last day of the
period, or up to today if that is earlier, with the same attribution as in Sales activities. “Pace”
is the figure expected at the end of the month, quarter or year, at the current pace: done ÷ the
share of days elapsed. Each goal has its own row, with its own month, quarter or year.

For a goal in won amount, the activities needed are calculated as target ÷ average deal size ×
activities per won lead. Both figures are those of the row for the whole period. You see the goals
of your colleagues and of the teams you manage.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import cast

import ibis
from ibis import _
from ibis.expr.types import BooleanValue, Table

from leadlight.analytics.facts.activities import activities_done, won_leads
from leadlight.analytics.facts.goal_spans import chosen_goals, visible_goals
from leadlight.analytics.metrics import deals
from leadlight.analytics.metrics.activities import ACTIVITIES, EFFORT_PER_WIN
from leadlight.analytics.metrics.columns import Column, Rate
from leadlight.analytics.metrics.date_rules import IN_ITS_TIME
from leadlight.analytics.metrics.goals import GoalKind, figures_of, sort_goal_kinds
from leadlight.analytics.query.bound_values import bound
from leadlight.analytics.query.filters import FIRST, LAST, LAST_SO_FAR, Filters
from leadlight.analytics.query.periods import UNITS, Bucket, Period, Unit, bucket_of
from leadlight.analytics.query.phrases import gettext_noop
from leadlight.analytics.query.report_query import ReportQuery
from leadlight.analytics.query.scope import Scope
from leadlight.analytics.reports.contract import (
    Facts,
    Flow,
    Report,
    Result,
    Row,
    Value,
)
from leadlight.analytics.reports.page_layout import ChartSpec
from leadlight.analytics.star.schema import TABLES

GROUPINGS = ("user", "team")
KIND = ("goal_measure", "activity_type_id", "goal_period")


def prefetch(filters: Filters, scope: Scope) -> Mapping[str, Table]:
    """Return the kinds of the valid goals, with the fields of `GoalKind`."""
    goals, types = _goals_in_force(filters, scope), TABLES["activity_types"]
    named = types.select("activity_type_key", "activity_type_name", its_id="activity_type_id")
    joined = goals.left_join(named, goals.activity_type_id == named.its_id)
    kinds = joined.select(
        "goal_measure",
        "activity_type_id",
        "activity_type_key",
        "activity_type_name",
        "goal_period",
    )
    return {"kinds": kinds.distinct().order_by(kinds.columns)}


def _day(filters: Filters) -> date:
    """Return the day whose month, quarter and year are shown."""
    return min(filters.period.last, filters.today)


def _window(filters: Filters, unit: Unit) -> Bucket:
    return bucket_of(_day(filters), unit, filters.calendar)


def _first_of(unit: Unit) -> Callable[[ReportQuery], date]:
    return lambda query: _window(query.filters, unit).first


WINDOW_FIRST = {unit: bound(f"first_of_{unit}", "date", _first_of(unit)) for unit in UNITS}


def _goals_in_force(filters: Filters, scope: Scope) -> Table:
    """Return the goals valid on `_day`: of each kind and user (or team), the last one started."""
    goals = visible_goals(scope)
    started = goals.filter(goals.starts_on <= LAST_SO_FAR, goals[_owner_column(filters)].notnull())
    later = ibis.row_number().over(
        group_by=["user_id", "team_id", *KIND],
        order_by=[ibis.desc("starts_on"), ibis.desc("goal_id")],
    )
    return started.mutate(later=later).filter(_.later == 0).drop("later")


def _owner_column(filters: Filters) -> str:
    """Return the column with the owner of a goal: `user_id`, or `team_id` if rows are teams."""
    return f"{filters.group_by or GROUPINGS[0]}_id"


def _is_of(kind: GoalKind, goals: Table) -> BooleanValue:
    """Return whether goals are of this kind."""
    is_of_type = (
        goals.activity_type_id.isnull()
        if kind.type_id is None
        else (goals.activity_type_id == kind.type_id).fill_null(False)
    )
    return (goals.goal_measure == kind.measure) & (goals.goal_period == kind.unit) & is_of_type


def kinds_of(query: ReportQuery) -> list[GoalKind]:
    """Return the kinds of the valid goals, in the order of their columns."""
    return sort_goal_kinds(GoalKind(*row) for row in query.prefetched_rows("kinds"))


def facts(query: ReportQuery) -> Facts:
    """Return activities and won leads of the period and of each unit of time, and the goals.

    The facts of a unit count from the first day of the month, quarter or year shown.
    """
    kinds = kinds_of(query)
    facts = {
        "activities": Flow(activities_done(query, FIRST, LAST), subject="activity"),
        "closed": Flow(won_leads(query, FIRST, LAST)),
        "goals": Flow(_targets(query, kinds)),
    }
    for unit in dict.fromkeys(kind.unit for kind in kinds):
        days = WINDOW_FIRST[unit], LAST_SO_FAR
        done, won = activities_done(query, *days), won_leads(query, *days)
        facts[f"activities_{unit}"] = Flow(
            _flagged(done, query, [kind for kind in kinds if kind.facts == f"activities_{unit}"]),
            subject="activity",
        )
        facts[f"closed_{unit}"] = Flow(
            _flagged(won, query, [kind for kind in kinds if kind.facts == f"closed_{unit}"])
        )
    return facts


def _flagged(facts: Table, query: ReportQuery, kinds: list[GoalKind]) -> Table:
    """Return the facts with a flag for each kind of goal towards which they count.

    All of them get the last day of the period as their `day`.
    """
    filters = query.filters
    owner = _owner_column(filters)
    goals = chosen_goals(_goals_in_force(filters, query.scope), filters)
    flags = {}
    for kind in kinds:
        counts = facts[owner].isin(goals.filter(_is_of(kind, goals))[owner])
        if kind.type_id is not None:
            counts = counts & (facts.activity_type_id == kind.type_id)
        flags[kind.flag] = counts.fill_null(False)
    return facts.mutate(day=LAST, **flags)


def _own_days(filters: Filters) -> Mapping[str, str]:
    """Return the date rule of facts that count since the start of a month, quarter or year."""
    facts = [f"{name}_{unit}" for name in ("activities", "closed") for unit in UNITS]
    return dict.fromkeys(facts, IN_ITS_TIME)


def _targets(query: ReportQuery, kinds: list[GoalKind]) -> Table:
    """Return the valid goals of the chosen users and teams."""
    filters = query.filters
    rows = chosen_goals(_goals_in_force(filters, query.scope), filters)
    flags = {kind.flag: _is_of(kind, rows) for kind in kinds}
    return rows.mutate(day=LAST, **flags)


def columns(query: ReportQuery) -> tuple[Column, ...]:
    """Return the columns of the period, then for each kind of goal its target and progress."""
    filters = query.filters
    return (
        ACTIVITIES,
        deals.WON_LEADS,
        deals.WON_AMOUNT,
        deals.MEAN_DEAL,
        EFFORT_PER_WIN,
        *_of_goals(filters, kinds_of(query)),
    )


def _of_goals(filters: Filters, kinds: list[GoalKind]) -> Iterator[Column]:
    for kind in kinds:
        window = _window(filters, kind.unit)
        elapsed = _elapsed(filters, window)
        yield from figures_of(kind, int(elapsed.numerator), int(elapsed.denominator))


@dataclass(frozen=True)
class GoalProgress:
    """Progress of one goal in a result.

    `key` is that of its kind, `row` that of its owner. `window` is the month, quarter or year of
    the goal, and `elapsed` the part of its days that is over. `columns` are those of its figures:
    target, done, achieved_rate, pace, and needed for an amount.
    """

    key: str
    row: Row
    window: Bucket
    elapsed: Rate
    columns: Mapping[str, Column]

    def value(self, name: str) -> Value:
        """Return a figure; None if goals of this kind do not have it."""
        return self.row.cells[self.columns[name].key] if name in self.columns else None


FIGURES = ("target", "done", "achieved_rate", "pace", "needed")


def progress_of(result: Result) -> tuple[GoalProgress, ...]:
    """Return the progress of each goal of a result of this report, in the order of its rows."""
    columns = {column.key: column for column in result.columns}
    kinds = [key.removeprefix("target:") for key in columns if key.startswith("target:")]
    return tuple(
        GoalProgress(
            kind,
            row,
            window := _window(result.filters, cast(Unit, kind.rpartition(":")[2])),
            _elapsed(result.filters, window),
            {name: columns[key] for name in FIGURES if (key := f"{name}:{kind}") in columns},
        )
        for row in result.rows
        for kind in kinds
        if row.cells[f"target:{kind}"] is not None
    )


def _elapsed(filters: Filters, window: Bucket) -> Rate:
    over = (_day(filters) - window.first).days + 1
    return Rate(over, (window.last - window.first).days + 1)


def _own_periods(filters: Filters) -> Mapping[str, Period]:
    """Return the days of the facts that count since the start of a month, quarter or year."""
    return {
        f"{name}_{unit}": Period(_window(filters, unit).first, _day(filters))
        for name in ("activities", "closed")
        for unit in UNITS
    }


VIEW = Report(
    key="activities",
    view="goals",
    date_rules=_own_days,
    own_periods=_own_periods,
    is_of_goals=True,
    has_comparison=False,
    sort="label",
    title=gettext_noop("Goals"),
    text=__doc__,
    facts=facts,
    columns=columns,
    prefetch=prefetch,
    groupings=GROUPINGS,
    switches=("activities_on", "credit"),
    preset="this_month",
    headlines=("activities", "won_leads", "won_amount", "mean_deal", "effort_per_win"),
    chart=ChartSpec(kind="none"),
)

"""Forecast

How much are we likely to win, when, and who will win it?

An open lead counts on its expected close date, a won lead on the day it was closed. Lost and
cancelled leads do not count. The weighted amount of an open lead is its amount × its own
probability, or the probability of its step if it has none. A lead with neither is weighted as 0.
“Weighted by step probability” always uses the probability of the step, even if the lead has its
own. For a past date, the probabilities set at that date apply.

The likely range is that of the won amount plus what the open leads will bring. In 8 cases out of
10, the sum is within this range, if each lead is won with the probability used to weight it, and
independently of the others. The range extends 1.28 standard deviations on either side of the
weighted amount. It does not include anything that makes a month better or worse for all leads at
once.

“Weighted by measured win rate” is the amount × the measured win rate of the lead's step: the share
won among the leads of the pipeline that had reached the step and were closed in the last 365 days.
Only leads you have access to are used. A cancelled lead counts as not won, unless you leave
cancelled leads out. If fewer than 30 leads had reached a step and were closed, the probability of
the step is used instead, and a note names the step.

The total covers the period only. Below it are the other open leads: those whose close date is
before today or before the past date chosen; those expected after the period, or before it if it
begins after today; and those without a close date. A lead expected today is still to come. A lead
whose close date is past does not count in the days of the current week or month that are over. Each
open lead counts once: the total and these rows add up to all open leads.

Won leads are credited to their owner at closing, open leads to their current owner. The option
“Attribution” can credit all of them to the current owner or the creator instead.

The goals are those set for the won amount, each spread evenly over the days of its month, quarter
or year. Rows by user show the goals of users, rows by team those of teams, and rows by period those
of teams, or of users if no team has any. Other rows have no goals. Goals are not shown with a
filter by tag, pipeline and so on, because they apply to all leads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ibis.expr.types import Table

from leadlight.analytics.facts import historical
from leadlight.analytics.facts.amount_goals import amount_goals, owner_of_goals, prefetched_goals
from leadlight.analytics.facts.cohorts import IDS
from leadlight.analytics.facts.weighted import FEWEST_CLOSED, measured_rates, with_weighted_amounts
from leadlight.analytics.metrics import deals, forecast
from leadlight.analytics.metrics.columns import Column
from leadlight.analytics.metrics.date_rules import EXPECTED, SPREAD
from leadlight.analytics.metrics.predicates import is_open, is_won
from leadlight.analytics.query.attribution import Event, credited
from leadlight.analytics.query.filters import FIRST, LAST, TODAY, Filters
from leadlight.analytics.query.grouping import GROUPINGS
from leadlight.analytics.query.periods import FUTURE_PRESETS
from leadlight.analytics.query.phrases import Phrase, gettext_noop
from leadlight.analytics.query.report_query import ReportQuery
from leadlight.analytics.query.scope import Scope
from leadlight.analytics.reports.contract import (
    Facts,
    Flow,
    FurtherRow,
    Note,
    Report,
)
from leadlight.analytics.reports.forecast import step_probabilities as forecast_steps
from leadlight.analytics.reports.page_layout import ChartSpec, ColumnGroup
from leadlight.analytics.star.schema import TABLES, steps_set_at


def prefetch(filters: Filters, scope: Scope) -> Mapping[str, Table]:
    """Return win rates by step, the steps of pipelines with open leads, and who has goals."""
    query = ReportQuery(filters, scope)
    wins = historical.wins_by_step(filters, scope)
    steps, pipelines = steps_set_at(query.instant), TABLES["pipelines"]
    used = steps.filter(steps.pipeline_id.isin(_open(query).pipeline_id))
    named = used.inner_join(pipelines, used.pipeline_id == pipelines.pipeline_id)
    prefetched = {
        "wins_by_step": wins.filter(wins.closed >= FEWEST_CLOSED),
        "steps": named.order_by("pipeline_name", "step_position", "step_id").select(
            "step_id", "step_name", "pipeline_name", "step_probability"
        ),
    }
    return {**prefetched, **prefetched_goals(filters, scope, REPORT.grouping(filters))}


def facts(query: ReportQuery) -> Facts:
    """Return the leads won in the period, the open ones due in it, and those of further rows."""
    filters, leads = query.filters, query.leads
    won = leads.filter(is_won(leads), leads.closed_on.between(FIRST, LAST))
    open_ = with_weighted_amounts(_open(query))
    due = open_.filter(open_.day >= TODAY)
    open_by_row = {
        "overdue": open_.filter(open_.day < TODAY),
        "sooner": due.filter(due.day < FIRST),
        "later": due.filter(due.day > LAST),
        "undated": open_.filter(open_.day.isnull()),
        "all_open": open_,
    }
    facts = {
        "closed": Flow(_facts(won, "closing", filters, ("status", "amount"), "closed_on")),
        "open": Flow(due.filter(due.day.between(FIRST, LAST))),
        **{name: Flow(rows.mutate(day=LAST)) for name, rows in open_by_row.items()},
    }
    if goal_owner := owner_of_goals(query, REPORT.grouping(filters)):
        facts["goals"] = Flow(amount_goals(query, goal_owner))
    return facts


def _open(query: ReportQuery) -> Table:
    """Return the open leads, each on its expected close date."""
    leads = query.leads
    what = ("step_id", "amount", "probability")
    return _facts(leads.filter(is_open(leads)), "now", query.filters, what, "estimated_closing_on")


def _facts(leads: Table, event: Event, filters: Filters, what: tuple[str, ...], day: str) -> Table:
    user, team = credited(leads, event, filters.switch("credit"))
    rows = leads.select(*IDS, *what, day=leads[day], user_id=user, team_id=team)
    return filters.narrow_credited(rows)


def columns(query: ReportQuery) -> tuple[Column, ...]:
    """Return the columns of won, open and weighted amounts, and those of goals if they apply."""
    goal_owner = owner_of_goals(query, REPORT.grouping(query.filters))
    return (
        deals.WON_AMOUNT,
        forecast.OPEN_LEADS,
        forecast.OPEN_AMOUNT,
        forecast.WEIGHTED_AMOUNT,
        forecast.LIKELY_RANGE,
        forecast.SET_AMOUNT,
        forecast.MEASURED_AMOUNT,
        *(forecast.goal_columns(goal_owner) if goal_owner else ()),
    )


def notes(query: ReportQuery) -> Iterable[Note]:
    """Yield a note with the steps that have no measured win rate."""
    measured = measured_rates(query)
    unmeasured = [
        (name, pipeline)
        for step, name, pipeline, _per_cent in query.prefetched_rows("steps")
        if step not in measured
    ]
    if unmeasured:
        is_one = len({pipeline for _name, pipeline in unmeasured}) == 1
        names = [name if is_one else f"{name} ({pipeline})" for name, pipeline in unmeasured]
        yield Note("not_measured", Phrase(NOT_MEASURED, {"steps": names}))


NOT_MEASURED = gettext_noop(
    "Fewer than 30 leads that had reached these steps were closed in the "
    "last 365 days, so “Weighted by measured win rate” uses the step "
    "probability: %(steps)s."
)

FURTHER_ROWS = (
    FurtherRow(
        "overdue",
        gettext_noop("Past close date"),
        {"open": "overdue"},
        gettext_noop("Open leads whose expected close date is past."),
        has_incomplete_leads=True,
    ),
    FurtherRow(
        "sooner",
        gettext_noop("Before the period"),
        {"open": "sooner"},
        gettext_noop("Open leads expected to close from today on, before the period begins."),
        is_shown=lambda filters: filters.period.first > filters.today,
    ),
    FurtherRow(
        "later",
        gettext_noop("After the period"),
        {"open": "later"},
        gettext_noop("Open leads expected to close after the period."),
    ),
    FurtherRow(
        "undated",
        gettext_noop("No close date"),
        {"open": "undated"},
        gettext_noop("Open leads without an expected close date."),
        has_incomplete_leads=True,
    ),
    FurtherRow(
        "all_open",
        gettext_noop("All open leads"),
        {"open": "all_open"},
        gettext_noop(
            "All open leads: those expected to close in the period, and those in the rows above."
        ),
    ),
)

REPORT = Report(
    key="forecast",
    title=gettext_noop("Forecast"),
    text=__doc__,
    facts=facts,
    columns=columns,
    prefetch=prefetch,
    prefetched_values=frozenset({"wins_by_step", "steps"}),
    notes=notes,
    warnings=(deals.WON_WITHOUT_AMOUNT, forecast.OPEN_WITHOUT_AMOUNT, forecast.WITHOUT_PROBABILITY),
    groupings=GROUPINGS,
    date_rules=lambda filters: {"open": EXPECTED, "goals": SPREAD},
    switches=("credit", "leave_cancelled_out"),
    preset="next_3_months",
    presets=tuple(FUTURE_PRESETS),
    total_title=gettext_noop("Total %(period)s"),
    total_definition=gettext_noop(
        "The total covers the leads won in the period and those expected to "
        "close in it. Other open leads are in the rows below."
    ),
    further_rows=FURTHER_ROWS,
    layout=(
        ColumnGroup(
            gettext_noop("Expected"),
            ("won_amount", "open_leads", "open_amount", "weighted_amount", "likely_range"),
            more=("set_amount", "measured_amount"),
        ),
        ColumnGroup(gettext_noop("Against the goal"), ("goal", "gap", "coverage")),
    ),
    headlines=(
        "won_amount",
        "open_leads",
        "open_amount",
        "weighted_amount",
        "gap",
        "set_amount",
        "measured_amount",
    ),
    views=(forecast_steps.REPORT,),
    chart=ChartSpec(("won_amount", "weighted_amount", "open_amount"), "goal", kind="amounts"),
)

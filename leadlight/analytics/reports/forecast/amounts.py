"""What should come in, when, and thanks to whom?

An open lead counts on the local day it is expected to be closed, a won one on the day it was
closed; lost and cancelled leads weigh nothing. The weighted amount of an open lead is its amount
times its own probability, else the one set for its step; a lead with neither weighs 0. Beside it
stands the amount times the probability set for the step, whatever the lead's own. As of a past
instant it is the probability that was set then.

The measured amount is the amount times the measured win rate of the lead's step: of the leads of
the pipeline that were closed in the last 365 days and had reached the step, as far as one may see
them, the share won; a cancelled lead counts as not won, or is left out by a switch. Of fewer than
30 such leads nothing is measured: the probability set for the step stands in, and a note names
these steps.

The total is of the period alone. Below it stand the other open leads: overdue ones, expected before
today or the day of the past instant asked about; those expected later than the period, or sooner if
it begins after today; and those without an expected day. A lead expected today is still to come. An
overdue lead does not count on the days of the current week or month that are over. So each open
lead counts once, and all open leads are the sum of the total and these rows.

Won leads are credited to their owner at the moment of closing, open ones to their owner; a switch
credits all to the current owner or to the creator.

Goals are those of a won amount, each spread evenly over the days of its month, quarter or year;
among users those of users, elsewhere those of teams, or of users where no team has one. They stand
where rows are time, users or teams, and only while all the leads of these are asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ibis.expr.types import Table

from leadlight.analytics.facts import historical
from leadlight.analytics.facts.cohorts import IDS
from leadlight.analytics.facts.goal_spans import goal_spans
from leadlight.analytics.facts.weighted import FEWEST_CLOSED, measured_rates, weighed
from leadlight.analytics.metrics import deals, forecast
from leadlight.analytics.metrics.columns import Column
from leadlight.analytics.metrics.date_rules import EXPECTED, SPREAD
from leadlight.analytics.metrics.predicates import is_open, is_won
from leadlight.analytics.query.attribution import Event, credited
from leadlight.analytics.query.dimensions import CREDITED
from leadlight.analytics.query.filters import FIRST, LAST, TODAY, Filters
from leadlight.analytics.query.grouping import GROUPINGS
from leadlight.analytics.query.periods import COMING_PRESETS
from leadlight.analytics.query.phrases import Phrase, gettext_noop
from leadlight.analytics.query.report_query import ReportQuery
from leadlight.analytics.query.scope import Scope
from leadlight.analytics.reports.contract import (
    ChartSpec,
    ColumnGroup,
    Facts,
    Flow,
    FurtherRow,
    Note,
    Report,
)
from leadlight.analytics.reports.forecast import step_probabilities as forecast_steps
from leadlight.analytics.reports.goals import chosen_goals, visible_goals
from leadlight.analytics.star.schema import TABLES, steps_set_at

HAVE_GOALS = ("bucket", "user", "team")


def prefetch(filters: Filters, scope: Scope) -> Mapping[str, Table]:
    """Return win rates by step, the steps of pipelines with open leads, and which goals exist."""
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
    if _may_have_goals(filters):
        goals = _goals(filters, scope)
        prefetched["goals"] = goals.aggregate(
            of_users=goals.user_id.count() > 0, of_teams=goals.team_id.count() > 0
        )
    return prefetched


def facts(query: ReportQuery) -> Facts:
    """Return the leads won in the period, and the open ones: of the period, and of each row."""
    filters, leads = query.filters, query.leads
    won = leads.filter(is_won(leads), leads.closed_on.between(FIRST, LAST))
    open_ = weighed(_open(query))
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
    if held_by := _held_by(query):
        goals = _goals(filters, query.scope)
        facts["goals"] = Flow(goals.filter(goals[f"{held_by}_id"].notnull()))
    return facts


def _open(query: ReportQuery) -> Table:
    """Return the open leads, each on its expected day of closing."""
    leads = query.leads
    what = ("step_id", "amount", "probability")
    return _facts(leads.filter(is_open(leads)), "now", query.filters, what, "estimated_closing_on")


def _facts(leads: Table, event: Event, filters: Filters, what: tuple[str, ...], day: str) -> Table:
    user, team = credited(leads, event, filters.switch("credit"))
    rows = leads.select(*IDS, *what, day=leads[day], user_id=user, team_id=team)
    return filters.narrow_credited(rows)


# Goals


def _may_have_goals(filters: Filters) -> bool:
    """Return whether goals apply: a goal has no parts by tag, pipeline and so on."""
    is_whole = all(name in CREDITED for name, _keys in filters.chosen)
    return is_whole and REPORT.grouping(filters) in HAVE_GOALS


def _goals(filters: Filters, scope: Scope) -> Table:
    return goal_spans(chosen_goals(visible_goals(scope), filters), filters)


def _held_by(query: ReportQuery) -> str | None:
    """Return the owners of the goals shown, "user" or "team", never both; None without goals."""
    filters = query.filters
    if not _may_have_goals(filters):
        return None
    of_users, of_teams = next(iter(query.prefetched_rows("goals")), (False, False))
    grouping = REPORT.grouping(filters)
    if of_teams and grouping != "user" and not filters.keys("user"):
        return "team"
    return "user" if of_users and grouping != "team" else None


def columns(query: ReportQuery) -> tuple[Column, ...]:
    """Return the columns won, open and weighted, and those of goals if there are any."""
    held_by = _held_by(query)
    return (
        deals.WON_AMOUNT,
        forecast.OPEN_LEADS,
        forecast.OPEN_AMOUNT,
        forecast.WEIGHTED_AMOUNT,
        forecast.SET_AMOUNT,
        forecast.MEASURED_AMOUNT,
        *(forecast.goal_columns(held_by) if held_by else ()),
    )


def remarks(query: ReportQuery) -> Iterable[Note]:
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
    "Of these steps the measured amount takes the probability that was set, for fewer than 30 "
    "leads that had reached them were closed in the last 365 days: %(steps)s."
)

FURTHER_ROWS = (
    FurtherRow(
        "overdue",
        gettext_noop("Overdue"),
        {"open": "overdue"},
        gettext_noop("Open leads whose expected day is past."),
        is_to_mend=True,
    ),
    FurtherRow(
        "sooner",
        gettext_noop("Before the period"),
        {"open": "sooner"},
        gettext_noop("Open leads expected from today on, before the period begins."),
        is_shown=lambda filters: filters.period.first > filters.today,
    ),
    FurtherRow(
        "later",
        gettext_noop("Later"),
        {"open": "later"},
        gettext_noop("Open leads expected after the period."),
    ),
    FurtherRow(
        "undated",
        gettext_noop("No expected day"),
        {"open": "undated"},
        gettext_noop("Open leads without an expected day."),
        is_to_mend=True,
    ),
    FurtherRow(
        "all_open",
        gettext_noop("All open leads"),
        {"open": "all_open"},
        gettext_noop("All open leads: those expected in the period, and the rows above."),
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
    remarks=remarks,
    warnings=(deals.WON_WITHOUT_AMOUNT, forecast.OPEN_WITHOUT_AMOUNT, forecast.WITHOUT_PROBABILITY),
    groupings=GROUPINGS,
    date_rules=lambda filters: {"open": EXPECTED, "goals": SPREAD},
    switches=("credit", "leave_cancelled_out"),
    preset="next_3_months",
    presets=tuple(COMING_PRESETS),
    total_title=gettext_noop("Total %(period)s"),
    total_definition=gettext_noop(
        "The total is of the leads won or expected in the period. Open leads that are overdue, "
        "expected later or without an expected day are in the rows below it."
    ),
    further_rows=FURTHER_ROWS,
    layout=(
        ColumnGroup(
            gettext_noop("Expected"),
            ("won_amount", "open_leads", "open_amount", "weighted_amount", "measured_amount"),
            more=("set_amount",),
        ),
        ColumnGroup(gettext_noop("Goal"), ("goal", "gap", "coverage")),
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

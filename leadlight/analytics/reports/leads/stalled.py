"""Needs attention

Which open leads need attention?

The report has three lists of open leads, now or at the past date chosen. The period has no effect.
A lead can be in several lists and counts once in each. It is credited to its owner and team at the
date of the report. The option “Attribution” can credit it to the creator instead.

A lead is slow if it is older than three quarters of the won leads of its pipeline were when they
were won. A lead is stuck if it has been in its step for longer than three quarters of the completed
stays in this step. A stay is completed when the lead leaves the step or is closed. A lead is
stalled but likely to win if it has had no activity for 14 days and has reached the first step from
which at least half of the leads were won, or a later one. This win rate is measured on the leads of
the pipeline that had reached the step and were closed in the last 365 days. Activities on the lead
and on the prospect it came from count, and a lead created in the last 14 days is not stalled. Ages
are in whole days, calendar or working days as chosen. The 14 and the 365 days are always calendar
days.

The usual times and win rates are those of all leads you have access to, whatever the filters. If
there are fewer than 10 cases, no lead is in the list, and a note says how many could not be
assessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta

import ibis
from ibis.expr.types import BooleanValue, Table, Value

from leadlight.analytics.facts import historical
from leadlight.analytics.facts.activities import is_idle_since
from leadlight.analytics.facts.cohorts import IDS
from leadlight.analytics.facts.step_intervals import stays_at
from leadlight.analytics.metrics.columns import Column, count, money
from leadlight.analytics.metrics.date_rules import AS_IT_IS
from leadlight.analytics.metrics.predicates import is_any, is_open
from leadlight.analytics.query import working_time
from leadlight.analytics.query.attribution import credited
from leadlight.analytics.query.bound_values import bound, bound_table
from leadlight.analytics.query.filters import LAST, Filters
from leadlight.analytics.query.phrases import gettext_noop
from leadlight.analytics.query.report_query import WORKING_TODAY, ReportQuery
from leadlight.analytics.query.scope import Scope
from leadlight.analytics.reports.contract import (
    Facts,
    Flow,
    Report,
)
from leadlight.analytics.reports.page_layout import ChartSpec, ColumnGroup
from leadlight.analytics.star.schema import steps_set_at
from leadlight.analytics.star.step_history import in_order

FEWEST_CASES = 10
IDLE_DAYS = 14
NEVER = 2**31  # greater than any position: no step is likely to win


def is_slow(leads: Table) -> BooleanValue:
    return leads.is_slow


def is_stuck(leads: Table) -> BooleanValue:
    return leads.is_stuck


def is_to_speed_up(leads: Table) -> BooleanValue:
    return leads.is_to_speed_up


def has_no_usual_time(leads: Table) -> BooleanValue:
    return leads.is_slow.isnull()


def has_no_usual_stay(leads: Table) -> BooleanValue:
    return leads.is_stuck.isnull()


def has_no_usual_win(leads: Table) -> BooleanValue:
    return leads.is_to_speed_up.isnull()


OPEN_LEADS = count(
    "open_leads",
    "open",
    is_any,
    gettext_noop("Open"),
    gettext_noop("Leads that are open now."),
    higher_is_better=None,
)
COLUMNS = (
    OPEN_LEADS,
    count(
        "slow_leads",
        "open",
        is_slow,
        gettext_noop("Slow"),
        gettext_noop(
            "Open leads older than three quarters of the won leads of their pipeline "
            "were when they were won."
        ),
        higher_is_better=False,
    ),
    money(
        "slow_amount",
        "open",
        is_slow,
        gettext_noop("Slow: amount"),
        gettext_noop("Total amount of the slow leads. A lead without an amount counts as 0."),
        higher_is_better=False,
    ),
    count(
        "stuck_leads",
        "open",
        is_stuck,
        gettext_noop("Stuck"),
        gettext_noop(
            "Leads that have been in their step for longer than three quarters of "
            "the completed stays in it."
        ),
        higher_is_better=False,
    ),
    money(
        "stuck_amount",
        "open",
        is_stuck,
        gettext_noop("Stuck: amount"),
        gettext_noop("Total amount of the stuck leads. A lead without an amount counts as 0."),
        higher_is_better=False,
    ),
    count(
        "leads_to_speed_up",
        "open",
        is_to_speed_up,
        gettext_noop("Stalled, likely to win"),
        gettext_noop(
            "Leads with no activity for 14 days, at or past the first step from "
            "which at least half of the leads were won."
        ),
        higher_is_better=False,
    ),
    money(
        "amount_to_speed_up",
        "open",
        is_to_speed_up,
        gettext_noop("Stalled, likely to win: amount"),
        gettext_noop(
            "Total amount of the stalled leads that are likely to win. A lead "
            "without an amount counts as 0."
        ),
        higher_is_better=False,
    ),
)
NOTED = (
    count(
        "slow_unknown",
        "open",
        has_no_usual_time,
        gettext_noop("Slow: not assessed"),
        gettext_noop(
            "Open leads of pipelines with fewer than 10 won leads, too few for a comparison."
        ),
        note=gettext_noop(
            "Open leads not assessed for “Slow”, because fewer than 10 leads were "
            "won in their pipeline: %(count)s."
        ),
    ),
    count(
        "stuck_unknown",
        "open",
        has_no_usual_stay,
        gettext_noop("Stuck: not assessed"),
        gettext_noop(
            "Open leads in steps with fewer than 10 completed stays, too few for a comparison."
        ),
        note=gettext_noop(
            "Open leads not assessed for “Stuck”, because their step has fewer "
            "than 10 completed stays: %(count)s."
        ),
    ),
    count(
        "speed_up_unknown",
        "open",
        has_no_usual_win,
        gettext_noop("Stalled, likely to win: not assessed"),
        gettext_noop(
            "Open leads of pipelines with fewer than 10 leads closed in the last 365 days."
        ),
        note=gettext_noop(
            "Open leads not assessed for “Stalled, likely to win”, because fewer "
            "than 10 leads of their pipeline were closed in the last 365 days: "
            "%(count)s."
        ),
    ),
)


def prefetch(filters: Filters, scope: Scope) -> Mapping[str, Table]:
    """Return the usual days to win, the usual days in each step, and the win rates by step."""
    return {
        "days_to_win": historical.days_to_win(filters, scope),
        "days_in_step": historical.days_in_step(filters, scope),
        "wins_by_step": historical.wins_by_step(filters, scope),
        **working_time.prefetch(filters),
    }


def facts(query: ReportQuery) -> Facts:
    """Return the open leads; their `day` is the last day of the period."""
    filters = query.filters
    leads = query.leads
    leads = leads.filter(is_open(leads))
    leads = leads.mutate(is_idle=is_idle_since(leads, IDLE_SINCE, query))
    leads = working_time.working_days(_with_step(leads, query), filters, "created_on", "entered_on")
    leads = _with_usual(leads)
    user, team = credited(leads, "now", filters.switch("credit"))
    facts = leads.select(
        *IDS,
        "amount",
        day=LAST,
        user_id=user,
        team_id=team,
        is_slow=_is_slow(leads),
        is_stuck=_is_stuck(leads),
        is_to_speed_up=_is_to_speed_up(leads),
    )
    return {"open": Flow(filters.narrow_credited(facts))}


def columns(query: ReportQuery) -> tuple[Column, ...]:
    """Return the columns: open leads and the three lists."""
    return COLUMNS


IDLE_SINCE = bound("idle_since", "date", lambda query: query.filters.today - timedelta(IDLE_DAYS))


def _long(name: str) -> Callable[[ReportQuery], Iterable[tuple[int, float]]]:
    return lambda query: historical.long_durations(
        query.prefetched_rows(name), FEWEST_CASES
    ).items()


def _first_likely_step(query: ReportQuery) -> list[tuple[int, int]]:
    likely = historical.first_likely_step(query.prefetched_rows("wins_by_step"), FEWEST_CASES)
    return [(pipeline, NEVER if step is None else step) for pipeline, step in likely.items()]


# Usual durations and first likely steps, of the pipelines and steps with enough cases.
TO_WIN = bound_table(
    "long_to_win", {"won_in_id": "int64", "long_to_win": "float64"}, _long("days_to_win")
)
IN_STEP = bound_table(
    "long_in_step", {"stayed_in_id": "int64", "long_in_step": "float64"}, _long("days_in_step")
)
LIKELY = bound_table(
    "likely_from", {"likely_in_id": "int64", "likely_from": "int64"}, _first_likely_step
)


def _with_usual(leads: Table) -> Table:
    """Return the leads with the usual values of their pipeline and step, or null."""
    leads = leads.left_join(TO_WIN, leads.pipeline_id == TO_WIN.won_in_id)
    leads = leads.left_join(IN_STEP, leads.step_id == IN_STEP.stayed_in_id)
    return leads.left_join(LIKELY, leads.pipeline_id == LIKELY.likely_in_id)


def _is_slow(leads: Table) -> Value:
    return WORKING_TODAY.delta(leads.created_on, unit="day") > leads.long_to_win


def _is_stuck(leads: Table) -> Value:
    return WORKING_TODAY.delta(leads.entered_on, unit="day") > leads.long_in_step


def _is_to_speed_up(leads: Table) -> Value:
    # Null and not false if the pipeline has too few cases, even if the lead is not idle.
    return leads.likely_from.notnull().ifelse(
        (leads.position >= leads.likely_from) & leads.is_idle, ibis.null("boolean")
    )


def _with_step(leads: Table, query: ReportQuery) -> Table:
    """Return the leads with the `position` of their step, and the day `entered_on` of entry."""
    stays = stays_at(query.instant)
    here = stays.filter(stays.left_at.isnull()).select("entered_on", staying_lead_id="lead_id")
    steps = in_order(steps_set_at(query.instant)).select(place_id="step_id", position="position")
    leads = leads.left_join(here, leads.lead_id == here.staying_lead_id)
    return leads.left_join(steps, leads.step_id == steps.place_id)


REPORT = Report(
    key="leads",
    view="work",
    title=gettext_noop("Needs attention"),
    text=__doc__,
    facts=facts,
    columns=columns,
    tests_changes=lambda filters: False,
    prefetch=prefetch,
    prefetched_values=frozenset(
        {"days_to_win", "days_in_step", "wins_by_step", working_time.TODAY}
    ),
    warnings=NOTED,
    groupings=("user", "team", "pipeline"),
    is_about_now=True,
    switches=("credit", "days"),
    layout=(
        ColumnGroup(
            gettext_noop("Open leads"),
            (
                "open_leads",
                ("slow_leads", "slow_amount"),
                ("stuck_leads", "stuck_amount"),
                ("leads_to_speed_up", "amount_to_speed_up"),
            ),
        ),
    ),
    headlines=("open_leads", "slow_leads", "stuck_leads", "leads_to_speed_up"),
    chart=ChartSpec(("slow_leads", "stuck_leads", "leads_to_speed_up"), kind="none"),
    date_rules=lambda filters: {"open": AS_IT_IS},
)

"""Ageing

How long have open leads been in their step?

Each row is a step of the pipeline. It shows the leads that are open in the step now, or at the past
date chosen, by the number of days since they last entered it. The period has no effect. A lead is
credited to its owner and team at the date of the report. The option “Attribution” can credit it to
the creator instead.

Days are whole days from the entry to today, in calendar or working days as chosen. A lead that
entered the step today has been in it for 0 days. The oldest lead is the one that has been in the
step the longest.

“Longer than usual” counts leads that have been in the step for longer than three quarters of the
stays that ended with a move to a later step or a win. These stays are those of all leads you have
access to, whatever the filters. In a step with fewer than 10 such stays, no lead is counted, and a
note says how many could not be assessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ibis.expr.types import BooleanValue, NumericValue, Table

from leadlight.analytics.facts import historical
from leadlight.analytics.facts.cohorts import IDS
from leadlight.analytics.facts.step_intervals import stays_at
from leadlight.analytics.metrics.columns import (
    Column,
    Predicate,
    count,
    money,
    quartile_days,
)
from leadlight.analytics.metrics.date_rules import AS_IT_IS
from leadlight.analytics.metrics.evidence import Sums
from leadlight.analytics.metrics.predicates import is_any, is_open
from leadlight.analytics.metrics.working_days import IN_WORKING_DAYS
from leadlight.analytics.query import working_time
from leadlight.analytics.query.attribution import credited
from leadlight.analytics.query.bound_values import bound_table
from leadlight.analytics.query.filters import LAST, Filters
from leadlight.analytics.query.phrases import gettext_noop
from leadlight.analytics.query.report_query import WORKING_TODAY, ReportQuery
from leadlight.analytics.query.scope import Scope
from leadlight.analytics.reports.contract import (
    Facts,
    Flow,
    Report,
)
from leadlight.analytics.reports.matrix import Matrix
from leadlight.analytics.reports.page_layout import ChartSpec, ColumnGroup

FEWEST_CASES = 10


def prefetch(filters: Filters, scope: Scope) -> Mapping[str, Table]:
    """Return the usual days of stays that ended with a move to a later step or a win."""
    return {
        "days_until_onward": historical.days_until_onward(filters, scope),
        **working_time.prefetch(filters),
    }


def _usual_days(query: ReportQuery) -> Iterable[tuple[int, float]]:
    return historical.long_durations(
        query.prefetched_rows("days_until_onward"), FEWEST_CASES
    ).items()


UNTIL_ONWARD = bound_table(
    "long_until_onward", {"left_step_id": "int64", "long_until_onward": "float64"}, _usual_days
)


def facts(query: ReportQuery) -> Facts:
    """Return the open leads with the `age` in their step, and whether that is longer than usual."""
    filters, leads = query.filters, query.leads
    leads = leads.filter(is_open(leads))
    stays = stays_at(query.instant)
    here = stays.filter(stays.left_at.isnull()).select("entered_on", staying_lead_id="lead_id")
    leads = leads.left_join(here, leads.lead_id == here.staying_lead_id)
    leads = working_time.working_days(leads, filters, "entered_on")
    leads = leads.left_join(UNTIL_ONWARD, leads.step_id == UNTIL_ONWARD.left_step_id)
    age = WORKING_TODAY.delta(leads.entered_on, unit="day")
    user, team = credited(leads, "now", filters.switch("credit"))
    rows = leads.select(
        *IDS,
        "step_id",
        "amount",
        day=LAST,
        user_id=user,
        team_id=team,
        age=age,
        is_long=age > leads.long_until_onward,
    )
    return {"open": Flow(filters.narrow_credited(rows))}


def _aged(first: int, last: int | None) -> Predicate:
    """Return the condition that the age in days is from `first` to `last` (None: no limit)."""

    def condition(facts: Table) -> BooleanValue:
        if last is None:
            return facts.age >= first
        return (facts.age <= last) & (facts.age >= first if first else True)

    return condition


def is_long(facts: Table) -> BooleanValue:
    return facts.is_long


def has_no_usual_stay(facts: Table) -> BooleanValue:
    return facts.is_long.isnull()


OF_THESE = gettext_noop("Total amount of these leads. A lead without an amount counts as 0.")
OPEN_LEADS = count(
    "open_leads",
    "open",
    is_any,
    gettext_noop("Open"),
    gettext_noop("Leads that are open in the step now."),
    higher_is_better=None,
)
OPEN_AMOUNT = money(
    "open_amount", "open", is_any, gettext_noop("Open amount"), OF_THESE, higher_is_better=None
)


def _band(
    key: str, days: tuple[int, int | None], title: str, definition: str, amount: str
) -> tuple[Column, Column]:
    """Return two columns: the leads in a range of ages, and their amount."""
    condition = _aged(*days)
    return (
        count(f"{key}_leads", "open", condition, title, definition, higher_is_better=None),
        money(f"{key}_amount", "open", condition, amount, OF_THESE, higher_is_better=None),
    )


BANDS = (
    *_band(
        "week",
        (0, 7),
        gettext_noop("0–7 days"),
        gettext_noop("Open leads that have been in the step for up to 7 days."),
        gettext_noop("0–7 days: amount"),
    ),
    *_band(
        "month",
        (8, 30),
        gettext_noop("8–30 days"),
        gettext_noop("Open leads that have been in the step for 8 to 30 days."),
        gettext_noop("8–30 days: amount"),
    ),
    *_band(
        "quarter",
        (31, 90),
        gettext_noop("31–90 days"),
        gettext_noop("Open leads that have been in the step for 31 to 90 days."),
        gettext_noop("31–90 days: amount"),
    ),
    *_band(
        "older",
        (91, None),
        gettext_noop("Over 90 days"),
        gettext_noop("Open leads that have been in the step for more than 90 days."),
        gettext_noop("Over 90 days: amount"),
    ),
)


def _age(facts: Table) -> Any:
    return facts.age.cast("float64")


MEDIAN_AGE = quartile_days(
    "median_age",
    0.5,
    OPEN_LEADS,
    gettext_noop("Median time in step"),
    gettext_noop("Median number of days that the open leads have been in the step."),
    days=_age,
)


def _oldest(facts: Table) -> NumericValue:
    return _age(facts).max()


def _oldest_days(sums: Sums, totals: Sums) -> float | None:
    return sums.get("oldest_age")


OLDEST_AGE = Column(
    "oldest_age",
    "days",
    gettext_noop("Oldest"),
    gettext_noop("Days in the step, for the open lead that has been in it the longest."),
    "open",
    is_any,
    {"oldest_age": ("open", _oldest)},
    _oldest_days,
    higher_is_better=False,
)
LONG = (
    count(
        "long_leads",
        "open",
        is_long,
        gettext_noop("Longer than usual"),
        gettext_noop(
            "Leads in the step for longer than three quarters of the stays that "
            "ended with a move to a later step or a win."
        ),
        higher_is_better=False,
    ),
    money(
        "long_amount",
        "open",
        is_long,
        gettext_noop("Longer than usual: amount"),
        OF_THESE,
        higher_is_better=False,
    ),
)
NOT_JUDGED = count(
    "long_unknown",
    "open",
    has_no_usual_stay,
    gettext_noop("Not assessed"),
    gettext_noop(
        "Open leads in steps where fewer than 10 stays ended with a move to a later step or a win."
    ),
    note=gettext_noop(
        "Open leads not assessed, because fewer than 10 stays in their step "
        "ended with a move to a later step or a win: %(count)s."
    ),
)


def columns(query: ReportQuery) -> tuple[Column, ...]:
    """Return the columns: open leads in all, by age, and in the step for longer than usual."""
    bands = tuple(map(_in_working_days, BANDS)) if working_time.is_working(query.filters) else BANDS
    return (OPEN_LEADS, OPEN_AMOUNT, *bands, MEDIAN_AGE, OLDEST_AGE, *LONG)


def _in_working_days(band: Column) -> Column:
    return replace(band, title=IN_WORKING_DAYS, names={"title": band.title_phrase})


VIEW = Report(
    key="pipeline",
    view="ageing",
    title=gettext_noop("Ageing"),
    total_title=gettext_noop("Whole pipeline"),
    text=__doc__,
    facts=facts,
    columns=columns,
    tests_changes=lambda filters: False,
    prefetch=prefetch,
    prefetched_values=frozenset({"days_until_onward", working_time.TODAY}),
    warnings=(NOT_JUDGED,),
    groupings=("step",),
    is_about_now=True,
    switches=("credit", "days"),
    needs=("pipeline",),
    is_of_one_pipeline=True,
    layout=(
        ColumnGroup(gettext_noop("Open now"), (("open_leads", "open_amount"),)),
        ColumnGroup(
            gettext_noop("Days in the step"),
            (
                ("week_leads", "week_amount"),
                ("month_leads", "month_amount"),
                ("quarter_leads", "quarter_amount"),
                ("older_leads", "older_amount"),
                "median_age",
                "oldest_age",
                ("long_leads", "long_amount"),
            ),
        ),
    ),
    headlines=("open_leads", "open_amount", "older_leads", "median_age", "long_leads"),
    chart=ChartSpec(kind="none"),
    date_rules=lambda filters: {"open": AS_IT_IS},
    matrix=Matrix(("week_leads", "month_leads", "quarter_leads", "older_leads"), "row"),
)

"""What becomes of leads as they age, those that are still open included?

A row is the leads created in a month, or those of a seller, a source, a pipeline or the step they
began in. Its shares say how many were won within 30, 60, 90, 180 and 365 days of their creation,
in whole local days: a lead created on Monday and won on Tuesday was won after 1 day. A switch shows
the share lost, cancelled or closed instead. So cohorts, sellers and sources are compared at equal
age, the young ones too.

An open lead is not counted as a failure, and not left out: it counts for as long as it has been
open, and says nothing of later ages. Below each share stands the range in which the true one lies,
95 times in 100. Nothing is told of an age for which fewer than 10 leads are old enough. A lead
closed before its creation was closed after 0 days; one that was re-opened is open.

The median is the age by which half of all the leads were won; there is none where fewer than half
ever are. The mean of the won stands beside it for comparison: it knows only the leads won so far,
so that a young cohort looks quick. It is marked where more than one lead in ten is still open.

Leads are credited to the owner at creation; a switch credits them to the current owner or to the
creator.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import ibis
from ibis.expr.types import Table, Value

from leadlight.analytics.facts import cohorts
from leadlight.analytics.facts.step_intervals import stays_at
from leadlight.analytics.metrics import deals, outcomes
from leadlight.analytics.metrics.columns import (
    Column,
    mean_days,
    rate,
)
from leadlight.analytics.metrics.evidence import Sums
from leadlight.analytics.metrics.histograms import counts_of, histogram
from leadlight.analytics.metrics.outcomes import Outcome
from leadlight.analytics.query import working_time
from leadlight.analytics.query.grouping import GROUPINGS
from leadlight.analytics.query.phrases import Phrase, gettext_noop
from leadlight.analytics.query.report_query import ReportQuery
from leadlight.analytics.reports.contract import (
    Facts,
    Flow,
    Note,
    Report,
    Result,
)
from leadlight.analytics.reports.page_layout import ChartSpec
from leadlight.analytics.stats.survival import AGES, CLOSED, OPEN, Curves, Estimate, curves

OUTCOMES = (OPEN, *CLOSED)
YOUNG = 0.1

WON_RATE = rate(
    "won_rate",
    cohorts.WON,
    deals.CREATED_LEADS,
    gettext_noop("Won so far"),
    gettext_noop("The share of the leads created in these days that were won so far."),
)
MEAN = mean_days(
    "mean_days_to_win",
    cohorts.WON,
    gettext_noop("Mean of the won"),
    gettext_noop("The mean days from creation to winning of the leads won so far, and only these."),
)
# Outcome → title and definition of its columns.
SHARES: dict[Outcome, tuple[str, str]] = {
    outcomes.WON: (
        gettext_noop("Won in %(days)s days"),
        gettext_noop(
            "The share of the leads won within %(days)s days of their creation. An open lead "
            "counts for as long as it has been open."
        ),
    ),
    outcomes.LOST: (
        gettext_noop("Lost in %(days)s days"),
        gettext_noop(
            "The share of the leads lost within %(days)s days of their creation. An open lead "
            "counts for as long as it has been open."
        ),
    ),
    outcomes.CANCELLED: (
        gettext_noop("Cancelled in %(days)s days"),
        gettext_noop(
            "The share of the leads cancelled within %(days)s days of their creation. An open lead "
            "counts for as long as it has been open."
        ),
    ),
    outcomes.CLOSED: (
        gettext_noop("Closed in %(days)s days"),
        gettext_noop(
            "The share of the leads won, lost or cancelled within %(days)s days of their creation. "
            "An open lead counts for as long as it has been open."
        ),
    ),
}
TOO_YOUNG = gettext_noop(
    "Where the mean of the won is hatched, more than one lead in ten is still open: it tells "
    "mostly of the quick ones. The shares by age do not suffer from that."
)
BANDS = gettext_noop(
    "The range below each share, a band in the picture, holds the true share 95 times in 100. "
    "Nothing is shown of ages for which fewer than 10 leads are old enough."
)
CALENDAR_AGES = gettext_noop(
    "Ages are in calendar days here, so that 30, 90 and 365 days are a month, a quarter and a year "
    "of any leads; only the mean of the won is in working days."
)
HOW = gettext_noop(
    "Aalen-Johansen estimates of competing risks, with bands for each age by itself: log(-log) of "
    "the share, its variance by the delta method. The share still open is the Kaplan-Meier "
    "estimate."
)


def counts_by_age(created: Table) -> Value:
    """Return the number of leads by age and outcome, as a histogram.

    The number counted is the age times the number of outcomes, plus the index of the outcome.
    """
    places = [(created.status == outcome, OUTCOMES.index(outcome)) for outcome in CLOSED]
    outcome = ibis.cases(*places, else_=OUTCOMES.index(OPEN))
    return histogram(created.age * len(OUTCOMES) + outcome)


@lru_cache(maxsize=512)
def _read(counted: str) -> Curves:
    counts = {}
    for code, number in counts_of(counted):
        age, place = divmod(code, len(OUTCOMES))
        counts[age, OUTCOMES[place]] = number
    return curves(counts)


def _curves(sums: Sums, totals: Sums) -> Curves:
    return _read(sums.get("ages") or "")


CURVES = replace(
    deals.CREATED_LEADS,
    key="curves",
    aggregates={"ages": ("created", counts_by_age)},
    value=_curves,
)
MEDIAN = replace(
    CURVES,
    key="median_days_to_win",
    kind="days",
    title=gettext_noop("Half are won by"),
    definition=gettext_noop(
        "The days from creation by which half of all the leads were won, the open ones counted for "
        "as long as they have been open; none where fewer than half are."
    ),
    value=lambda sums, totals: _as_days(_curves(sums, totals).first("won", 0.5)),
    higher_is_better=False,
    always_calendar_days=True,
)


def _as_days(age: int | None) -> float | None:
    return None if age is None else float(age)


def _by_age(outcome: Outcome, age: int) -> Column:
    """Return the column with the share of leads that had an outcome by the end of an age."""
    title, definition = SHARES[outcome]

    def value(sums: Sums, totals: Sums) -> Estimate | None:
        return _curves(sums, totals).at(outcome.key, age)

    return replace(
        CURVES,
        key=f"by_age:{age}",
        kind="estimate",
        title=title,
        definition=definition,
        value=value,
        higher_is_better=outcome.higher_is_better,
        names={"days": str(age)},
    )


BY_AGE = {outcome.key: {age: _by_age(outcome, age) for age in AGES} for outcome in SHARES}


def columns(query: ReportQuery) -> tuple[Column, ...]:
    """Return the columns: leads created and won, shares by age, and durations."""
    filters = query.filters
    oldest = (filters.today - filters.period.first).days
    by_age = BY_AGE[filters.switch("share_of")]
    shown = (column for age, column in by_age.items() if age <= max(oldest, AGES[0]))
    return (deals.CREATED_LEADS, WON_RATE, cohorts.OPEN, *shown, MEDIAN, MEAN)


def facts(query: ReportQuery) -> Facts:
    """Return the leads created in the period, as they are now, with the first step of each."""
    rows = cohorts.created(query)
    if query.filters.group_by == "step":
        stays = stays_at(query.instant)
        began = stays.filter(stays.stay_number == 0).select("step_id", began_id="lead_id")
        rows = rows.left_join(began, rows.lead_id == began.began_id).drop("began_id")
    return {"created": Flow(rows)}


def postprocess(result: Result) -> Result:
    """Return the result with unreliable means marked, and notes."""
    rows = tuple(
        replace(row, unfinished=row.unfinished | {MEAN.key}) if _is_young(row.cells) else row
        for row in result.rows
    )
    has_leads = bool(result.totals[deals.CREATED_LEADS.key])
    notes = [Note("bands", Phrase(BANDS), method=Phrase(HOW))] if has_leads else []
    if working_time.is_working(result.filters):
        notes.append(Note("calendar_ages", Phrase(CALENDAR_AGES)))
    if any(_is_young(cells) for cells in (result.totals, *(row.cells for row in result.rows))):
        notes.append(Note("too_young", Phrase(TOO_YOUNG)))
    return replace(result, rows=rows, notes=(*result.notes, *notes))


def _is_young(cells: Mapping[str, Any]) -> bool:
    """Return whether so many leads are open that the mean of the won ones will change."""
    won = cells[WON_RATE.key]
    return bool(won.numerator) and cells[cohorts.OPEN.key] > YOUNG * won.denominator


REPORT = Report(
    key="leads",
    view="curves",
    title=gettext_noop("Day after day"),
    text=__doc__,
    facts=facts,
    columns=columns,
    tests_changes=lambda filters: False,
    groupings=(*GROUPINGS, "step"),
    unit="month",
    preset="last_365_days",
    switches=("credit", "share_of", "days"),
    headlines=("created_leads", "won_rate", "by_age:90", "by_age:365", "mean_days_to_win"),
    chart=ChartSpec(kind="curves"),
    chart_column=CURVES,
    postprocess=postprocess,
)

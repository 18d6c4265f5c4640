"""Win curve by lead age

What share of leads is won after 30, 90 or 365 days?

Each row shows the leads created in a month, or those of a seller, a source, a pipeline or the step
they started in. Its shares say how many were won within 30, 60, 90, 180 and 365 days of creation,
in whole days: a lead created on Monday and won on Tuesday was won after 1 day. The option “Share of
leads” can show the share lost, cancelled or closed instead. This compares all rows at the same age,
including recent ones.

An open lead is neither counted as a failure nor left out: it counts for the days since its
creation. Below each share is the range in which chance alone could move it (95%). An age for which
fewer than 10 leads are old enough has no figure. A lead whose close date is before its creation
date counts as closed after 0 days. A reopened lead counts as open.

“Half won within” is the age by which half of all the leads were won. It is empty if fewer than half
were won. The average sales cycle is shown for comparison. It counts only the leads won so far, so a
recent cohort looks fast. The average is hatched if more than one lead in ten is still open.

Leads are credited to their owner at creation. The option “Attribution” can credit them to the
current owner or the creator instead.
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
YOUNG = 0.1  # share of open leads above which the mean of the won ones is unreliable

WON_RATE = rate(
    "won_rate",
    cohorts.WON,
    deals.CREATED_LEADS,
    gettext_noop("Win rate of new leads"),
    gettext_noop("Leads won so far ÷ leads created in this period."),
)
MEAN = mean_days(
    "mean_days_to_win",
    cohorts.WON,
    gettext_noop("Average sales cycle"),
    gettext_noop("Average time from creation to closing, only for the leads won so far."),
)
# Outcome → title and definition of its columns.
SHARES: dict[Outcome, tuple[str, str]] = {
    outcomes.WON: (
        gettext_noop("Won within %(days)s days"),
        gettext_noop(
            "Share of leads won within %(days)s days of creation. An open lead only "
            "counts for the days since its creation."
        ),
    ),
    outcomes.LOST: (
        gettext_noop("Lost within %(days)s days"),
        gettext_noop(
            "Share of leads lost within %(days)s days of creation. An open lead only "
            "counts for the days since its creation."
        ),
    ),
    outcomes.CANCELLED: (
        gettext_noop("Cancelled within %(days)s days"),
        gettext_noop(
            "Share of leads cancelled within %(days)s days of creation. An open lead "
            "only counts for the days since its creation."
        ),
    ),
    outcomes.CLOSED: (
        gettext_noop("Closed within %(days)s days"),
        gettext_noop(
            "Share of leads won, lost or cancelled within %(days)s days of creation. "
            "An open lead only counts for the days since its creation."
        ),
    ),
}
TOO_YOUNG = gettext_noop(
    "If the average sales cycle is hatched, more than one lead in ten is "
    "still open, and it mostly reflects the fastest leads. The shares by age "
    "do not have this problem."
)
BANDS = gettext_noop(
    "The range below each share, shown as a band in the chart, is the one in "
    "which chance alone could move it (95%). Ages for which fewer than 10 "
    "leads are old enough are not shown."
)
CALENDAR_AGES = gettext_noop(
    "Ages are in calendar days, so that 30, 90 and 365 days always mean a "
    "month, a quarter and a year. Only the average sales cycle is in working "
    "days."
)
HOW = gettext_noop(
    "Aalen-Johansen estimates with competing risks, with pointwise "
    "confidence intervals (log(−log) transformation of the share, variance "
    "by the delta method). The share still open is the Kaplan-Meier estimate."
)


def counts_by_age(created: Table) -> Value:
    """Return the number of leads by age and outcome, as a histogram.

    Each number in the histogram is age × number of outcomes + index of the outcome.
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
    title=gettext_noop("Half won within"),
    definition=gettext_noop(
        "Days from creation until half of all the leads were won. Open leads "
        "only count for the days since their creation. Empty if fewer than half "
        "were won."
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
    """Return the leads created in the period, as they are now; by step, with their first step."""
    rows = cohorts.created(query)
    if query.filters.group_by == "step":
        stays = stays_at(query.instant)
        began = stays.filter(stays.stay_number == 0).select("step_id", began_id="lead_id")
        rows = rows.left_join(began, rows.lead_id == began.began_id).drop("began_id")
    return {"created": Flow(rows)}


def postprocess(result: Result) -> Result:
    """Return the result with unreliable means marked as unfinished, and notes."""
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
    title=gettext_noop("Win curve by lead age"),
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

"""Pipeline performance

How do leads move from step to step, and where are they lost?

This report shows one pipeline. A lead counts in a step if it first entered the step in the period,
on the day of that entry, wherever the lead is today. It is followed until now, or until the past
date chosen.

A lead that entered a step has advanced if it reached a later step afterwards. If not, its last stay
in the step decides: the lead was won, lost or cancelled in the step, moved back to an earlier step,
left for another pipeline, or is still in the step. It is always true that entered = advanced + won
+ lost + cancelled + moved back + left + still in step.

A lead that skips steps has entered them too, at the same moment. The option “A step counts as
entered” can count only the steps it was really moved to. “Step conversion rate” divides the leads
that advanced or were won by those that entered. “Share of first step” divides the entries in the
step by the entries in the first step in the same period.

Totals are for the whole pipeline: each lead counts once, on the day it first entered any of its
steps, with its outcome. “Advanced” has no total, because it only applies to single steps. The rate
of the total is won ÷ entered.

Time in step is measured on the stays that began in the period and have ended, because the lead left
the step or was closed in it. A stay that began after closing does not count. “Median time since
entry” is measured from the last entry of each lead.

Leads are credited to their current owner. The option “Attribution” can credit them to the creator
instead. Amounts are the last ones recorded. A lead without an amount counts as 0.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ibis.expr.types import Table, Value

from leadlight.analytics.facts.step_entries import (
    chosen_steps,
    entries,
    is_carried_on,
    is_outcome,
    is_over,
    pipeline_entries,
    stays,
)
from leadlight.analytics.metrics import outcomes
from leadlight.analytics.metrics.columns import (
    Column,
    count,
    money,
    quartile_days,
    rate,
)
from leadlight.analytics.metrics.evidence import Sums
from leadlight.analytics.metrics.predicates import SECONDS_PER_DAY, is_any
from leadlight.analytics.query import working_time
from leadlight.analytics.query.phrases import gettext_noop
from leadlight.analytics.query.report_query import ReportQuery
from leadlight.analytics.query.working_time import MICROSECONDS_PER_DAY
from leadlight.analytics.reports.contract import (
    Facts,
    Flow,
    Report,
)
from leadlight.analytics.reports.page_layout import ChartSpec, ColumnGroup
from leadlight.analytics.reports.pipeline import ageing as pipeline_ageing
from leadlight.analytics.reports.pipeline import between as pipeline_between
from leadlight.analytics.reports.pipeline import moves as pipeline_moves
from leadlight.analytics.reports.pipeline import people as pipeline_people


def facts(query: ReportQuery) -> Facts:
    """Return entries into each step, entries into the first step, and stays, all of the period."""
    entered = entries(query)
    steps = chosen_steps(query.filters)
    first = entered.filter(entered.step_id.isin(steps.filter(steps.position == 0).step_id))
    return {
        "entered": Flow(entered, total_rows=pipeline_entries(query)),
        "first": Flow(first, shared_in=frozenset({"step"})),
        "stays": Flow(stays(query)),
    }


def _counted(
    key: str, title: str, definition: str, higher_is_better: bool | None = None, **more: Any
) -> Column:
    return count(
        key,
        "entered",
        is_outcome(key),
        title,
        definition,
        higher_is_better=higher_is_better,
        **more,
    )


def _amount(of: Column, title: str) -> Column:
    return money(
        f"{of.key}_amount",
        of.facts,
        of.where,
        title,
        gettext_noop("Total amount of these leads. A lead without an amount counts as 0."),
        higher_is_better=of.higher_is_better,
        has_total=of.has_total,
    )


ENTERED = count(
    "entered",
    "entered",
    is_any,
    gettext_noop("Entered"),
    gettext_noop("Leads that first entered the step in this period."),
    higher_is_better=None,
)
ADVANCED = _counted(
    "advanced",
    gettext_noop("Advanced"),
    gettext_noop("Leads that entered the step and reached a later step afterwards."),
    higher_is_better=True,
    has_total=False,
)
WON = _counted(
    outcomes.WON.key,
    gettext_noop("Won in step"),
    gettext_noop("Leads that entered the step, did not advance and were won in it."),
    outcomes.WON.higher_is_better,
)
LOST = _counted(
    outcomes.LOST.key,
    gettext_noop("Lost in step"),
    gettext_noop("Leads that entered the step, did not advance and were lost in it."),
    outcomes.LOST.higher_is_better,
)
CANCELLED = _counted(
    outcomes.CANCELLED.key,
    gettext_noop("Cancelled in step"),
    gettext_noop("Leads that entered the step, did not advance and were cancelled in it."),
    outcomes.CANCELLED.higher_is_better,
)
MOVED_BACK = _counted(
    "moved_back",
    gettext_noop("Moved back"),
    gettext_noop(
        "Leads that moved from the step to an earlier one and never reached a later step."
    ),
    higher_is_better=False,
)
LEFT_PIPELINE = _counted(
    "left_pipeline",
    gettext_noop("Left the pipeline"),
    gettext_noop(
        "Leads that moved from the step to another pipeline and never reached a "
        "later step of this one."
    ),
)
STILL_HERE = _counted(
    "still_here",
    gettext_noop("Still in step"),
    gettext_noop("Leads that entered the step and are still open in it."),
)
CARRIED_ON = count("carried_on", "entered", is_carried_on, "", "")
FIRST_ENTERED = count("first_entered", "first", is_any, "", "")
CONVERSION_RATE = rate(
    "conversion_rate",
    CARRIED_ON,
    ENTERED,
    gettext_noop("Step conversion rate"),
    gettext_noop("Leads that advanced or were won in the step ÷ leads that entered it."),
    total_title=gettext_noop("Win rate of entries"),
)
CUMULATIVE_RATE = rate(
    "cumulative_rate",
    ENTERED,
    FIRST_ENTERED,
    gettext_noop("Share of first step"),
    gettext_noop("Entries in the step ÷ entries in the first step, in this period."),
    has_total=False,
)
STAYS = count("stays", "stays", is_over, "", "")


def _days_in_step(facts: Table) -> Value:
    return facts.lasted / MICROSECONDS_PER_DAY


MEDIAN_DAYS_IN_STEP = quartile_days(
    "median_days_in_step",
    0.5,
    STAYS,
    gettext_noop("Median time in step"),
    gettext_noop(
        "Median time in this step, for leads that entered it in this period and have left it."
    ),
    days=_days_in_step,
    distinct="lead",
)
P75_DAYS_IN_STEP = quartile_days(
    "p75_days_in_step",
    0.75,
    STAYS,
    gettext_noop("Time in step: slowest 25%"),
    gettext_noop("One in four completed stays that began in this period took longer than this."),
    days=_days_in_step,
    distinct="lead",
)


def _median_days_here(now: datetime) -> Column:
    """Return the column of the median days since the last entry, for leads still in the step.

    The SQL returns the median instant of entry instead of the days, so that cached SQL does not
    depend on the instant of the query.
    """

    def since(facts: Table) -> Value:
        return facts.here_since.quantile(0.5, where=STILL_HERE.where(facts))

    def value(sums: Sums, totals: Sums) -> float | None:
        median = sums.get("here_since")
        seconds = (now - working_time.EPOCH).total_seconds()
        return (
            None
            if median is None
            else max(0.0, seconds / SECONDS_PER_DAY - median / MICROSECONDS_PER_DAY)
        )

    return Column(
        "median_days_here",
        "days",
        gettext_noop("Median time since entry"),
        gettext_noop("Median time since the last entry, for leads still in the step."),
        STILL_HERE.facts,
        STILL_HERE.where,
        {"here_since": (STILL_HERE.facts, since)},
        value,
        higher_is_better=False,
    )


COLUMNS = (
    ENTERED,
    _amount(ENTERED, gettext_noop("Entered: amount")),
    CONVERSION_RATE,
    CUMULATIVE_RATE,
    ADVANCED,
    _amount(ADVANCED, gettext_noop("Advanced: amount")),
    WON,
    _amount(WON, gettext_noop("Won in step: amount")),
    LOST,
    _amount(LOST, gettext_noop("Lost in step: amount")),
    CANCELLED,
    _amount(CANCELLED, gettext_noop("Cancelled in step: amount")),
    MOVED_BACK,
    _amount(MOVED_BACK, gettext_noop("Moved back: amount")),
    LEFT_PIPELINE,
    _amount(LEFT_PIPELINE, gettext_noop("Left the pipeline: amount")),
    STILL_HERE,
    _amount(STILL_HERE, gettext_noop("Still in step: amount")),
    MEDIAN_DAYS_IN_STEP,
    P75_DAYS_IN_STEP,
)


def columns(query: ReportQuery) -> tuple[Column, ...]:
    """Return the columns: entries, outcomes and durations."""
    return (*COLUMNS, _median_days_here(query.now))


REPORT = Report(
    key="pipeline",
    title=gettext_noop("Pipeline performance"),
    total_title=gettext_noop("Whole pipeline"),
    text=__doc__,
    facts=facts,
    columns=columns,
    tests_changes=lambda filters: False,
    groupings=("step",),
    prefetch=lambda filters, scope: working_time.prefetch(filters),
    prefetched_values=frozenset({working_time.TODAY}),
    switches=("skipping", "credit", "days"),
    needs=("pipeline",),
    is_of_one_pipeline=True,
    layout=(
        ColumnGroup(
            gettext_noop("Entries and conversion"),
            (("entered", "entered_amount"), "conversion_rate"),
            more=("cumulative_rate",),
        ),
        ColumnGroup(
            gettext_noop("Outcomes"),
            (
                ("advanced", "advanced_amount"),
                ("won", "won_amount"),
                ("lost", "lost_amount"),
                ("cancelled", "cancelled_amount"),
                ("moved_back", "moved_back_amount"),
                ("still_here", "still_here_amount"),
            ),
            more=(("left_pipeline", "left_pipeline_amount"),),
        ),
        ColumnGroup(
            gettext_noop("Days in the step"),
            (("median_days_in_step", "p75_days_in_step"),),
            more=("median_days_here",),
        ),
    ),
    headlines=(
        "entered",
        "won",
        "lost",
        "still_here",
        "conversion_rate",
        "entered_amount",
        "won_amount",
        "cancelled",
    ),
    chart=ChartSpec(
        (
            ENTERED.key,
            *(ADVANCED.key, WON.key, STILL_HERE.key, MOVED_BACK.key, LEFT_PIPELINE.key),
            *(LOST.key, CANCELLED.key),
        ),
        kind="funnel",
    ),
    views=(
        pipeline_moves.VIEW,
        pipeline_people.VIEW,
        pipeline_between.VIEW,
        pipeline_ageing.VIEW,
    ),
)

"""Lead performance

What happened to the leads created in this period?

A lead counts on the day it was created, whenever it was closed. A row is a cohort, and its figures
say how many of its leads are won, lost, cancelled or still open to date. The sum of these four
figures is the number of leads created. A reopened lead counts as open. The win rate here is won ÷
created.

Leads are credited to their owner at creation. The option “Attribution” can credit them to the
current owner or the creator instead. Leads without an owner have their own row.

In rows by period, a recent cohort has had less time than an older one. Four in five of the leads
won in the last 365 days took no longer than the usual time to win. A cohort can be judged once its
youngest lead is older than that. The figures of more recent cohorts are hatched. If no lead was won
in the last 365 days, no figure is hatched.

“Cohorts by month” follows each month's new leads as they age. “Win curve by lead age” shows the
share won at each age, and takes the open leads into account. “Needs attention” lists the open leads
that are slow, that are stuck, or that are likely to win but stalled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, timedelta

from ibis.expr.types import Table

from leadlight.analytics.facts import cohorts
from leadlight.analytics.metrics import outcomes
from leadlight.analytics.metrics.columns import Column, count, money, quartile_days, rate
from leadlight.analytics.metrics.outcomes import leads_with
from leadlight.analytics.metrics.predicates import (
    is_closed_before_creation,
    is_standby,
    is_won,
    is_won_without_amount,
)
from leadlight.analytics.query import working_time
from leadlight.analytics.query.filters import Filters
from leadlight.analytics.query.grouping import GROUPINGS
from leadlight.analytics.query.periods import Bucket
from leadlight.analytics.query.phrases import Phrase, gettext_noop
from leadlight.analytics.query.report_query import ReportQuery
from leadlight.analytics.query.scope import Scope
from leadlight.analytics.reports.contract import (
    Facts,
    Flow,
    Note,
    Report,
)
from leadlight.analytics.reports.leads import curves as leads_curves
from leadlight.analytics.reports.leads import quality as leads_quality
from leadlight.analytics.reports.leads import stalled as leads_work
from leadlight.analytics.reports.leads import triangle as leads_triangle
from leadlight.analytics.reports.page_layout import ChartSpec, ColumnGroup

STANDBY = count(
    "standby_leads",
    "created",
    is_standby,
    gettext_noop("On standby"),
    gettext_noop("Leads still open that were put on standby."),
    higher_is_better=None,
)
LOST = leads_with(
    outcomes.LOST,
    "created",
    gettext_noop("Leads created in this period and lost since, at any time."),
)
CANCELLED = leads_with(
    outcomes.CANCELLED,
    "created",
    gettext_noop("Leads created in this period and cancelled since, at any time."),
)
WON_RATE = rate(
    "won_rate",
    cohorts.WON,
    cohorts.CREATED,
    gettext_noop("Win rate of new leads"),
    gettext_noop("Leads won so far ÷ leads created in this period."),
)
WON_AMOUNT = money(
    "won_amount",
    "created",
    is_won,
    gettext_noop("Won amount"),
    gettext_noop("Total amount of the leads created in this period and won since."),
)
MEDIAN_DAYS_TO_WIN = quartile_days(
    "median_days_to_win",
    0.5,
    cohorts.WON,
    gettext_noop("Median sales cycle"),
    gettext_noop("Median time from creation to closing, for won leads."),
)
P75_DAYS_TO_WIN = quartile_days(
    "p75_days_to_win",
    0.75,
    cohorts.WON,
    gettext_noop("Slowest 25%"),
    gettext_noop("One in four won leads took longer than this."),
)
OPEN_RATE = rate(
    "open_rate",
    cohorts.OPEN,
    cohorts.CREATED,
    gettext_noop("Share still open"),
    gettext_noop("Leads still open ÷ leads created in this period."),
    higher_is_better=None,
)
WON_WITHOUT_AMOUNT = count(
    "won_without_amount",
    "created",
    is_won_without_amount,
    gettext_noop("Won without amount"),
    gettext_noop("Won leads without an amount. Their amount counts as 0."),
    note=gettext_noop("Won leads without an amount, counted as 0: %(count)s."),
)
CLOSED_BEFORE_CREATION = count(
    "closed_before_creation",
    "created",
    is_closed_before_creation,
    gettext_noop("Closed before creation"),
    gettext_noop(
        "Leads whose close date is before their creation date. Their sales cycle counts as 0 days."
    ),
    note=gettext_noop("Leads closed before their creation date, counted as 0 days: %(count)s."),
)
OUTCOMES = (
    cohorts.OPEN,
    STANDBY,
    cohorts.WON,
    LOST,
    CANCELLED,
    WON_RATE,
    WON_AMOUNT,
    MEDIAN_DAYS_TO_WIN,
    P75_DAYS_TO_WIN,
    OPEN_RATE,
)
TOO_YOUNG = gettext_noop(
    "Hatched figures are too recent to judge: four in five leads won in the "
    "last 365 days took up to %(days)s days."
)
TOO_YOUNG_IN_WORKING_DAYS = gettext_noop(
    "Hatched figures are too recent to judge: four in five leads won in the "
    "last 365 days took up to %(days)s working days."
)


def facts(query: ReportQuery) -> Facts:
    """Return the leads created in the period, as they are now."""
    return {"created": Flow(cohorts.created(query))}


def prefetch(filters: Filters, scope: Scope) -> Mapping[str, Table]:
    """Return the age from which a cohort is mature, and the youngest lead of each cohort."""
    return {
        "mature": cohorts.days_to_mature(filters, scope),
        **({"youngest": cohorts.youngest(filters, scope)} if _is_of_cohorts(filters) else {}),
        **working_time.prefetch(filters),
    }


def _is_of_cohorts(filters: Filters) -> bool:
    return REPORT.grouping(filters) == "bucket"


def columns(query: ReportQuery) -> tuple[Column, ...]:
    """Return the columns, with the figures of young cohorts marked as unfinished."""
    young = _young(query)

    def is_final(bucket: Bucket) -> bool:
        return bucket.number not in young

    return (cohorts.CREATED, *(replace(column, is_final=is_final) for column in OUTCOMES))


def _days_to_mature(query: ReportQuery) -> float | None:
    return next((days for (days,) in query.prefetched_rows("mature")), None)


def _young(query: ReportQuery) -> frozenset[int]:
    """Return the numbers of the buckets whose youngest lead has not passed the mature age."""
    days, now = _days_to_mature(query), query.now
    if days is None or not _is_of_cohorts(query.filters):
        return frozenset()
    return frozenset(
        number
        for number, youngest in query.prefetched_rows("youngest")
        if now - youngest.replace(tzinfo=UTC) <= timedelta(days)
    )


def notes(query: ReportQuery) -> Iterable[Note]:
    """Yield a note on unfinished figures, if rows are cohorts and some of them are young."""
    days = _days_to_mature(query)
    if days is not None and _young(query):
        is_working = working_time.is_working(query.filters)
        sentence = TOO_YOUNG_IN_WORKING_DAYS if is_working else TOO_YOUNG
        yield Note("too_young", Phrase(sentence, {"days": round(days)}))


REPORT = Report(
    key="leads",
    title=gettext_noop("Lead performance"),
    text=__doc__,
    facts=facts,
    columns=columns,
    tests_changes=lambda filters: False,
    prefetch=prefetch,
    prefetched_values=frozenset({"mature", "youngest", working_time.TODAY}),
    notes=notes,
    warnings=(WON_WITHOUT_AMOUNT, CLOSED_BEFORE_CREATION),
    groupings=GROUPINGS,
    switches=("credit", "days"),
    layout=(
        ColumnGroup(
            gettext_noop("New leads"),
            ("created_leads", ("open_leads", "open_rate"), "standby_leads"),
        ),
        ColumnGroup(
            gettext_noop("Outcomes"),
            ("won_leads", "won_rate", "won_amount", "lost_leads", "cancelled_leads"),
        ),
        ColumnGroup(
            gettext_noop("Sales cycle (days)"), (("median_days_to_win", "p75_days_to_win"),)
        ),
    ),
    headlines=(
        "created_leads",
        "won_leads",
        "won_rate",
        "won_amount",
        "median_days_to_win",
        "open_rate",
    ),
    views=(
        leads_triangle.REPORT,
        leads_curves.REPORT,
        leads_work.REPORT,
        leads_quality.REPORT,
    ),
    first_view="triangle",
    chart=ChartSpec(("won_leads", "lost_leads", "cancelled_leads"), "won_amount", "won_rate"),
)

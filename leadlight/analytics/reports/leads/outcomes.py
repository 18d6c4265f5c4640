"""What became of the leads created then?

Leads count on the local day they were created, whenever they were closed: a row is a cohort, and
its figures say what has become of it so far. Won, lost, cancelled and still open add up to created.
A lead that was re-opened is open. The win rate here is won among created.

Everything is credited to the owner at creation; a switch credits it to the current owner or to the
creator. Leads nobody owned are a row of their own.

The rows of time are cohorts to compare, and a young one has had less time. A cohort is old enough
to judge when its youngest lead is older than the time in which four of five leads won in the last
365 days were won; the figures of the others are marked. Where no lead was won in these days none
is marked.

The triangle shows each month of creation as it ages, the curves tell day by day what is won, also
while leads are open. The work lists are the open leads that wait for someone: slow, stuck, or worth
a call.
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
    gettext_noop("Of those still open, the ones that were put aside for later."),
    higher_is_better=None,
)
LOST = leads_with(
    outcomes.LOST,
    "created",
    gettext_noop("Of the leads created in these days, those lost since, whenever that was."),
)
CANCELLED = leads_with(
    outcomes.CANCELLED,
    "created",
    gettext_noop("Of the leads created in these days, those cancelled since, whenever that was."),
)
WON_RATE = rate(
    "won_rate",
    cohorts.WON,
    cohorts.CREATED,
    gettext_noop("Won of created"),
    gettext_noop("The share of the leads created in these days that were won so far."),
)
WON_AMOUNT = money(
    "won_amount",
    "created",
    is_won,
    gettext_noop("Won amount"),
    gettext_noop("The amounts of the leads created in these days and won since."),
)
MEDIAN_DAYS_TO_WIN = quartile_days(
    "median_days_to_win",
    0.5,
    cohorts.WON,
    gettext_noop("Median days to win"),
    gettext_noop("Half of the won leads took fewer days from creation to closing."),
)
P75_DAYS_TO_WIN = quartile_days(
    "p75_days_to_win",
    0.75,
    cohorts.WON,
    gettext_noop("Slowest quarter"),
    gettext_noop("A quarter of the won leads took more days from creation to closing."),
)
OPEN_RATE = rate(
    "open_rate",
    cohorts.OPEN,
    cohorts.CREATED,
    gettext_noop("Share still open"),
    gettext_noop("The share of the leads created in these days that are not closed."),
    higher_is_better=None,
)
WON_WITHOUT_AMOUNT = count(
    "won_without_amount",
    "created",
    is_won_without_amount,
    gettext_noop("Won without amount"),
    gettext_noop("Won leads that have no amount and count as 0."),
    note=gettext_noop("Won leads without an amount, counted as 0: %(count)s."),
)
CLOSED_BEFORE_CREATION = count(
    "closed_before_creation",
    "created",
    is_closed_before_creation,
    gettext_noop("Closed before creation"),
    gettext_noop("Leads whose closing is dated before their creation; they took 0 days."),
    note=gettext_noop("Leads closed before they were created, counted as 0 days: %(count)s."),
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
    "Hatched figures are not old enough to judge: four of five leads won in the last 365 days took "
    "up to %(days)s days."
)
TOO_YOUNG_IN_WORKING_DAYS = gettext_noop(
    "Hatched figures are not old enough to judge: four of five leads won in the last 365 days took "
    "up to %(days)s working days."
)


def facts(query: ReportQuery) -> Facts:
    """Return the leads created in the period, as they are now."""
    return {"created": Flow(cohorts.created(query))}


def prefetch(filters: Filters, scope: Scope) -> Mapping[str, Table]:
    """Return the age of mature cohorts, and the youngest lead of each cohort."""
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

    def is_finished(bucket: Bucket) -> bool:
        return bucket.number not in young

    return (cohorts.CREATED, *(replace(column, is_finished=is_finished) for column in OUTCOMES))


def _days_to_mature(query: ReportQuery) -> float | None:
    return next((days for (days,) in query.prefetched_rows("mature")), None)


def _young(query: ReportQuery) -> frozenset[int]:
    """Return the buckets whose youngest lead is younger than the age of mature cohorts."""
    days, now = _days_to_mature(query), query.now
    if days is None or not _is_of_cohorts(query.filters):
        return frozenset()
    return frozenset(
        number
        for number, youngest in query.prefetched_rows("youngest")
        if now - youngest.replace(tzinfo=UTC) <= timedelta(days)
    )


def remarks(query: ReportQuery) -> Iterable[Note]:
    """Yield a note on marked figures, if rows are cohorts and some of them are young."""
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
    remarks=remarks,
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
        ColumnGroup(gettext_noop("Days to win"), (("median_days_to_win", "p75_days_to_win"),)),
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

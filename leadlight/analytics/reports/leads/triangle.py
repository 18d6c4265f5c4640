"""Cohorts by month

What share of each month's new leads is won as the months go by?

Each row shows the leads created in a month, and each column is an age in months: M+0 is the month
of creation, M+3 the third month after it. A cell is the share of the leads created that were won by
the end of that month. The option “Share of leads” can show the share lost, cancelled or closed
instead. Shares never fall from left to right. A reopened lead counts as open.

A month has a figure in a column once it has reached that age. Until the month has passed that age,
its figure is hatched, because it can still grow. Columns have no total, because each covers
different months. They go up to M+24.

Leads are credited to their owner at creation. The option “Attribution” can credit them to the
current owner or the creator instead.
"""

from __future__ import annotations

from dataclasses import replace

from ibis.expr.types import BooleanValue, Table, Value

from leadlight.analytics.facts import cohorts
from leadlight.analytics.metrics import outcomes
from leadlight.analytics.metrics.columns import (
    Column,
    Predicate,
    count,
    rate,
)
from leadlight.analytics.metrics.evidence import Sums
from leadlight.analytics.metrics.histograms import counts_of, histogram
from leadlight.analytics.metrics.outcomes import Outcome
from leadlight.analytics.query.periods import Bucket, bucket_of
from leadlight.analytics.query.phrases import gettext_noop
from leadlight.analytics.query.report_query import ReportQuery
from leadlight.analytics.reports.contract import (
    Facts,
    Flow,
    Report,
)
from leadlight.analytics.reports.matrix import Matrix
from leadlight.analytics.reports.page_layout import ChartSpec

MOST_MONTHS = 24
SHARES: dict[Outcome, str] = {
    outcomes.WON: gettext_noop(
        "Share of leads won by the end of month M+%(months)s. M+0 is the month of creation."
    ),
    outcomes.LOST: gettext_noop(
        "Share of leads lost by the end of month M+%(months)s. M+0 is the month of creation."
    ),
    outcomes.CANCELLED: gettext_noop(
        "Share of leads cancelled by the end of month M+%(months)s. M+0 is the month of creation."
    ),
    outcomes.CLOSED: gettext_noop(
        "Share of leads closed by the end of month M+%(months)s. M+0 is the month of creation."
    ),
}
BY_KEY = {outcome.key: outcome for outcome in SHARES}


def facts(query: ReportQuery) -> Facts:
    """Return the leads created in the period, as they are now."""
    return {"created": Flow(cohorts.created(query))}


def columns(query: ReportQuery) -> tuple[Column, ...]:
    """Return the columns: leads created, and their share by age in months."""
    filters = query.filters
    first, today, unfinished = (
        bucket_of(day, "month", filters.calendar).number
        for day in (filters.period.first, filters.today, filters.first_unfinished_day)
    )
    ages = range(min(max(today - first, 0), MOST_MONTHS) + 1)
    outcome = BY_KEY[filters.switch("share_of")]
    return (cohorts.CREATED, *(_by_month(age, outcome, unfinished) for age in ages))


def _by_month(age: int, outcome: Outcome, unfinished: int) -> Column:
    """Return the column of an age: the share of leads with the outcome by then.

    Only months that have reached the age count. `unfinished` is the number of the first month that
    is not over.
    """

    def is_of_age(created: Table) -> BooleanValue:
        return created.months_so_far >= age

    def is_closed_by_then(created: Table) -> BooleanValue:
        return is_of_age(created) & created.status.isin(outcome.statuses) & (created.months <= age)

    def is_final(bucket: Bucket) -> bool:
        return bucket.number + age < unfinished

    return rate(
        f"by_month:{age}",
        _closed(f"{outcome.key}_by_month:{age}", is_closed_by_then, outcome, age),
        _of_age(f"of_age:{age}", is_of_age, age),
        gettext_noop("M+%(months)s"),
        SHARES[outcome],
        higher_is_better=outcome.higher_is_better,
        names={"months": str(age)},
        is_final=is_final,
        has_total=False,
    )


# All counts are computed from two histograms, whatever the number of ages: one of the months since
# creation, and one of the pairs (months since creation, months to closing). A pair is one number:
# the first × MONTHS + the second.
MONTHS = 4096


def _of_age(key: str, where: Predicate, age: int) -> Column:
    def aggregate(created: Table) -> Value:
        return histogram(created.months_so_far)

    def value(sums: Sums, totals: Sums) -> int:
        return sum(times for so_far, times in counts_of(sums.get("months_so_far")) if so_far >= age)

    aggregates = {"months_so_far": ("created", aggregate)}
    return replace(_part(key, where), aggregates=aggregates, value=value)


def _closed(key: str, where: Predicate, outcome: Outcome, age: int) -> Column:
    name = f"months_to_{outcome.key}"

    def aggregate(created: Table) -> Value:
        both = created.months_so_far * MONTHS + created.months.clip(lower=0)
        return histogram(both, where=created.status.isin(outcome.statuses))

    def value(sums: Sums, totals: Sums) -> int:
        pairs = ((divmod(both, MONTHS), times) for both, times in counts_of(sums.get(name)))
        return sum(times for (so_far, months), times in pairs if months <= age <= so_far)

    aggregates = {name: ("created", aggregate)}
    return replace(_part(key, where), aggregates=aggregates, value=value)


def _part(key: str, where: Predicate) -> Column:
    return count(key, "created", where, "", "")


REPORT = Report(
    key="leads",
    view="triangle",
    title=gettext_noop("Cohorts by month"),
    text=__doc__,
    facts=facts,
    columns=columns,
    tests_changes=lambda filters: False,
    groupings=("bucket",),
    unit="month",
    preset="last_365_days",
    switches=("credit", "share_of"),
    headlines=("created_leads",),
    chart=ChartSpec(kind="heat"),
    matrix=Matrix(("by_month:*",), "table"),
)

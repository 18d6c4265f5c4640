"""How does each month of creation turn out as it ages?

A row is the leads created in a month, a column is its age in months: M+0 is the month of creation
itself, M+3 the third month after it. A cell is the share of the leads created that were won by the
end of that month; a switch shows the share lost, cancelled or closed instead. Shares never fall
from left to right, except where leads were re-opened, for those are open.

A month is in a column only once it has come to that age. The shares have no total: each column
would have that of other months. A month that has come to an age but not to its end is marked: its
share may still grow. There are columns for up to 24 months.

Leads are credited to the owner at creation; a switch credits them to the current owner or to the
creator.
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
        "The share of the leads won by the end of month %(months)s after that of creation."
    ),
    outcomes.LOST: gettext_noop(
        "The share of the leads lost by the end of month %(months)s after that of creation."
    ),
    outcomes.CANCELLED: gettext_noop(
        "The share of the leads cancelled by the end of month %(months)s after that of creation."
    ),
    outcomes.CLOSED: gettext_noop(
        "The share of the leads closed by the end of month %(months)s after that of creation."
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
        for day in (filters.period.first, filters.today, filters.first_day_left)
    )
    ages = range(min(max(today - first, 0), MOST_MONTHS) + 1)
    outcome = BY_KEY[filters.switch("share_of")]
    return (cohorts.CREATED, *(_by_month(age, outcome, unfinished) for age in ages))


def _by_month(age: int, outcome: Outcome, unfinished: int) -> Column:
    """Return the column with the share of leads closed by an age, over the months of that age.

    `unfinished` is the number of the first month that is not over.
    """

    def is_of_age(created: Table) -> BooleanValue:
        return created.months_so_far >= age

    def is_closed_by_then(created: Table) -> BooleanValue:
        return is_of_age(created) & created.status.isin(outcome.statuses) & (created.months <= age)

    def is_finished(bucket: Bucket) -> bool:
        return bucket.number + age < unfinished

    return rate(
        f"by_month:{age}",
        _closed(f"{outcome.key}_by_month:{age}", is_closed_by_then, outcome, age),
        _of_age(f"of_age:{age}", is_of_age, age),
        gettext_noop("M+%(months)s"),
        SHARES[outcome],
        higher_is_better=outcome.higher_is_better,
        names={"months": str(age)},
        is_finished=is_finished,
        has_total=False,
    )


# All counts are computed from two histograms, whatever the number of ages: of the months so far,
# and of the pairs of these with the months to closing.
MONTHS = 4096


def _of_age(key: str, behind: Predicate, age: int) -> Column:
    def aggregate(created: Table) -> Value:
        return histogram(created.months_so_far)

    def value(sums: Sums, totals: Sums) -> int:
        return sum(times for so_far, times in counts_of(sums.get("months_so_far")) if so_far >= age)

    aggregates = {"months_so_far": ("created", aggregate)}
    return replace(_part(key, behind), aggregates=aggregates, value=value)


def _closed(key: str, behind: Predicate, outcome: Outcome, age: int) -> Column:
    name = f"months_to_{outcome.key}"

    def aggregate(created: Table) -> Value:
        both = created.months_so_far * MONTHS + created.months.clip(lower=0)
        return histogram(both, where=created.status.isin(outcome.statuses))

    def value(sums: Sums, totals: Sums) -> int:
        pairs = ((divmod(both, MONTHS), times) for both, times in counts_of(sums.get(name)))
        return sum(times for (so_far, months), times in pairs if months <= age <= so_far)

    aggregates = {name: ("created", aggregate)}
    return replace(_part(key, behind), aggregates=aggregates, value=value)


def _part(key: str, behind: Predicate) -> Column:
    return count(key, "created", behind, "", "")


REPORT = Report(
    key="leads",
    view="triangle",
    title=gettext_noop("Month after month"),
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

"""Anomalies: figures of the current month outside the range of the previous months.

The rule compares the month to date with the same days of each of the twelve months before; a figure
is an anomaly if it is above their maximum or below their minimum. The rule can be explained to
users, and computes no probability. Only figures dated by their own event are watched: figures of
the leads created in a month keep growing long after the month.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from leadlight.analytics.metrics import deals
from leadlight.analytics.metrics.activities import ACTIVITIES
from leadlight.analytics.metrics.columns import Column
from leadlight.analytics.query.periods import Bucket, Calendar
from leadlight.analytics.reports import activities, company
from leadlight.analytics.reports.contract import Report, Result
from leadlight.analytics.stats.proportions import MIN_CASES
from leadlight.presentation import labels, values
from leadlight.presentation.goal_progress import Params
from leadlight.presentation.links import ListAddresses, report_address
from leadlight.reporting.reader import ReportReader
from leadlight.web.overview.figures import only
from leadlight.web.overview.month import MONTHS, Month

FEWEST_MONTHS = 6  # with fewer, maximum and minimum are not meaningful

WATCHED = (
    only(company.REPORT, deals.CREATED_LEADS, deals.WON_LEADS, deals.LOST_LEADS, deals.WON_AMOUNT),
    only(activities.REPORT, ACTIVITIES),
)


@dataclass(frozen=True)
class Anomaly:
    """A figure of the month to date, with the range of the same days of the months before."""

    title: str
    value: str
    least: str
    most: str
    months: int
    is_high: bool
    sense: str
    address: str
    months_address: str


def anomalies(reader: ReportReader, month: Month, narrowing: Params) -> tuple[Anomaly, ...]:
    """Return the anomalies of the leads and activities that `narrowing` selects.

    Empty before day `FEWEST_DAYS` of a month, and with fewer than `FEWEST_MONTHS` months of data.
    """
    before = _months_before(month)
    if month.is_too_early or len(before) < FEWEST_MONTHS:
        return ()
    since = before[-1].first
    return tuple(
        found for report in WATCHED for found in _of(reader, report, since, month.today, narrowing)
    )


def _months_before(month: Month) -> list[Bucket]:
    """Return the previous months with complete data, the latest first."""
    before = [Bucket("month", month.bucket.number - n, Calendar()) for n in range(1, MONTHS + 1)]
    return [one for one in before if month.earliest <= one.first]


def _of(
    reader: ReportReader, report: Report, since: date, today: date, narrowing: Params
) -> Iterator[Anomaly]:
    """Yield the anomalies of a report, from one query by day whose days are summed by month."""
    params = {"from": [since.isoformat()], "to": [today.isoformat()], "bucket": ["day"]}
    params |= {"group_by": ["bucket"]} | narrowing
    days = reader.run(report, params)
    this_month = reader.read(report, {"period": ["this_month"]} | narrowing)[1]
    by_month = reader.read(report, params | {"bucket": ["month"]})[1]
    for column in days.columns:
        sums = _sums(days, column, today)
        now = sums.pop((today.year, today.month))
        least, most = min(sums.values()), max(sums.values())
        if least <= now <= most:
            continue
        yield Anomaly(
            title=labels.say(column.title_phrase),
            value=values.text(column.kind, now),
            least=values.text(column.kind, least),
            most=values.text(column.kind, most),
            months=len(sums),
            is_high=now > most,
            sense="" if _is_of_few(days, column, today) else _sense(column, is_high=now > most),
            address=ListAddresses(report, this_month).address(column.key),
            months_address=report_address(report, by_month),
        )


def _sums(days: Result, column: Column, today: date) -> dict[tuple[int, int], int | Decimal]:
    """Return the sum of a figure by (year, month), up to today's day of the month."""
    sums: dict[tuple[int, int], Any] = {}
    for row in days.rows:
        if row.bucket and row.bucket.first.day <= today.day:
            month = (row.bucket.first.year, row.bucket.first.month)
            sums[month] = sums.get(month, 0) + row.cells[column.key]
    return sums


def _is_of_few(days: Result, column: Column, today: date) -> bool:
    """Return whether the figure has fewer than `MIN_CASES` cases in every month.

    An anomaly of such a figure is neither good nor bad. The cases of the won amount are won leads.
    """
    cases = deals.WON_LEADS if column is deals.WON_AMOUNT else column
    return max(_sums(days, cases, today).values()) < MIN_CASES


def _sense(column: Column, *, is_high: bool) -> str:
    if column.higher_is_better is None:
        return ""
    return "better" if column.higher_is_better == is_high else "worse"


def rule() -> str:
    """Return the rule in words, with the numbers of `FEWEST_DAYS` and `FEWEST_MONTHS`."""
    return _(
        "A figure is unusual if it is above the highest or below the lowest "
        "value for the same days of each of the last 12 months. The check starts "
        "on the seventh day of the month and needs at least six months of data."
    )

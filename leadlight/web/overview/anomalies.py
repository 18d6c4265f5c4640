"""Which figures of this month are beyond anything that the months before it had by now.

The rule is one that can be said: the days of this month so far, and the same days of each of the
twelve months before; a figure is unusual if it is higher than the highest or lower than the lowest
of them. No chance is computed. Only figures of what happened on its day are watched: those of leads
created in a month still grow for long.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from leadlight.analytics.metrics import deals
from leadlight.analytics.metrics.activities import ACTIVITIES
from leadlight.analytics.metrics.columns import Column
from leadlight.analytics.query.periods import Bucket, Calendar, bucket_of
from leadlight.analytics.reports import activities, company
from leadlight.analytics.reports.contract import Report, Result
from leadlight.presentation import labels
from leadlight.presentation.cards import formatted
from leadlight.presentation.links import ListAddresses, report_address
from leadlight.reporting.reader import ReportReader

MONTHS_BEFORE = 12
FEWEST_MONTHS = 6  # with fewer, the highest and the lowest say little
FEWEST_DAYS = 7  # a week's work: Sundays and holidays do not decide


def _watching(report: Report, *columns: Column) -> Report:
    return replace(report, columns=lambda query: columns, warnings=(), trend=None)


WATCHED = (
    _watching(
        company.REPORT, deals.CREATED_LEADS, deals.WON_LEADS, deals.LOST_LEADS, deals.WON_AMOUNT
    ),
    _watching(activities.REPORT, ACTIVITIES),
)


@dataclass(frozen=True)
class Anomaly:
    """A figure of this month so far, and the least and the most of the same days before."""

    title: str
    value: str
    least: str
    most: str
    months: int
    is_high: bool
    sense: str
    address: str
    months_address: str


def is_too_early(today: date) -> bool:
    return today.day < FEWEST_DAYS


def anomalies(reader: ReportReader) -> tuple[Anomaly, ...]:
    """None in the first days of a month, and while the company is too young to compare."""
    today = reader.clock.day_of(reader.clock.now)
    months = _months_before(today, reader.clock.earliest)
    if is_too_early(today) or len(months) < FEWEST_MONTHS:
        return ()
    return tuple(found for report in WATCHED for found in _of(reader, report, months, today))


def _months_before(today: date, earliest: date) -> list[Bucket]:
    """The months before this one of which everything is known."""
    this = bucket_of(today, "month", Calendar())
    before = [Bucket("month", this.number - n, Calendar()) for n in range(1, MONTHS_BEFORE + 1)]
    return [month for month in before if earliest <= month.first]


def _of(
    reader: ReportReader, report: Report, months: list[Bucket], today: date
) -> Iterator[Anomaly]:
    """Asked once, day by day; the days of each month are added up."""
    params = {"from": [months[-1].first.isoformat()], "to": [today.isoformat()], "bucket": ["day"]}
    days = reader.run(report, params | {"group_by": ["bucket"]})
    this_month = reader.read(report, {"period": ["this_month"]})[1]
    by_month = reader.read(report, params | {"group_by": ["bucket"], "bucket": ["month"]})[1]
    for column in days.columns:
        sums = _sums(days, column, today)
        now = sums.pop((today.year, today.month))
        least, most = min(sums.values()), max(sums.values())
        if least <= now <= most:
            continue
        yield Anomaly(
            title=labels.say(column.title_phrase),
            value=formatted(column, now),
            least=formatted(column, least),
            most=formatted(column, most),
            months=len(sums),
            is_high=now > most,
            sense=_sense(column, is_high=now > most),
            address=ListAddresses(report, this_month).address(column.key),
            months_address=report_address(report, by_month),
        )


def _sums(days: Result, column: Column, today: date) -> dict[tuple[int, int], int | Decimal]:
    """(year, month) → the figure of its days up to today's day of the month."""
    sums: dict[tuple[int, int], Any] = {}
    for row in days.rows:
        if row.bucket and row.bucket.first.day <= today.day:
            month = (row.bucket.first.year, row.bucket.first.month)
            sums[month] = sums.get(month, 0) + row.cells[column.key]
    return sums


def _sense(column: Column, *, is_high: bool) -> str:
    if column.higher_is_better is None:
        return ""
    return "better" if column.higher_is_better == is_high else "worse"


def rule() -> str:
    """The rule in words."""
    return _(
        "A figure is unusual when it is higher than the highest, or lower than the lowest, that the"
        " same days of the last twelve months had. Watched from the seventh day of a month on, once"
        " six months are known."
    )

"""Anomalies: figures of the current month outside the range of the previous months.

The rule compares the month to date with the same days of each of the twelve months before; a figure
is an anomaly if it is above their maximum or below their minimum. It is simple enough to explain to
users, and computes no probability. Only figures dated by their own event are watched: figures of
the leads created in a month keep growing long after the month.
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
from leadlight.presentation import labels, values
from leadlight.presentation.links import ListAddresses, report_address
from leadlight.reporting.reader import ReportReader

MONTHS_BEFORE = 12
FEWEST_MONTHS = 6  # with fewer, maximum and minimum are not meaningful
FEWEST_DAYS = 7  # a full week, so that Sundays and holidays do not dominate


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


def is_too_early(today: date) -> bool:
    return today.day < FEWEST_DAYS


def anomalies(reader: ReportReader) -> tuple[Anomaly, ...]:
    """Return the anomalies; empty before day `FEWEST_DAYS` of a month, and with fewer than
    `FEWEST_MONTHS` months of data."""
    today = reader.clock.day_of(reader.clock.now)
    months = _months_before(today, reader.clock.earliest)
    if is_too_early(today) or len(months) < FEWEST_MONTHS:
        return ()
    return tuple(found for report in WATCHED for found in _of(reader, report, months, today))


def _months_before(today: date, earliest: date) -> list[Bucket]:
    """Return the previous months with complete data, the latest first."""
    this = bucket_of(today, "month", Calendar())
    before = [Bucket("month", this.number - n, Calendar()) for n in range(1, MONTHS_BEFORE + 1)]
    return [month for month in before if earliest <= month.first]


def _of(
    reader: ReportReader, report: Report, months: list[Bucket], today: date
) -> Iterator[Anomaly]:
    """Yield the anomalies of a report, from one query by day whose days are summed by month."""
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
            value=values.text(column.kind, now),
            least=values.text(column.kind, least),
            most=values.text(column.kind, most),
            months=len(sums),
            is_high=now > most,
            sense=_sense(column, is_high=now > most),
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


def _sense(column: Column, *, is_high: bool) -> str:
    if column.higher_is_better is None:
        return ""
    return "better" if column.higher_is_better == is_high else "worse"


def rule() -> str:
    """Return the rule in words."""
    return _(
        "A figure is unusual when it is higher than the highest, or lower than the lowest, that the"
        " same days of the last twelve months had. Watched from the seventh day of a month on, once"
        " six months are known."
    )

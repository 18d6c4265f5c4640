"""Time buckets of the oracle, found by stepping day by day instead of by arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

UNITS = ("day", "week", "month", "quarter", "year")
DAY = timedelta(1)


@dataclass(frozen=True)
class NaiveBucket:
    """`days` are those within the period; an unfinished bucket is cut by the period or not over."""

    key: str
    days: list[date]
    is_unfinished: bool


def key_of(day: date, unit: str, calendar: Any) -> str:
    """Return the key of the bucket of a day."""
    if unit == "day":
        return f"{day.year:04}-{day.month:02}-{day.day:02}"
    if unit == "week":
        while day.isoweekday() != calendar.first_weekday:
            day -= DAY
        year, week, _ = (day + 3 * DAY).isocalendar()
        return f"{year:04}-W{week:02}"
    if unit == "month":
        return f"{day.year:04}-{day.month:02}"
    months = 0
    year, month = day.year, day.month
    while month != calendar.fiscal_year_start_month:
        months += 1
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return f"{year:04}-Q{months // 3 + 1}" if unit == "quarter" else f"{year:04}"


def buckets(
    first: date, last: date, unit: str, calendar: Any, not_over: date | None = None
) -> list[NaiveBucket]:
    """Return the buckets of a period, in order; `not_over` is the first day that is not over."""
    every = [first + number * DAY for number in range((last - first).days + 1)]
    found = []
    for key, group in groupby(every, lambda day: key_of(day, unit, calendar)):
        days = list(group)
        cut = (
            key_of(days[0] - DAY, unit, calendar) == key
            or key_of(days[-1] + DAY, unit, calendar) == key
        )
        is_running = not_over is not None and days[-1] >= not_over
        found.append(NaiveBucket(key, days, cut or is_running))
    return found


def first_not_over(filters: Any) -> date:
    """Return the first local day that has moments after the instant of the query."""
    day = filters.today
    while (filters.instant + timedelta(microseconds=1)).astimezone(filters.zone).date() > day:
        day += DAY
    return day


def unit_of(first: date, last: date, filters: Any) -> str:
    """Return the unit of the filters, or the finest with at most 40 buckets."""
    if filters.unit:
        return filters.unit
    fitting = [unit for unit in UNITS if len(buckets(first, last, unit, filters.calendar)) <= 40]
    return fitting[0] if fitting else "year"


CALENDAR_UNITS = {
    "today": "day",
    "yesterday": "day",
    "this_week": "week",
    "last_week": "week",
    "this_month": "month",
    "last_month": "month",
    "this_quarter": "quarter",
    "last_quarter": "quarter",
    "this_year": "year",
    "last_year": "year",
}


def compared(filters: Any) -> tuple[date, date]:
    """Return the first and last day of the compared period."""
    first, last = filters.period.first, filters.period.last
    length = (last - first).days + 1
    if filters.compare == "last_year":
        return _a_year_before(first), _a_year_before(last)
    if filters.preset not in CALENDAR_UNITS:
        return first - length * DAY, first - DAY
    unit = CALENDAR_UNITS[filters.preset]
    before = [first - DAY]
    name = key_of(before[0], unit, filters.calendar)
    while key_of(before[0] - DAY, unit, filters.calendar) == name:
        before.insert(0, before[0] - DAY)
    is_whole = filters.preset.startswith("last_") or filters.preset == "yesterday"
    return before[0], before[-1] if is_whole else before[:length][-1]


def _a_year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return date(day.year - 1, 2, 28)

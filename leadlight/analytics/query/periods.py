"""Periods, the periods they are compared with, and the time buckets in them.

Nothing here reads the clock: `today` is an argument.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Literal, get_args

from leadlight.analytics.query.phrases import BadFilter, gettext_noop
from leadlight.bounds import FIRST_DAY, LAST_DAY

Unit = Literal["day", "week", "month", "quarter", "year"]
UNITS: tuple[Unit, ...] = get_args(Unit)
EPOCH = date(1970, 1, 1)
MONTHS = {"month": 1, "quarter": 3, "year": 12}
MOST_BUCKETS = 1200
EARLIEST, LATEST = FIRST_DAY, LAST_DAY


@dataclass(frozen=True)
class Calendar:
    """First day of the company's weeks (1 is Monday) and first month of its fiscal years."""

    first_weekday: int = 1
    fiscal_year_start_month: int = 1


@dataclass(frozen=True, order=True)
class Period:
    """Local days from `first` to `last`, both included.

    Raises BadFilter if `last` is before `first`, or if a day is out of range.
    """

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise BadFilter(
                gettext_noop("The last day, %(last)s, is before the first day, %(first)s."),
                first=self.first,
                last=self.last,
            )
        for day in (self.first, self.last):
            if not EARLIEST <= day <= LATEST:
                raise BadFilter(gettext_noop("%(day)s is too far in the past or future."), day=day)

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def __str__(self) -> str:
        return f"{self.first} – {self.last}"

    def instants(self, zone: tzinfo) -> tuple[datetime, datetime]:
        """Return the first instant of the days in a time zone, and the first after them, in UTC."""
        days = (self.first, self.last + timedelta(1))
        first, end = (datetime.combine(day, time.min, zone).astimezone(UTC) for day in days)
        return first, end

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def is_of_whole_months(self) -> bool:
        return self.first.day == 1 and (self.last + timedelta(1)).day == 1

    def shifted(self, days: int) -> Period:
        step = timedelta(days)
        return Period(self.first + step, self.last + step)


@dataclass(frozen=True)
class Bucket:
    """One day, week, month, quarter or year; consecutive buckets have consecutive numbers."""

    unit: Unit
    number: int
    calendar: Calendar

    def __str__(self) -> str:
        return self.key

    @property
    def first(self) -> date:
        if self.unit == "day":
            return EPOCH + timedelta(self.number)
        if self.unit == "week":
            return EPOCH + timedelta(self.number * 7 - 4 + self.calendar.first_weekday)
        months = self.number * MONTHS[self.unit] + self.calendar.fiscal_year_start_month - 1
        if self.unit == "month":
            months = self.number
        return date(months // 12, months % 12 + 1, 1)

    @property
    def last(self) -> date:
        return Bucket(self.unit, self.number + 1, self.calendar).first - timedelta(1)

    @property
    def key(self) -> str:
        """Key in addresses and files: 2012-01-17, 2012-W03, 2012-01, 2012-Q1 or 2012.

        A week has the ISO number of its fourth day; a fiscal year is named after the year it begins
        in.
        """
        if self.unit == "day":
            return self.first.isoformat()
        if self.unit == "week":
            year, week, _ = (self.first + timedelta(3)).isocalendar()
            return f"{year}-W{week:02}"
        if self.unit == "month":
            return f"{self.first:%Y-%m}"
        if self.unit == "quarter":
            return f"{self.number // 4}-Q{self.number % 4 + 1}"
        return str(self.number)


def bucket_of(day: date, unit: Unit, calendar: Calendar) -> Bucket:
    """Return the bucket that contains a day."""
    if unit == "day":
        return Bucket(unit, (day - EPOCH).days, calendar)
    if unit == "week":
        return Bucket(unit, ((day - EPOCH).days + 4 - calendar.first_weekday) // 7, calendar)
    months = day.year * 12 + day.month - 1
    if unit == "month":
        return Bucket(unit, months, calendar)
    start = calendar.fiscal_year_start_month - 1
    return Bucket(unit, (months - start) // MONTHS[unit], calendar)


def bucket_named(key: str, calendar: Calendar) -> Bucket:
    """Return the bucket with this key. Raise BadFilter if the text is not a key."""
    bad = BadFilter(gettext_noop("“%(key)s” is not a day, week, month, quarter or year."), key=key)
    form = r"(\d{4})(?:-(?:W(\d\d)|Q([1-4])|(\d\d)(?:-(\d\d))?))?"
    found = re.fullmatch(form, key, re.ASCII)
    if not found:
        raise bad
    year, week, quarter, month, day = (int(part or 0) for part in found.groups())
    if not EARLIEST.year <= year <= LATEST.year:
        raise bad
    try:
        if found[2]:
            return bucket_of(date.fromisocalendar(year, week, 4), "week", calendar)
        if found[5]:
            return bucket_of(date(year, month, day), "day", calendar)
        if found[4]:
            return bucket_of(date(year, month, 1), "month", calendar)
    except ValueError:
        raise bad from None
    if found[3]:
        return Bucket("quarter", year * 4 + quarter - 1, calendar)
    return Bucket("year", year, calendar)


def buckets(period: Period, unit: Unit, calendar: Calendar) -> list[Bucket]:
    """Return every bucket that overlaps the period, in order. Raise BadFilter for too many."""
    first, last = (bucket_of(day, unit, calendar).number for day in (period.first, period.last))
    if last - first >= MOST_BUCKETS:
        raise BadFilter(
            gettext_noop(
                "This would make %(count)s rows. Choose a shorter period or group by "
                "longer intervals."
            ),
            count=last - first + 1,
        )
    return [Bucket(unit, number, calendar) for number in range(first, last + 1)]


def default_unit(period: Period, calendar: Calendar) -> Unit:
    """Return the finest unit that divides the period into at most 40 buckets, else "year"."""
    for unit in UNITS:
        first, last = (bucket_of(day, unit, calendar).number for day in (period.first, period.last))
        if last - first < 40:
            return unit
    return "year"


# Presets. The current unit ends today; it is compared with as many days of the unit before it.

CALENDAR_PRESETS: dict[str, tuple[Unit, int]] = {
    "today": ("day", 0),
    "yesterday": ("day", -1),
    "this_week": ("week", 0),
    "last_week": ("week", -1),
    "this_month": ("month", 0),
    "last_month": ("month", -1),
    "this_quarter": ("quarter", 0),
    "last_quarter": ("quarter", -1),
    "this_year": ("year", 0),
    "last_year": ("year", -1),
}
ROLLING_PRESETS = {
    "last_7_days": 7,
    "last_30_days": 30,
    "last_90_days": 90,
    "last_365_days": 365,
}
# Presets of the future: the current unit and this many after it.
FUTURE_PRESETS: dict[str, tuple[Unit, int]] = {
    "next_7_days": ("day", 7),
    "next_30_days": ("day", 30),
    "next_8_weeks": ("week", 8),
    "next_3_months": ("month", 3),
    "next_6_months": ("month", 6),
    "next_12_months": ("month", 12),
}
PRESETS = (*CALENDAR_PRESETS, *ROLLING_PRESETS, "all_time")


def resolve(preset: str, today: date, calendar: Calendar, earliest: date) -> Period:
    """Return the days of a preset. Raise BadFilter for an unknown preset.

    `all_time` begins on `earliest`, the day of the first fact, or today if that is earlier.
    """
    if preset in CALENDAR_PRESETS:
        unit, offset = CALENDAR_PRESETS[preset]
        bucket = bucket_of(today, unit, calendar)
        bucket = Bucket(unit, bucket.number + offset, calendar)
        return Period(bucket.first, min(bucket.last, today))
    if preset in ROLLING_PRESETS:
        return Period(today - timedelta(ROLLING_PRESETS[preset] - 1), today)
    if preset in FUTURE_PRESETS:
        unit, times = FUTURE_PRESETS[preset]
        bucket = bucket_of(today, unit, calendar)
        return Period(bucket.first, Bucket(unit, bucket.number + times, calendar).last)
    if preset == "all_time":
        return Period(min(earliest, today), today)
    raise BadFilter(gettext_noop("Unknown period: “%(preset)s”."), preset=preset)


def previous(period: Period, preset: str | None, calendar: Calendar) -> Period:
    """Return the period before, to compare with.

    For a calendar preset it is the unit before: the whole unit if the preset is a past unit, else
    as many of its first days as the period has. Otherwise it is the same number of days just before
    the period.
    """
    if preset not in CALENDAR_PRESETS:
        return period.shifted(-period.days)
    unit, offset = CALENDAR_PRESETS[preset]
    here = bucket_of(period.first, unit, calendar)
    before = Bucket(unit, here.number - 1, calendar)
    if offset < 0:
        return Period(before.first, before.last)
    return Period(before.first, min(before.last, before.first + timedelta(period.days - 1)))


def moved_by(
    period: Period, preset: str | None, calendar: Calendar, today: date, by: int
) -> Period | None:
    """Return the period `by` steps later (earlier, if negative); None if it is out of range.

    A period that is one unit, whole or until today, moves by that unit; several whole months move
    by as many months; other periods by their number of days. A period that ends today or earlier
    does not move beyond today; a period that ends later may.
    """
    try:
        moved = _moved(period, _unit_of(period, preset, calendar, today), calendar, by)
    except (BadFilter, OverflowError, ValueError):
        return None
    if period.last > today:
        return moved
    return Period(moved.first, min(moved.last, today)) if moved.first <= today else None


def _unit_of(period: Period, preset: str | None, calendar: Calendar, today: date) -> Unit | None:
    """Return the unit if the period is one unit, whole or until today; else None."""
    if preset in CALENDAR_PRESETS:
        return CALENDAR_PRESETS[preset][0]
    for unit in UNITS[::-1]:
        bucket = bucket_of(period.first, unit, calendar)
        if bucket.first == period.first and min(bucket.last, today) == period.last:
            return unit
    return None


def _moved(period: Period, unit: Unit | None, calendar: Calendar, by: int) -> Period:
    if unit is not None:
        here = bucket_of(period.first, unit, calendar)
        there = Bucket(unit, here.number + by, calendar)
        return Period(there.first, there.last)
    first, last = (bucket_of(day, "month", calendar) for day in (period.first, period.last))
    if first.first == period.first and last.last == period.last:
        months = by * (last.number - first.number + 1)
        return Period(
            Bucket("month", first.number + months, calendar).first,
            Bucket("month", last.number + months, calendar).last,
        )
    return period.shifted(by * period.days)


def same_last_year(period: Period) -> Period:
    """Return the same months and days of the year before; 29 February becomes the 28th."""
    return Period(_a_year_before(period.first), _a_year_before(period.last))


def _a_year_before(day: date) -> date:
    last = monthrange(day.year - 1, day.month)[1]
    return date(day.year - 1, day.month, min(day.day, last))


def days_of(period: Period) -> Iterator[date]:
    """Return each day of the period."""
    return (period.first + timedelta(number) for number in range(period.days))

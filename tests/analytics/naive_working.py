"""Working days between two instants, counted day by day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from tests.analytics.world import Rest, World

A_DAY = timedelta(1)
MICROSECOND = timedelta(microseconds=1)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return the instant at which a local day begins (UTC)."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def works(day: date, zone: ZoneInfo, rest: Rest) -> bool:
    """Return whether the day is a working day; a day that Samoa skipped is none there."""
    is_free = day.isoweekday() in rest.weekend or day in rest.holidays
    return not is_free and midnight(day, zone) < midnight(day + A_DAY, zone)


def days_between(world: World, start: datetime, end: datetime, switch: str) -> Fraction:
    """Return the days between two instants, exact to the microsecond; 0 if `end` is not later."""
    if end <= start:
        return Fraction(0)
    if switch == "calendar":
        return Fraction((end - start) // MICROSECOND, A_DAY // MICROSECOND)
    assert world.rest
    total, day = Fraction(0), world.day(start)
    while day <= world.day(end):
        if works(day, world.zone, world.rest):
            begins, ends = midnight(day, world.zone), midnight(day + A_DAY, world.zone)
            within = min(end, ends) - max(start, begins)
            total += Fraction(within // MICROSECOND, (ends - begins) // MICROSECOND)
        day += A_DAY
    return total


def whole_days_between(world: World, first: date, last: date, switch: str) -> int:
    """Return the number of local days from `first` up to, but not including, `last`."""
    days = (last - first).days
    if switch == "calendar":
        return days
    assert world.rest
    each = (first + A_DAY * number for number in range(days))
    return sum(works(day, world.zone, world.rest) for day in each)

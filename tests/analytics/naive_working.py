"""Working days, one day after the other: how much of each lies between two instants."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from tests.analytics.world import Rest, World

A_DAY = timedelta(1)
MICROSECOND = timedelta(microseconds=1)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which a local day begins."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def works(day: date, zone: ZoneInfo, rest: Rest) -> bool:
    """Whether anybody works; nobody did on the day that Samoa left out."""
    is_free = day.isoweekday() in rest.weekend or day in rest.holidays
    return not is_free and midnight(day, zone) < midnight(day + A_DAY, zone)


def days_between(world: World, start: datetime, end: datetime, switch: str) -> Fraction:
    """From one instant to another, exact to the microsecond; 0 backwards."""
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
    """How many local days begin from one on before another, of those that count."""
    days = (last - first).days
    if switch == "calendar":
        return days
    assert world.rest
    each = (first + A_DAY * number for number in range(days))
    return sum(works(day, world.zone, world.rest) for day in each)

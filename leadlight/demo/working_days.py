"""When the demo company works: French holidays, quiet weeks, hours of the day."""

from datetime import date, datetime, time, timedelta
from functools import cache
from random import Random
from zoneinfo import ZoneInfo

from leadlight.accounts.public_holidays import french_holidays
from leadlight.demo import parameters

ZONE = ZoneInfo(parameters.TIME_ZONE)
A_DAY = timedelta(days=1)
_CLOSING_HOUR = 19


@cache
def is_holiday(day: date) -> bool:
    """A French public holiday, or the house's own closing from 24 December to 1 January."""
    return day in french_holidays(day.year) or (day.month == 12 and day.day >= 24)


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and not is_holiday(day)


def working_day_from(day: date) -> date:
    """The day itself, else the next one with work."""
    while not is_working_day(day):
        day += A_DAY
    return day


def last_working_days(day: date, count: int) -> list[date]:
    """The last `count` working days up to and including `day`, latest first."""
    days: list[date] = []
    while len(days) < count:
        if is_working_day(day):
            days.append(day)
        day -= A_DAY
    return days


def quarter_end_before(day: date) -> date:
    """The last day of the quarter before the one of `day`."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1) - A_DAY


def moment(rng: Random, day: date) -> datetime:
    """An instant of that day: office hours mostly, early or in the evening 1 time in 30."""
    hour = rng.uniform(7.2, 20.8) if rng.random() < 0.033 else _office_hour(rng)
    return at_second(day, int(hour * 3600))


def _office_hour(rng: Random) -> float:
    """Mornings and afternoons, few over lunch."""
    is_morning = rng.random() < 0.52
    return rng.triangular(8.5, 12.8, 10.2) if is_morning else rng.triangular(13.2, 18.4, 15)


def at_second(day: date, second: int) -> datetime:
    return datetime.combine(day, time(second // 3600, second // 60 % 60, second % 60), ZONE)


def after(rng: Random, at: datetime, days: float) -> datetime:
    """A working instant about so many days later, always later than `at`.

    What falls in August may wait for September; what falls in a closed week is spread over the
    days that follow it.
    """
    day = (at + timedelta(days=days)).date()
    if day.month == 8 and day.day <= 25 and rng.random() < 0.5:
        day = date(day.year, 8, 26) + timedelta(days=rng.randrange(18))
    if not is_working_day(day):
        closed = working_day_from(day)
        spread = 9 if closed - day > timedelta(days=3) else 4
        day = working_day_from(closed + timedelta(days=rng.randint(0, spread)))
    then = moment(rng, day)
    return then if then > at else _soon_after(rng, at)


def _soon_after(rng: Random, at: datetime) -> datetime:
    """Minutes to hours later, else the next working morning."""
    then = at + timedelta(seconds=rng.randint(300, 9000))
    if then.hour < _CLOSING_HOUR and then.date() == at.date():
        return then
    return at_second(working_day_from(at.date() + A_DAY), rng.randint(30_600, 39_600))

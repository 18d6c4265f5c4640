"""Working calendar of the demo company: French holidays, closed weeks and office hours."""

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
    """Return whether the day is a French public holiday or from 24 to 31 December."""
    return day in french_holidays(day.year) or (day.month == 12 and day.day >= 24)


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and not is_holiday(day)


def working_day_from(day: date) -> date:
    """Return the day if it is a working day, else the next working day."""
    while not is_working_day(day):
        day += A_DAY
    return day


def last_working_days(day: date, count: int) -> list[date]:
    """Return the last `count` working days up to and including `day`, latest first."""
    days: list[date] = []
    while len(days) < count:
        if is_working_day(day):
            days.append(day)
        day -= A_DAY
    return days


def quarter_end_before(day: date) -> date:
    """Return the last day of the quarter before the quarter of `day`."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1) - A_DAY


def moment(rng: Random, day: date) -> datetime:
    """Draw an instant of the day: mostly in office hours, 1 in 30 between 7:12 and 20:48."""
    hour = rng.uniform(7.2, 20.8) if rng.random() < 0.033 else _office_hour(rng)
    return at_second(day, int(hour * 3600))


def _office_hour(rng: Random) -> float:
    """Draw an hour of the morning or afternoon, rarely at lunch time."""
    is_morning = rng.random() < 0.52
    return rng.triangular(8.5, 12.8, 10.2) if is_morning else rng.triangular(13.2, 18.4, 15)


def at_second(day: date, second: int) -> datetime:
    return datetime.combine(day, time(second // 3600, second // 60 % 60, second % 60), ZONE)


def after(rng: Random, at: datetime, days: float) -> datetime:
    """Draw an instant in working time, about `days` days after `at` and always later than `at`.

    Half of the instants in 1-25 August are postponed to the 18 days from 26 August. Instants on
    non-working days are spread over the days that follow.
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
    """Draw an instant 5 to 150 minutes later, or on the next working morning if after hours."""
    then = at + timedelta(seconds=rng.randint(300, 9000))
    if then.hour < _CLOSING_HOUR and then.date() == at.date():
        return then
    return at_second(working_day_from(at.date() + A_DAY), rng.randint(30_600, 39_600))

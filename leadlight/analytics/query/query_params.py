"""Parsers of the parameters of a query string; each raises BadFilter for a bad value."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from leadlight.analytics.query import periods
from leadlight.analytics.query.periods import Calendar, Period
from leadlight.analytics.query.phrases import BadFilter, gettext_noop

QueryParams = Mapping[str, Sequence[str]]
DEFAULT_PRESET = "this_year"
_FIRST_INSTANT = datetime(1900, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Clock:
    """Time context of a query: now, the company's zone and calendar, the day of the first fact."""

    now: datetime
    zone: ZoneInfo
    calendar: Calendar
    earliest: date

    def day_of(self, instant: datetime) -> date:
        return instant.astimezone(self.zone).date()


def refuse_unknown_names(params: QueryParams, names: Container[str]) -> None:
    """Raise BadFilter for the first parameter that is not among `names`."""
    for name in params:
        if name not in names:
            raise BadFilter(gettext_noop("Unknown filter: “%(name)s”."), name=name)


def values(params: QueryParams, name: str) -> tuple[str, ...]:
    """Return the distinct values, sorted, without empty ones."""
    return tuple(sorted({value for value in params.get(name, ()) if value}))


def one(params: QueryParams, name: str) -> str | None:
    """Return the only value, or None. Raise BadFilter if there are several."""
    given = values(params, name)
    if len(given) > 1:
        raise BadFilter(gettext_noop("Choose only one value for “%(name)s”."), name=name)
    return given[0] if given else None


def one_of(params: QueryParams, name: str, choices: Iterable[str]) -> str | None:
    """Return the only value, or None. Raise BadFilter if it is not one of the choices."""
    value, known = one(params, name), list(choices)
    if value is None or value in known:
        return value
    if not known:
        raise BadFilter(
            gettext_noop("“%(value)s” is not possible for “%(name)s”."), value=value, name=name
        )
    raise BadFilter(
        gettext_noop("“%(value)s” is not possible for “%(name)s”. Choose one of: %(choices)s."),
        value=value,
        name=name,
        choices=known,
    )


def day(params: QueryParams, name: str) -> date | None:
    """Return the only value as a day, or None. Raise BadFilter for any other text."""
    value = one(params, name)
    if value is None:
        return None
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            return date.fromisoformat(value)
    except ValueError:
        pass  # not a date of the calendar: reported like any other malformed text
    raise BadFilter(gettext_noop("“%(value)s” is not a date. Write it as 2026-01-31."), value=value)


def period(
    params: QueryParams, today: date, clock: Clock, default: str = DEFAULT_PRESET
) -> tuple[str | None, Period]:
    """Return the preset (None for custom days) and the period.

    The last day defaults to today, or to the first day if that is later.
    """
    first, last, preset = day(params, "from"), day(params, "to"), one(params, "period")
    if first or last:
        if preset not in (None, "custom"):
            raise BadFilter(gettext_noop("Choose either a period, or a first and a last day."))
        if first is None:
            raise BadFilter(gettext_noop("Choose the first day of the period."))
        return None, Period(first, last or max(today, first))
    preset = default if preset in (None, "custom") else preset
    return preset, periods.resolve(preset or "", today, clock.calendar, clock.earliest)


def as_of(params: QueryParams, clock: Clock, name: str = "as_of") -> datetime | None:
    """Parse an instant with an offset, or a day, which stands for its last moment.

    Return the instant in UTC, or None without the parameter. The day today stands for now.
    Raise BadFilter for malformed text, the future and years before 1900.
    """
    value = one(params, name)
    if value is None:
        return None
    last = day(params, name) if re.fullmatch(r"\d{4}-\d\d-\d\d", value) else None
    instant = _end_of(last, clock) if last else _instant(value)
    if instant > clock.now:
        raise BadFilter(
            gettext_noop("“%(value)s” is in the future. Choose a past date."), value=value
        )
    if instant < _FIRST_INSTANT:
        raise BadFilter(gettext_noop("%(day)s is too far in the past or future."), day=value)
    return instant.astimezone(UTC)


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """Return the last moment of a local day.

    If clocks go back at midnight, the last hour occurs twice: the day ends with the second one.
    """
    return datetime.combine(day, time.max.replace(fold=1), zone)


def _end_of(day: date, clock: Clock) -> datetime:
    """Return the last moment of a day, or now if the day is today."""
    end = end_of(day, clock.zone)
    return min(end, clock.now) if day == clock.day_of(clock.now) else end


def _instant(value: str) -> datetime:
    """Parse an ISO 8601 instant. A space before the offset is read as an unescaped plus."""
    try:
        instant = datetime.fromisoformat(re.sub(r" (?=\d\d:?\d\d$)", "+", value))
        if instant.tzinfo is not None:
            return instant
    except ValueError:
        pass  # malformed: reported like an instant without offset
    raise BadFilter(
        gettext_noop("“%(value)s” is not a date and time. Write it as 2026-01-31T18:00+01:00."),
        value=value,
    )

"""How long things take: in calendar days, or by a switch in working days.

One definition, told by a time of its own. *Working time* stands still on the days on which nobody
works (the weekend and the holidays of the company) and is a day later after each of the others:

    W(t) = the working days before the local day of t and, if that is one, the part of it gone by t

A duration in working days is W(end) - W(start), never less than 0. The part gone is measured
between two local midnights, so that a day of 23 or 25 hours is a day like any other. Where every
day is worked and no clock is ever changed, working time is the calendar's.

Who subtracts two instants or two local days hands them through `working_time` or `working_days`
first. Without the switch these change nothing, not even the text of the question. The calendar of
the company is today's, whatever instant is asked about.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import ibis
from ibis.expr.types import Table, Value

from leadlight.analytics.query.filters import TODAY as TODAY_DAY
from leadlight.analytics.query.filters import Filters
from leadlight.analytics.star.schema import TABLES

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECONDS_PER_DAY = 86_400 * 10**6
TODAY = "today"


def is_working(filters: Filters) -> bool:
    """Whether durations are asked for in working days."""
    return filters.switch("days") == "working"


# In questions


def working_time(rows: Table, filters: Filters, **instants: str) -> Table:
    """The rows with these instants as working time, each named with the column of its local day."""
    if not is_working(filters):
        return rows
    columns = rows.columns
    for at, on in instants.items():
        joined = _with_day(rows, on)
        gone: Any = joined[at].delta(joined.its_start, unit="microsecond")
        worked = joined.its_before * MICROSECONDS_PER_DAY + gone * joined.its_pace
        rows = joined.mutate(**{at: epoch() + worked.round().cast("int64").as_interval("us")})
        rows = rows.select(columns)
    return rows


def working_days(rows: Table, filters: Filters, *days: str) -> Table:
    """The rows with these local days as working days: each stands where the day begins."""
    if not is_working(filters):
        return rows
    columns = rows.columns
    for on in days:
        joined = _with_day(rows, on)
        since: Any = joined.its_before.as_interval("D")
        rows = joined.mutate(**{on: (epoch() + since).cast("date")}).select(columns)
    return rows


def timed(leads: Table, filters: Filters) -> Table:
    """The leads with their `seconds_to_close` as the switch says.

    Of a lead that was closed before it was created they stay negative, and the calendar's.
    """
    if not is_working(filters):
        return leads
    both = leads.mutate(since=leads.created_at, until=leads.closed_at)
    both = working_time(both, filters, since="created_on", until="closed_on")
    took = both.until.delta(both.since, unit="microsecond") / 1e6
    is_backwards = both.seconds_to_close < 0
    return both.mutate(seconds_to_close=is_backwards.ifelse(both.seconds_to_close, took)).select(
        leads.columns
    )


def if_working(filters: Filters, *names: str) -> dict[str, str]:
    """Columns that only working time needs, for a `select`."""
    return {name: name for name in names} if is_working(filters) else {}


def _with_day(rows: Table, on: str) -> Table:
    days = TABLES["days"].select(
        its_day="day", its_start="starts_at", its_before="worked_before", its_pace="pace"
    )
    return rows.left_join(days, rows[on] == days.its_day)


def epoch() -> Value:
    """The instant from which time is counted."""
    return ibis.literal("1970-01-01 00:00:00").cast("timestamp(6)")


# Now


def prefetch(filters: Filters) -> dict[str, Table]:
    """What a report must look up that tells of a time up to now."""
    if not is_working(filters):
        return {}
    days = TABLES["days"]
    row = days.filter(days.day == TODAY_DAY)
    return {TODAY: row.select("starts_at", "worked_before", "pace")}


def now(filters: Filters, known: Mapping[str, Iterable[tuple[Any, ...]]]) -> datetime:
    """The instant up to which is counted, in the time that durations are told in."""
    for starts_at, worked_before, pace in known.get(TODAY, ()):
        gone = filters.asked_at - starts_at.replace(tzinfo=UTC)
        return EPOCH + timedelta(worked_before) + gone * pace
    return filters.asked_at


def today(filters: Filters, known: Mapping[str, Iterable[tuple[Any, ...]]]) -> date:
    """The local day of now, in the time that durations are told in."""
    for _starts_at, worked_before, _pace in known.get(TODAY, ()):
        return EPOCH.date() + timedelta(worked_before)
    return filters.today

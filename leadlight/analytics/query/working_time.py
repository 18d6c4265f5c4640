"""Working time: durations in working days, by the switch `days`.

*Working time* stops on the days on which nobody works (the weekend and the holidays of the company)
and advances by one day on each other day:

    W(t) = the number of working days before the local day of t,
           plus the elapsed fraction of that day if it is a working day

A duration in working days is W(end) - W(start), never less than 0. The elapsed fraction is measured
between two local midnights, so that a day of 23 or 25 hours counts as one day. If every day is a
working day and clocks never change, working time equals calendar time.

Code that subtracts two instants or two local days must first convert them by `working_time` or
`working_days`. If durations are in calendar days, both functions return the rows unchanged. Reports
about the past use the company's calendar of today, too.
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
    """Return whether durations are in working days."""
    return filters.switch("days") == "working"


# Expressions


def working_time(rows: Table, filters: Filters, **instants: str) -> Table:
    """Return the rows with these instants in working time.

    Each keyword is the column of an instant, its value the column of the local day of the instant.
    """
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
    """Return the rows with each local day replaced by 1970-01-01 + the working days before it."""
    if not is_working(filters):
        return rows
    columns = rows.columns
    for on in days:
        joined = _with_day(rows, on)
        since: Any = joined.its_before.as_interval("D")
        rows = joined.mutate(**{on: (epoch() + since).cast("date")}).select(columns)
    return rows


def timed(leads: Table, filters: Filters) -> Table:
    """Return the leads with `seconds_to_close` in calendar or working time, by the switch `days`.

    For a lead closed before it was created, the value stays negative and in calendar time.
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
    """Return these columns for a `select` if durations are in working days, else none."""
    return {name: name for name in names} if is_working(filters) else {}


def _with_day(rows: Table, on: str) -> Table:
    days = TABLES["days"].select(
        its_day="day", its_start="starts_at", its_before="worked_before", its_pace="pace"
    )
    return rows.left_join(days, rows[on] == days.its_day)


def epoch() -> Value:
    """Return the origin of working time, 1970-01-01, as an expression."""
    return ibis.literal("1970-01-01 00:00:00").cast("timestamp(6)")


# Now


def prefetch(filters: Filters) -> dict[str, Table]:
    """Return the query for today's row of `days`, which `now` and `today` use in working time."""
    if not is_working(filters):
        return {}
    days = TABLES["days"]
    row = days.filter(days.day == TODAY_DAY)
    return {TODAY: row.select("starts_at", "worked_before", "pace")}


def now(filters: Filters, prefetched: Mapping[str, Iterable[tuple[Any, ...]]]) -> datetime:
    """Return the instant up to which facts count; in working time if today's row is prefetched."""
    for starts_at, worked_before, pace in prefetched.get(TODAY, ()):
        gone = filters.instant - starts_at.replace(tzinfo=UTC)
        return EPOCH + timedelta(worked_before) + gone * pace
    return filters.instant


def today(filters: Filters, prefetched: Mapping[str, Iterable[tuple[Any, ...]]]) -> date:
    """Return the local day of now; in working time if today's row is prefetched."""
    for _starts_at, worked_before, _pace in prefetched.get(TODAY, ()):
        return EPOCH.date() + timedelta(worked_before)
    return filters.today

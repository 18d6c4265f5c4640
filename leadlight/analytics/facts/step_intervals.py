"""Stays of leads in steps, and the steps that leads reached, now or at a past instant."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table, Value

from leadlight.analytics.query import working_time
from leadlight.analytics.query.filters import Filters
from leadlight.analytics.star.schema import TABLES, recorded


def stays_at(as_of: Value | None) -> Table:
    """Return the stays as recorded at an instant (UTC, no offset); None is now."""
    return recorded(TABLES["lead_stays"], as_of)


def steps_at(as_of: Value | None) -> Table:
    """Return the steps that leads reached, as recorded at an instant (UTC); None is now."""
    return recorded(TABLES["lead_steps"], as_of)


def timed_stays(stays: Table, filters: Filters) -> Table:
    """Return the stays with `lasted`, their duration in microseconds of calendar or working time.

    `lasted` is null for an ongoing stay, and for an invalid one: a stay that began after the lead
    was closed. The stays must have the `closed_at` of their leads and, if durations are in working
    days, also `closed_on`. Invalid stays are not filtered out: DuckDB would evaluate the filter on
    each pair of the join, which costs three times as much.
    """
    is_late = (stays.entered_at > stays.closed_at).fill_null(False)
    ends_at = ibis.coalesce(stays.left_at, stays.closed_at)
    rows = stays.mutate(since=stays.entered_at, until=is_late.ifelse(ibis.null(), ends_at))
    if working_time.is_working(filters):
        rows = rows.mutate(until_on=ibis.coalesce(rows.left_on, rows.closed_on))
    rows = working_time.working_time(rows, filters, since="entered_on", until="until_on")
    return rows.mutate(lasted=rows.until.delta(rows.since, unit="microsecond")).select(
        *stays.columns, "lasted"
    )

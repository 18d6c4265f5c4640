"""Report query: the filters, the scope of the reader, and the rows prefetched for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from ibis.expr.types import Table, Value

from leadlight.analytics.query import working_time
from leadlight.analytics.query.bound_values import bound
from leadlight.analytics.query.filters import Filters
from leadlight.analytics.query.scope import Scope
from leadlight.analytics.star.schema import leads_at

Rows = tuple[tuple[Any, ...], ...]


@dataclass(frozen=True)
class ReportQuery:
    """Query of a reader (the user who runs the report).

    `prefetched` are the rows of the report's `prefetch` queries by name, for example the steps of a
    pipeline, the types of activities or a measured rate. `branch` is any other value on which the
    report's SQL depends (`Report.branch`).

    SQL is built from the *shape* of a query (filters and scope without values): builders of
    expressions (`facts`, `prefetch`) receive shapes and use bound values where a query has values.
    """

    filters: Filters
    scope: Scope
    prefetched: tuple[tuple[str, Rows], ...] = ()
    branch: Any = None

    @property
    def leads(self) -> Table:
        """Leads that the reader may see and that pass the filters, as recorded at `instant`.

        Filters by user and team are not applied here: they apply to the user and team credited with
        each fact.
        """
        return self.filters.narrow(self.visible)

    @property
    def visible(self) -> Table:
        """Leads that the reader may see, without the filters."""
        return self.scope.narrow(working_time.timed(leads_at(self.instant), self.filters))

    @property
    def instant(self) -> Value | None:
        """Instant of the report as a bound value; None is now."""
        return instant_of(self.filters)

    @property
    def now(self) -> datetime:
        """Instant up to which facts count; in working time if durations are in working days."""
        return working_time.now(self.filters, dict(self.prefetched))

    @property
    def today(self) -> date:
        """Local day of `now`; in working time if durations are in working days."""
        return working_time.today(self.filters, dict(self.prefetched))

    def prefetched_rows(self, name: str) -> Rows:
        """Return the prefetched rows of this name."""
        return dict(self.prefetched)[name]


def utc(instant: datetime) -> datetime:
    """Return an instant as the star stores it: in UTC, without offset."""
    return instant.astimezone(UTC).replace(tzinfo=None)


def instant_of(filters: Filters) -> Value | None:
    """Return the instant of a report as a bound value; None is now."""
    return INSTANT if filters.as_of else None


INSTANT = bound("instant", "timestamp(6)", lambda query: utc(query.filters.as_of))
# Today; in working time if durations are in working days.
WORKING_TODAY = bound("working_today", "date", lambda query: query.today)

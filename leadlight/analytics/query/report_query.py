"""One reader's question: what he asks, whose leads he may see, and what was looked up for it."""

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
    """One reader's question. `prefetched` are the rows that the report's `prefetch` asked for, by
    name: the steps of a pipeline, the types of activities, a measured rate.

    Its `shape` is what SQL is made of: builders of expressions (`facts`, `prefetch`) are given
    shapes, and put bound values where a question has values. `branch` is what else a report's SQL
    depends on (`Report.branch`).
    """

    filters: Filters
    scope: Scope
    prefetched: tuple[tuple[str, Rows], ...] = ()
    branch: Any = None

    @property
    def leads(self) -> Table:
        """The leads this reader may see and asked for, as recorded at the instant he asks about.

        Users and teams are not narrowed here: they are credited fact by fact.
        """
        return self.filters.narrow(self.visible)

    @property
    def visible(self) -> Table:
        """The leads this reader may see, whatever he asked for."""
        return self.scope.narrow(working_time.timed(leads_at(self.instant), self.filters))

    @property
    def instant(self) -> Value | None:
        """The instant asked about, a bound value; None is now."""
        return INSTANT if self.filters.as_of else None

    @property
    def now(self) -> datetime:
        """The instant up to which is counted, in the time that durations are told in."""
        return working_time.now(self.filters, dict(self.prefetched))

    @property
    def today(self) -> date:
        """The local day of now, in the time that durations are told in."""
        return working_time.today(self.filters, dict(self.prefetched))

    def prefetched_rows(self, name: str) -> Rows:
        """What was looked up under this name."""
        return dict(self.prefetched)[name]


def utc(instant: datetime) -> datetime:
    """An instant as the star has it: in UTC, without offset."""
    return instant.astimezone(UTC).replace(tzinfo=None)


INSTANT = bound("instant", "timestamp(6)", lambda query: utc(query.filters.as_of))
# Today, in the time that durations are told in.
TODAY_TOLD = bound("today_told", "date", lambda query: query.today)

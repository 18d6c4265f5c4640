"""One reader's question: what he asks, whose leads he may see, and what was looked up for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from ibis.expr.types import Table

from leadlight.analytics import durations
from leadlight.analytics.filters import Filters
from leadlight.analytics.schema import leads_at
from leadlight.analytics.scope import Scope

Rows = tuple[tuple[Any, ...], ...]


@dataclass(frozen=True)
class Question:
    """A value, so that equal questions share their compiled text.

    `known` are the rows that the report's `look_up` asked for, by name: the steps of a pipeline,
    the types of activities, a measured rate. What depends on them (a column for each type) is made
    of them.
    """

    filters: Filters
    scope: Scope
    known: tuple[tuple[str, Rows], ...] = ()

    @property
    def leads(self) -> Table:
        """The leads this reader may see and asked for, as recorded at the instant he asks about.

        Users and teams are not narrowed here: they are credited fact by fact.
        """
        return self.filters.narrow(self.visible)

    @property
    def visible(self) -> Table:
        """The leads this reader may see, whatever he asked for."""
        return self.scope.narrow(durations.timed(leads_at(self.instant), self.filters))

    @property
    def instant(self) -> datetime | None:
        """The instant asked about in UTC without offset, as the star has it; None is now."""
        as_of = self.filters.as_of
        return as_of and as_of.astimezone(UTC).replace(tzinfo=None)

    @property
    def now(self) -> datetime:
        """The instant up to which is counted, in the time that durations are told in."""
        return durations.now(self.filters, dict(self.known))

    @property
    def today(self) -> date:
        """The local day of now, in the time that durations are told in."""
        return durations.today(self.filters, dict(self.known))

    def rows_of(self, name: str) -> Rows:
        """What was looked up under this name."""
        return dict(self.known)[name]

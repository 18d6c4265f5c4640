"""Client that runs reports and drill-downs on a toy company."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from leadlight.analytics.engine.duckdb import Engine
from leadlight.analytics.engine.run import run
from leadlight.analytics.insight.drilldown import Drilldown, drilldown
from leadlight.analytics.query.filters import Filters
from leadlight.analytics.query.periods import Calendar
from leadlight.analytics.query.query_params import Clock
from leadlight.analytics.query.scope import ALL_LEADS, Scope
from leadlight.analytics.reports import CATALOGUE
from leadlight.analytics.reports.contract import Report, Result, Row
from tests.analytics.star import fill
from tests.analytics.world import World

MID_MARCH = datetime(2026, 3, 15, 11, tzinfo=UTC)


class ReportClient:
    """Reports on one company at one instant: `company.report("team", user="bo")`."""

    def __init__(self, engine: Engine, world: World, now: datetime = MID_MARCH) -> None:
        self.engine = engine
        self.world = world
        self.now = now
        fill(engine, world)

    def read(self, report: str, query: dict[str, Any]) -> tuple[Report, Filters]:
        """Return the table and the filters of these parameters; `start` stands for `from`."""
        named = {"from" if name == "start" else name: value for name, value in query.items()}
        pairs = {
            name: [value] if isinstance(value, str) else value for name, value in named.items()
        }
        first = min(self.world.day(lead.facts[0].occurred_at) for lead in self.world.leads)
        clock = Clock(self.now, self.world.zone, Calendar(), first)
        viewed = CATALOGUE[report].selected_view(pairs)
        return viewed, viewed.read(pairs, clock)

    def report(self, report: str, scope: Scope = ALL_LEADS, **query: Any) -> Result:
        return run(*self.read(report, query), scope, self.engine, "EUR")

    def row(self, report: str, key: str | None, **query: Any) -> Row:
        found = [row for row in self.report(report, **query).rows if row.key == key]
        assert len(found) == 1, f"{len(found)} rows of {key}"
        return found[0]

    def drilldown(
        self,
        report: str,
        column: str,
        row: str | None = None,
        scope: Scope = ALL_LEADS,
        how: dict[str, Any] | None = None,
        **query: Any,
    ) -> Drilldown:
        return drilldown(
            *self.read(report, query),
            scope,
            self.engine,
            column_key=column,
            row_key=row,
            **(how or {}),
        )

    def leads(self, report: str, column: str, row: str | None = None, **query: Any) -> list[str]:
        """Sorted keys of the leads in the list of a cell."""
        found = self.drilldown(report, column, row, **query)
        return sorted(lead["lead"] for lead in found.rows)

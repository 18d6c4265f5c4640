"""The engine agrees with the naive oracle on every pipeline table of random companies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import strategies as st

from leadlight.analytics.engine.run import run
from leadlight.analytics.insight.drilldown import drilldown
from leadlight.analytics.metrics.columns import Rate
from leadlight.analytics.reports.contract import Result
from tests.analytics import naive_pipeline as naive
from tests.analytics.agreeing import for_each_query
from tests.analytics.drawn_companies import small
from tests.analytics.questions import TABLES, SampleQuery
from tests.analytics.star import engine_of
from tests.analytics.strategies import DAYS
from tests.analytics.strategies_work import experienced
from tests.analytics.world import World

pytestmark = pytest.mark.search

COUNTED: dict[str, Callable[..., dict[str | None, dict[str, Any]]]] = {
    "pipeline": naive.main,
    "pipeline.moves": naive.moves,
    "pipeline.people": naive.people,
    "pipeline.between": naive.between,
    "pipeline.ageing": naive.ageing,
}


def plain(result: Result) -> dict[str | None, dict[str, Any]]:
    rows = {row.key: row.cells for row in result.rows}
    total = "total" if result.report.view == "people" else None
    return {
        key: {
            name: (value.numerator, value.denominator) if isinstance(value, Rate) else value
            for name, value in cells.items()
        }
        for key, cells in [*rows.items(), (total, result.totals)]
    }


def about(value: Any) -> Any:
    """Fractions match to 1e-8 days (about 1 ms): ages are computed from days since 1970."""
    return pytest.approx(float(value), abs=1e-8, rel=0) if isinstance(value, Fraction) else value


@pytest.mark.parametrize("table", COUNTED)
def test_pipeline_figures_and_list_lengths_equal_the_naive_count(
    table: str,
) -> None:
    listed = 0

    def agree(world: World, query: SampleQuery) -> None:
        nonlocal listed
        # The oracle of the people view counts by user.
        filters = replace(query.filters, group_by=None, compare=None)
        result = run(TABLES[table], filters, query.scope, engine_of(world), "EUR")
        actual, counted = plain(result), COUNTED[table](world, filters, query.scope)
        for key in actual.keys() - counted.keys():  # colleagues without any entry
            assert table == "pipeline.people"
            cells = actual.pop(key)
            assert not any(cells[name] for name in cells if name.startswith("entered"))
        assert actual == {
            key: {name: about(value) for name, value in cells.items()}
            for key, cells in counted.items()
        }
        if law := LAWS.get(table):
            for figures in (*(row.cells for row in result.rows), result.totals):
                law(figures)
        listed += assert_listed(result, world, query)

    for_each_query(table, agree)
    assert listed > 5


def test_long_leads_of_companies_with_enough_stays_equal_the_naive_count() -> None:
    judged: Counter[str] = Counter()

    def agree(world: World, query: SampleQuery) -> None:
        filters = replace(query.filters, compare=None)
        table = TABLES["pipeline.ageing"]
        result = run(table, filters, query.scope, engine_of(world), "EUR")
        actual, counted = plain(result), naive.ageing(world, filters, query.scope)
        for key, cells in counted.items():
            assert actual[key]["long_leads"] == cells["long_leads"]
            assert actual[key]["long_amount"] == cells["long_amount"]
        judged["long"] += counted[None]["long_leads"]
        judged["not"] += counted[None]["open_leads"] - counted[None]["long_leads"]

    for_each_query("pipeline.ageing", agree, companies=companies_to_judge, turns=5)
    assert min(judged["long"], judged["not"]) > 3


def companies_to_judge(zone: ZoneInfo) -> st.SearchStrategy[World]:
    since = datetime.combine(DAYS[zone.key][0], time(12), zone).astimezone(UTC)
    return small(zone).map(lambda world: experienced(world, since))


def assert_listed(result: Result, world: World, query: SampleQuery) -> int:
    """Assert that the lists of one column have the length or amount of its figures.

    Either the list of the total or those of all rows. Returns the number of lists with rows.
    """
    shown = [column for column in result.columns if column.kind in ("count", "money")]
    cells = [(row.key or "none", row.cells) for row in result.rows]
    if query.number % 4 == 0:
        cells = [(None, result.totals)]
    first = 2 * query.number % len(shown)
    for column in (*shown[first:], *shown[:first]):
        values = {row_key: figures[column.key] for row_key, figures in cells}
        if not any(values.values()):
            continue
        for row_key, value in values.items():
            found = drilldown(
                result.report,
                result.filters,
                query.scope,
                engine_of(world),
                column_key=column.key,
                row_key=row_key,
            )
            assert value == (found.count if column.kind == "count" else found.amount)
            assert len(found.rows) == found.count
        return sum(1 for value in values.values() if value)
    return 0


def entered_is_the_sum_of_outcomes(cells: Any) -> None:
    for suffix in ("", "_amount"):
        assert cells["entered" + suffix] == sum(
            cells[name + suffix] or 0 for name in naive.OUTCOMES
        )


def start_plus_came_in_minus_gone_is_end(cells: Any) -> None:
    gone = ("moved_up", "moved_down", "won", "lost", "cancelled", "left")
    left = sum(cells[name] or 0 for name in gone)
    assert cells["at_start"] + cells["came_in"] - left == cells["at_end"]
    amount = cells["at_start_amount"] + cells["came_in_amount"] + cells["amount_changed"]
    assert amount - sum(cells[f"{name}_amount"] or 0 for name in gone) == cells["at_end_amount"]


def open_is_the_sum_of_ages(cells: Any) -> None:
    for unit in ("leads", "amount"):
        assert cells[f"open_{unit}"] == sum(cells[f"{band}_{unit}"] for band in naive.BANDS)


LAWS = {
    "pipeline": entered_is_the_sum_of_outcomes,
    "pipeline.between": start_plus_came_in_minus_gone_is_end,
    "pipeline.ageing": open_is_the_sum_of_ages,
}

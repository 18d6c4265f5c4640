"""The engine agrees with the naive oracle on the forecasts of random companies."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import strategies as st

from leadlight.analytics.engine.run import run
from leadlight.analytics.insight.drilldown import drilldown
from leadlight.analytics.metrics.columns import Rate, Span
from leadlight.analytics.reports.contract import Result
from leadlight.analytics.reports.forecast import amounts as forecast
from tests.analytics.agreeing import for_each_query, lists_to_compare
from tests.analytics.drawn_companies import small
from tests.analytics.naive_forecast import Forecast, Line
from tests.analytics.questions import SampleQuery
from tests.analytics.star import engine_of
from tests.analytics.strategies import worlds
from tests.analytics.strategies_work import crowded
from tests.analytics.world import Goal, World

pytestmark = pytest.mark.search

GOALS = (
    Goal(301, 11, None, "won_amount", None, "month", date(2024, 1, 1), Decimal("1000.01")),
    Goal(302, 11, None, "won_amount", None, "month", date(2024, 3, 10), Decimal(0)),
    Goal(303, 12, None, "won_amount", None, "quarter", date(2023, 12, 31), Decimal(10_000)),
    Goal(304, 14, None, "won_amount", None, "year", date(2011, 12, 30), Decimal("33.33")),
    Goal(305, None, 21, "won_amount", None, "year", date(2011, 1, 1), Decimal("99999.99")),
    Goal(306, None, 22, "won_amount", None, "quarter", date(2024, 2, 29), Decimal(7)),
    Goal(307, 11, None, "won_leads", None, "month", date(2024, 1, 1), Decimal(5)),
)
COPIES = 20  # so that some steps were reached by 30 closed leads


def with_goals(zone: ZoneInfo) -> st.SearchStrategy[World]:
    goals = st.lists(st.sampled_from(GOALS), unique=True).map(tuple)
    return st.builds(lambda world, goals: replace(world, goals=goals), small(zone), goals)


def crowds(zone: ZoneInfo) -> st.SearchStrategy[World]:
    return worlds(zones=st.just(zone), most=6).map(lambda world: crowded(world, COPIES))


def agree(world: World, query: SampleQuery) -> None:
    engine = engine_of(world)
    filters, scope = replace(query.filters, compare=None), query.scope
    actual = run(forecast.REPORT, filters, scope, engine, "EUR")
    counted = Forecast(world, filters, scope).answer()
    assert {row.key: plain(row.cells) for row in actual.rows} == {
        key: rounded(row.cells) for key, row in counted.rows.items()
    }
    assert plain(actual.totals) == rounded(counted.totals.cells)
    assert sorted(steps_named(actual)) == counted.unmeasured
    rows = {key or "none": row for key, row in counted.rows.items()}
    for row_key, column, keys in lists_to_compare(
        query, behind(counted.totals), {key: behind(row) for key, row in rows.items()}
    ):
        found = drilldown(
            forecast.REPORT, filters, scope, engine, column_key=column, row_key=row_key
        )
        assert sorted(lead["lead"] for lead in found.rows) == keys
        row = counted.totals if row_key is None else rows[row_key]
        assert found.amount == row.cells[column]


def behind(line: Line) -> dict[str, list[str]]:
    return {"won_amount": line.won, "measured_amount": line.open}


def plain(cells: Any) -> dict[str, Any]:
    return {
        key: (value.numerator, value.denominator)
        if isinstance(value, Rate)
        else tuple(map(float, value))
        if isinstance(value, Span)
        else value
        for key, value in cells.items()
    }


def rounded(cells: dict[str, Any]) -> dict[str, Any]:
    """Allow a cent for each weighted amount, which the engine rounds, in the likely range."""
    ends = cells["likely_range"]
    most = 0.01 * (1 + cells["open_leads"])
    return cells | {"likely_range": ends and pytest.approx(ends, abs=most, rel=1e-9)}


def steps_named(actual: Result) -> list[str]:
    [names] = [
        note.phrase.values["steps"] for note in actual.notes if note.code == "not_measured"
    ] or [[]]
    return [name.partition(" (")[0] for name in names]


def test_forecast_figures_and_lists_equal_the_naive_count() -> None:
    for_each_query("forecast", agree, with_goals)


def test_measured_win_rates_equal_the_naive_count() -> None:
    measured = 0

    def agree_with_many(world: World, query: SampleQuery) -> None:
        nonlocal measured
        agree(world, query)
        measured += bool(Forecast(world, query.filters, query.scope).rates())

    for_each_query("forecast", agree_with_many, crowds, turns=3)
    assert measured > 5

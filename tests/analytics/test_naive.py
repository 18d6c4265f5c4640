"""The engine agrees with the naive oracle on random companies and random queries."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from leadlight.analytics.engine.run import run
from leadlight.analytics.insight.drilldown import drilldown
from leadlight.analytics.metrics.columns import Rate
from leadlight.analytics.reports import CATALOGUE
from leadlight.analytics.reports.contract import Result
from tests.analytics.agreeing import for_each_query, lists_to_compare
from tests.analytics.naive import DEFAULT_GROUPING, Answer, answer
from tests.analytics.naive_rows import NaiveRow
from tests.analytics.questions import SampleQuery
from tests.analytics.star import engine_of
from tests.analytics.world import World

pytestmark = pytest.mark.search

every_report = pytest.mark.parametrize("report", DEFAULT_GROUPING)


@every_report
def test_report_figures_and_lists_equal_the_naive_count(report: str) -> None:
    listed = compared = 0

    def agree(world: World, query: SampleQuery) -> None:
        nonlocal listed, compared
        table, filters, scope = CATALOGUE[report], query.filters, query.scope
        engine = engine_of(world)
        actual = run(table, filters, scope, engine, "EUR")
        counted = answer(world, report, filters, scope)
        assert plain(actual) == approximate(counted)
        compared += counted.compared is not None
        behind = {row.key or "none": row.leads for row in counted.rows}
        for row_key, column, keys in lists_to_compare(query, counted.totals.leads, behind):
            found = drilldown(table, filters, scope, engine, column_key=column, row_key=row_key)
            assert sorted(lead["lead"] for lead in found.rows) == keys
            assert found.count == len(keys)
            listed += len(keys)

    for_each_query(report, agree)
    assert listed > 10
    assert compared > 10


def plain(result: Result) -> dict[str, Any]:
    """A result of the engine as plain dicts and tuples."""
    return {
        "rows": [
            (row.key, row.label, cells(row.cells), row.is_unfinished, row.trend)
            for row in result.rows
        ],
        "totals": cells(result.totals),
        "noted": {note.code: note.count for note in result.notes if note.count},
        "compared": plain(result.compared) if result.compared else None,
    }


def cells(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: as_told(value) for key, value in values.items()}


def as_told(value: Any) -> Any:
    return (value.numerator, value.denominator) if isinstance(value, Rate) else value


def approximate(counted: Answer) -> dict[str, Any]:
    """The answer of the oracle in the form of `plain`; durations may differ by 1e-9 days."""
    return {
        "rows": [
            (row.key, row.label, counted_cells(row), row.is_unfinished, row.trend)
            for row in counted.rows
        ],
        "totals": counted_cells(counted.totals),
        "noted": counted.noted,
        "compared": approximate(counted.compared) if counted.compared else None,
    }


def counted_cells(row: NaiveRow) -> dict[str, Any]:
    return {key: about(value) for key, value in row.cells.items()}


def about(value: Any) -> Any:
    return pytest.approx(float(value), abs=1e-9, rel=0) if isinstance(value, Fraction) else value


def test_only_fractions_of_the_oracle_are_compared_approximately() -> None:
    assert about(Decimal("0.01")) == Decimal("0.01")
    assert about(3) != pytest.approx(3.1)

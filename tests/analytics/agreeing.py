"""Comparison of engine and oracle on random queries about random companies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadlight.analytics.engine.run import run
from leadlight.analytics.insight.drilldown import drilldown
from leadlight.analytics.metrics.columns import Rate
from leadlight.analytics.query.filters import Filters
from leadlight.analytics.reports.contract import Result
from tests.analytics.drawn_companies import Companies, companies_of, small
from tests.analytics.questions import TABLES, SampleQuery, deal, dealt, numbers
from tests.analytics.star import engine_of
from tests.analytics.world import World
from tests.seeds import IS_SEARCH, examples, seeded


@dataclass
class ExpectedRow:
    """A row of the oracle: cells, expected keys of some of their lists, unfinished columns."""

    key: str | None
    cells: dict[str, Any]
    behind: dict[str, list[str]] = field(default_factory=dict)
    unfinished: frozenset[str] = frozenset()


@dataclass
class Expected:
    """The result of the oracle; `noted` maps note codes to counts."""

    rows: list[ExpectedRow]
    totals: ExpectedRow
    noted: dict[str, int] = field(default_factory=dict)


Oracle = Callable[[World, Any, Any], Expected]


TURNS = 3  # each in another zone
# Tables in which three turns compare too few lists, or none with some outcome.
RARE = {"activities", "categories", "losses.steps", "pipeline.between", "prospecting.ranking"}


def turns_of(report: str) -> int:
    return TURNS + 2 if report in RARE else TURNS


def for_each_query(
    report: str,
    check: Callable[[World, SampleQuery], None],
    companies: Companies = small,
    places: Iterable[int] | None = None,
    turns: int | None = None,
) -> None:
    """Call `check` with the queries of these numbers (default: all of the table) and a company.

    Each query has several turns, each with another company; a search draws new companies.
    """
    for place in numbers(report) if places is None else places:
        for turn in range(turns or turns_of(report)):
            query = deal(report, place, turn)
            if IS_SEARCH:
                asked = given(companies(query.zone), st.just(query))
                seeded(f"{place} {turn}")(examples(1)(asked(check)))()
            else:
                shared = companies_of(companies, query.zone)
                check(shared[(place + turn) % len(shared)], query)


def assert_equal_to_oracle(oracle: Oracle, world: World, query: SampleQuery) -> Expected:
    """Assert that all figures and some of the lists equal those of the oracle."""
    engine = engine_of(world)
    table, filters, scope = TABLES[query.report], uncompared(query.filters), query.scope
    actual = run(table, filters, scope, engine, "EUR")
    counted = oracle(world, filters, scope)
    assert [(row.key, plain(row.cells), row.unfinished) for row in actual.rows] == [
        (line.key, approximate(line.cells), line.unfinished) for line in counted.rows
    ]
    assert plain(actual.totals) == approximate(counted.totals.cells)
    assert noted(actual) == counted.noted
    behind = {line.key or "none": line.behind for line in counted.rows}
    for row_key, column, keys in lists_to_compare(query, counted.totals.behind, behind):
        found = drilldown(table, filters, scope, engine, column_key=column, row_key=row_key)
        assert found.count == len(found.rows) == len(keys)
        if found.subject != "activity":  # activities have no keys
            assert sorted(row[found.subject] for row in found.rows) == sorted(keys)
    return counted


def uncompared(filters: Filters) -> Filters:
    return replace(filters, compare=None)


def lists_to_compare(
    query: SampleQuery,
    totals: Mapping[str, list[str]],
    rows: Mapping[str, Mapping[str, list[str]]],
) -> Iterator[tuple[str | None, str, list[str]]]:
    """Yield row key, column key and expected keys of the lists to compare.

    The number of the query selects one column, and the total, the rows with a key or the row
    without one. Each list compiles a statement of its own, so every second query has none.
    """
    every = sorted({*totals, *(column for behind in rows.values() for column in behind)})
    place, is_left_out = divmod(query.number, 2)
    if not every or (is_left_out and not IS_SEARCH):
        return
    kind = dealt(f"{query.report} rows", place, ("rows", "total", "rows", "none"))
    cells: dict[str | None, Mapping[str, list[str]]] = {
        row_key: behind
        for row_key, behind in rows.items()
        if (kind == "none") == (row_key == "none")
    }
    if kind == "total":
        cells = {None: totals}
    first = place % len(every)
    for column in (*every[first:], *every[:first]):
        if any(behind.get(column) for behind in cells.values()):
            for row_key, behind in cells.items():
                if behind.get(column):
                    yield row_key, column, behind[column]
            return


def noted(actual: Result) -> dict[str, int]:
    return {note.code: note.count for note in actual.notes if note.count}


def plain(cells: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: (value.numerator, value.denominator) if isinstance(value, Rate) else value
        for key, value in cells.items()
    }


def approximate(cells: Mapping[str, Any]) -> dict[str, Any]:
    """Return the cells of the oracle; fractions (days, rates) match to 1e-9."""
    return {
        key: pytest.approx(float(value), abs=1e-9, rel=0) if isinstance(value, Fraction) else value
        for key, value in cells.items()
    }

"""Engine and oracle agree on the pipelines of random companies, in every table of the report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadlight.analytics.engines.duckdb import Engine
from leadlight.analytics.filters import Filters
from leadlight.analytics.listing import listing
from leadlight.analytics.measures import Rate
from leadlight.analytics.report import Result
from leadlight.analytics.reports import pipeline
from leadlight.analytics.run import run
from tests.analytics import naive_pipeline as naive
from tests.analytics.questions import deal
from tests.analytics.star import fill
from tests.analytics.strategies import worlds
from tests.analytics.world import World
from tests.seeds import examples, seeded

pytestmark = pytest.mark.search

VIEWS = {view.view: view for view in pipeline.REPORT.every_view}
COUNTED: dict[str | None, Callable[..., dict[str | None, dict[str, Any]]]] = {
    None: naive.main,
    "moves": naive.moves,
    "people": naive.people,
    "between": naive.between,
}
every_view = pytest.mark.parametrize("view", COUNTED)


def put(view: str | None, agree: Callable[[World, Filters, Any], None], number: int) -> None:
    """Ask some questions of a number of companies each."""
    for place in range(8):
        question = deal("pipeline", place)
        filters = replace(
            question.filters,
            view=view,
            group_by=None,
            compare=None,
        )
        companies = worlds(zones=st.just(question.zone), most=8)
        asked = given(companies, st.just(filters), st.just(question.scope))
        seeded(place)(examples(number)(asked(agree)))()


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
    """Days may differ by a millionth of a second or so: ages are told since 1970."""
    return pytest.approx(float(value), abs=1e-8, rel=0) if isinstance(value, Fraction) else value


@every_view
def test_every_figure_is_what_counting_one_by_one_gives(engine: Engine, view: str | None) -> None:
    def agree(world: World, filters: Filters, scope: Any) -> None:
        fill(engine, world)
        told = plain(run(VIEWS[view], filters, scope, engine, "EUR"))
        counted = COUNTED[view](world, filters, scope)
        for key in told.keys() - counted.keys():  # colleagues who have nothing
            assert view == "people"
            cells = told.pop(key)
            assert not any(cells[name] for name in cells if name.startswith("entered"))
        assert told == {
            key: {name: about(value) for name, value in cells.items()}
            for key, cells in counted.items()
        }

    put(view, agree, 4)


@every_view
def test_every_number_is_the_length_of_its_list(engine: Engine, view: str | None) -> None:
    def agree(world: World, filters: Filters, scope: Any) -> None:
        fill(engine, world)
        result = run(VIEWS[view], filters, scope, engine, "EUR")
        cells = [(None, result.totals), *((row.key or "none", row.cells) for row in result.rows)]
        shown = [
            (key, column, figures[column.key])
            for key, figures in cells
            for column in result.columns
            if column.kind in ("count", "money") and figures[column.key]
        ]
        for key, column, value in shown[len(world.leads) % 5 :: 5]:
            found = listing(VIEWS[view], filters, scope, engine, column_key=column.key, row_key=key)
            assert value == (found.count if column.kind == "count" else found.amount)
            assert len(found.rows) == found.count

    put(view, agree, 2)


def test_entered_is_the_sum_of_what_became_of_it(engine: Engine) -> None:
    def law(world: World, filters: Filters, scope: Any) -> None:
        fill(engine, world)
        result = run(pipeline.REPORT, filters, scope, engine, "EUR")
        for cells in (*(row.cells for row in result.rows), result.totals):
            for suffix in ("", "_amount"):
                parts = sum(cells[name + suffix] for name in naive.OUTCOMES)  # type: ignore[misc]
                assert cells["entered" + suffix] == parts

    put(None, law, 3)


def test_the_first_day_and_what_came_less_what_went_is_the_last_day(engine: Engine) -> None:
    gone = ("moved_up", "moved_down", "won", "lost", "cancelled", "left")

    def law(world: World, filters: Filters, scope: Any) -> None:
        fill(engine, world)
        result = run(VIEWS["between"], filters, scope, engine, "EUR")
        for row in (*(row.cells for row in result.rows), result.totals):
            cells: dict[str, Any] = dict(row)
            left = sum(cells[name] for name in gone)
            assert cells["at_start"] + cells["came_in"] - left == cells["at_end"]
            amount = cells["at_start_amount"] + cells["came_in_amount"] + cells["amount_changed"]
            left = sum(cells[f"{name}_amount"] for name in gone)
            assert amount - left == cells["at_end_amount"]

    put("between", law, 3)

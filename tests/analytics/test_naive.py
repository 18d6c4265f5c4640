"""Engine and oracle agree on random companies and random questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadlight.analytics.engines.duckdb import Engine
from leadlight.analytics.listing import listing
from leadlight.analytics.measures import Rate
from leadlight.analytics.report import Result
from leadlight.analytics.reports import CATALOGUE
from leadlight.analytics.run import run
from tests.analytics.naive import DEFAULT_GROUPING, Answer, answer
from tests.analytics.naive_rows import NaiveRow
from tests.analytics.questions import Question, groupings, questions
from tests.analytics.star import fill
from tests.analytics.strategies import worlds
from tests.analytics.world import World
from tests.seeds import examples, seeded

pytestmark = pytest.mark.search

every_report = pytest.mark.parametrize("report", DEFAULT_GROUPING)


def put(report: str, question: Question, number: int) -> Callable[[Callable[..., None]], None]:
    """Ask the question of a number of companies, of which each question has its own."""

    def ask(agree: Callable[..., None]) -> None:
        companies = worlds(zones=st.just(question.zone))
        place = questions(report).index(question)
        seeded(place)(examples(number)(given(companies, st.just(question))(agree)))()

    return ask


@every_report
def test_every_figure_is_what_counting_one_by_one_gives(engine: Engine, report: str) -> None:
    def agree(world: World, question: Question) -> None:
        fill(engine, world)
        told = run(CATALOGUE[report], question.filters, question.scope, engine, "EUR")
        counted = answer(world, report, question.filters, question.scope)
        assert plain(told) == approximate(counted)

    for question in enough(report):
        put(report, question, 4)(agree)


@every_report
def test_every_list_holds_the_leads_that_counting_one_by_one_finds(
    engine: Engine, report: str
) -> None:
    def agree(world: World, question: Question) -> None:
        fill(engine, world)
        counted = answer(world, report, question.filters, question.scope)
        cells = [(row, column) for row in counted.rows for column in row.leads if row.leads[column]]
        row, column = Random(len(cells)).choice([*cells, (counted.totals, "open_leads")])
        row_key = None if row is counted.totals else row.key or "none"
        found = listing(
            CATALOGUE[report],
            question.filters,
            question.scope,
            engine,
            column_key=column,
            row_key=row_key,
        )
        assert sorted(lead["lead"] for lead in found.rows) == row.leads[column]
        assert found.count == len(row.leads[column])

    for question in enough(report)[::2]:
        put(report, question, 2)(agree)


def enough(report: str) -> tuple[Question, ...]:
    """Fewer where the figures are those of another report: each grouping, credit and win rate."""
    number = 6 * len(groupings(report)) if report == "categories" else None
    return questions(report)[:number]


def plain(result: Result) -> dict[str, Any]:
    """An answer of the engine as nothing but plain values."""
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
    """The oracle's answer in the same form; days may differ by a billionth."""
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


def test_the_oracle_counts_money_and_leads_exactly() -> None:
    assert about(Decimal("0.01")) == Decimal("0.01")
    assert about(3) != pytest.approx(3.1)

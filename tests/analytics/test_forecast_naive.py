"""Engine and oracle agree on the forecasts of random companies."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadlight.analytics.engines.duckdb import Engine
from leadlight.analytics.listing import listing
from leadlight.analytics.measures import Rate
from leadlight.analytics.report import Result
from leadlight.analytics.reports import forecast
from leadlight.analytics.run import run
from tests.analytics.naive_forecast import Forecast, Line
from tests.analytics.questions import Question, questions
from tests.analytics.star import fill
from tests.analytics.strategies import worlds
from tests.analytics.strategies_work import crowded
from tests.analytics.world import Goal, World
from tests.seeds import examples, seeded

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


def companies(question: Question, most: int) -> st.SearchStrategy[World]:
    goals = st.lists(st.sampled_from(GOALS), unique=True).map(tuple)
    plain = worlds(zones=st.just(question.zone), most=most)
    return st.builds(lambda world, goals: replace(world, goals=goals), plain, goals)


def agree(engine: Engine, world: World, question: Question) -> None:
    fill(engine, world)
    filters = replace(question.filters, compare=None)
    told = run(forecast.REPORT, filters, question.scope, engine, "EUR")
    counted = Forecast(world, filters, question.scope).answer()
    assert {row.key: plain(row.cells) for row in told.rows} == {
        key: row.cells for key, row in counted.rows.items()
    }
    assert plain(told.totals) == counted.totals.cells
    assert sorted(steps_named(told)) == counted.unmeasured
    rows: list[tuple[str | None, Line]] = [(None, counted.totals)]
    rows += [(key or "none", row) for key, row in counted.rows.items() if row.won or row.open]
    row_key, row = Random(len(rows)).choice(rows)
    for column, keys in (("won_amount", row.won), ("measured_amount", row.open)):
        found = listing(
            forecast.REPORT, filters, question.scope, engine, column_key=column, row_key=row_key
        )
        assert sorted(lead["lead"] for lead in found.rows) == keys
        assert found.amount == row.cells[column]


def plain(cells: Any) -> dict[str, Any]:
    return {
        key: (value.numerator, value.denominator) if isinstance(value, Rate) else value
        for key, value in cells.items()
    }


def steps_named(told: Result) -> list[str]:
    [names] = [
        note.phrase.values["steps"] for note in told.notes if note.code == "not_measured"
    ] or [[]]
    return [name.partition(" (")[0] for name in names]


def test_every_figure_and_list_is_what_counting_one_by_one_gives(engine: Engine) -> None:
    def agree_with_one(world: World, question: Question) -> None:
        agree(engine, world, question)

    for place, question in enumerate(questions("forecast")):
        asked = given(companies(question, 10), st.just(question))
        seeded(place)(examples(2)(asked(agree_with_one)))()


def test_so_it_is_where_win_rates_are_measured(engine: Engine) -> None:
    measured = 0

    def agree_with_many(world: World, question: Question) -> None:
        nonlocal measured
        crowd = crowded(world, COPIES)
        agree(engine, crowd, question)
        measured += bool(Forecast(crowd, question.filters, question.scope).rates())

    for place, question in enumerate(questions("forecast")[::6]):
        asked = given(companies(question, 6), st.just(question))
        seeded(place)(examples(2)(asked(agree_with_many)))()
    assert measured > 5

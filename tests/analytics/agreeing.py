"""Putting questions to random companies, and what engine and oracle say side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time
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
from leadlight.analytics.run import run
from tests.analytics.questions import TABLES, Question, deal, groupings
from tests.analytics.star import fill
from tests.analytics.strategies import DAYS, worlds
from tests.analytics.world import World
from tests.seeds import examples, seeded

Companies = Callable[[Question], st.SearchStrategy[World]]


@dataclass
class Line:
    """A row as the oracle has it: its figures, the keys of what is behind some of them, and which
    of them are marked."""

    key: str | None
    cells: dict[str, Any]
    behind: dict[str, list[str]] = field(default_factory=dict)
    unfinished: frozenset[str] = frozenset()


@dataclass
class Counted:
    """The oracle's answer; `noted` are counts of notes by their codes."""

    rows: list[Line]
    totals: Line
    noted: dict[str, int] = field(default_factory=dict)


Oracle = Callable[[World, Any, Any], Counted]


def companies(question: Question) -> st.SearchStrategy[World]:
    return worlds(zones=st.just(question.zone), most=8)


def put(
    report: str,
    agree: Callable[[World, Question], None],
    places: Iterable[int],
    number: int,
    companies: Companies = companies,
) -> None:
    """Ask the questions with these numbers of a number of companies each. Every second round of the
    groupings is as of the last day on which things happen, when some have just done so."""
    for place in places:
        question = deal(report, place)
        question = replace(question, filters=replace(question.filters, compare=None))
        if place // len(groupings(report)) % 2:
            question = _on_the_last_day(question)
        asked = given(companies(question), st.just(question))
        seeded(place)(examples(number)(asked(agree)))()


def _on_the_last_day(question: Question) -> Question:
    noon = datetime.combine(DAYS[question.zone.key][-1], time(12), question.zone)
    as_of = {"as_of": noon, "asked_at": noon, "today": noon.date()}
    return replace(question, filters=replace(question.filters, **as_of))


def agree(engine: Engine, oracle: Oracle, world: World, question: Question) -> Counted:
    """Every figure is what the oracle counts, and one of the lists is what it counted."""
    fill(engine, world)
    table, filters, scope = TABLES[question.report], question.filters, question.scope
    told = run(table, filters, scope, engine, "EUR")
    counted = oracle(world, filters, scope)
    assert [(row.key, plain(row.cells), row.unfinished) for row in told.rows] == [
        (line.key, approximate(line.cells), line.unfinished) for line in counted.rows
    ]
    assert plain(told.totals) == approximate(counted.totals.cells)
    assert noted(told) == counted.noted
    totals = replace(counted.totals, key=None)
    cells = [(None, totals, column) for column in totals.behind]
    cells += [
        (line.key or "none", line, column)
        for line in counted.rows
        for column in line.behind
        if line.behind[column]
    ]
    if cells:
        row_key, line, column = Random(len(cells)).choice(cells)
        found = listing(table, filters, scope, engine, column_key=column, row_key=row_key)
        assert found.count == len(found.rows) == len(line.behind[column])
        if found.subject != "activity":  # these have no keys
            assert sorted(row[found.subject] for row in found.rows) == sorted(line.behind[column])
    return counted


def noted(told: Result) -> dict[str, int]:
    return {note.code: note.count for note in told.notes if note.count}


def plain(cells: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: (value.numerator, value.denominator) if isinstance(value, Rate) else value
        for key, value in cells.items()
    }


def approximate(cells: Mapping[str, Any]) -> dict[str, Any]:
    """Days may differ by a billionth."""
    return {
        key: pytest.approx(float(value), abs=1e-9, rel=0) if isinstance(value, Fraction) else value
        for key, value in cells.items()
    }

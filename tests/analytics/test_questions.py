"""The random queries use every option of a table, and their turns share one shape."""

from __future__ import annotations

from itertools import chain

import pytest

from leadlight.analytics.query.dimensions import REPORT_FILTERS
from leadlight.analytics.query.report_query import ReportQuery
from leadlight.analytics.query.switches import SWITCHES
from tests.analytics.questions import (
    READERS,
    TABLES,
    SampleQuery,
    deal,
    dealt,
    groupings,
    numbers,
)
from tests.analytics.strategies import FIELDS

TURNS = range(5)
every_table = pytest.mark.parametrize("report", TABLES)


def questions(report: str) -> list[SampleQuery]:
    return [deal(report, number) for number in numbers(report)]


@every_table
def test_the_queries_of_a_table_use_every_option(report: str) -> None:
    table, asked = TABLES[report], questions(report)
    assert {one.params["group_by"][0] for one in asked} == set(groupings(report))
    for name in {*table.switches, "tags"} - {"days"}:
        assert {one.filters.switch(name) for one in asked} == set(SWITCHES[name])
    chosen = set(chain(*(dict(one.filters.chosen) for one in asked)))
    assert chosen == {*REPORT_FILTERS, *(f"field:{field.key}" for field in FIELDS)}
    assert {one.reader for one in asked} == set(READERS)
    assert {one.filters.as_of is None for one in asked} == {True, False}
    if not table.unit:
        assert {one.params["bucket"][0] for one in asked} >= {"day", "week", "month", "year"}


def shape(query: SampleQuery) -> ReportQuery:
    return TABLES[query.report].shape_of(ReportQuery(query.filters, query.scope))


@every_table
def test_turns_differ_in_values_and_share_one_shape(report: str) -> None:
    for number in numbers(report):
        turns = [deal(report, number, turn) for turn in TURNS]
        assert {turn.zone for turn in turns} == {deal(report, 0, turn).zone for turn in TURNS}
        assert len({turn.filters for turn in turns}) == len(turns)
        if (
            report != "pipeline.between"
        ):  # its shape also depends on whether the first day is recorded
            assert len({shape(turn) for turn in turns}) == 1


def test_a_deck_is_reshuffled_only_when_all_cards_are_dealt() -> None:
    cards = [dealt("test", number, "abc") for number in range(30)]
    assert all(sorted(cards[place : place + 3]) == ["a", "b", "c"] for place in range(0, 30, 3))
    assert cards != sorted(cards)

"""The engine agrees with the naive oracle on the rankings of random companies."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, time
from math import inf
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadlight.analytics.engine.run import run
from leadlight.analytics.reports.contract import Result
from leadlight.analytics.stats.proportions import fitted_prior, rank_ranges
from tests.analytics import agreeing, naive_ranking, strategies
from tests.analytics.agreeing import plain, turns_of
from tests.analytics.naive_ranking import Cases, Ranked
from tests.analytics.questions import TABLES, SampleQuery, deal
from tests.analytics.star import engine_of
from tests.analytics.strategies import DAYS, worlds
from tests.analytics.strategies_work import COSTLY_LISTS
from tests.analytics.world import Fact, Lead, Prospect, Tag, World
from tests.seeds import examples

pytestmark = pytest.mark.search

ORACLES = {
    "team.ranking": naive_ranking.of_leads,
    "categories.ranking": naive_ranking.of_leads,
    "prospecting.ranking": naive_ranking.of_prospects,
}
CASES = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
NARROW, WIDE = 3, 6
TIMES = (10, 9, 1, 30, 12, 3, 17, 5)
TAGS = (*strategies.TAGS, Tag(64, "d", "Dairy", 52))
LISTS = (replace(COSTLY_LISTS[0], source="fair"), *COSTLY_LISTS[1:])


@st.composite
def rivals(draw: Any, zone: ZoneInfo) -> World:
    """A small company with many closed leads, all of them converted from prospects."""
    world = draw(worlds(zones=st.just(zone), fewest=3, most=4))
    number = draw(st.integers(3, len(TIMES)))
    closed = [draw(closings(1000 * (place + 1), zone)) for place in range(number)]
    return with_copies(
        replace(
            world,
            leads=(*world.leads, *(lead for lead, _ in closed)),
            prospects=(*world.prospects, *(row for _, row in closed)),
            prospecting_lists=LISTS,
            tags=TAGS,
        )
    )


def with_copies(world: World) -> World:
    """The company with its closed leads copied, so that some rows differ significantly."""
    more = [
        (replace(lead, id=row_id, key=f"L{row_id}", prospect_id=row_id), row_id)
        for lead in world.leads
        if lead.id >= 1000
        for row_id in range(lead.id + 1, lead.id + TIMES[lead.id // 1000 - 1])
    ]
    rows = {row.id: row for row in world.prospects}
    prospects = [
        replace(rows[row_id - row_id % 1000], id=row_id, key=f"P{row_id}") for _, row_id in more
    ]
    return replace(
        world,
        leads=(*world.leads, *(lead for lead, _ in more)),
        prospects=(*world.prospects, *prospects),
    )


@st.composite
def closings(draw: Any, row_id: int, zone: ZoneInfo) -> tuple[Lead, Prospect]:
    """A lead created by one user and closed by another, with the prospect it was converted from.

    It may be handed over to a third user after the closing.
    """
    first, *_, last = (datetime.combine(day, time(12), zone) for day in DAYS[zone.key])
    owner_ids = draw(st.permutations((11, 12, 13, None)))
    team_id, list_id = draw(st.sampled_from((21, 22, None))), draw(st.sampled_from((81, 82, 83)))
    changes = [
        ("created", None, first),
        ("pipeline", 31, first),
        ("step", 40, first),
        ("owner", owner_ids[1], first),
        ("team", team_id, first),
        ("status", draw(st.sampled_from(("won", "lost", "won", "lost", "cancelled"))), last),
        ("owner", owner_ids[draw(st.sampled_from((1, 2)))], last),
    ]
    lead = Lead(
        row_id,
        f"L{row_id}",
        tuple(Fact(kind, value, at, at) for kind, value, at in changes),
        creator_id=owner_ids[0],
        tag_ids=draw(st.sampled_from(((61,), (62,), (61, 63), (62, 64), (61, 62, 63, 64), ()))),
        prospecting_list_id=list_id,
        prospect_id=row_id,
    )
    return lead, Prospect(row_id, f"P{row_id}", list_id, first, owner_ids[2], first)


def leaves_all_in(query: SampleQuery) -> bool:
    filters, days = query.filters, DAYS[query.zone.key]
    is_whole = filters.period.first <= days[0] and filters.period.last >= days[-1]
    return is_whole and not filters.chosen and query.scope.sees_all


def wide(report: str) -> list[int]:
    """Numbers of the queries that leave no lead out, in at least one turn."""
    return [
        number
        for number in range(40)
        if any(leaves_all_in(deal(report, number, turn)) for turn in range(turns_of(report)))
    ][:WIDE]


@pytest.mark.parametrize("report", ORACLES)
def test_ranks_and_estimates_equal_those_of_the_oracle(report: str) -> None:
    seen = Counter[str]()

    def agree(world: World, query: SampleQuery) -> None:
        counted = agreeing.assert_equal_to_oracle(ORACLES[report], world, query)
        assert isinstance(counted, Ranked)
        actual = run(TABLES[report], query.filters, query.scope, engine_of(world), "EUR")
        assert {row.key for row in actual.rows if row.is_few} == counted.few
        assert_notes(actual, counted)
        seen.update(outcomes_of(counted))

    agreeing.for_each_query(report, agree, rivals, {*range(NARROW), *wide(report)})
    assert min(seen[what] for what in ("told apart", "alike", "shrunk", "common", "few")) > 0


@examples(150)
@given(st.lists(CASES, min_size=1, max_size=9))
def test_rank_ranges_and_prior_of_random_rates_equal_those_of_the_oracle(rows: list[Cases]) -> None:
    cases, prior = tuple(rows), fitted_prior(rows)
    assert rank_ranges(rows) == list(naive_ranking.ranges(cases))
    weight = naive_ranking.fitted(cases)
    assert prior
    assert prior.weight == (inf if weight is None else pytest.approx(float(weight), rel=1e-6))


def assert_notes(actual: Result, counted: Ranked) -> None:
    """Assert that the notes have the values of the oracle, within their rounding."""
    said = {note.code: note for note in actual.notes if note.code in ("ranks", "estimate")}
    assert {code: plain(note.phrase.values) for code, note in said.items()} == {
        code: rounded(values) for code, values in counted.said.items()
    }
    if counted.weight is not None and said:
        method = said["estimate"].method
        assert method
        alpha, beta = counted.mean * counted.weight, (1 - counted.mean) * counted.weight
        assert method.values == rounded({"alpha": alpha, "beta": beta})


def rounded(values: dict[str, Any]) -> dict[str, Any]:
    """Values as rounded in notes: to 0.1, from 100 on to 1; ties may be rounded up or down."""
    return {
        name: pytest.approx(float(value), abs=(0.05 if value < 100 else 0.5) + 1e-9)
        if name in ("weight", "alpha", "beta")
        else value
        for name, value in values.items()
    }


def outcomes_of(counted: Ranked) -> list[str]:
    number = len(counted.cases)
    if number < 2:
        return []
    are_alike = all(place == (1, number) for place in counted.places)
    return [
        "alike" if are_alike else "told apart",
        "common" if counted.weight is None else "shrunk",
        *(["few"] if counted.few else []),
    ]

"""The engine agrees with the naive oracle on every table of losses of random companies."""

from __future__ import annotations

import pytest

from tests.analytics import naive_losses as naive
from tests.analytics.agreeing import Oracle, assert_equal_to_oracle, for_each_query
from tests.analytics.questions import SampleQuery
from tests.analytics.world import World

pytestmark = pytest.mark.search

ORACLES: dict[str, Oracle] = {
    "losses": naive.overall,
    "losses.steps": naive.by_step,
    "losses.people": naive.by_person,
}


@pytest.mark.parametrize("table", ORACLES)
def test_losses_and_their_lists_equal_the_naive_count(table: str) -> None:
    lost = 0

    def agree(world: World, query: SampleQuery) -> None:
        nonlocal lost
        counted = assert_equal_to_oracle(ORACLES[table], world, query)
        lost += counted.totals.cells["lost_leads"]

    for_each_query(table, agree)
    assert lost > 10

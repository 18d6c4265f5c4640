"""The engine agrees with the naive oracle on prospecting in random companies."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.analytics import agreeing, naive_prospecting
from tests.analytics.questions import SampleQuery
from tests.analytics.world import World

pytestmark = pytest.mark.search

RARE = ("prospects", "worked", "reached", "turned_into_leads", "won_leads", "open_leads", "cost")


def test_prospecting_figures_and_lists_equal_the_naive_count() -> None:
    seen = Counter[str]()

    def agree(world: World, query: SampleQuery) -> None:
        counted = agreeing.assert_equal_to_oracle(naive_prospecting.main, world, query).totals
        seen.update(name for name in RARE if counted.cells[name])

    agreeing.for_each_query("prospecting", agree)
    assert min(seen[name] for name in RARE) > 2

"""The engine agrees with the naive oracle on lead performance in random companies."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import strategies as st

from tests.analytics import agreeing, naive_leads, naive_work
from tests.analytics.agreeing import Oracle
from tests.analytics.drawn_companies import small
from tests.analytics.questions import SampleQuery, deal
from tests.analytics.strategies import DAYS
from tests.analytics.strategies_work import experienced
from tests.analytics.world import World

pytestmark = pytest.mark.search

ORACLES: dict[str, Oracle] = {"leads": naive_leads.main, "leads.triangle": naive_leads.triangle}


@pytest.mark.parametrize("table", ORACLES)
def test_lead_figures_and_lists_equal_the_naive_count(table: str) -> None:
    marked = 0

    def agree(world: World, query: SampleQuery) -> None:
        nonlocal marked
        counted = agreeing.assert_equal_to_oracle(ORACLES[table], world, query)
        marked += any(line.unfinished for line in counted.rows)

    agreeing.for_each_query(table, agree)
    agreeing.for_each_query(table, agree, places=cohorts(table))
    assert marked > 3


def cohorts(table: str) -> list[int]:
    """Numbers of two further queries about all leads by time of creation."""
    asked = [deal(table, place) for place in range(8, 400)]
    return [
        one.number
        for one in asked
        if one.filters.group_by == "bucket" and not one.filters.chosen and one.scope.sees_all
    ][:2]


def of_experience(zone: ZoneInfo) -> st.SearchStrategy[World]:
    # In UTC, because Python subtracts two instants of one zone by their wall clocks.
    since = datetime.combine(DAYS[zone.key][1], time(12), zone).astimezone(UTC)
    return small(zone).map(lambda world: experienced(world, since))


def test_work_lists_equal_the_naive_count_when_history_is_sufficient() -> None:
    waiting = Counter[str]()

    def agree(world: World, query: SampleQuery) -> None:
        totals = agreeing.assert_equal_to_oracle(naive_work.work, world, query).totals
        for name in naive_work.LISTS.values():
            waiting[name] += totals.cells[name] > 0

    agreeing.for_each_query("leads.work", agree, of_experience)
    assert min(waiting[name] for name in naive_work.LISTS.values()) > 5

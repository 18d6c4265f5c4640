"""The engine agrees with the naive oracle on the activities and goals of random companies."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import strategies as st

from tests.analytics import agreeing, naive_activities, naive_goals
from tests.analytics.drawn_companies import small
from tests.analytics.questions import SampleQuery
from tests.analytics.world import Goal, World

pytestmark = pytest.mark.search

STARTS = (date(2011, 12, 1), date(2012, 1, 1), date(2023, 10, 1), date(2024, 2, 29))
HOLDERS = ((11, None), (12, None), (13, None), (14, None), (None, 21), (None, 22))
KINDS = (
    ("activities", None, "month"),
    ("activities", 91, "quarter"),
    ("won_leads", None, "year"),
    ("won_amount", None, "quarter"),
)
TARGETS = (Decimal(0), Decimal(1), Decimal(7), Decimal(1000))


def goals() -> st.SearchStrategy[tuple[Goal, ...]]:
    """Goals of few kinds, so that holders share a kind and later goals replace earlier ones.

    One user and one team hold a goal of each kind from the first date: every company then has the
    same goal columns, and no further statements are compiled.
    """
    drawn = st.tuples(
        st.sampled_from(HOLDERS),
        st.sampled_from(KINDS),
        st.sampled_from(STARTS),
        st.sampled_from(TARGETS),
    )
    first = [(holder, kind, STARTS[0], Decimal(2)) for holder in HOLDERS[::4] for kind in KINDS]
    return st.lists(drawn, min_size=4, max_size=12).map(
        lambda later: tuple(
            Goal(301 + number, *holder, *kind, starts_on, target)
            for number, (holder, kind, starts_on, target) in enumerate([*first, *later])
        )
    )


def with_goals(zone: ZoneInfo) -> st.SearchStrategy[World]:
    return st.builds(lambda world, goals: replace(world, goals=goals), small(zone), goals())


def test_activity_figures_and_lists_equal_the_naive_count() -> None:
    done = on_wins = 0

    def agree(world: World, query: SampleQuery) -> None:
        nonlocal done, on_wins
        counted = agreeing.assert_equal_to_oracle(naive_activities.main, world, query).totals
        done += counted.cells["activities"] > 0
        on_wins += counted.cells["activities_on_wins"][0] > 0

    agreeing.for_each_query("activities", agree)
    assert (done > 10, on_wins > 1) == (True, True)


def test_goal_figures_and_lists_equal_the_naive_count() -> None:
    reached = 0

    def agree(world: World, query: SampleQuery) -> None:
        nonlocal reached
        counted = agreeing.assert_equal_to_oracle(naive_goals.goals, world, query).totals
        reached += any(counted.behind[name] for name in counted.behind if name != "won_leads")

    agreeing.for_each_query("activities.goals", agree, with_goals, turns=3)
    assert reached > 1

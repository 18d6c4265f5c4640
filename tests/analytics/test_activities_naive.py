"""Engine and oracle agree on what was done in random companies, and on what was to be reached."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import strategies as st

from leadlight.analytics.engines.duckdb import Engine
from tests.analytics import agreeing, naive_activities, naive_goals
from tests.analytics.questions import Question
from tests.analytics.world import Goal, World

pytestmark = pytest.mark.search

STARTS = (date(2011, 12, 1), date(2012, 1, 1), date(2023, 10, 1), date(2024, 2, 29))
HOLDERS = ((11, None), (12, None), (13, None), (14, None), (None, 21), (None, 22))
MEASURES = (("activities", None), ("activities", 91), ("won_leads", None), ("won_amount", None))


def goals() -> st.SearchStrategy[tuple[Goal, ...]]:
    """Many of a few kinds, so that several hold one kind and later ones replace earlier."""
    told = st.tuples(
        st.sampled_from(HOLDERS),
        st.sampled_from(MEASURES),
        st.sampled_from(("month", "quarter", "year", "year")),
        st.sampled_from(STARTS),
        st.sampled_from((Decimal(0), Decimal(1), Decimal(7), Decimal(1000))),
    )
    return st.lists(told, min_size=4, max_size=12).map(
        lambda every: tuple(
            Goal(301 + number, *holder, *measure, period, starts_on, target)
            for number, (holder, measure, period, starts_on, target) in enumerate(every)
        )
    )


def with_goals(question: Question) -> st.SearchStrategy[World]:
    return st.builds(
        lambda world, goals: replace(world, goals=goals), agreeing.companies(question), goals()
    )


def test_every_figure_and_list_is_what_counting_one_by_one_gives(engine: Engine) -> None:
    done = on_wins = 0

    def agree(world: World, question: Question) -> None:
        nonlocal done, on_wins
        counted = agreeing.agree(engine, naive_activities.main, world, question).totals
        done += counted.cells["activities"] > 0
        on_wins += counted.cells["activities_on_wins"][0] > 0

    agreeing.put("activities", agree, range(15), 3)
    assert (done > 10, on_wins > 2) == (True, True)


def test_so_it_is_of_goals_and_what_was_done_for_them(engine: Engine) -> None:
    reached = 0

    def agree(world: World, question: Question) -> None:
        nonlocal reached
        counted = agreeing.agree(engine, naive_goals.goals, world, question).totals
        reached += any(counted.behind[name] for name in counted.behind if name != "won_leads")

    agreeing.put("activities.goals", agree, range(12), 4, with_goals)
    assert reached > 3

"""Stays and steps are what following each lead by hand gives, now and as of any instant."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import ibis
from hypothesis import given
from hypothesis import strategies as st
from ibis.expr.types import Table

from leadlight.analytics.engines.duckdb import Engine
from leadlight.analytics.journeys import stays_at, stays_of, steps_at, steps_of
from leadlight.analytics.schema import STAR, TABLES
from tests.analytics.busy import lead
from tests.analytics.examples import examples
from tests.analytics.laws import INSTANTS, PARIS
from tests.analytics.star import fill, stays, steps, utc
from tests.analytics.strategies import company, worlds
from tests.analytics.world import World

WORLDS = worlds(zones=st.just(PARIS), most=9)


def rows(engine: Engine, table: Table) -> list[tuple[Any, ...]]:
    return sorted(engine.run(str(ibis.to_sql(table, dialect="duckdb"))), key=repr)


def followed(world: World, as_of: datetime | None) -> tuple[list[Any], list[Any]]:
    """The rows of `lead_stays` and `lead_steps` by hand."""
    return (
        sorted((row for one in world.leads for row in stays(world, one, as_of)), key=repr),
        sorted((row for one in world.leads for row in steps(world, one, as_of)), key=repr),
    )


def test_stays_and_steps_are_those_that_one_finds_by_following_each_lead(engine: Engine) -> None:
    made = stays_of(TABLES["lead_moves"], TABLES["steps"])
    found = steps_of(TABLES["lead_stays"], TABLES["steps"])
    assert tuple(made.columns) == tuple(STAR["lead_stays"])
    assert tuple(found.columns) == tuple(STAR["lead_steps"])

    @examples(15)
    @given(WORLDS)
    def agree(world: World) -> None:
        fill(engine, world)
        assert (rows(engine, made), rows(engine, found)) == followed(world, None)

    agree()


def test_the_past_is_followed_as_it_was_known_then(engine: Engine) -> None:
    @examples(15)
    @given(WORLDS, st.sampled_from(INSTANTS))
    def agree(world: World, instant: datetime) -> None:
        fill(engine, world)
        then = utc(instant)
        told = rows(engine, stays_at(then)), rows(engine, steps_at(then))
        assert told == followed(world, instant)

    agree()


def test_now_is_what_the_star_keeps(engine: Engine) -> None:
    assert stays_at(None) is TABLES["lead_stays"]
    assert steps_at(None) is TABLES["lead_steps"]


def entered(
    engine: Engine, *changes: tuple[str, str, Any], step: int
) -> dict[int, tuple[Any, ...]]:
    """Step → reached on, advanced, visited on, advanced from there, and where it went."""
    fill(engine, company(PARIS, (lead(1, "02-01", *changes, step=step),)))
    found = rows(engine, steps_of(TABLES["lead_stays"], TABLES["steps"]))
    day = "{:%m-%d}".format
    return {row[2]: (day(row[4]), row[5], row[7] and day(row[7]), row[8], row[9]) for row in found}


def test_a_lead_that_jumps_reaches_what_it_jumps_over_and_visits_it_not(engine: Engine) -> None:
    # The steps of the first pipeline are 40, 41 and 42.
    assert entered(engine, ("02-05", "step", 42), step=40) == {
        40: ("02-01", True, "02-01", True, "back"),
        41: ("02-05", True, None, None, None),
        42: ("02-05", False, "02-05", False, "here"),
    }


def test_a_lead_that_goes_back_reached_the_earlier_step_already(engine: Engine) -> None:
    assert entered(engine, ("02-05", "step", 41), step=42) == {
        40: ("02-01", True, None, None, None),
        41: ("02-01", True, "02-05", False, "here"),
        42: ("02-01", False, "02-01", False, "back"),
    }


def test_a_lead_that_went_to_another_pipeline_and_came_back_took_up_its_way(engine: Engine) -> None:
    away = (("02-05", "pipeline", 32), ("02-05", "step", 43))
    back = (("02-09", "pipeline", 31), ("02-09", "step", 41))
    assert entered(engine, *away, step=40) == {
        40: ("02-01", False, "02-01", False, "away"),
        43: ("02-05", False, "02-05", False, "here"),
    }
    assert entered(engine, *away, *back, step=40) == {
        40: ("02-01", True, "02-01", True, "away"),
        41: ("02-09", False, "02-09", False, "here"),
        43: ("02-05", False, "02-05", False, "away"),
    }


def test_being_put_where_it_is_already_is_no_move(engine: Engine) -> None:
    world = company(PARIS, (lead(1, "02-01", ("02-05", "step", 40), ("02-07", "step", 41)),))
    fill(engine, world)
    found = rows(engine, stays_of(TABLES["lead_moves"], TABLES["steps"]))
    noon = datetime(2024, 2, 7, 12, tzinfo=UTC)
    assert [(row[2], row[3], row[6]) for row in found] == [(40, 0, utc(noon)), (41, 1, None)]

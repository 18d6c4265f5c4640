"""Stays and steps equal a naive replay of each lead, now and as of any instant."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import ibis
import pytest
from ibis.expr.types import Table

from leadlight.analytics.engine.duckdb import Engine
from leadlight.analytics.facts.step_intervals import stays_at, steps_at
from leadlight.analytics.star.schema import RECORDED, STAR, TABLES, recorded
from leadlight.analytics.star.step_history import merge_moments, stays_of, steps_of
from tests.analytics.busy import at, lead
from tests.analytics.drawn_companies import put_to_each, small
from tests.analytics.laws import INSTANTS, PARIS, in_paris
from tests.analytics.star import engine_of, fill, stays, steps, utc
from tests.analytics.strategies import company
from tests.analytics.world import Fact, World

pytestmark = pytest.mark.search


def rows(engine: Engine, table: Table) -> list[tuple[Any, ...]]:
    return sorted(engine.run(sql_of(table)), key=repr)


@cache
def sql_of(table: Table) -> str:
    return str(ibis.to_sql(table, dialect="duckdb"))


def naive_rows(world: World, as_of: datetime | None) -> tuple[list[Any], list[Any]]:
    """Expected rows of `lead_stays` and `lead_steps` by the naive replay."""
    return (
        sorted((row for one in world.leads for row in stays(world, one, as_of)), key=repr),
        sorted((row for one in world.leads for row in steps(world, one, as_of)), key=repr),
    )


ORDER = (TABLES["steps"], TABLES["past_positions"])
MADE_STAYS = stays_of(TABLES["lead_moves"], *ORDER)
MERGED_STAYS = merge_moments(MADE_STAYS).select(list(STAR["lead_stays"]))
MERGED_STEPS = merge_moments(steps_of(MADE_STAYS, *ORDER)).select(list(STAR["lead_steps"]))


def rows_without_validity(engine: Engine, table: Table) -> list[tuple[Any, ...]]:
    """Rows without the instants between which they were valid."""
    return rows(engine, table.drop(*RECORDED))


def test_stays_and_steps_equal_those_of_the_naive_replay() -> None:
    def agree(world: World) -> None:
        engine = engine_of(world)
        for instant in (*INSTANTS, None):
            then = utc(instant)
            stays, steps = (recorded(made, then) for made in (MERGED_STAYS, MERGED_STEPS))
            assert (
                rows_without_validity(engine, stays),
                rows_without_validity(engine, steps),
            ) == naive_rows(world, instant)
            # The star tables hold the same rows for the past.
            found = (
                rows_without_validity(engine, stays_at(then)),
                rows_without_validity(engine, steps_at(then)),
            )
            assert found == naive_rows(world, instant)

    for companies in (small, in_paris):
        put_to_each(agree, PARIS, companies)


def test_consecutive_equal_versions_are_merged_into_one_row() -> None:
    seen = 0

    def law(world: World) -> None:
        nonlocal seen
        for table in (MERGED_STAYS, MERGED_STEPS):
            found = rows(engine_of(world), table)
            ends = {row[:-2] + row[-1:] for row in found}
            begins = {row[:-1] for row in found}
            assert len(ends) == len(begins) == len(found)
            assert not ends & begins
            seen += len(found)

    for companies in (small, in_paris):
        put_to_each(law, PARIS, companies)
    assert seen > 100


def entered(
    engine: Engine, *changes: tuple[str, str, Any], step: int
) -> dict[int, tuple[Any, ...]]:
    """Return, by step: reached on, advanced, visited on, visit advanced, and exit of the visit."""
    fill(engine, company(PARIS, (lead(1, "02-01", *changes, step=step),)))
    found = rows_without_validity(engine, recorded(MERGED_STEPS, None))
    day = "{:%m-%d}".format
    return {row[2]: (day(row[4]), row[5], row[7] and day(row[7]), row[8], row[9]) for row in found}


def test_a_lead_that_skips_a_step_reaches_it_without_visiting_it(engine: Engine) -> None:
    # The steps of the first pipeline are 40, 41 and 42.
    assert entered(engine, ("02-05", "step", 42), step=40) == {
        40: ("02-01", True, "02-01", True, "back"),
        41: ("02-05", True, None, None, None),
        42: ("02-05", False, "02-05", False, "here"),
    }


def test_moving_back_does_not_change_when_a_step_was_reached(engine: Engine) -> None:
    assert entered(engine, ("02-05", "step", 41), step=42) == {
        40: ("02-01", True, None, None, None),
        41: ("02-01", True, "02-05", False, "here"),
        42: ("02-01", False, "02-01", False, "back"),
    }


def test_a_lead_that_returns_from_another_pipeline_continues_its_journey(engine: Engine) -> None:
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


def test_setting_the_current_step_again_is_no_move(engine: Engine) -> None:
    world = company(PARIS, (lead(1, "02-01", ("02-05", "step", 40), ("02-07", "step", 41)),))
    fill(engine, world)
    found = rows_without_validity(engine, recorded(MERGED_STAYS, None))
    noon = datetime(2024, 2, 7, 12, tzinfo=UTC)
    assert [(row[2], row[3], row[6]) for row in found] == [(40, 0, utc(noon)), (41, 1, None)]


def test_a_late_record_changes_the_stays_from_its_recording_on(engine: Engine) -> None:
    late = Fact("step", 41, at("02-05"), at("02-20"))
    one = lead(1, "02-01", ("02-10", "step", 42), step=40)
    fill(engine, company(PARIS, (replace(one, facts=(*one.facts, late)),)))
    found = rows(engine, MERGED_STAYS)
    day = "{:%m-%d}".format
    assert {
        (
            row[2],
            row[3],
            day(row[4]),
            row[6] and day(row[6]),
            day(row[10]),
            row[11] and day(row[11]),
        )
        for row in found
    } == {
        (40, 0, "02-01", None, "02-01", "02-10"),
        (40, 0, "02-01", "02-10", "02-10", "02-20"),
        (42, 1, "02-10", None, "02-10", "02-20"),
        (40, 0, "02-01", "02-05", "02-20", None),
        (41, 1, "02-05", "02-10", "02-20", None),
        (42, 2, "02-10", None, "02-20", None),
    }

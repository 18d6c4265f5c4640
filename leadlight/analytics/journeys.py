"""The way of leads through the steps of pipelines, from the moments at which they changed step.

A *stay* is an unbroken time in one step. A lead *reaches* a step when it first enters it or a later
one of the same pipeline (one that jumps from the first step to the fourth passes the second and the
third at that same instant), and *visits* it when it is really put there.

These are the only definitions: the replica keeps `lead_stays` and `lead_steps` made by them for
now, and for the past they are applied anew to the leads that have moved since.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

import ibis
from ibis import _
from ibis.expr.types import BooleanValue, Table

from leadlight.analytics.schema import TABLES

HERE = 0  # what a lead left for: nothing yet


def stays_of(moves: Table, steps: Table) -> Table:
    """Every stay that moves make, in the columns of `lead_stays`; moves to the same step are one.

    Moves of one instant hold in the order of their ids, each of them a stay.
    """
    story: dict[str, Any] = {"group_by": "lead_id", "order_by": ["occurred_at", "move_id"]}
    entered = moves.mutate(before=_.step_id.lag().over(**story)).filter(
        lambda move: move.before.isnull() | (move.before != move.step_id)
    )
    places = steps.select(place_id="step_id", pipeline_id="pipeline_id")
    placed = entered.inner_join(places, entered.step_id == places.place_id)
    return placed.select(
        "lead_id",
        "pipeline_id",
        "step_id",
        stay_number=ibis.row_number().over(**story),
        entered_at="occurred_at",
        entered_on="occurred_on",
        left_at=_.occurred_at.lead().over(**story),
        left_on=_.occurred_on.lead().over(**story),
        next_step_id=_.step_id.lead().over(**story),
        next_pipeline_id=_.pipeline_id.lead().over(**story),
    ).select(list(TABLES["lead_stays"].columns))


def steps_of(stays: Table, steps: Table) -> Table:
    """What became of each lead in each step that it reached or visited: `lead_steps`."""
    ordered = in_order(steps)
    places = ordered.select(place_id="step_id", position="position")
    placed = stays.inner_join(places, stays.step_id == places.place_id)
    way: dict[str, Any] = {"group_by": ["lead_id", "pipeline_id"], "order_by": "stay_number"}
    told = placed.mutate(
        furthest=_.position.max().over(**way, rows=(0, None)),
        been=_.position.max().over(**way, rows=(None, -1)),
        left_for=_.next_pipeline_id.fill_null(HERE),
    )
    visited = _visited(told)
    reached = _reached(told, ordered)
    both = reached.left_join(
        visited,
        (reached.lead_id == visited.visitor_id) & (reached.step_id == visited.visited_id),
    )
    return both.select(
        "lead_id",
        "pipeline_id",
        "step_id",
        "reached_at",
        "reached_on",
        advanced=_.furthest > _.position,
        visited_at=_.visited_at,
        visited_on=_.visited_on,
        visit_advanced=_.visit_furthest > _.position,
        went=_went(both),
    ).select(list(TABLES["lead_steps"].columns))


def in_order(steps: Table) -> Table:
    """The steps, each with its `position` in its pipeline: no two have the same."""
    way = {"group_by": "pipeline_id", "order_by": ["step_position", "step_id"]}
    return steps.mutate(position=ibis.row_number().over(**way))


def _visited(told: Table) -> Table:
    """By lead and step: the first visit, how far the lead came from then on, and its last leave."""
    return told.group_by(visitor_id=told.lead_id, visited_id=told.step_id).aggregate(
        visited_at=told.entered_at.argmin(told.stay_number),
        visited_on=told.entered_on.argmin(told.stay_number),
        visit_furthest=told.furthest.argmin(told.stay_number),
        left_for=told.left_for.argmax(told.stay_number),
    )


def _reached(told: Table, steps: Table) -> Table:
    """By lead and step: the first stay there or further on."""
    onward = told.filter(told.been.isnull() | (told.position > told.been)).select(
        onward_lead_id="lead_id",
        onward_number="stay_number",
        onward_pipeline_id="pipeline_id",
        to_position="position",
        from_position="been",
        reached_at="entered_at",
        reached_on="entered_on",
        furthest="furthest",
    )
    joined = onward.inner_join(
        steps,
        [
            onward.onward_pipeline_id == steps.pipeline_id,
            steps.position <= onward.to_position,
            onward.from_position.isnull() | (steps.position > onward.from_position),
        ],
    )
    return joined.select(
        "pipeline_id",
        "step_id",
        "reached_at",
        "reached_on",
        "furthest",
        lead_id="onward_lead_id",
        position="position",
    )


def _went(both: Table) -> Any:
    """Whether the last stay in the step is where the lead is, or what it left it for."""
    return ibis.cases(
        (both.left_for == HERE, "here"),
        (both.left_for == both.pipeline_id, "back"),
        (both.left_for.notnull(), "away"),
    )


@cache
def filling(moves: str, stays: str, steps: str, dialect: str) -> tuple[str, str]:
    """Queries for `lead_stays` and `lead_steps`, of tables with these names instead of the star's:
    moves, then stays; and the steps there are."""

    def named(name: str, table: str) -> Table:
        return ibis.table(TABLES[name].schema(), name=table)

    places = named("steps", steps)
    return (
        str(ibis.to_sql(stays_of(named("lead_moves", moves), places), dialect=dialect)),
        str(ibis.to_sql(steps_of(named("lead_stays", stays), places), dialect=dialect)),
    )


def stays_at(as_of: datetime | None) -> Table:
    """The stays as recorded at that instant (UTC, no offset); None is now."""
    if as_of is None:
        return TABLES["lead_stays"]
    now = TABLES["lead_stays"]
    return ibis.union(now.filter(now.lead_id.notin(_late(as_of).lead_id)), _stays_then(as_of))


def steps_at(as_of: datetime | None) -> Table:
    """What became of leads in their steps, as recorded at that instant (UTC); None is now."""
    if as_of is None:
        return TABLES["lead_steps"]
    now = TABLES["lead_steps"]
    then = steps_of(_stays_then(as_of), TABLES["steps"])
    return ibis.union(now.filter(now.lead_id.notin(_late(as_of).lead_id)), then)


def _late(as_of: datetime) -> Table:
    """The leads of which a move was recorded later: only they were elsewhere then."""
    moves = TABLES["lead_moves"]
    return moves.filter(~_known(moves, as_of)).select("lead_id").distinct()


def _stays_then(as_of: datetime) -> Table:
    moves = TABLES["lead_moves"]
    known = moves.filter(_known(moves, as_of), moves.lead_id.isin(_late(as_of).lead_id))
    return stays_of(known, TABLES["steps"])


def _known(moves: Table, as_of: datetime) -> BooleanValue:
    return moves.recorded_at <= ibis.literal(as_of.isoformat(sep=" ")).cast("timestamp(6)")

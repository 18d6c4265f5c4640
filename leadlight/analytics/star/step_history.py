"""The way of leads through the steps of pipelines, from the moments at which they changed step.

A *stay* is an unbroken time in one step: until the lead moves on, or is closed there. A lead
*reaches* a step when it first enters it or a later one of the same pipeline (one that jumps from
the first step to the fourth passes the second and the third at that same instant), and *visits* it
when it is really put there.

These are the only definitions. They are applied to what was known at each *moment* at which a move
of the lead was recorded, and the replica keeps what they make: `lead_stays` and `lead_steps`, each
row with the instants between which it held. So the past costs no more than now.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import ibis
from ibis import _
from ibis.expr.types import Table

from leadlight.analytics.star.schema import RECORDED, STAR

HERE = 0  # what a lead left for: nothing yet

# How many moments of the lead came before.
MOMENT = {"moment": "int64"}
STAYS = STAR["lead_stays"] | MOMENT
STEPS = STAR["lead_steps"] | MOMENT


def stays_of(moves: Table, steps: Table) -> Table:
    """Every stay that moves make, once for each moment, in the columns of `STAYS`.

    Moves to the same step are one stay. Moves of one instant hold in the order of their ids, each
    of them a stay.
    """
    window: dict[str, Any] = {
        "group_by": ["lead_id", "moment"],
        "order_by": ["occurred_at", "move_id"],
    }
    moments = _moments(moves)
    known = moves.inner_join(
        moments,
        [moves.lead_id == moments.its_lead_id, moves.recorded_at <= moments.recorded_from],
    )
    entered = known.mutate(before=_.step_id.lag().over(**window)).filter(
        lambda move: move.before.isnull() | (move.before != move.step_id)
    )
    places = steps.select(place_id="step_id", pipeline_id="pipeline_id")
    placed = entered.inner_join(places, entered.step_id == places.place_id)
    return placed.select(
        "lead_id",
        "pipeline_id",
        "step_id",
        "recorded_from",
        "recorded_to",
        "moment",
        stay_number=ibis.row_number().over(**window),
        entered_at="occurred_at",
        entered_on="occurred_on",
        left_at=_.occurred_at.lead().over(**window),
        left_on=_.occurred_on.lead().over(**window),
        next_step_id=_.step_id.lead().over(**window),
        next_pipeline_id=_.pipeline_id.lead().over(**window),
    ).select(list(STAYS))


def _moments(moves: Table) -> Table:
    """The instants at which moves of a lead were recorded, each lasting until the next."""
    window: dict[str, Any] = {"group_by": "its_lead_id", "order_by": "recorded_from"}
    instants = moves.select(its_lead_id="lead_id", recorded_from="recorded_at").distinct()
    return instants.mutate(
        moment=ibis.row_number().over(**window),
        recorded_to=instants.recorded_from.lead().over(**window),
    )


def steps_of(stays: Table, steps: Table) -> Table:
    """What became of each lead in each step that it reached or visited, once for each moment, in
    the columns of `STEPS`; stays are those of `stays_of`."""
    ordered = in_order(steps)
    places = ordered.select(place_id="step_id", position="position")
    placed = stays.inner_join(places, stays.step_id == places.place_id)
    way: dict[str, Any] = {
        "group_by": ["lead_id", "moment", "pipeline_id"],
        "order_by": "stay_number",
    }
    told = placed.mutate(
        furthest=_.position.max().over(**way, rows=(0, None)),
        been=_.position.max().over(**way, rows=(None, -1)),
        left_for=_.next_pipeline_id.fill_null(HERE),
    )
    visited = _visited(told)
    reached = _reached(told, ordered)
    both = reached.left_join(
        visited,
        (reached.lead_id == visited.visitor_id)
        & (reached.moment == visited.visited_by)
        & (reached.step_id == visited.visited_id),
    )
    return both.select(
        "lead_id",
        "pipeline_id",
        "step_id",
        "reached_at",
        "reached_on",
        "recorded_from",
        "recorded_to",
        "moment",
        advanced=_.furthest > _.position,
        visited_at=_.visited_at,
        visited_on=_.visited_on,
        visit_advanced=_.visit_furthest > _.position,
        went=_went(both),
    ).select(list(STEPS))


def lasting(rows: Table) -> Table:
    """The rows of successive moments, those that say the same as one: from the first of these to
    the end of the last. `moment` is gone."""
    said = [column for column in rows.columns if column not in RECORDED | MOMENT]
    number = ibis.row_number().over(group_by=said, order_by="moment")
    unbroken = rows.mutate(run=_.moment - number)
    is_still_so = unbroken.recorded_to.isnull().any()
    return (
        unbroken.group_by(*said, "run")
        .aggregate(
            recorded_from=unbroken.recorded_from.min(),
            recorded_to=is_still_so.ifelse(ibis.null(), unbroken.recorded_to.max()),
        )
        .drop("run")
    )


def in_order(steps: Table) -> Table:
    """The steps, each with its `position` in its pipeline: no two have the same."""
    way = {"group_by": "pipeline_id", "order_by": ["step_position", "step_id"]}
    return steps.mutate(position=ibis.row_number().over(**way))


def _visited(told: Table) -> Table:
    """By lead, moment and step: the first visit, how far the lead came from then on, and its last
    leave."""
    return told.group_by(
        visitor_id=told.lead_id, visited_by=told.moment, visited_id=told.step_id
    ).aggregate(
        visited_at=told.entered_at.argmin(told.stay_number),
        visited_on=told.entered_on.argmin(told.stay_number),
        visit_furthest=told.furthest.argmin(told.stay_number),
        left_for=told.left_for.argmax(told.stay_number),
    )


def _reached(told: Table, steps: Table) -> Table:
    """By lead, moment and step: the first stay there or further on."""
    onward = told.filter(told.been.isnull() | (told.position > told.been)).select(
        onward_lead_id="lead_id",
        onward_number="stay_number",
        onward_pipeline_id="pipeline_id",
        to_position="position",
        from_position="been",
        reached_at="entered_at",
        reached_on="entered_on",
        furthest="furthest",
        recorded_from="recorded_from",
        recorded_to="recorded_to",
        moment="moment",
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
        "recorded_from",
        "recorded_to",
        "moment",
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
def filling(moves: str, stays: str, steps: str, dialect: str) -> dict[str, str]:
    """Queries for the columns of `STAYS`, of moves, and for those of `lead_stays` and `lead_steps`,
    of such stays; all of tables with these names, `steps` being the steps there are."""

    def text(table: Table) -> str:
        return str(ibis.to_sql(table, dialect=dialect))

    told = ibis.table(STAYS, name=stays)
    places = ibis.table(STAR["steps"], name=steps)
    return {
        "stays": text(stays_of(ibis.table(STAR["lead_moves"], name=moves), places)),
        "lead_stays": text(lasting(told).select(list(STAR["lead_stays"]))),
        "lead_steps": text(lasting(steps_of(told, places)).select(list(STAR["lead_steps"]))),
    }

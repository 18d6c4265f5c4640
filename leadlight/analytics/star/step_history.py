"""Step history of leads: stays in steps and steps reached, computed from the moves between steps.

A *stay* is an uninterrupted time in one step: until the lead leaves the step, or is closed. A lead
*reaches* a step when it first enters it or a later one of the same pipeline (a lead that jumps from
the first step to the fourth reaches the second and the third at the same instant), and *visits* a
step when it is actually put into it.

These are the only definitions. They are evaluated at each *moment* of a lead, from the moves
recorded by that instant and with the order that the steps had then. Moments are the instants at
which a move of the lead was recorded, or at which the order of a pipeline that it was in changed.
The replica stores the results, `lead_stays` and `lead_steps`, each row with the instants between
which it was valid. So reports about the past cost no more than reports about now.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import ibis
from ibis import _
from ibis.expr.types import Table

from leadlight.analytics.star.schema import RECORDED, STAR

TIES = 2**31  # greater than any id of a step: steps with the same position are ordered by id
HERE = 0  # placeholder for the next pipeline of a lead that has not left the step

# `moment` is the number of earlier moments of the lead.
MOMENT = {"moment": "int64"}
STAYS = STAR["lead_stays"] | MOMENT
STEPS = STAR["lead_steps"] | MOMENT


def stays_of(moves: Table, steps: Table, past_positions: Table) -> Table:
    """Return every stay at each moment, in the columns of `STAYS`.

    `past_positions` are the former positions of steps. Successive moves to the same step make one
    stay. Moves at the same instant count one after the other, in the order of their ids.
    """
    window: dict[str, Any] = {
        "group_by": ["lead_id", "moment"],
        "order_by": ["occurred_at", "move_id"],
    }
    moments = _moments(moves, steps, past_positions)
    recorded = moves.inner_join(
        moments,
        [moves.lead_id == moments.its_lead_id, moves.recorded_at <= moments.recorded_from],
    )
    entered = recorded.mutate(before=_.step_id.lag().over(**window)).filter(
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


def _moments(moves: Table, steps: Table, past_positions: Table) -> Table:
    """Return the moments of each lead, each with the next one as `recorded_to`."""
    window: dict[str, Any] = {"group_by": "its_lead_id", "order_by": "recorded_from"}
    recorded = moves.select(its_lead_id="lead_id", recorded_from="recorded_at")
    instants = ibis.union(recorded, _reorderings(moves, steps, past_positions), distinct=True)
    return instants.mutate(
        moment=ibis.row_number().over(**window),
        recorded_to=instants.recorded_from.lead().over(**window),
    )


def _reorderings(moves: Table, steps: Table, past_positions: Table) -> Table:
    """Return the instants at which the order of a pipeline changed, by lead that was in it."""
    of_steps = steps.select(its_step_id="step_id", its_pipeline_id="pipeline_id")
    changed = past_positions.inner_join(
        of_steps, past_positions.step_id == of_steps.its_step_id
    ).select(changed_id="its_pipeline_id", recorded_from="replaced_at")
    changed = changed.distinct()
    been = moves.inner_join(of_steps, moves.step_id == of_steps.its_step_id)
    been = been.select("lead_id", "its_pipeline_id").distinct()
    return been.inner_join(changed, been.its_pipeline_id == changed.changed_id).select(
        its_lead_id="lead_id", recorded_from="recorded_from"
    )


def _places(steps: Table, past_positions: Table) -> Table:
    """Return the positions of each step, each with the instants between which it was in force.

    Columns: `place_id`, `place_pipeline_id`, `position`, unique in the pipeline at each instant,
    `placed_from` (null: no beginning) and `placed_to` (null: still in force).
    """
    window: dict[str, Any] = {
        "group_by": "step_id",
        "order_by": ["replaced_at", "past_position_id"],
    }
    past = past_positions.mutate(placed_from=_.replaced_at.lag().over(**window)).select(
        past_id="step_id",
        step_position="past_position",
        placed_from="placed_from",
        placed_to="replaced_at",
    )
    since = past_positions.group_by(past_id="step_id").aggregate(
        placed_from=past_positions.replaced_at.max()
    )
    of_steps = steps.select("step_id", "pipeline_id")
    before = of_steps.inner_join(past, of_steps.step_id == past.past_id)
    now = steps.left_join(since, steps.step_id == since.past_id).mutate(
        placed_to=ibis.null("timestamp(6)")
    )
    columns = ("step_id", "pipeline_id", "step_position", "placed_from", "placed_to")
    every = ibis.union(now.select(*columns), before.select(*columns))
    return every.filter(every.step_position.notnull()).select(
        "placed_from",
        "placed_to",
        place_id="step_id",
        place_pipeline_id="pipeline_id",
        position=every.step_position * TIES + every.step_id,
    )


def _was_in_force(places: Table, instant: Any) -> Any:
    """Return whether a position was in force at an instant."""
    has_begun = places.placed_from.isnull() | (places.placed_from <= instant)
    return has_begun & (places.placed_to.isnull() | (places.placed_to > instant))


def steps_of(stays: Table, steps: Table, past_positions: Table) -> Table:
    """Return every step that a lead reached or visited at each moment, in the columns of `STEPS`.

    `stays` are those of `stays_of`, `past_positions` the former positions of steps.
    """
    places = _places(steps, past_positions)
    placed = stays.inner_join(
        places,
        [stays.step_id == places.place_id, _was_in_force(places, stays.recorded_from)],
    ).drop("place_id", "place_pipeline_id", "placed_from", "placed_to")
    window: dict[str, Any] = {
        "group_by": ["lead_id", "moment", "pipeline_id"],
        "order_by": "stay_number",
    }
    positioned = placed.mutate(
        furthest_from_here=_.position.max().over(**window, rows=(0, None)),
        furthest_before=_.position.max().over(**window, rows=(None, -1)),
        left_for=_.next_pipeline_id.fill_null(HERE),
    )
    visited = _visited(positioned)
    reached = _reached(positioned, places)
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
        advanced=_.furthest_from_here > _.position,
        visited_at=_.visited_at,
        visited_on=_.visited_on,
        visit_advanced=_.visit_furthest > _.position,
        went=_went(both),
    ).select(list(STEPS))


def merge_moments(rows: Table) -> Table:
    """Merge the rows of successive moments with the same values.

    A merged row has `recorded_from` of the first and `recorded_to` of the last one. The column
    `moment` is dropped.
    """
    values = [column for column in rows.columns if column not in RECORDED | MOMENT]
    number = ibis.row_number().over(group_by=values, order_by="moment")
    unbroken = rows.mutate(run=_.moment - number)
    is_still_so = unbroken.recorded_to.isnull().any()
    return (
        unbroken.group_by(*values, "run")
        .aggregate(
            recorded_from=unbroken.recorded_from.min(),
            recorded_to=is_still_so.ifelse(ibis.null(), unbroken.recorded_to.max()),
        )
        .drop("run")
    )


def in_order(steps: Table) -> Table:
    """Return the steps with `position`, unique in the pipeline and counted from 0."""
    window = {"group_by": "pipeline_id", "order_by": ["step_position", "step_id"]}
    return steps.mutate(position=ibis.row_number().over(**window))


def _visited(positioned: Table) -> Table:
    """Return the visits by lead, moment and step.

    Columns: the first visit, the furthest position from then on, and the pipeline entered after the
    last stay there.
    """
    return positioned.group_by(
        visitor_id=positioned.lead_id, visited_by=positioned.moment, visited_id=positioned.step_id
    ).aggregate(
        visited_at=positioned.entered_at.argmin(positioned.stay_number),
        visited_on=positioned.entered_on.argmin(positioned.stay_number),
        visit_furthest=positioned.furthest_from_here.argmin(positioned.stay_number),
        left_for=positioned.left_for.argmax(positioned.stay_number),
    )


def _reached(positioned: Table, places: Table) -> Table:
    """Return, by lead, moment and step, the first stay in the step or in a later one."""
    onward = positioned.filter(
        positioned.furthest_before.isnull() | (positioned.position > positioned.furthest_before)
    ).select(
        onward_lead_id="lead_id",
        onward_number="stay_number",
        onward_pipeline_id="pipeline_id",
        to_position="position",
        from_position="furthest_before",
        reached_at="entered_at",
        reached_on="entered_on",
        furthest_from_here="furthest_from_here",
        recorded_from="recorded_from",
        recorded_to="recorded_to",
        moment="moment",
    )
    joined = onward.inner_join(
        places,
        [
            onward.onward_pipeline_id == places.place_pipeline_id,
            places.position <= onward.to_position,
            onward.from_position.isnull() | (places.position > onward.from_position),
            _was_in_force(places, onward.recorded_from),
        ],
    )
    return joined.select(
        "reached_at",
        "reached_on",
        "furthest_from_here",
        "recorded_from",
        "recorded_to",
        "moment",
        lead_id="onward_lead_id",
        pipeline_id="onward_pipeline_id",
        step_id="place_id",
        position="position",
    )


def _went(both: Table) -> Any:
    """Return the value of `went`, from the pipeline entered after the last stay in the step."""
    return ibis.cases(
        (both.left_for == HERE, "here"),
        (both.left_for == both.pipeline_id, "back"),
        (both.left_for.notnull(), "away"),
    )


@cache
def history_queries(
    moves: str, stays: str, steps: str, past_positions: str, dialect: str
) -> dict[str, str]:
    """Return the queries for the rows of the step history: name → SQL.

    "stays" returns the columns of `STAYS` from the table of moves; "lead_stays" and "lead_steps"
    read the table of stays, which must be filled first. The arguments are names of tables; `steps`
    and `past_positions` have the columns of these tables of the star.
    """

    def sql_of(table: Table) -> str:
        return str(ibis.to_sql(table, dialect=dialect))

    stay_rows = ibis.table(STAYS, name=stays)
    order = (
        ibis.table(STAR["steps"], name=steps),
        ibis.table(STAR["past_positions"], name=past_positions),
    )
    return {
        "stays": sql_of(stays_of(ibis.table(STAR["lead_moves"], name=moves), *order)),
        "lead_stays": sql_of(merge_moments(stay_rows).select(list(STAR["lead_stays"]))),
        "lead_steps": sql_of(
            merge_moments(steps_of(stay_rows, *order)).select(list(STAR["lead_steps"]))
        ),
    }

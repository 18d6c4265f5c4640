"""Naive replay of the journeys of leads through steps: stays, and steps reached."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from tests.analytics.world import Lead, Step, World, known, may_see, position_at, state


@dataclass(frozen=True)
class Visit:
    """An uninterrupted stay of a lead in a step; `until` and `following` are None in the last."""

    number: int
    step: Step
    since: datetime
    until: datetime | None
    following: Step | None


@dataclass(frozen=True)
class Entered:
    """A step that a lead reached, by visiting or skipping it."""

    step: Step
    reached_at: datetime
    advanced: bool
    visited_at: datetime | None
    visit_advanced: bool | None
    went: str | None


def visits(world: World, lead: Lead, as_of: datetime | None) -> list[Visit]:
    """Return the stays of the lead in order, as recorded at an instant."""
    steps = {step.id: step for step in world.steps}
    arrivals: list[tuple[datetime, Step]] = []
    for fact in known(lead, as_of):
        if fact.kind == "step" and (not arrivals or arrivals[-1][1].id != fact.value):
            arrivals.append((fact.occurred_at, steps[fact.value]))
    ends = [*arrivals[1:], (None, None)][: len(arrivals)]
    return [
        Visit(number, step, since, until, following)
        for number, ((since, step), (until, following)) in enumerate(
            zip(arrivals, ends, strict=True)
        )
    ]


def places(world: World, pipeline_id: int, as_of: datetime | None) -> list[Step]:
    """Return the steps of a pipeline in their order at an instant."""
    its = [step for step in world.steps if step.pipeline_id == pipeline_id]
    return sorted(its, key=lambda step: (position_at(world, step, as_of), step.id))


def steps_entered(world: World, lead: Lead, as_of: datetime | None) -> list[Entered]:
    """Return every step that the lead reached."""
    been = visits(world, lead, as_of)
    entered = []
    for pipeline in world.pipelines:
        steps = places(world, pipeline.id, as_of)
        its = [visit for visit in been if visit.step.pipeline_id == pipeline.id]
        for place, step in enumerate(steps):
            onward = [visit for visit in its if steps.index(visit.step) >= place]
            if onward:
                entered.append(_entered(step, onward, {step.id for step in steps[place + 1 :]}))
    return entered


def _entered(step: Step, onward: list[Visit], further: set[int]) -> Entered:
    """Summarize the visits of this step and of later steps, `onward`."""
    here = [visit for visit in onward if visit.step == step]
    return Entered(
        step,
        onward[0].since,
        any(visit.step.id in further for visit in onward),
        here[0].since if here else None,
        any(v.step.id in further for v in onward if v.number > here[0].number) if here else None,
        _went(max(here, key=attrgetter("number"))) if here else None,
    )


def _went(last: Visit) -> str:
    if last.following is None:
        return "here"
    return "back" if last.following.pipeline_id == last.step.pipeline_id else "away"


def closed_of_late(world: World, filters: Any, scope: Any) -> dict[int, list[bool]]:
    """Return, by step id, whether each lead that reached the step was won.

    Includes leads of the step's pipeline closed in the last 365 days; cancelled ones only if the
    switch does not leave them out.
    """
    first = filters.today - timedelta(364)
    reached: dict[int, list[bool]] = {}
    for lead in world.leads:
        then = state(lead, filters.as_of)
        if not then or not then.closed_at or not may_see(scope, lead):
            continue
        if not first <= world.day(then.closed_at) <= filters.today:
            continue
        if then.status == "cancelled" and filters.switch("leave_cancelled_out") == "yes":
            continue
        for entered in steps_entered(world, lead, filters.as_of):
            if entered.step.pipeline_id == then.pipeline_id:
                reached.setdefault(entered.step.id, []).append(then.status == "won")
    return reached

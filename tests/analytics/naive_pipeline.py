"""Naive oracle of the pipeline report and its views, counting one lead at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from fractions import Fraction
from statistics import median, quantiles
from typing import Any

from tests.analytics.naive_facts import is_chosen, is_credited, key_of
from tests.analytics.naive_step_history import Visit, places, steps_entered, visits
from tests.analytics.naive_working import days_between, whole_days_between
from tests.analytics.world import Lead, State, Step, World, may_see, state

CLOSED = ("won", "lost", "cancelled")
OUTCOMES = ("advanced", *CLOSED, "moved_back", "left_pipeline", "still_here")


@dataclass(frozen=True)
class Here:
    """A lead as recorded at an instant, with the credited user and team."""

    lead: Lead
    then: State
    user_id: int | None
    team_id: int | None

    @property
    def amount(self) -> Decimal:
        return self.then.amount or Decimal(0)


@dataclass(frozen=True)
class Entry:
    """Outcome of a lead in a step; `step` None stands for the whole pipeline."""

    here: Here
    step: Step | None
    outcome: str
    since: datetime


def leads_of(
    world: World, filters: Any, scope: Any, instant: datetime | None, *, anywhere: bool
) -> list[Here]:
    """Return the leads within scope and filters; `anywhere` ignores the pipeline filter."""
    chosen = filters.with_keys("pipeline", ()) if anywhere else filters
    found = []
    for lead in world.leads:
        then = state(lead, instant)
        if then and may_see(scope, lead) and is_chosen(world, chosen, lead, then):
            by_creator = filters.switch("credit") == "creator"
            user, team = (
                (lead.creator_id, then.team_at_creation_id)
                if by_creator
                else (then.owner_id, then.team_id)
            )
            found.append(Here(lead, then, user, team))
    return [here for here in found if is_credited(world, filters, here)]  # type: ignore[arg-type]


def steps_of(world: World, filters: Any) -> list[Step]:
    [key] = filters.keys("pipeline")
    pipeline_id = next(row.id for row in world.pipelines if row.key == key)
    return places(world, pipeline_id, filters.as_of)


# Entries in steps


def entries(world: World, filters: Any, scope: Any) -> list[Entry]:
    """Return each first entry in a step, and in the pipeline, during the period."""
    steps, found = steps_of(world, filters), []
    for here in leads_of(world, filters, scope, filters.as_of, anywhere=True):
        been = visits(world, here.lead, filters.as_of)
        for way in steps_entered(world, here.lead, filters.as_of):
            visited = filters.switch("skipping") == "visited"
            at = way.visited_at if visited else way.reached_at
            advanced = way.visit_advanced if visited else way.advanced
            if way.step in steps and at and world.day(at) in filters.period:
                stays = [visit for visit in been if visit.step == way.step]
                outcome = "advanced" if advanced else _outcome(here, stays[-1])
                found.append(Entry(here, way.step, outcome, been[-1].since))
        its = [visit for visit in been if visit.step in steps]
        if its and world.day(its[0].since) in filters.period:
            found.append(Entry(here, None, _outcome(here, its[-1]), been[-1].since))
    return found


def _outcome(here: Here, last: Visit) -> str:
    if last.following is None:
        return here.then.status if here.then.status in CLOSED else "still_here"
    same = last.following.pipeline_id == last.step.pipeline_id
    return "moved_back" if same else "left_pipeline"


def stays_over(world: World, filters: Any, scope: Any) -> list[tuple[Step, Fraction]]:
    """Return step and days of each ended stay that began in the period."""
    steps, found = steps_of(world, filters), []
    for here in leads_of(world, filters, scope, filters.as_of, anywhere=True):
        for visit in visits(world, here.lead, filters.as_of):
            closed_at = here.then.closed_at
            until = visit.until or closed_at
            is_none = until is None or (closed_at and visit.since > closed_at)
            if visit.step in steps and world.day(visit.since) in filters.period and not is_none:
                days = days_between(world, visit.since, until, filters.switch("days"))
                found.append((visit.step, days))
    return found


def main(world: World, filters: Any, scope: Any) -> dict[str | None, dict[str, Any]]:
    """Return, by step key, the cells; the key None stands for the whole pipeline."""
    every, over = entries(world, filters, scope), stays_over(world, filters, scope)
    steps = steps_of(world, filters)
    first = sum(entry.step == steps[0] for entry in every)

    def age(entry: Entry) -> Fraction:
        switch, now = filters.switch("days"), filters.instant
        until_now = days_between(world, entry.since, now, switch)
        return until_now - days_between(world, now, entry.since, switch)

    table = {
        step and step.key: _figures(
            [entry for entry in every if entry.step == step],
            sorted(days for where, days in over if step in (None, where)),
            first,
            age,
        )
        for step in [*steps, None]
    }
    table[None] |= dict.fromkeys(("advanced", "advanced_amount", "cumulative_rate"))
    return table


def _figures(
    its: list[Entry], days: list[Fraction], first: int, age: Callable[[Entry], Fraction]
) -> dict[str, Any]:
    by_outcome = {name: [entry for entry in its if entry.outcome == name] for name in OUTCOMES}
    groups = {"entered": its, **by_outcome}
    carried_on = len(by_outcome["advanced"]) + len(by_outcome["won"])
    ages = [age(entry) for entry in by_outcome["still_here"]]
    return {
        **{name: len(entries) for name, entries in groups.items()},
        **{f"{name}_amount": _sum(entries) for name, entries in groups.items()},
        "conversion_rate": (carried_on, len(its)),
        "cumulative_rate": (len(its), first),
        "median_days_in_step": median(days) if days else None,
        "p75_days_in_step": (quantiles(days, n=4, method="inclusive")[2] if days[1:] else days[0])
        if days
        else None,
        "median_days_here": max(Fraction(0), median(ages)) if ages else None,
    }


def _sum(entries: list[Entry]) -> Decimal:
    return sum((entry.here.amount for entry in entries), Decimal(0))


def people(world: World, filters: Any, scope: Any) -> dict[str | None, dict[str, Any]]:
    """Return, by user key, entries in each step and the share that advanced or was won.

    The key None stands for leads without user, and "total" for all leads.
    """
    every = [entry for entry in entries(world, filters, scope) if entry.step]
    steps = steps_of(world, filters)

    def row(its: list[Entry]) -> dict[str, Any]:
        cells: dict[str, Any] = {}
        for step in steps:
            here = [entry for entry in its if entry.step == step]
            on = sum(entry.outcome in ("advanced", "won") for entry in here)
            cells |= {f"entered:{step.key}": len(here), f"rate:{step.key}": (on, len(here))}
        return cells

    keys = {key_of(world.users, entry.here.user_id) for entry in every}
    return {"total": row(every)} | {
        key: row([e for e in every if key_of(world.users, e.here.user_id) == key]) for key in keys
    }


# Moves


def moves(world: World, filters: Any, scope: Any) -> dict[str | None, dict[str, Any]]:
    """Return, by key of the step left, the number of moves to each step; None for all steps."""
    steps = steps_of(world, filters)
    made = [
        (here, visit.step, visit.following)
        for here in leads_of(world, filters, scope, filters.as_of, anywhere=True)
        for visit in visits(world, here.lead, filters.as_of)
        if visit.step in steps and visit.until and world.day(visit.until) in filters.period
    ]
    table: dict[str | None, dict[str, Any]] = {}
    for step in [*steps, None]:
        its = [(here, to) for here, left, to in made if step in (None, left)]
        table[step and step.key] = {
            "moves": len(its),
            "moved_amount": sum((here.amount for here, _ in its), Decimal(0)),
            **{f"to:{other.key}": sum(to == other for _, to in its) for other in steps},
            "to_other_pipeline": sum(to not in steps for _, to in its),
        }
    return table


# Ageing

FEWEST = 10
BANDS = {"week": (None, 7), "month": (8, 30), "quarter": (31, 90), "older": (91, None)}


def ageing(world: World, filters: Any, scope: Any) -> dict[str | None, dict[str, Any]]:
    """Return, by step key, open leads by days since their entry; None for the whole pipeline."""
    steps = steps_of(world, filters)
    usual = _days_until_onward(world, filters, scope)
    aged = [
        (here, here.then.step_id, _days_until(world, filters, world.day(been[-1].since)))
        for here in leads_of(world, filters, scope, filters.as_of, anywhere=False)
        if here.then.status not in CLOSED
        for been in [visits(world, here.lead, filters.as_of)]
    ]
    table: dict[str | None, dict[str, Any]] = {}
    for step in [*steps, None]:
        its = [one for one in aged if step is None or one[1] == step.id]
        groups = {"open": its} | {
            name: [one for one in its if _is_between(one[2], *ends)] for name, ends in BANDS.items()
        }
        groups["long"] = [one for one in its if one[2] > usual.get(one[1], one[2])]
        ages = [one[2] for one in its]
        cells: dict[str, Any] = {"median_age": None, "oldest_age": None}
        if ages:
            cells = {"median_age": Fraction(median(ages)), "oldest_age": max(ages)}
        for name, found in groups.items():
            cells[f"{name}_leads"] = len(found)
            cells[f"{name}_amount"] = sum((one[0].amount for one in found), Decimal(0))
        table[step and step.key] = cells
    return table


def _days_until(world: World, filters: Any, day: date) -> int:
    """Return the whole days from a day to today, negative for a day to come."""
    switch, today = filters.switch("days"), filters.today
    if day <= today:
        return whole_days_between(world, day, today, switch)
    return -whole_days_between(world, today, day, switch)


def _is_between(days: int, first: int | None, last: int | None) -> bool:
    return (first is None or first <= days) and (last is None or days <= last)


def _days_until_onward(world: World, filters: Any, scope: Any) -> dict[int, Fraction]:
    """Return, by step id, the 75th percentile of the days of enough stays that ended onward."""
    found: dict[int, list[Fraction]] = {}
    for lead in world.leads:
        then = state(lead, filters.as_of)
        if not then or not may_see(scope, lead):
            continue
        for visit in visits(world, lead, filters.as_of):
            if visit.following is None:
                is_onward = then.status == "won"
            else:
                order = [step.id for step in places(world, visit.step.pipeline_id, filters.as_of)]
                is_onward = visit.following.id in order[order.index(visit.step.id) + 1 :]
            until = visit.until or then.closed_at
            if is_onward and until and not (then.closed_at and visit.since > then.closed_at):
                days = days_between(world, visit.since, until, filters.switch("days"))
                found.setdefault(visit.step.id, []).append(days)
    return {
        step_id: Fraction(quantiles(days, n=4, method="inclusive")[2])
        for step_id, days in found.items()
        if len(days) >= FEWEST
    }


# Between two days


def between(world: World, filters: Any, scope: Any) -> dict[str | None, dict[str, Any]]:
    """Return, by step key, leads on two days and changes between; None for the whole pipeline."""
    steps = steps_of(world, filters)
    start, end = (
        {
            here.lead.id: here
            for here in leads_of(
                world, filters, scope, _end_of(world, filters, day), anywhere=False
            )
        }
        for day in (filters.period.first, filters.period.last)
    )
    table = {step and step.key: _row(steps, step, start, end) for step in [*steps, None]}
    moves = ("moved_up", "moved_down", "moved_up_amount", "moved_down_amount")
    table[None] |= dict.fromkeys(moves)
    return table


def _end_of(world: World, filters: Any, day: date) -> datetime | None:
    if day >= world.day(filters.as_of or filters.instant):
        return filters.as_of
    end = datetime.combine(day, time.max, world.zone)
    return max(end.replace(fold=fold).astimezone(UTC) for fold in (0, 1))


def _row(
    steps: list[Step], step: Step | None, start: dict[int, Here], end: dict[int, Here]
) -> dict[str, Any]:
    order = [other.id for other in steps]

    def is_in(here: Here | None) -> bool:
        is_open = here is not None and here.then.status not in CLOSED
        return bool(here and is_open and (step is None or here.then.step_id == step.id))

    def fate(before: Here) -> str:
        now = end.get(before.lead.id)
        if now is None:
            return "left"
        if now.then.status in CLOSED:
            return now.then.status
        if is_in(now):
            return "stayed"
        up = order.index(now.then.step_id) > order.index(before.then.step_id)
        return "moved_up" if up else "moved_down"

    there = [here for here in start.values() if is_in(here)]
    here = [now for now in end.values() if is_in(now)]
    groups = {"at_start": there, "at_end": here}
    groups["came_in"] = [now for now in here if not is_in(start.get(now.lead.id))]
    for name in ("moved_up", "moved_down", *CLOSED, "left"):
        groups[name] = [before for before in there if fate(before) == name]
    stayed = [before for before in there if fate(before) == "stayed"]
    changed = sum((end[s.lead.id].amount - s.amount for s in stayed), Decimal(0))
    cells: dict[str, Any] = {name: len(its) for name, its in groups.items()}
    cells |= {
        f"{name}_amount": sum((one.amount for one in its), Decimal(0))
        for name, its in groups.items()
    }
    return cells | {"amount_changed": changed}

"""Simulated lifecycle of a lead: its final status, its steps and its duration."""

from collections import deque
from datetime import date, datetime, timedelta

from leadlight.demo import catalogue, leads, parameters
from leadlight.demo.activities import plan_activity
from leadlight.demo.catalogue import Pipeline
from leadlight.demo.clients import create_for_order
from leadlight.demo.expected_days import record_estimate
from leadlight.demo.people import BY_USER, is_employed, ownership, pick_seller, stand_in, team_of
from leadlight.demo.working_days import last_working_days, quarter_end_before
from leadlight.demo.world import Lead, Move, World, later, lognormal_days, plan

_DAYS_TO = {
    "won": parameters.DAYS_TO_WIN,
    "lost": parameters.DAYS_TO_LOSE,
    "cancelled": parameters.DAYS_TO_CANCEL,
}
_LAST_STEP = {
    "won": (0, 0, 0.03, 0.15, 0.82),
    "lost": (0.40, 0.23, 0.22, 0.11, 0.04),
    "cancelled": (0.58, 0.22, 0.13, 0.05, 0.02),
}
"""Final status → share of leads whose last step is the first, second… of five."""


def begin(world: World, lead: Lead, at: datetime) -> None:
    """Draw and plan the lifecycle of an assigned lead."""
    if world.rng.random() < parameters.DELETED_CHANCE:
        _set_course(world, lead, at, [leads.delete], world.rng.expovariate(1 / 9))
        return
    final_status = _draw_status(world, lead)
    pace = lead.product.pace * BY_USER[lead.owner].temperament.pace
    days = lognormal_days(world, _DAYS_TO[final_status], pace)
    moves = _moves(world, lead, final_status)
    if world.rng.random() >= _forgotten_chance(lead):
        moves.append(_ending(final_status))
    _set_course(world, lead, at, moves, days)


def _set_course(world: World, lead: Lead, at: datetime, moves: list[Move], days: float) -> None:
    """Replace the planned moves of a lead: spread `moves` over `days`, the last one at the end."""
    weights = [_weight(world, move) for move in moves]
    scale = days / sum(weights) if weights else 0
    lead.course = deque((w * scale, move) for w, move in zip(weights, moves, strict=True))
    lead.course_number += 1
    _plan_next(world, lead, at)


def _weight(world: World, move: Move) -> float:
    """Return the relative duration before a move; stand-by lasts longer than other phases."""
    resting = 2.0 if move is leads.resume else 0.05
    return resting + world.rng.gammavariate(1.3, 1)


def _plan_next(world: World, lead: Lead, at: datetime) -> None:
    if not lead.course:
        return
    days, move = lead.course.popleft()
    number = lead.course_number
    then = later(world, at, days)
    if not lead.course:
        then = _moved_into_quarter(world, at, then)

    def action(world: World, at: datetime) -> None:
        if lead.course_number == number and not lead.is_deleted:
            move(world, lead, at)
            _plan_next(world, lead, at)

    plan(world, then, action)


def _moved_into_quarter(world: World, at: datetime, then: datetime) -> datetime:
    """Return `then` or, often if a quarter has just ended, an instant in its last working days."""
    end = quarter_end_before(then.date())
    near = then.date() - end <= timedelta(days=parameters.QUARTER_PUSH_REACH)
    if not near or world.rng.random() > parameters.QUARTER_PUSH_CHANCE:
        return then
    day: date = world.rng.choice(last_working_days(end, 4))
    pushed = then.combine(day, then.timetz())
    return pushed if pushed > at else then


def _draw_status(world: World, lead: Lead) -> str:
    odds = parameters.WIN_CHANCE / (1 - parameters.WIN_CHANCE)
    odds *= lead.win_odds * BY_USER[lead.owner].temperament.win_odds
    if world.rng.random() < odds / (1 + odds):
        return "won"
    return "lost" if world.rng.random() < parameters.LOST_SHARE else "cancelled"


def _forgotten_chance(lead: Lead) -> float:
    """Return the chance that the lead is never closed; higher for owners of low tidiness."""
    return parameters.FORGOTTEN_CHANCE * (1 + 5 * (1 - BY_USER[lead.owner].temperament.tidiness))


def _moves(world: World, lead: Lead, final_status: str) -> list[Move]:
    """Return the moves before the closing: steps, amount changes and stand-by."""
    pipeline = catalogue.pipeline_of(lead.state["pipeline"])
    first = pipeline.position_of(lead.state["step"])
    last = max(first, _last_step(world, pipeline, final_status))
    moves = [leads.to_step(pipeline, position) for position in _visits(world, first, last)]
    if pipeline is catalogue.PROJECTS and world.rng.random() < parameters.PIPELINE_CHANGE_CHANCE:
        moves = _through_maintenance(world, moves, final_status)
    _insert(world, moves, parameters.AMOUNT_EDIT_CHANCE, [leads.edit_amount])
    _insert(world, moves, parameters.STANDBY_CHANCE, [leads.stand_by, leads.resume])
    return moves


def _last_step(world: World, pipeline: Pipeline, final_status: str) -> int:
    position = world.rng.choices(range(5), _LAST_STEP[final_status])[0]
    return min(position, len(pipeline.steps) - 1)


def _visits(world: World, first: int, last: int) -> list[int]:
    """Return the positions of the steps to enter, after `first`, with some skips and returns."""
    skipped = parameters.SKIP_CHANCE
    visits = [p for p in range(first + 1, last + 1) if p == last or world.rng.random() > skipped]
    if visits and world.rng.random() < parameters.RETURN_CHANCE:
        there = world.rng.randrange(len(visits))
        here = visits[there]
        visits[there + 1 : there + 1] = [world.rng.randrange(here), here]
    if visits and last < 3 and world.rng.random() < parameters.RETURN_CHANCE / 2:
        visits.append(world.rng.randrange(visits[-1]))
    return visits


def _through_maintenance(world: World, moves: list[Move], final_status: str) -> list[Move]:
    """Move the lead to the maintenance pipeline after its first move."""
    last = max(1, _last_step(world, catalogue.CARE, final_status))
    onward = [leads.to_step(catalogue.CARE, position) for position in _visits(world, 0, last)]
    return [*moves[:1], leads.to_step(catalogue.CARE, 0), *onward]


def _insert(world: World, moves: list[Move], chance: float, extra: list[Move]) -> None:
    if world.rng.random() < chance:
        place = world.rng.randint(0, len(moves))
        moves[place:place] = extra


def _ending(status: str) -> Move:
    return lambda world, lead, at: end(world, lead, at, status)


def end(world: World, lead: Lead, at: datetime, status: str) -> None:
    """Close the lead; by chance, plan to reopen it."""
    leads.close(world, lead, at, status)
    if status == "won":
        create_for_order(world, lead)
    chance = parameters.REOPENED_WON_CHANCE if status == "won" else parameters.REOPENED_LOST_CHANCE
    if world.rng.random() < chance:
        days = world.rng.uniform(2, 15) if status == "won" else world.rng.uniform(8, 70)
        plan(world, later(world, at, days), lambda world, at: _reopen(world, lead, at))


def _reopen(world: World, lead: Lead, at: datetime) -> None:
    """Reopen a closed lead for its owner or a successor, with a shorter lifecycle."""
    if lead.is_open or lead.is_deleted:
        return
    manager = stand_in(world, lead.owner, at)
    leads.reopen(world, lead, at)
    if not lead.owner or not is_employed(world, lead.owner, at):
        team = team_of(lead.owner) or "nord"
        leads.record(world, lead, at, manager, ownership(pick_seller(world, team, at)))
    record_estimate(world, lead, at)
    plan_activity(world, lead, at)
    won = world.rng.random() < parameters.WON_AGAIN_CHANCE
    days = lognormal_days(world, (16.0, 0.7), 1.0)
    _set_course(world, lead, at, [_ending("won" if won else "lost")], days)

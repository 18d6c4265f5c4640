"""Actions on a lead; each records one event per value that it changes."""

from datetime import datetime

from leadlight.demo import amounts, catalogue, parameters
from leadlight.demo.catalogue import Pipeline
from leadlight.demo.people import MANAGER_OF, ownership, stand_in, team_of
from leadlight.demo.world import Event, Facts, Lead, Move, World, later

CLOSED = ("won", "lost", "cancelled")
_REASON_TAGS = {
    "lost": catalogue.tags_of(catalogue.LOSS),
    "cancelled": catalogue.tags_of(catalogue.CANCELLING),
}
_REASON_CHANCE = 0.88
_PRICED_AT_QUOTE_CHANCE = 0.93
_FINAL_PRICE_CHANCE = 0.18
_UNPRICED_CHANCE = 0.3
"""Share of the leads without an amount that are won without one."""
_BACK_TO_STEP_CHANCE = 0.35
"""Chance that a lead's own probability is cleared at its next move."""


def open_lead(world: World, lead: Lead, facts: Facts) -> None:
    """Record the opening: one event per non-empty value, all at the instant of creation."""
    opening = {"created": ""} | {kind: value for kind, value in facts.items() if value}
    lead.state = {"owner": ""} | opening
    _write(world, lead, lead.created_at, lead.created_by, opening)
    world.leads.append(lead)


def record(world: World, lead: Lead, at: datetime, actor: str, facts: Facts) -> None:
    """Record an event for each value that differs from the lead's current one."""
    changed = {kind: value for kind, value in facts.items() if lead.state.get(kind, "") != value}
    lead.state |= changed
    if "status" in changed:
        lead.closed_at = at if changed["status"] in CLOSED else None
    if changed:
        _write(world, lead, at, actor, changed)


def _write(world: World, lead: Lead, at: datetime, actor: str, facts: Facts) -> None:
    recorded_at = _recorded_at(world, lead, at)
    lead.events.extend(Event(at, recorded_at, actor, kind, value) for kind, value in facts.items())


def _recorded_at(world: World, lead: Lead, at: datetime) -> datetime:
    """Return `at`, or later for a few events; never before the lead's previous event."""
    recorded_at = max(at, lead.events[-1].recorded_at) if lead.events else at
    if world.rng.random() < parameters.RECORDED_LATE_CHANCE:
        late = later(world, recorded_at, world.rng.uniform(1, 6))
        return late if late <= world.ends_at else recorded_at
    return recorded_at


def acting(world: World, lead: Lead, at: datetime) -> str:
    """Return the user who acts on a lead: its owner, or their stand-in."""
    return stand_in(world, lead.owner, at)


def assign(world: World, lead: Lead, at: datetime, user: str) -> None:
    """Record that a manager assigns the lead to a user, or unassigns it ("")."""
    manager = MANAGER_OF[team_of(user or lead.owner)]
    record(world, lead, at, manager, ownership(user))


def to_step(pipeline: Pipeline, position: int) -> Move:
    """Return a move to a step of the pipeline, which may also set amount and probability."""

    def move(world: World, lead: Lead, at: datetime) -> None:
        facts = {"pipeline": pipeline.pipeline, "step": pipeline.steps[position].step}
        if position >= catalogue.QUOTE_POSITION and world.rng.random() < _PRICED_AT_QUOTE_CHANCE:
            facts["amount"] = lead.state.get("amount") or lead.initial_amount
        facts |= _probability(world, lead, pipeline.steps[position].probability or 70)
        record(world, lead, at, acting(world, lead, at), facts)

    return move


def _probability(world: World, lead: Lead, usual: int) -> Facts:
    """Return a change of the lead's own probability (percent), or nothing."""
    if lead.state.get("probability"):
        given_up = world.rng.random() < _BACK_TO_STEP_CHANCE
        return {"probability": ""} if given_up else {}
    if world.rng.random() < parameters.OWN_PROBABILITY_CHANCE:
        return {"probability": str(min(95, max(5, usual + world.rng.choice((-20, -10, 10, 15)))))}
    return {}


def stand_by(world: World, lead: Lead, at: datetime) -> None:
    record(world, lead, at, acting(world, lead, at), {"status": "standby"})


def resume(world: World, lead: Lead, at: datetime) -> None:
    record(world, lead, at, acting(world, lead, at), {"status": "todo"})


def edit_amount(world: World, lead: Lead, at: datetime) -> None:
    amount = amounts.revised(world.rng, lead.state.get("amount") or lead.initial_amount)
    record(world, lead, at, acting(world, lead, at), {"amount": amount})


def delete(world: World, lead: Lead, at: datetime) -> None:
    record(world, lead, at, acting(world, lead, at), {"deleted": "true"})


def close(world: World, lead: Lead, at: datetime, status: str) -> None:
    """Win, lose or cancel a lead; most lost or cancelled leads get a reason tag."""
    facts = {"status": status}
    if status == "won":
        facts["amount"] = _final_price(world, lead)
    record(world, lead, at, acting(world, lead, at), facts)
    if status in _REASON_TAGS and world.rng.random() < _REASON_CHANCE:
        lead.tags.append(world.rng.choice(_REASON_TAGS[status]))


def _final_price(world: World, lead: Lead) -> str:
    amount = lead.state.get("amount", "")
    if not amount:
        return "" if world.rng.random() < _UNPRICED_CHANCE else lead.initial_amount
    revised = world.rng.random() < _FINAL_PRICE_CHANCE
    return amounts.revised(world.rng, amount) if revised else amount


def reopen(world: World, lead: Lead, at: datetime) -> None:
    """Set the status to "todo" and remove the reason tags."""
    reasons = {tag for tags in _REASON_TAGS.values() for tag in tags}
    lead.tags = [tag for tag in lead.tags if tag not in reasons]
    record(world, lead, at, acting(world, lead, at), {"status": "todo"})

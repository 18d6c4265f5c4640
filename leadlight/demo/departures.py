"""Departures of sellers: their open leads are reassigned to the team, some only days later."""

from datetime import datetime, timedelta
from functools import partial

from leadlight.demo.activities import plan_activity
from leadlight.demo.expected_days import plan_review
from leadlight.demo.leads import assign
from leadlight.demo.parameters import PEOPLE, Person
from leadlight.demo.people import left_at, pick_seller
from leadlight.demo.world import Lead, World, later, plan

_AT_ONCE_SHARE = 0.8
_TIME_PER_LEAD = timedelta(seconds=20)
"""Time between two reassignments by the manager."""


def plan_departures(world: World) -> None:
    for person in PEOPLE:
        left = left_at(person.user, world.today)
        if left:
            plan(world, left, partial(_leave, person=person))


def _leave(world: World, at: datetime, *, person: Person) -> None:
    mine = [lead for lead in world.leads if lead.is_open and lead.owner == person.user]
    for number, lead in enumerate(mine):
        plan(world, at + number * _TIME_PER_LEAD, partial(_pass_on, lead=lead, person=person))


def _pass_on(world: World, at: datetime, *, lead: Lead, person: Person) -> None:
    """Assign the lead to a team mate, or unassign it for some days."""
    if not lead.is_open or lead.owner != person.user:
        return
    if world.rng.random() < _AT_ONCE_SHARE:
        assign(world, lead, at, pick_seller(world, person.team, at))
        return
    assign(world, lead, at, "")
    then = later(world, at, world.rng.uniform(2, 9))
    plan(world, then, partial(_find_successor, lead=lead, team=person.team))


def _find_successor(world: World, at: datetime, *, lead: Lead, team: str) -> None:
    if lead.is_open and not lead.owner:
        assign(world, lead, at, pick_seller(world, team, at))
        plan_activity(world, lead, at)
        plan_review(world, lead, at)

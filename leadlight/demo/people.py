"""Employment dates, and random assignment of leads and prospects to people."""

from datetime import date, datetime, timedelta
from functools import cache

from leadlight.demo.parameters import PEOPLE, TEAMS
from leadlight.demo.working_days import at_second, working_day_from
from leadlight.demo.world import World

BY_USER = {person.user: person for person in PEOPLE}
MANAGER_OF = {person.team: person.user for person in PEOPLE if person.role == "manager"}
ADMIN = next(person.user for person in PEOPLE if person.role == "admin")
_END_OF_LAST_DAY = 17 * 3600


@cache
def hired_on(user: str, today: date) -> date:
    """Return the first day at work; `date.min` if hired before the simulation."""
    days_before = BY_USER[user].hired
    return date.min if days_before is None else working_day_from(_before(today, days_before))


@cache
def left_at(user: str, today: date) -> datetime | None:
    """Return 17:00 of the last day at work; None for current employees."""
    days_before = BY_USER[user].left
    if days_before is None:
        return None
    return at_second(working_day_from(_before(today, days_before)), _END_OF_LAST_DAY)


def _before(today: date, days: int) -> date:
    return today - timedelta(days=days)


def is_employed(world: World, user: str, at: datetime) -> bool:
    left = left_at(user, world.today)
    return at.date() >= hired_on(user, world.today) and (left is None or at < left)


def team_of(user: str) -> str:
    return BY_USER[user].team if user else ""


def ownership(user: str) -> dict[str, str]:
    """Return the values `owner` and `team` of a lead; `user` is "" for a lead without an owner."""
    return {"owner": user, "team": team_of(user)}


def pick_team(world: World) -> str:
    shares = [team.inbound_share for team in TEAMS]
    return world.rng.choices(TEAMS, shares)[0].team


def pick_seller(world: World, team: str, at: datetime, *, but: str = "") -> str:
    """Draw an employed member of the team, but not the user `but`, weighted by share of leads."""
    there = [p for p in PEOPLE if p.team == team and p.user != but]
    there = [p for p in there if is_employed(world, p.user, at)]
    shares = [p.temperament.lead_share for p in there]
    return world.rng.choices(there, shares)[0].user


def pick_caller(world: World, team: str, at: datetime) -> str:
    """Draw a caller of a prospect: a member of the team, or one who calls for all teams."""
    there = [p for p in PEOPLE if p.team == team or p.temperament.hands_over]
    there = [p for p in there if is_employed(world, p.user, at)]
    shares = [p.temperament.prospecting for p in there]
    return world.rng.choices(there, shares)[0].user


def stand_in(world: World, user: str, at: datetime) -> str:
    """Return the user if employed then, otherwise the manager of their team; the admin for ""."""
    if not user:
        return ADMIN
    return user if is_employed(world, user, at) else MANAGER_OF[team_of(user)]

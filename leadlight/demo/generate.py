"""Simulate the demo company day by day, and write it as a company folder."""

import math
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random

from leadlight.demo import after_sale, clients, daily_work, duplicates, files, parameters
from leadlight.demo.activities import touch
from leadlight.demo.catalogue import pipeline_of
from leadlight.demo.departures import plan_departures
from leadlight.demo.folder import write
from leadlight.demo.lead_creation import create_inbound
from leadlight.demo.lifecycle import end
from leadlight.demo.prospects import plan_imports
from leadlight.demo.working_days import A_DAY, at_second, is_working_day, moment
from leadlight.demo.world import Lead, World, plan, run_until

_END_OF_LAST_DAY = 18 * 3600  # seconds of the last day
_LAST_DAY_AT_LEAST = {"won": 3, "lost": 2, "touched": 12, "came in": 4}
"""Minimum number of events on the last day, even on a weekend or holiday."""


def write_folder(folder: Path, *, today: date, seed: int = 1, size: float = 1.0) -> None:
    """Write three years of the demo company, ending at 18:00 of `today`, as a company folder.

    The same seed, day and size give the same bytes. `size` scales leads, prospects, activities,
    clients and goals; the people stay the same.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write(simulate(today=today, seed=seed, size=size), folder)


def simulate(*, today: date, seed: int, size: float) -> World:
    """Simulate the company from the first of the month three years before `today`."""
    rng = Random(seed)
    first_day = date(today.year - 3, today.month, 1)
    world = World(rng, today, first_day, at_second(today, _END_OF_LAST_DAY), size)
    clients.create_initial(world)
    plan_imports(world)
    plan_departures(world)
    for day, expected in _inbound_leads_per_day(world):
        _simulate_day(world, day, expected)
    daily_work.add(world, seed)
    duplicates.add(world, seed)
    after_sale.add(world, seed)
    duplicates.add_client(world)
    files.add(world, seed)
    return world


def _inbound_leads_per_day(world: World) -> list[tuple[date, float]]:
    """Return each simulated day with its expected number of inbound leads."""
    days = [
        world.first_day + timedelta(days=n) for n in range((world.today - world.first_day).days + 1)
    ]
    weights = [_season(world, day) for day in days]
    scale = parameters.INBOUND_LEADS * world.size / sum(weights)
    return [(day, weight * scale) for day, weight in zip(days, weights, strict=True)]


def _season(world: World, day: date) -> float:
    growth: float = (1 + parameters.GROWTH_PER_YEAR) ** ((day - world.first_day).days / 365)
    day_factor = 1.0 if is_working_day(day) else parameters.WEEKEND_FACTOR
    return parameters.MONTH_FACTORS[day.month - 1] * growth * day_factor


def _simulate_day(world: World, day: date, expected: float) -> None:
    is_last = day == world.today
    count = _poisson(world.rng, expected)
    if is_last:
        count = max(count, _LAST_DAY_AT_LEAST["came in"])
        _plan_last_day(world)
    for _ in range(count):
        action = partial(create_inbound, is_working_day=is_working_day(day))
        plan(world, _while_open(world) if is_last else _any_hour(world, day), action)
    run_until(world, min(world.ends_at, at_second(day + A_DAY, 0)))


def _poisson(rng: Random, mean: float) -> int:
    """Draw from a Poisson distribution."""
    count, left = 0, rng.random()
    while left > math.exp(-mean):
        left *= rng.random()
        count += 1
    return count


def _any_hour(world: World, day: date) -> datetime:
    """Draw an instant: mostly in office hours on a working day, else between 7:00 and 23:00."""
    if is_working_day(day):
        return moment(world.rng, day)
    return at_second(day, world.rng.randint(7 * 3600, 23 * 3600))


def _while_open(world: World) -> datetime:
    """Draw an instant of the last day, at least ten minutes before the end of the simulation."""
    return at_second(world.today, world.rng.randint(8 * 3600 + 1800, _END_OF_LAST_DAY - 600))


def _plan_last_day(world: World) -> None:
    """Plan the minimum of won and lost leads and activities on the last day."""
    for status in ("won", "lost"):
        for _ in range(_LAST_DAY_AT_LEAST[status]):
            plan(world, _while_open(world), partial(_close_one, status=status))
    for _ in range(_LAST_DAY_AT_LEAST["touched"]):
        plan(world, _while_open(world), _touch_one)


def _open_by_step(world: World, at: datetime) -> list[Lead]:
    """Return the assigned open leads created before the day of `at`, the last step first."""
    owned = [lead for lead in world.leads if lead.is_open and lead.owner]
    earlier = [lead for lead in owned if lead.created_at.date() < at.date()]
    return sorted(earlier, key=_position, reverse=True)


def _position(lead: Lead) -> int:
    return pipeline_of(lead.state["pipeline"]).position_of(lead.state["step"])


def _close_one(world: World, at: datetime, *, status: str) -> None:
    candidates = _open_by_step(world, at)
    if candidates:
        end(world, world.rng.choice(candidates[:15]), at, status)


def _touch_one(world: World, at: datetime) -> None:
    candidates = _open_by_step(world, at)
    if candidates:
        touch(world, world.rng.choice(candidates), at)

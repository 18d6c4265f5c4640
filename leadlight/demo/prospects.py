"""Prospecting: imports of lists, calls to their prospects, and conversions into leads."""

from datetime import datetime, timedelta
from functools import partial

from leadlight.demo import catalogue, names, parameters
from leadlight.demo.activities import log
from leadlight.demo.lead_creation import convert_prospect
from leadlight.demo.people import is_employed, pick_caller
from leadlight.demo.sources import LISTS, ListPlan
from leadlight.demo.working_days import at_second, working_day_from
from leadlight.demo.world import Prospect, World, later, plan

_ALL_ROWS = sum(each.rows for each in LISTS)
_MEAN_DAYS_TO_CALL = 36.0
"""Mean days from the import of a list to the first call to a prospect."""

_ROWS_AT_ONCE = 600
"""List length above which the mean days grow in proportion."""

_MEAN_DAYS_TO_CALL_AGAIN = 9.0
_CALLS_AGAIN_CHANCE = 0.62
_CALLS_AT_MOST = 5
_MAIL_SHARE = 0.1
_NO_MAIL_SHARE = 0.15
_NO_PHONE_SHARE = 0.03


def plan_imports(world: World) -> None:
    """Plan the import of each list on the first working day from its planned date."""
    for number, row in enumerate(LISTS):
        day = working_day_from(world.today - timedelta(days=row.imported))
        at = at_second(day, 9 * 3600 + 437 * number)
        plan(world, at, partial(_import_list, row=row))


def _import_list(world: World, at: datetime, *, row: ListPlan) -> None:
    world.list_created_at[row.key] = at
    for _ in range(max(5, round(row.rows / _ALL_ROWS * parameters.PROSPECTS * world.size))):
        _import_prospect(world, at, row)


def _import_prospect(world: World, at: datetime, row: ListPlan) -> None:
    company = names.company_name(world.rng)
    prospect = Prospect(
        key=f"P{len(world.prospects) + 1:05}",
        plan=row,
        created_at=at,
        user=pick_caller(world, row.team, at),
        company=company,
        phone=_unless(world, _NO_PHONE_SHARE, names.phone_number(world.rng)),
        mail=_unless(world, _NO_MAIL_SHARE, names.mail_address(company)),
        town=names.town(world.rng),
    )
    world.prospects.append(prospect)
    if prospect.phone and world.rng.random() < row.worked:
        days = _MEAN_DAYS_TO_CALL * max(1, row.rows / _ROWS_AT_ONCE)
        _call_after(world, at, prospect, days, 1)


def _unless(world: World, share: float, text: str) -> str:
    return "" if world.rng.random() < share else text


def _call_after(
    world: World, at: datetime, prospect: Prospect, mean_days: float, attempt: int
) -> None:
    then = later(world, at, world.rng.expovariate(1 / mean_days))
    plan(world, then, partial(_call, prospect=prospect, attempt=attempt))


def _call(world: World, at: datetime, *, prospect: Prospect, attempt: int) -> None:
    """Call or e-mail a prospect; it may be converted if reached, else it may be called again."""
    row, rng = prospect.plan, world.rng
    if not is_employed(world, prospect.user, at):
        prospect.user = pick_caller(world, row.team, at)
    kind = catalogue.EMAIL if prospect.mail and rng.random() < _MAIL_SHARE else catalogue.CALL
    reached = log(world, at, prospect.user, kind, prospect=prospect, reach=row.reach)
    if reached and rng.random() < row.conversion:
        made_at = at + timedelta(seconds=rng.randint(60, 900))
        plan(world, made_at, partial(_convert, prospect=prospect))
    elif not reached and attempt < _CALLS_AT_MOST and rng.random() < _CALLS_AGAIN_CHANCE:
        _call_after(world, at, prospect, _MEAN_DAYS_TO_CALL_AGAIN, attempt + 1)


def _convert(world: World, at: datetime, *, prospect: Prospect) -> None:
    if is_employed(world, prospect.user, at):
        convert_prospect(world, prospect, at, prospect.user)

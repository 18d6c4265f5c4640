"""Expected close dates: the first estimates of sellers, and their later postponements."""

from datetime import date, datetime, timedelta

from leadlight.demo import parameters
from leadlight.demo.leads import acting, record
from leadlight.demo.people import BY_USER
from leadlight.demo.working_days import working_day_from
from leadlight.demo.world import Lead, World, later, plan

_GUESS_SPREAD = 0.35
_DAYS_TO_NEXT_REVIEW = 16.0
"""Days until a seller reviews an overdue expected close date again."""


_SLIPS_AT_MOST = 5
"""Number of postponements after which the expected close date stays."""


def estimate(world: World, lead: Lead, at: datetime, user: str) -> date:
    """Return the seller's estimate: the usual duration times the seller's optimism."""
    temperament = BY_USER[user].temperament
    usual = parameters.DAYS_TO_WIN[0] * 1.25 * lead.product.pace * temperament.pace
    guess = usual * temperament.optimism * world.rng.lognormvariate(0, _GUESS_SPREAD)
    return working_day_from(at.date() + timedelta(days=max(4, round(guess))))


def record_estimate(world: World, lead: Lead, at: datetime) -> None:
    """Record a new expected close date, and plan its review."""
    if not lead.is_open or not lead.owner:
        return
    day = estimate(world, lead, at, lead.owner)
    facts = {"estimated_closing": day.isoformat()}
    record(world, lead, at, acting(world, lead, at), facts)
    plan_review(world, lead, at)


def plan_review(world: World, lead: Lead, at: datetime) -> None:
    """Plan a review around the expected close date, if there is one and no review is planned."""
    expected = lead.state.get("estimated_closing")
    if not expected or lead.is_review_planned:
        return
    lead.is_review_planned = True
    days = (date.fromisoformat(expected) - at.date()).days + world.rng.uniform(-3, 4)
    _plan_review_after(world, lead, at, max(1.0, days))


def _plan_review_after(world: World, lead: Lead, at: datetime, days: float) -> None:
    plan(world, later(world, at, days), lambda world, at: _review(world, lead, at))


def _review(world: World, lead: Lead, at: datetime) -> None:
    lead.is_review_planned = False
    if not lead.is_open or not lead.owner or lead.slips == _SLIPS_AT_MOST:
        return
    expected = date.fromisoformat(lead.state["estimated_closing"])
    if (expected - at.date()).days > 5:
        plan_review(world, lead, at)
    elif world.rng.random() < BY_USER[lead.owner].temperament.tidiness:
        _slip(world, lead, at, expected)
    else:
        lead.is_review_planned = True
        _plan_review_after(world, lead, at, _DAYS_TO_NEXT_REVIEW)


def _slip(world: World, lead: Lead, at: datetime, expected: date) -> None:
    lead.slips += 1
    pace = lead.product.pace * BY_USER[lead.owner].temperament.pace
    days = round(world.rng.triangular(10, 75, 28) * pace)
    day = working_day_from(max(at.date(), expected) + timedelta(days=days))
    facts = {"estimated_closing": day.isoformat()}
    record(world, lead, at, acting(world, lead, at), facts)
    plan_review(world, lead, at)

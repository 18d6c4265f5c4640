"""Creation of leads: inbound leads, and conversions of prospects."""

from datetime import datetime

from leadlight.demo import amounts, catalogue, clients, lifecycle, names, parameters
from leadlight.demo.activities import plan_activity
from leadlight.demo.catalogue import Product
from leadlight.demo.expected_days import estimate, plan_review, record_estimate
from leadlight.demo.leads import assign, close, open_lead
from leadlight.demo.parameters import TEAMS
from leadlight.demo.people import BY_USER, ownership, pick_seller, pick_team, team_of
from leadlight.demo.sources import SOURCES, WEB_SITE
from leadlight.demo.world import Facts, Lead, Prospect, World, later, plan

_STARTS_FURTHER_CHANCE = 0.08
_SECOND_PRODUCT_CHANCE = 0.06
_REGION_SHARE = 0.93
_SECTOR_SHARE = 0.7
_DESCRIPTION_SHARE = 0.6
_OWN_PROBABILITY_AT_CREATION = 0.02
_DAY_PROMISED_LATER_CHANCE = 0.7
_SAME_TEAM_SHARE = 0.75
_MEAN_DAYS_UNASSIGNED = 1.8
_KEY_ACCOUNT_FACTOR = 2.2
"""Factor on the amounts of the key-account team."""

_REGIONS = {team.team: team.regions for team in TEAMS}


def create_inbound(world: World, at: datetime, *, is_working_day: bool) -> None:
    """Create an inbound lead; on days without work, always from the web site."""
    shares = [source.share for source in SOURCES]
    source = world.rng.choices(SOURCES, shares)[0] if is_working_day else WEB_SITE
    team = pick_team(world)
    lead = _new_lead(world, at, source.name, source.win_odds, team)
    if world.rng.random() < source.from_client:
        lead.client = clients.pick(world)
        lead.company = lead.client.name
    if source is WEB_SITE:
        _open_from_web_site(world, lead, team)
    else:
        lead.created_by = owner = pick_seller(world, team, at)
        _open(world, lead, owner)


def _open_from_web_site(world: World, lead: Lead, team: str) -> None:
    """Open a lead without a creator; some are assigned at once, others later or never."""
    at = lead.created_at
    if world.rng.random() >= parameters.UNASSIGNED_AT_FIRST_CHANCE:
        _open(world, lead, pick_seller(world, team, at))
        return
    _open(world, lead, "")
    if world.rng.random() < parameters.NEVER_ASSIGNED_CHANCE:
        then = later(world, at, world.rng.uniform(15, 70))
        plan(world, then, lambda world, at: _give_up(world, lead, at))
    else:
        then = later(world, at, world.rng.expovariate(1 / _MEAN_DAYS_UNASSIGNED))
        plan(world, then, lambda world, at: _assign_later(world, lead, at, team))


def _give_up(world: World, lead: Lead, at: datetime) -> None:
    if lead.is_open and not lead.owner:
        close(world, lead, at, "cancelled")


def _assign_later(world: World, lead: Lead, at: datetime, team: str) -> None:
    """Assign an unassigned lead to a seller of the team, who starts work on it."""
    if lead.is_open and not lead.owner:
        assign(world, lead, at, pick_seller(world, team, at))
        _draw_amount(world, lead, lead.owner)
        _start(world, lead, at)


def convert_prospect(world: World, prospect: Prospect, at: datetime, caller: str) -> None:
    """Convert a prospect into a lead; callers who work for all teams hand most leads over."""
    row = prospect.plan
    team = row.team if BY_USER[caller].temperament.hands_over else team_of(caller)
    lead = _new_lead(world, at, row.source, row.win_odds, team)
    lead.created_by, lead.company, lead.prospect = caller, prospect.company, prospect
    lead.description = f"{prospect.phone} – {prospect.mail}" if prospect.mail else prospect.phone
    prospect.lead = lead
    handed = world.rng.random() < BY_USER[caller].temperament.hands_over
    _open(world, lead, pick_seller(world, team, at, but=caller) if handed else caller)


def _new_lead(world: World, at: datetime, source: str, win_odds: float, team: str) -> Lead:
    product = world.rng.choices(catalogue.PRODUCTS, [each.share for each in catalogue.PRODUCTS])[0]
    return Lead(
        key=f"L{len(world.leads) + 1:05}",
        created_at=at,
        created_by="",
        company=names.company_name(world.rng),
        product=product,
        source=source,
        win_odds=win_odds * product.win_odds,
        tags=_tags(world, product, team),
        description=_description(world),
    )


def _tags(world: World, product: Product, team: str) -> list[str]:
    tags = [product.tag]
    if world.rng.random() < _SECOND_PRODUCT_CHANCE:
        tags.append(world.rng.choice([p.tag for p in catalogue.PRODUCTS if p is not product]))
    if world.rng.random() < _REGION_SHARE:
        tags.append(world.rng.choice(_REGIONS[team]))
    if world.rng.random() < _SECTOR_SHARE:
        tags.append(world.rng.choice(catalogue.tags_of(catalogue.SECTOR)))
    return tags


def _description(world: World) -> str:
    if world.rng.random() >= _DESCRIPTION_SHARE:
        return ""
    person = names.person_name(world.rng)
    return f"{person}, {names.phone_number(world.rng)}, {names.mail_address(person)}"


def _open(world: World, lead: Lead, owner: str) -> None:
    """Record the opening events; if there is an owner, start the work on the lead."""
    _draw_amount(world, lead, owner)
    open_lead(world, lead, _opening(world, lead, owner))
    if owner:
        _start(world, lead, lead.created_at)


def _draw_amount(world: World, lead: Lead, owner: str) -> None:
    """Draw the amount of the future quote, scaled by the owner's usual deal size."""
    size = BY_USER[owner].temperament.deal_size if owner else 1.0
    size *= _KEY_ACCOUNT_FACTOR if team_of(owner) == "grands-comptes" else 1.0
    lead.initial_amount = amounts.draw(world.rng, lead.product.median_amount * size)


def _opening(world: World, lead: Lead, owner: str) -> Facts:
    steps = lead.product.pipeline.steps
    further = owner and world.rng.random() < _STARTS_FURTHER_CHANCE
    facts = {
        "pipeline": lead.product.pipeline.pipeline,
        "step": steps[1 if further else 0].step,
        "status": "todo",
        **ownership(owner),
    }
    if owner and world.rng.random() >= parameters.NO_AMOUNT_AT_CREATION_CHANCE:
        facts["amount"] = lead.initial_amount
    if owner and world.rng.random() < _OWN_PROBABILITY_AT_CREATION:
        facts["probability"] = str(world.rng.choice((5, 20, 30, 50)))
    if owner and world.rng.random() >= parameters.NO_EXPECTED_DAY_CHANCE:
        facts["estimated_closing"] = estimate(world, lead, lead.created_at, owner).isoformat()
    return facts


def _start(world: World, lead: Lead, at: datetime) -> None:
    """Plan the lead's lifecycle, activities, expected close date and possible handover."""
    lifecycle.begin(world, lead, at)
    plan_activity(world, lead, at)
    if lead.state.get("estimated_closing"):
        plan_review(world, lead, at)
    elif world.rng.random() < _DAY_PROMISED_LATER_CHANCE:
        days = world.rng.uniform(0.1, 12)
        plan(world, later(world, at, days), lambda world, at: record_estimate(world, lead, at))
    if world.rng.random() < parameters.HANDOVER_CHANCE:
        days = world.rng.uniform(3, 45)
        plan(world, later(world, at, days), lambda world, at: _hand_over(world, lead, at))


def _hand_over(world: World, lead: Lead, at: datetime) -> None:
    """Assign the lead to another seller, mostly of the same team."""
    if not lead.is_open or not lead.owner:
        return
    team = team_of(lead.owner) if world.rng.random() < _SAME_TEAM_SHARE else pick_team(world)
    assign(world, lead, at, pick_seller(world, team, at, but=lead.owner))

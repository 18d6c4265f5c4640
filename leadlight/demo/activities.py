"""Calls, meetings, mails and surveys, and what came of them."""

from datetime import datetime, timedelta

from leadlight.demo import catalogue, parameters
from leadlight.demo.catalogue import ActivityType, Outcome
from leadlight.demo.people import BY_USER, MANAGER_OF, is_employed, team_of
from leadlight.demo.world import Activity, Lead, Prospect, World, later, plan

_NOT_YET_SAID_SHARE = 0.04
"""Activities logged without an outcome."""

_JOINT_SHARE = 0.04
"""Activities on a lead that the manager of its team does."""

_REACHED_SHARE = {"rendez-vous": 0.84, "e-mail": 0.38, "releve": 0.92}
"""Share of the activities of a type, calls apart, in which somebody is reached."""
_AFTERMATH_CHANCE = 0.14
_AFTERMATH_DAYS = 20
_PAUSE_GROWTH = 0.22
"""Each further activity on a lead comes after a longer pause, by this share of the first one."""

_FIRST_TOUCH_DAYS = 2.5
_ALSO_ON_ROW_SHARE = 0.3
"""Activities on a lead from a list that are logged on its row as well."""

_WORDS = {
    "appel": (
        "Rappel après envoi du devis.", "Souhaite comparer deux vitrages.", "Point sur le délai.",
        "À relancer en début de mois.", "Projet confirmé, budget à valider.", "Très intéressé.",
    ),
    "rendez-vous": (
        "Présentation des teintes en salle.", "Revue du devis avec l'architecte.",
        "Rencontre sur le chantier.", "Tour du showroom.",
    ),
    "e-mail": (
        "Envoi de la documentation.", "Envoi du devis actualisé.", "Demande de plans cotés.",
        "Relance courtoise.",
    ),
    "releve": ("Cotes relevées, trois baies.", "Accès par la cour.", "Dalle à reprendre."),
}  # fmt: skip
_WORDS_SHARE = 0.35


def follow(world: World, lead: Lead, at: datetime) -> None:
    """Have the owner call, meet and write as long as the lead is open."""
    if lead.is_followed or not lead.owner:
        return
    lead.is_followed = True
    days = world.rng.expovariate(1 / _pause(lead))
    plan(world, later(world, at, days), lambda world, at: _touch(world, lead, at))


def _pause(lead: Lead) -> float:
    """Mean days until the next activity; a new lead is called at once."""
    if not lead.touches:
        return _FIRST_TOUCH_DAYS
    return BY_USER[lead.owner].temperament.touch_days * (1 + _PAUSE_GROWTH * lead.touches)


def _touch(world: World, lead: Lead, at: datetime) -> None:
    lead.is_followed = False
    if lead.is_deleted or not lead.owner:
        return
    if lead.is_open:
        touch(world, lead, at)
        follow(world, lead, at)
    elif _is_aftermath(lead, at) and world.rng.random() < _AFTERMATH_CHANCE:
        touch(world, lead, at)


def _is_aftermath(lead: Lead, at: datetime) -> bool:
    """Soon after closing: thanks, a last word."""
    return lead.closed_at is not None and at - lead.closed_at < timedelta(days=_AFTERMATH_DAYS)


def touch(world: World, lead: Lead, at: datetime) -> None:
    """One activity on a lead, by its owner or at times by his manager."""
    joint = world.rng.random() < _JOINT_SHARE
    user = MANAGER_OF[team_of(lead.owner)] if joint else lead.owner
    if not is_employed(world, user, at):
        return
    lead.touches += 1
    log(world, at, user, _type(world, lead, user), lead=lead)


def _type(world: World, lead: Lead, user: str) -> ActivityType:
    """Calls by habit; meetings and surveys once the lead has left its first step."""
    call_share = BY_USER[user].temperament.call_share
    early = catalogue.pipeline_of(lead.state["pipeline"]).position_of(lead.state["step"]) == 0
    others = (0.2, 0.75, 0.05) if early else (0.42, 0.43, 0.15)
    if world.rng.random() < call_share:
        return catalogue.CALL
    return world.rng.choices((catalogue.MEETING, catalogue.EMAIL, catalogue.SURVEY), others)[0]


def log(
    world: World,
    at: datetime,
    user: str,
    activity_type: ActivityType,
    *,
    lead: Lead | None = None,
    prospect: Prospect | None = None,
    reach: float = 1.0,
) -> bool:
    """Write an activity; says whether somebody was reached. `reach`: factor on calls' reach."""
    if lead and lead.prospect and world.rng.random() < _ALSO_ON_ROW_SHARE:
        prospect = lead.prospect
    outcome = _outcome(world, user, activity_type, reach)
    said = world.rng.random() >= _NOT_YET_SAID_SHARE
    world.activities.append(
        Activity(
            occurred_at=at,
            recorded_at=_recorded_at(world, at, lead),
            user=user,
            activity_type=activity_type.activity_type,
            outcome=outcome.outcome if said else "",
            lead=lead.key if lead else "",
            prospect=prospect.key if prospect else "",
            content=_words(world, activity_type),
        )
    )
    return said and outcome.is_reached


def _outcome(world: World, user: str, activity_type: ActivityType, reach: float) -> Outcome:
    usual = BY_USER[user].temperament.reach * reach
    reached = world.rng.random() < _REACHED_SHARE.get(activity_type.activity_type, usual)
    fitting = [each for each in activity_type.outcomes if each.is_reached == reached]
    return world.rng.choices(fitting, [each.weight for each in fitting])[0]


def _recorded_at(world: World, at: datetime, lead: Lead | None) -> datetime:
    """At once, but for a few; never before the lead itself was recorded."""
    recorded_at = max(at, lead.events[0].recorded_at) if lead else at
    if world.rng.random() < parameters.RECORDED_LATE_CHANCE:
        late = later(world, recorded_at, world.rng.uniform(0.5, 4))
        return late if late <= world.ends_at else recorded_at
    return recorded_at


def _words(world: World, activity_type: ActivityType) -> str:
    if world.rng.random() >= _WORDS_SHARE:
        return ""
    return world.rng.choice(_WORDS[activity_type.activity_type])

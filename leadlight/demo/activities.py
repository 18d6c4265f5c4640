"""Simulated calls, meetings, e-mails and surveys, with their outcomes."""

from datetime import datetime, timedelta

from leadlight.demo import catalogue, parameters
from leadlight.demo.catalogue import ActivityType, Outcome
from leadlight.demo.people import BY_USER, MANAGER_OF, is_employed, team_of
from leadlight.demo.world import Activity, Lead, Prospect, World, later, plan

_NO_OUTCOME_SHARE = 0.04
"""Share of activities logged without an outcome."""

_JOINT_SHARE = 0.04
"""Share of a lead's activities that are done by the manager of its team."""

_REACHED_SHARE = {"rendez-vous": 0.84, "e-mail": 0.38, "releve": 0.92}
"""Type of activity, except calls → share of its activities that reach somebody."""
_AFTER_CLOSING_CHANCE = 0.14
_AFTER_CLOSING_DAYS = 20
_PAUSE_GROWTH = 0.22
"""Growth of the mean pause with each further activity on a lead, as a share of the first pause."""

_FIRST_TOUCH_DAYS = 2.5
_ALSO_ON_ROW_SHARE = 0.3
"""Share of the activities on a lead from a prospect that are logged on the prospect as well."""

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


def plan_activity(world: World, lead: Lead, at: datetime) -> None:
    """Plan the owner's next activity on a lead; while the lead is open, each one plans the next."""
    if lead.is_activity_planned or not lead.owner:
        return
    lead.is_activity_planned = True
    days = world.rng.expovariate(1 / _pause(lead))
    plan(world, later(world, at, days), lambda world, at: _touch(world, lead, at))


def _pause(lead: Lead) -> float:
    """Return the mean days until the next activity; the first activity comes sooner."""
    if not lead.touches:
        return _FIRST_TOUCH_DAYS
    return BY_USER[lead.owner].temperament.touch_days * (1 + _PAUSE_GROWTH * lead.touches)


def _touch(world: World, lead: Lead, at: datetime) -> None:
    lead.is_activity_planned = False
    if lead.is_deleted or not lead.owner:
        return
    if lead.is_open:
        touch(world, lead, at)
        plan_activity(world, lead, at)
    elif _is_recently_closed(lead, at) and world.rng.random() < _AFTER_CLOSING_CHANCE:
        touch(world, lead, at)


def _is_recently_closed(lead: Lead, at: datetime) -> bool:
    """Return whether the lead was closed within the last `_AFTER_CLOSING_DAYS` days."""
    return lead.closed_at is not None and at - lead.closed_at < timedelta(days=_AFTER_CLOSING_DAYS)


def touch(world: World, lead: Lead, at: datetime) -> None:
    """Log one activity on a lead, by its owner or sometimes by the manager of the team."""
    joint = world.rng.random() < _JOINT_SHARE
    user = MANAGER_OF[team_of(lead.owner)] if joint else lead.owner
    if not is_employed(world, user, at):
        return
    lead.touches += 1
    log(world, at, user, _type(world, lead, user), lead=lead)


def _type(world: World, lead: Lead, user: str) -> ActivityType:
    """Draw a type of activity: calls by the user's share, meetings mostly after the first step."""
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
    """Log an activity and return whether it reached somebody.

    `reach` is a factor on the user's share of calls that reach somebody.
    """
    if lead and lead.prospect and world.rng.random() < _ALSO_ON_ROW_SHARE:
        prospect = lead.prospect
    outcome = _outcome(world, user, activity_type, reach)
    has_outcome = world.rng.random() >= _NO_OUTCOME_SHARE
    world.activities.append(
        Activity(
            occurred_at=at,
            recorded_at=_recorded_at(world, at, lead),
            user=user,
            activity_type=activity_type.activity_type,
            outcome=outcome.outcome if has_outcome else "",
            lead=lead.key if lead else "",
            prospect=prospect.key if prospect else "",
            content=_words(world, activity_type),
        )
    )
    return has_outcome and outcome.is_reached


def _outcome(world: World, user: str, activity_type: ActivityType, reach: float) -> Outcome:
    usual = BY_USER[user].temperament.reach * reach
    reached = world.rng.random() < _REACHED_SHARE.get(activity_type.activity_type, usual)
    fitting = [each for each in activity_type.outcomes if each.is_reached == reached]
    return world.rng.choices(fitting, [each.weight for each in fitting])[0]


def _recorded_at(world: World, at: datetime, lead: Lead | None) -> datetime:
    """Return `at`, or later for a few activities; never before the lead was recorded."""
    recorded_at = max(at, lead.events[0].recorded_at) if lead else at
    if world.rng.random() < parameters.RECORDED_LATE_CHANCE:
        late = later(world, recorded_at, world.rng.uniform(0.5, 4))
        return late if late <= world.ends_at else recorded_at
    return recorded_at


def _words(world: World, activity_type: ActivityType) -> str:
    if world.rng.random() >= _WORDS_SHARE:
        return ""
    return world.rng.choice(_WORDS[activity_type.activity_type])

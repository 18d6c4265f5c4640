"""Reminders, stars and comments of the demo company; reports do not count them.

They have a separate random generator, so that they do not change the rest of the data.
"""

from bisect import bisect_right
from datetime import timedelta
from random import Random

from leadlight.demo.working_days import A_DAY, at_second, working_day_from
from leadlight.demo.world import Event, Lead, Reminder, World

_NOON = 12
_STARRED_SHARE = 0.06
_DUE_TODAY_SHARE = 0.12
_FURTHEST_REMINDER = 30
_ALL_DAY_SHARE = 0.65
_PLANNED_SHARE = 0.85
_NOTE_SHARE = 0.6
_COMMENTED_SHARE = {True: 0.3, False: 0.03}
"""Whether a lead is open → share of the leads with a comment."""
_SECOND_COMMENT_CHANCE = 0.3

# Type of activity → possible minutes, and notes.
_PLANS: dict[str, tuple[tuple[int | None, ...], tuple[str, ...]]] = {
    "appel": (
        (None, 15, 30),
        (
            "Rappeler après la réunion de chantier.", "Relancer sur le devis.",
            "Demander la décision du conseil syndical.", "Vérifier le budget avec le client.",
        ),
    ),
    "rendez-vous": (
        (60, 90),
        (
            "Revoir les teintes avec l'architecte.", "Présenter la variante en triple vitrage.",
            "Apporter les échantillons de profilés.",
        ),
    ),
    "e-mail": (
        (None, 15),
        ("Envoyer le devis révisé.", "Joindre la notice d'entretien.", "Demander les plans cotés."),
    ),
    "releve": ((60, 120), ("Prendre les cotes de la véranda.", "Vérifier l'accès par la cour.")),
}  # fmt: skip
_PLAN_WEIGHTS = (55, 20, 15, 10)
_COMMENTS = (
    "Le client préfère être appelé le matin.",
    "Décision attendue après l'assemblée générale.",
    "Un concurrent a proposé 5 % de moins, sans la pose.",
    "L'architecte demande un échantillon de la teinte 7016.",
    "Prévoir un camion avec grue : la cour est étroite.",
    "Le permis est accordé.\nLe chantier commence dans deux mois.",
    "À revoir avec l'atelier : le délai de huit semaines est trop long.",
    "Contact très cordial, recommandé par un ancien client.",
)


def add(world: World, seed: int) -> None:
    """Add reminders to all standby leads, and stars and comments to some leads."""
    rng = Random(f"daily work {seed}")
    due_owners: set[str] = set()
    for lead in world.leads:
        if lead.is_open:
            lead.is_starred = bool(lead.owner) and rng.random() < _STARRED_SHARE
        if lead.is_open and lead.state["status"] == "standby":
            is_due = rng.random() < _DUE_TODAY_SHARE or lead.owner not in due_owners
            lead.reminder = _reminder(world, lead, rng, is_due=is_due)
            if lead.reminder.at.date() == world.today:
                due_owners.add(lead.owner)
        if rng.random() < _COMMENTED_SHARE[lead.is_open]:
            _comment(world, lead, rng)
            if rng.random() < _SECOND_COMMENT_CHANCE:
                _comment(world, lead, rng)


def _reminder(world: World, lead: Lead, rng: Random, *, is_due: bool) -> Reminder:
    """Draw a reminder for a working day, or for today if it `is_due`.

    A lead put on standby this morning is due this afternoon; one put on standby later today is
    due another day.
    """
    since = max(event.occurred_at for event in lead.events if event.kind == "status")
    is_from_today = since.date() == world.today
    is_due = is_due and (not is_from_today or since.hour < _NOON)
    ahead = working_day_from(world.today + timedelta(days=rng.randint(1, _FURTHEST_REMINDER)))
    is_all_day = rng.random() < _ALL_DAY_SHARE and not (is_due and is_from_today)
    first = _NOON + 1 if is_due and is_from_today else 8
    second = 0 if is_all_day else rng.randint(2 * first, 35) * 1800
    at = at_second(world.today if is_due else ahead, second)
    return Reminder(at, is_all_day, *_plan(rng))


def _plan(rng: Random) -> tuple[int | None, str, str]:
    """Draw the minutes, type and note of a planned activity, or empty values for none."""
    if rng.random() >= _PLANNED_SHARE:
        return None, "", ""
    (activity_type,) = rng.choices(tuple(_PLANS), _PLAN_WEIGHTS)
    durations, notes = _PLANS[activity_type]
    note = rng.choice(notes) if rng.random() < _NOTE_SHARE else ""
    return rng.choice(durations), activity_type, note


def _comment(world: World, lead: Lead, rng: Random) -> None:
    """Add a comment by a user who changed the lead, a few minutes after that change."""
    changes = [event for event in lead.events if event.actor and event.kind != "comment"]
    if not changes:
        return
    change = rng.choice(changes)
    at = change.recorded_at + timedelta(seconds=rng.randint(60, 900))
    place = bisect_right(lead.events, at, key=lambda event: event.occurred_at)
    if at > min(world.ends_at, at_second(change.recorded_at.date() + A_DAY, 0)):
        return
    recorded_at = max(at, lead.events[place - 1].recorded_at)
    here = {event.value for event in lead.events if event.kind == "comment"}
    text = rng.choice([each for each in _COMMENTS if each not in here])
    comment = Event(at, recorded_at, change.actor, "comment", text)
    lead.events.insert(place, comment)

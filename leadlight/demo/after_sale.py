"""Follow-ups of won leads of the demo company, and renewals; reports do not count them.

They have a separate random generator, so that they do not change the rest of the data. Renewals and
upsells are links between existing leads of one client.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from leadlight.demo.working_days import A_DAY, at_second, is_working_day, moment, working_day_from
from leadlight.demo.world import Event, Lead, World
from leadlight.sales.models.plain_values import plain_instant
from leadlight.sales.models.tasks import state_text

_FOLLOWED_DAYS = 150
"""Days after which a won lead gets no follow-up any more."""
_FOLLOWED_SHARE = 0.6
_DONE_SHARE = 0.88
"""Share of done tasks among those due before today."""
_POSTPONED_SHARE = 0.35
"""Share of the other open tasks that were postponed."""
_LINKED_SHARE = 0.4
_RENEWAL_SHARE = 0.5


@dataclass(frozen=True)
class Step:
    """Task of a template; `days` are working days if `is_in_working_days`."""

    key: str
    title: str
    days: int
    is_in_working_days: bool = True
    owner_rule: str = "lead_owner"
    note: str = ""


@dataclass(frozen=True)
class Template:
    key: str
    name: str
    steps: tuple[Step, ...]
    is_archived: bool = False


TEMPLATES = (
    Template(
        "mise-en-service",
        "Mise en service",
        (
            Step("ms-1", "Appeler le client pour fixer la pose", 1),
            Step("ms-2", "Transmettre le dossier à l'atelier", 2, note="Plans cotés et teintes."),
            Step("ms-3", "Vérifier la date de livraison", 15),
            Step("ms-4", "Visite de fin de chantier", 45),
            Step("ms-5", "Demander un avis au client", 60, is_in_working_days=False),
        ),
    ),
    Template(
        "contrat-entretien",
        "Contrat d'entretien",
        (
            Step("ce-1", "Envoyer la proposition de contrat", 5),
            Step("ce-2", "Relancer sur la proposition", 15),
            Step("ce-3", "Préparer le renouvellement", 335, is_in_working_days=False),
        ),
    ),
    Template("parrainage", "Parrainage", (Step("pa-1", "Proposer le parrainage", 30),), True),
)


@dataclass
class Task:
    step: Step
    position: int
    due_on: date
    owner: str
    status: str = "todo"
    done_at: datetime | None = None
    key: str = ""


@dataclass
class FollowUp:
    key: str
    template: Template
    lead: Lead
    started_at: datetime
    tasks: list[Task] = field(default_factory=list)


def add(world: World, seed: int) -> None:
    """Add follow-ups to won leads, and links between leads of one client."""
    rng = Random(f"after the sale {seed}")
    for lead in world.leads:
        if _may_be_followed(world, lead) and rng.random() < _FOLLOWED_SHARE:
            _follow(world, lead, rng)
    _link(world, rng)


def _may_be_followed(world: World, lead: Lead) -> bool:
    if lead.state["status"] != "won" or lead.is_deleted or not lead.owner or not lead.closed_at:
        return False
    return world.today - lead.closed_at.date() <= timedelta(days=_FOLLOWED_DAYS)


def _follow(world: World, lead: Lead, rng: Random) -> None:
    template = TEMPLATES[0] if rng.random() < 0.75 else TEMPLATES[1]
    recorded = max(event.recorded_at for event in lead.events)
    started_at = recorded + timedelta(seconds=rng.randint(20, 240))
    if started_at > world.ends_at:
        return
    follow_up = FollowUp(f"F{len(world.follow_ups) + 1:03}", template, lead, started_at)
    for position, step in enumerate(template.steps, start=1):
        due_on = _due_day(step, started_at.date())
        task = Task(step, position, due_on, lead.owner)
        task.key = f"{follow_up.key}-{position}"
        follow_up.tasks.append(task)
    world.follow_ups.append(follow_up)
    for task in follow_up.tasks:
        _log(follow_up, task, started_at)
    for task in sorted(follow_up.tasks, key=lambda one: (one.due_on, one.position)):
        _work_on(world, follow_up, task, rng)


def _due_day(step: Step, start: date) -> date:
    """Return the day on which a task is due, counted as `sales.follow_ups` counts it."""
    if not step.is_in_working_days:
        return start + timedelta(days=step.days)
    day, count = start, step.days
    while count or not is_working_day(day):
        day += A_DAY
        count -= min(count, is_working_day(day))
    return day


def _work_on(world: World, follow_up: FollowUp, task: Task, rng: Random) -> None:
    """Draw whether a task was done by its day, or postponed."""
    last = follow_up.lead.events[-1].recorded_at
    if task.due_on < world.today and rng.random() < _DONE_SHARE:
        at = max(moment(rng, task.due_on), last + timedelta(seconds=rng.randint(30, 900)))
        if at <= world.ends_at:
            task.status, task.done_at = "done", at
            _log(follow_up, task, at)
    elif task.due_on <= world.today and rng.random() < _POSTPONED_SHARE:
        at = max(at_second(world.today, 9 * 3600), last + timedelta(seconds=60))
        task.due_on = working_day_from(world.today + timedelta(days=rng.randint(1, 10)))
        task.status = "standby"
        _log(follow_up, task, min(at, world.ends_at))


def _state(follow_up: FollowUp, task: Task) -> str:
    """Return the state of a task as text of the event log."""
    return state_text(
        {
            "title": task.step.title,
            "note": task.step.note,
            "status": task.status,
            "due_on": task.due_on.isoformat(),
            "owner": task.owner,
            "done_at": plain_instant(task.done_at),
            "done_by": task.owner if task.done_at else "",
            "follow_up": follow_up.key,
        }
    )


def _log(follow_up: FollowUp, task: Task, at: datetime) -> None:
    lead, state = follow_up.lead, _state(follow_up, task)
    place = bisect_right(lead.events, at, key=lambda event: event.occurred_at)
    lead.events.insert(place, Event(at, at, task.owner, "task", state, task.key))


def _link(world: World, rng: Random) -> None:
    """Link leads to the last lead of their client that was won before they were created."""
    of_client: dict[str, list[Lead]] = defaultdict(list)
    for lead in sorted(world.leads, key=lambda one: one.created_at):
        if lead.client is None:
            continue
        earlier = [one for one in of_client[lead.client.key] if _is_won_before(one, lead)]
        if earlier and rng.random() < _LINKED_SHARE:
            lead.follows = earlier[-1]
            lead.follows_as = "renewal" if rng.random() < _RENEWAL_SHARE else "upsell"
            value = f"{lead.follows_as}:{lead.follows.key}"
            at = lead.created_at + timedelta(seconds=1)
            place = bisect_right(lead.events, at, key=lambda event: event.occurred_at)
            recorded_at = max(at, lead.events[place - 1].recorded_at)
            lead.events.insert(place, Event(at, recorded_at, lead.created_by, "follows", value))
        of_client[lead.client.key].append(lead)


def _is_won_before(one: Lead, lead: Lead) -> bool:
    is_won = one.state["status"] == "won" and not one.is_deleted
    return is_won and one.closed_at is not None and one.closed_at < lead.created_at


# Rows of the company folder


def template_rows() -> Iterator[tuple[object, ...]]:
    for position, one in enumerate(TEMPLATES, start=1):
        yield one.key, one.name, position, _flag(one.is_archived)


def step_rows() -> Iterator[tuple[object, ...]]:
    for template in TEMPLATES:
        for position, step in enumerate(template.steps, start=1):
            is_in_working_days = _flag(step.is_in_working_days)
            rule = (is_in_working_days, step.owner_rule, "", step.note)
            yield step.key, template.key, position, step.title, step.days, *rule


def follow_up_rows(follow_ups: Iterable[FollowUp]) -> Iterator[tuple[object, ...]]:
    for one in follow_ups:
        start = (one.started_at.isoformat(), one.lead.owner)
        yield one.key, one.lead.key, one.template.key, one.template.name, *start


def task_rows(follow_ups: Iterable[FollowUp]) -> Iterator[tuple[object, ...]]:
    for one in follow_ups:
        started = (one.started_at.isoformat(), one.lead.owner, _flag(False))
        for task in one.tasks:
            done = (task.done_at.isoformat(), task.owner) if task.done_at else ("", "")
            what = (task.step.title, task.step.note, task.status, task.due_on.isoformat())
            yield task.key, one.lead.key, one.key, task.position, *what, task.owner, *done, *started


def _flag(value: bool) -> str:
    return "true" if value else "false"

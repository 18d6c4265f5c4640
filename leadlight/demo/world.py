"""State of the simulation of the demo company: the data so far, and the planned events."""

import heapq
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random
from typing import TYPE_CHECKING

from leadlight.demo.catalogue import Product
from leadlight.demo.sources import ListPlan
from leadlight.demo.working_days import after

if TYPE_CHECKING:
    from leadlight.demo.after_sale import FollowUp

Facts = dict[str, str]
"""Kind of event → new value in the format of the company folder."""


@dataclass(slots=True)
class Client:
    key: str
    name: str
    description: str
    is_active: bool


@dataclass(slots=True)
class Event:
    occurred_at: datetime
    recorded_at: datetime
    actor: str
    kind: str
    value: str
    about: str = ""
    """Key of the task or the file that the event changes."""


@dataclass(slots=True)
class AttachedFile:
    key: str
    lead: str
    name: str
    content: bytes
    added_at: datetime
    added_by: str


@dataclass(slots=True)
class Reminder:
    at: datetime
    is_all_day: bool
    minutes: int | None
    activity_type: str
    note: str


@dataclass(slots=True)
class Prospect:
    key: str
    plan: ListPlan
    created_at: datetime
    user: str
    company: str
    phone: str
    mail: str
    town: str
    lead: "Lead | None" = None


@dataclass(slots=True)
class Lead:
    key: str
    created_at: datetime
    created_by: str
    company: str
    product: Product
    source: str
    win_odds: float
    """Factor on the odds of winning, from product and source."""
    tags: list[str]
    client: Client | None = None
    prospect: Prospect | None = None
    description: str = ""
    initial_amount: str = ""
    """Amount of the future quote, while the lead has no amount."""
    closed_at: datetime | None = None
    reminder: Reminder | None = None
    is_starred: bool = False
    follows: "Lead | None" = None
    follows_as: str = ""
    state: Facts = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    course: "deque[tuple[float, Move]]" = field(default_factory=deque)
    """Planned moves, each with the days since the previous one."""
    course_number: int = 0
    """Number of courses set so far; a planned move of an earlier course is dropped."""
    touches: int = 0
    """Number of activities on the lead."""
    slips: int = 0
    """Number of times the expected close date was postponed."""
    is_activity_planned: bool = False
    """Whether the next activity is planned."""
    is_review_planned: bool = False
    """Whether a review of the expected close date is planned."""

    @property
    def owner(self) -> str:
        return self.state["owner"]

    @property
    def is_deleted(self) -> bool:
        return "deleted" in self.state

    @property
    def is_open(self) -> bool:
        return self.closed_at is None and not self.is_deleted


@dataclass(slots=True)
class Activity:
    occurred_at: datetime
    recorded_at: datetime
    user: str
    activity_type: str
    outcome: str
    lead: str
    prospect: str
    content: str


@dataclass
class World:
    rng: Random
    today: date
    first_day: date
    ends_at: datetime
    """End of the simulation: no event occurs or is recorded later."""
    size: float
    leads: list[Lead] = field(default_factory=list)
    prospects: list[Prospect] = field(default_factory=list)
    clients: list[Client] = field(default_factory=list)
    activities: list[Activity] = field(default_factory=list)
    files: list[AttachedFile] = field(default_factory=list)
    follow_ups: "list[FollowUp]" = field(default_factory=list)
    list_created_at: dict[str, datetime] = field(default_factory=dict)
    agenda: "list[tuple[datetime, int, Action]]" = field(default_factory=list)
    planned: int = 0
    """Number of actions planned so far; orders the actions planned for one instant."""


Action = Callable[[World, datetime], None]
Move = Callable[[World, Lead, datetime], None]


def plan(world: World, at: datetime, action: Action) -> None:
    """Plan an action for an instant; ignore it if `at` is after the end of the simulation."""
    if at <= world.ends_at:
        world.planned += 1
        heapq.heappush(world.agenda, (at, world.planned, action))


def run_until(world: World, until: datetime) -> None:
    """Run all actions planned up to and including `until`, in order of time."""
    while world.agenda and world.agenda[0][0] <= until:
        at, _, action = heapq.heappop(world.agenda)
        action(world, at)


def later(world: World, at: datetime, days: float) -> datetime:
    """Draw an instant in working time, about `days` days after `at`."""
    return after(world.rng, at, days)


def lognormal_days(world: World, median_and_spread: tuple[float, float], factor: float) -> float:
    median, spread = median_and_spread
    return median * factor * world.rng.lognormvariate(0, spread)

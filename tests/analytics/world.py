"""A toy company as plain data, and a naive replay of its history.

Ids differ between kinds (users from 11, teams from 21, …), so that an id used for another kind
finds nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

CLOSED = ("won", "lost", "cancelled")


@dataclass(frozen=True)
class Fact:
    """A recorded change of a lead, with the instants of the event and of its recording."""

    kind: str  # created, pipeline, step, status, owner, team, amount, probability, expected…
    value: Any
    occurred_at: datetime
    recorded_at: datetime


@dataclass(frozen=True)
class Named:
    """A team, pipeline or client; clients have no `created_at`."""

    id: int
    key: str
    name: str
    created_at: datetime | None = None


@dataclass(frozen=True)
class Category:
    """A category of tags; `reason_for`: lost, cancelled, both or None."""

    id: int
    key: str
    name: str
    reason_for: str | None = None


@dataclass(frozen=True)
class Person:
    id: int
    key: str
    name: str
    is_active: bool = True
    created_at: datetime | None = None
    deactivated_at: datetime | None = None


@dataclass(frozen=True)
class Membership:
    team_id: int
    user_id: int
    is_manager: bool = False


@dataclass(frozen=True)
class Step:
    id: int
    key: str
    name: str
    pipeline_id: int
    position: int
    probability: int | None


@dataclass(frozen=True)
class PastProbability:
    """A former probability of a step, with the instant of its replacement."""

    id: int
    step_id: int
    probability: int | None
    replaced_at: datetime


@dataclass(frozen=True)
class PastPosition:
    """A former position of a step, with the instant of its replacement."""

    id: int
    step_id: int
    position: int
    replaced_at: datetime


@dataclass(frozen=True)
class Tag:
    id: int
    key: str
    name: str
    category_id: int
    created_at: datetime | None = None


@dataclass(frozen=True)
class ChoiceField:
    """A custom field of leads, with its choices in order."""

    id: int
    key: str
    name: str
    choices: tuple[str, ...]


@dataclass(frozen=True)
class ProspectingList:
    id: int
    key: str
    name: str
    user_id: int | None = None
    created_on: date = date(2024, 1, 1)
    source: str | None = None
    cost: Decimal | None = None


@dataclass(frozen=True)
class Cost:
    """A cost of one list, source or tag, spread over its days."""

    id: int
    name: str
    amount: Decimal
    first_on: date
    last_on: date
    created_at: datetime
    prospecting_list_id: int | None = None
    source: str | None = None
    tag_id: int | None = None


@dataclass(frozen=True)
class Prospect:
    """A prospect, which is a row of a prospecting list."""

    id: int
    key: str
    prospecting_list_id: int
    created_at: datetime
    user_id: int | None = None
    converted_at: datetime | None = None


@dataclass(frozen=True)
class ActivityType:
    id: int
    key: str
    name: str
    kind: str = "other"
    created_at: datetime | None = None


@dataclass(frozen=True)
class Outcome:
    id: int
    key: str
    name: str
    activity_type_id: int
    is_reached: bool = False
    created_at: datetime | None = None


@dataclass(frozen=True)
class Activity:
    id: int
    occurred_at: datetime
    recorded_at: datetime
    user_id: int | None
    activity_type_id: int
    outcome_id: int | None = None
    lead_id: int | None = None
    prospect_id: int | None = None


@dataclass(frozen=True)
class Goal:
    """A target of a user or a team; `measure`: activities, won_leads or won_amount."""

    id: int
    user_id: int | None
    team_id: int | None
    measure: str
    activity_type_id: int | None
    period: str  # month, quarter, year
    starts_on: date
    target: Decimal


@dataclass(frozen=True)
class Lead:
    """A lead; facts with the same `occurred_at` count in their order here."""

    id: int
    key: str
    facts: tuple[Fact, ...]
    creator_id: int | None = None
    source: str | None = None
    client_id: int | None = None
    prospecting_list_id: int | None = None
    tag_ids: tuple[int, ...] = ()
    prospect_id: int | None = None
    choices: tuple[tuple[int, str], ...] = ()  # field id, choice


@dataclass(frozen=True)
class State:
    """A lead as recorded at an instant."""

    pipeline_id: int
    step_id: int
    status: str
    owner_id: int | None
    team_id: int | None
    amount: Any
    created_at: datetime
    closed_at: datetime | None
    owner_at_creation_id: int | None
    team_at_creation_id: int | None
    owner_at_closing_id: int | None
    team_at_closing_id: int | None
    probability: int | None = None
    expected_on: date | None = None

    @property
    def seconds_to_close(self) -> float | None:
        return self.closed_at and (self.closed_at - self.created_at).total_seconds()


@dataclass(frozen=True)
class Rest:
    """Weekend and holidays; weekdays are 1 (Monday) to 7 (Sunday)."""

    weekend: frozenset[int] = frozenset({6, 7})
    holidays: frozenset[date] = frozenset()


@dataclass(frozen=True)
class World:
    zone: ZoneInfo
    users: tuple[Person, ...] = ()
    teams: tuple[Named, ...] = ()
    memberships: tuple[Membership, ...] = ()
    pipelines: tuple[Named, ...] = ()
    steps: tuple[Step, ...] = ()
    categories: tuple[Category, ...] = ()
    tags: tuple[Tag, ...] = ()
    clients: tuple[Named, ...] = ()
    prospecting_lists: tuple[ProspectingList, ...] = ()
    leads: tuple[Lead, ...] = ()
    prospects: tuple[Prospect, ...] = ()
    activity_types: tuple[ActivityType, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    activities: tuple[Activity, ...] = ()
    goals: tuple[Goal, ...] = ()
    past_probabilities: tuple[PastProbability, ...] = ()
    past_positions: tuple[PastPosition, ...] = ()
    fields: tuple[ChoiceField, ...] = ()
    costs: tuple[Cost, ...] = ()
    rest: Rest | None = None  # None if no test uses working days

    def day(self, instant: datetime) -> date:
        """Return the local day of an instant."""
        return instant.astimezone(self.zone).date()

    def recorded_by(self, instant: datetime) -> World:
        """Return the company without anything recorded after the instant."""
        leads = [
            replace(lead, facts=facts)
            for lead in self.leads
            if (facts := tuple(fact for fact in lead.facts if fact.recorded_at <= instant))
        ]
        prospects = [
            replace(row, converted_at=None)
            if row.converted_at and row.converted_at > instant
            else row
            for row in self.prospects
            if row.created_at <= instant
        ]
        activities = [activity for activity in self.activities if activity.recorded_at <= instant]
        return replace(
            self,
            leads=tuple(leads),
            prospects=tuple(prospects),
            activities=tuple(activities),
            costs=tuple(cost for cost in self.costs if cost.created_at <= instant),
            steps=tuple(
                replace(
                    step,
                    probability=probability_at(self, step, instant),
                    position=position_at(self, step, instant),
                )
                for step in self.steps
            ),
            past_positions=tuple(
                past for past in self.past_positions if past.replaced_at <= instant
            ),
            past_probabilities=tuple(
                past for past in self.past_probabilities if past.replaced_at <= instant
            ),
        )

    def seen_by(self, scope: Any) -> World:
        """Return the company without anything outside the scope."""
        leads = [lead for lead in self.leads if may_see(scope, lead)]
        prospects = [row for row in self.prospects if may_see_prospect(self, scope, row)]
        colleagues = colleagues_of(self, scope)
        lead_ids = {lead.id for lead in leads if state(lead, None)}
        prospect_ids = {row.id for row in prospects}
        return replace(
            self,
            leads=tuple(leads),
            prospects=tuple(prospects),
            prospecting_lists=tuple(
                row if row.user_id in colleagues or scope.sees_all else replace(row, cost=None)
                for row in self.prospecting_lists
            ),
            activities=tuple(
                activity
                for activity in self.activities
                if activity.lead_id in lead_ids
                or activity.prospect_id in prospect_ids
                or activity.user_id in colleagues
            ),
            costs=tuple(
                cost
                for cost in self.costs
                if scope.sees_all or self.owner_of_list(cost.prospecting_list_id) in colleagues
            ),
            goals=tuple(
                goal
                for goal in self.goals
                if scope.sees_all or goal.user_id in colleagues or goal.team_id in scope.team_ids
            ),
        )

    def owner_of_list(self, list_id: int | None) -> int | None:
        lists = (one for one in self.prospecting_lists if one.id == list_id)
        return next((one.user_id for one in lists), None)

    @property
    def last_recorded_at(self) -> datetime:
        return max(fact.recorded_at for lead in self.leads for fact in lead.facts)


def state(lead: Lead, as_of: datetime | None) -> State | None:
    """Return the lead as recorded at an instant; None before its creation and in the bin."""
    facts = known(lead, as_of)
    told = latest(facts)
    if "created" not in told or told.get("deleted"):
        return None
    created_at = max(fact.occurred_at for fact in facts if fact.kind == "created")
    at_creation = latest(fact for fact in facts if fact.occurred_at <= created_at)
    statuses = [place for place, fact in enumerate(facts) if fact.kind == "status"]
    closing = statuses and facts[statuses[-1]].value in CLOSED
    at_closing = latest(facts[: statuses[-1] + 1]) if closing else {}
    return State(
        pipeline_id=told["pipeline"],
        step_id=told["step"],
        status=told.get("status", "todo"),
        owner_id=told.get("owner"),
        team_id=told.get("team"),
        amount=told.get("amount"),
        created_at=created_at,
        closed_at=facts[statuses[-1]].occurred_at if closing else None,
        owner_at_creation_id=at_creation.get("owner"),
        team_at_creation_id=at_creation.get("team"),
        owner_at_closing_id=at_closing.get("owner"),
        team_at_closing_id=at_closing.get("team"),
        probability=told.get("probability"),
        expected_on=told.get("expected"),
    )


def known(lead: Lead, as_of: datetime | None) -> list[Fact]:
    """Return the facts recorded by an instant, sorted by `occurred_at`; the sort is stable."""
    facts = [fact for fact in lead.facts if as_of is None or fact.recorded_at <= as_of]
    return sorted(facts, key=lambda fact: fact.occurred_at)


def latest(facts: Iterable[Fact]) -> dict[str, Any]:
    """Return the last value of each kind."""
    return {fact.kind: fact.value for fact in facts}


def probability_at(world: World, step: Step, as_of: datetime | None) -> int | None:
    """Return the probability (%) of a step at an instant.

    This is the first former value replaced after the instant, or the current value.
    """
    later = [
        past
        for past in world.past_probabilities
        if past.step_id == step.id and as_of is not None and past.replaced_at > as_of
    ]
    later.sort(key=lambda past: (past.replaced_at, past.id))
    return later[0].probability if later else step.probability


def position_at(world: World, step: Step, as_of: datetime | None) -> int:
    """Return the position of a step at an instant, by the rule of `probability_at`."""
    later = [
        past
        for past in world.past_positions
        if past.step_id == step.id and as_of is not None and past.replaced_at > as_of
    ]
    later.sort(key=lambda past: (past.replaced_at, past.id))
    return later[0].position if later else step.position


def may_see(scope: Any, lead: Lead) -> bool:
    """Return whether the reader sees everything, owns the lead today or manages its team."""
    today = latest(known(lead, None))
    own = today.get("owner") is not None and today["owner"] == scope.user_id
    return scope.sees_all or own or today.get("team") in scope.team_ids


def colleagues_of(world: World, scope: Any) -> set[int]:
    """Return the ids of the users whose figures the reader may see."""
    if scope.sees_all:
        return {user.id for user in world.users}
    managed = {row.user_id for row in world.memberships if row.team_id in scope.team_ids}
    return managed | ({scope.user_id} - {None})


def may_see_prospect(world: World, scope: Any, prospect: Prospect) -> bool:
    """Return whether the prospect, its list or its lead is visible to the reader."""
    its_list = next(
        row for row in world.prospecting_lists if row.id == prospect.prospecting_list_id
    )
    colleagues = colleagues_of(world, scope)
    return (
        scope.sees_all
        or prospect.user_id in colleagues
        or its_list.user_id in colleagues
        or any(
            lead.prospect_id == prospect.id and may_see(scope, lead) and state(lead, None)
            for lead in world.leads
        )
    )

"""Facts of leads for the oracle: events, and stays in the stock of open leads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.analytics.world import Lead, State, World


@dataclass(frozen=True)
class Event:
    """A creation or closing of a lead on a day, with the credited user and team."""

    fact: str
    day: date
    lead: Lead
    then: State
    user_id: int | None
    team_id: int | None


@dataclass(frozen=True)
class Stay:
    """A lead from its creation to its closing; `until` is None for an open lead."""

    since: date
    until: date | None
    lead: Lead
    then: State
    user_id: int | None
    team_id: int | None


def is_chosen(world: World, filters: Any, lead: Lead, then: State) -> bool:
    """Return whether the lead matches the filters except those on credited users and teams."""
    held = {
        "pipeline": [key_of(world.pipelines, then.pipeline_id)],
        "source": [lead.source],
        "prospecting_list": [key_of(world.prospecting_lists, lead.prospecting_list_id)],
        "client": [key_of(world.clients, lead.client_id)],
        **{f"field:{field.key}": [choice_in(lead, field.id)] for field in world.fields},
    }
    for dimension, its in held.items():
        wanted = filters.keys(dimension)
        if wanted and (its[0] or "none") not in wanted:
            return False
    tags = [key_of(world.tags, tag_id) for tag_id in lead.tag_ids] or ["none"]
    wanted = filters.keys("tag")
    if not wanted:
        return True
    return (all if filters.switch("tags") == "all" else any)(key in tags for key in wanted)


def choice_in(lead: Lead, field_id: int) -> str | None:
    return dict(lead.choices).get(field_id)


def is_credited(world: World, filters: Any, fact: Event | Stay) -> bool:
    users, teams = filters.keys("user"), filters.keys("team")
    user = key_of(world.users, fact.user_id) or "none"
    team = key_of(world.teams, fact.team_id) or "none"
    return (not users or user in users) and (not teams or team in teams)


def key_of(rows: tuple[Any, ...], row_id: int | None) -> str | None:
    return next((row.key for row in rows if row.id == row_id), None)


def events_of(world: World, filters: Any, lead: Lead, then: State) -> list[Event]:
    at_creation = (then.owner_at_creation_id, then.team_at_creation_id)
    at_closing = (then.owner_at_closing_id, then.team_at_closing_id)
    credit = filters.switch("credit")
    if credit == "owner":
        at_creation = at_closing = (then.owner_id, then.team_id)
    if credit == "creator":
        at_creation = at_closing = (lead.creator_id, then.team_at_creation_id)
    events = [Event("created", world.day(then.created_at), lead, then, *at_creation)]
    if then.closed_at:
        events.append(Event(then.status, world.day(then.closed_at), lead, then, *at_closing))
    return events


def stay_of(world: World, filters: Any, lead: Lead, then: State) -> Stay:
    whose = (then.owner_id, then.team_id)
    if filters.switch("credit") == "creator":
        whose = (lead.creator_id, then.team_at_creation_id)
    until = world.day(then.closed_at) if then.closed_at else None
    return Stay(world.day(then.created_at), until, lead, then, *whose)


def open_on(stays: list[Stay], day: date) -> list[Stay]:
    """Return the stays of leads created by the end of the day and not closed by then."""
    return [
        stay for stay in stays if stay.since <= day and (stay.until is None or stay.until > day)
    ]

"""A toy company as rows of the star schema."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import astuple
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from typing import Any
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

import duckdb

from leadlight.analytics.engine.duckdb import Engine
from leadlight.analytics.star.schema import STAR
from tests.analytics.naive_step_history import steps_entered, visits
from tests.analytics.naive_working import A_DAY, midnight, works
from tests.analytics.world import Lead, Rest, State, World, known, latest, state

TYPES = {
    "int64": "BIGINT",
    "int16": "SMALLINT",
    "float64": "DOUBLE",
    "string": "VARCHAR",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp(6)": "TIMESTAMP",
    "decimal(14, 2)": "DECIMAL(14, 2)",
}

Rows = list[tuple[Any, ...]]

# One statement string for all tables, since each call to DuckDB takes a millisecond.
CREATE = "; ".join(
    f"CREATE TABLE {table} ({', '.join(f'{name} {TYPES[kind]}' for name, kind in columns.items())})"
    for table, columns in STAR.items()
)
MANY = 20  # number of rows above which binding columns is faster than binding values


def empty_star() -> Engine:
    """Return an engine with every table, all empty."""
    return with_tables(Engine(threads=1))


def with_tables(engine: Engine) -> Engine:
    engine.connection.execute(CREATE)
    return engine


# The company and the rows in each engine, so that `fill` rewrites only tables that differ.
HELD: WeakKeyDictionary[Engine, tuple[World | None, dict[str, Rows]]] = WeakKeyDictionary()


def fill(engine: Engine, world: World) -> None:
    """Replace the company in the engine by this one."""
    held, before = HELD.get(engine, (None, {}))
    if held == world:
        return
    tables = rows_of(world)
    engine.connection.begin()
    for table, rows in tables.items():
        old = before.get(table, [])
        if rows == old:
            continue
        if old:
            engine.connection.execute(f"DELETE FROM {table}")
        if rows:
            _insert(engine, table, rows)
    engine.connection.commit()
    HELD[engine] = (world, tables)


class Unchanging(Engine):
    """An engine whose tables do not change, so that it caches the rows of each statement.

    All of them share parsed statements, each of which is then run on several companies.
    """

    def __init__(self) -> None:
        super().__init__(threads=1)
        self._known: dict[tuple[str, str], list[tuple[Any, ...]]] = {}
        self._parsed = _parsed_once

    def run(self, sql: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        asked = (sql, repr(values))
        if asked not in self._known:
            self._known[asked] = super().run(sql, values)
        return [*self._known[asked]]


@cache
def _parser() -> Engine:
    return Engine(threads=1)


@lru_cache(maxsize=2048)
def _parsed_once(sql: str) -> duckdb.Statement | str:
    return _parser()._parse(sql)


@lru_cache(maxsize=128)
def engine_of(world: World) -> Engine:
    """Return a cached engine filled with this company."""
    engine = with_tables(Unchanging())
    fill(engine, world)
    return engine


def _insert(engine: Engine, table: str, rows: Rows) -> None:
    if len(rows) > MANY:
        columns = ", ".join(f"unnest(?::{TYPES[kind]}[])" for kind in STAR[table].values())
        text = f"INSERT INTO {table} SELECT {columns}"
        engine.connection.execute(text, [list(column) for column in zip(*rows, strict=True)])
        return
    place = f"({', '.join('?' * len(rows[0]))})"
    values = [value for row in rows for value in row]
    engine.connection.execute(
        f"INSERT INTO {table} VALUES {', '.join([place] * len(rows))}", values
    )


def _dated(row: Any) -> tuple[Any, ...]:
    """Return the values of a row, with its instants in the form of the star."""
    return tuple(utc(one) if isinstance(one, datetime) else one for one in astuple(row))


def rows_of(world: World) -> dict[str, Rows]:
    """Return, by table name, the rows with columns in the order of `STAR`."""
    return {
        "leads": [row for lead in world.leads for row in lead_row(world, lead, None)],
        "lead_versions": [row for lead in world.leads for row in versions(world, lead, lead_row)],
        "lead_moves": [row for lead in world.leads for row in moves(world, lead)],
        "lead_stays": [row for lead in world.leads for row in versions(world, lead, stays)],
        "lead_steps": [row for lead in world.leads for row in versions(world, lead, steps)],
        "lead_titles": [(lead.id, lead.key, f"Lead {lead.key}") for lead in world.leads],
        "lead_tags": [(lead.id, tag_id) for lead in world.leads for tag_id in lead.tag_ids],
        "users": [_dated(user) for user in world.users],
        "teams": [_dated(team) for team in world.teams],
        "memberships": [astuple(membership) for membership in world.memberships],
        "pipelines": [_dated(pipeline) for pipeline in world.pipelines],
        "steps": [
            (step.id, step.key, step.pipeline_id, step.name, step.position, step.probability)
            for step in world.steps
        ],
        "past_probabilities": [
            (past.id, past.step_id, past.probability, utc(past.replaced_at))
            for past in world.past_probabilities
        ],
        "past_positions": [
            (past.id, past.step_id, past.position, utc(past.replaced_at))
            for past in world.past_positions
        ],
        "categories": [astuple(category) for category in world.categories],
        "tags": [_dated(tag) for tag in world.tags],
        "fields": [(field.id, field.key, field.name) for field in world.fields],
        "choices": [
            (field.id, choice, position)
            for field in world.fields
            for position, choice in enumerate(field.choices, start=1)
        ],
        "lead_choices": [(lead.id, *chosen) for lead in world.leads for chosen in lead.choices],
        "clients": [(client.id, client.key, client.name) for client in world.clients],
        "prospecting_lists": [(*astuple(row), False) for row in world.prospecting_lists],
        "costs": [
            (
                *(cost.id, cost.name, cost.amount, cost.first_on, cost.last_on),
                *(cost.prospecting_list_id, cost.source, cost.tag_id, utc(cost.created_at)),
            )
            for cost in world.costs
        ],
        "prospects": [
            (
                row.id,
                row.key,
                row.prospecting_list_id,
                row.user_id,
                utc(row.created_at),
                world.day(row.created_at),
                utc(row.converted_at),
                row.converted_at and world.day(row.converted_at),
            )
            for row in world.prospects
        ],
        "activity_types": [_dated(row) for row in world.activity_types],
        "outcomes": [_dated(row) for row in world.outcomes],
        "activities": [
            (
                row.id,
                utc(row.occurred_at),
                world.day(row.occurred_at),
                utc(row.recorded_at),
                row.user_id,
                row.activity_type_id,
                row.outcome_id,
                row.lead_id,
                row.prospect_id,
            )
            for row in world.activities
        ],
        "goals": [astuple(row) for row in world.goals],
        "days": days(world.zone, world.rest) if world.rest else [],
    }


# Periods that include all days of the toy companies.
SPANS = ((date(2011, 11, 1), date(2012, 6, 30)), (date(2023, 1, 1), date(2026, 6, 30)))


@cache
def days(zone: ZoneInfo, rest: Rest) -> Rows:
    """Return the rows of `days`: day, start, working days before, working days per 24 hours."""
    rows: Rows = []
    for day, last in SPANS:
        while day <= last:
            begins, ends = (utc(midnight(one, zone)) for one in (day, day + A_DAY))
            is_worked = works(day, zone, rest)
            before = sum(row[3] > 0 for row in rows)
            pace = A_DAY / (ends - begins) if is_worked else 0.0  # type: ignore[operator]
            rows.append((day, begins, before, pace))
            day += A_DAY
    return rows


def versions(
    world: World, lead: Lead, follow: Callable[[World, Lead, datetime | None], Iterable[Any]]
) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a lead after each recording, with the instants they are valid between."""
    reordered = {past.replaced_at for past in world.past_positions}
    instants = sorted({fact.recorded_at for fact in lead.facts} | reordered)
    for since, until in zip(instants, [*instants[1:], None], strict=True):
        for row in follow(world, lead, since):
            yield (*row, utc(since), utc(until))


def moves(world: World, lead: Lead) -> Iterator[tuple[Any, ...]]:
    """Yield a row each time the step of the lead was set."""
    for place, fact in enumerate(lead.facts):
        if fact.kind == "step":
            when = (utc(fact.occurred_at), world.day(fact.occurred_at), utc(fact.recorded_at))
            yield (lead.id, lead.id * 1000 + place, *when, fact.value)


def stays(world: World, lead: Lead, as_of: datetime | None) -> Iterator[tuple[Any, ...]]:
    """Yield each stay of the lead, as recorded at an instant."""
    for visit in visits(world, lead, as_of):
        yield (
            lead.id,
            visit.step.pipeline_id,
            visit.step.id,
            visit.number,
            *(utc(visit.since), world.day(visit.since)),
            *(utc(visit.until), visit.until and world.day(visit.until)),
            visit.following and visit.following.id,
            visit.following and visit.following.pipeline_id,
        )


def steps(world: World, lead: Lead, as_of: datetime | None) -> Iterator[tuple[Any, ...]]:
    """Yield each step that the lead reached, as recorded at an instant."""
    for entered in steps_entered(world, lead, as_of):
        visited_at = entered.visited_at
        yield (
            lead.id,
            entered.step.pipeline_id,
            entered.step.id,
            *(utc(entered.reached_at), world.day(entered.reached_at), entered.advanced),
            *(utc(visited_at), visited_at and world.day(visited_at), entered.visit_advanced),
            entered.went,
        )


def lead_row(world: World, lead: Lead, as_of: datetime | None) -> Iterator[tuple[Any, ...]]:
    """Yield the row of the lead as recorded, in the columns of `LEAD`; none if it did not exist."""
    then = state(lead, as_of)
    if then is None:
        return
    today = latest(known(lead, None))
    yield (
        lead.id,
        then.pipeline_id,
        then.step_id,
        then.status,
        then.owner_id,
        then.team_id,
        lead.creator_id,
        then.owner_at_creation_id,
        then.team_at_creation_id,
        then.owner_at_closing_id,
        then.team_at_closing_id,
        today.get("owner"),
        today.get("team"),
        lead.client_id,
        lead.prospect_id,
        lead.prospecting_list_id,
        lead.source,
        then.amount,
        then.probability,
        *_instants(world, then),
        then.expected_on,
    )


def _instants(world: World, then: State) -> tuple[Any, ...]:
    closed_on = then.closed_at and world.day(then.closed_at)
    created = (utc(then.created_at), world.day(then.created_at))
    return (*created, utc(then.closed_at), closed_on, then.seconds_to_close)


def utc(instant: datetime | None) -> datetime | None:
    """Convert to the form of instants in the star: UTC without offset."""
    return instant and instant.astimezone(UTC).replace(tzinfo=None)

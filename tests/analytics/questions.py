"""Random queries to random companies: few shapes, each with many values.

The SQL of a shape (report, grouping, switches, dimensions with filters, kind of reader, past or
now) is compiled once, which is slow; other values (days, keys, instants, readers) are bound, which
is fast. Options of a shape are dealt from shuffled decks, so that the first queries of a table use
each option at least once, in random combinations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cache
from random import Random
from typing import TypeVar
from zoneinfo import ZoneInfo

from leadlight.analytics.query.filters import Filters
from leadlight.analytics.query.periods import UNITS, Calendar
from leadlight.analytics.query.query_params import Clock
from leadlight.analytics.query.scope import ALL_LEADS, Scope
from leadlight.analytics.query.switches import SWITCHES
from leadlight.analytics.reports import EVERY_TABLE
from leadlight.analytics.reports.contract import Report
from tests.analytics.strategies import (
    CATEGORIES,
    DAYS,
    FIELDS,
    HOURS,
    LAGS,
    SOURCES,
    USERS,
)
from tests.seeds import IS_SEARCH, drawn

# Readers by kind.
READERS: dict[str, tuple[Scope, ...]] = {
    "all": (ALL_LEADS,),
    "seller": (Scope(sees_all=False, user_id=12), Scope(sees_all=False, user_id=11)),
    "manager": (
        Scope(sees_all=False, user_id=11, team_ids=frozenset({21})),
        Scope(sees_all=False, user_id=13, team_ids=frozenset({21, 22})),
    ),
    "observer": (
        Scope(sees_all=False, team_ids=frozenset({22})),
        Scope(sees_all=False, team_ids=frozenset({21})),
    ),
}
CHOICES = {
    "user": ("none", *(user.key for user in USERS)),
    "team": ("none", "north", "south"),
    "pipeline": ("loans", "cars"),
    "tag": ("none", "a", "b", "c"),
    "source": ("none", *SOURCES),
    "prospecting_list": ("none", "fair", "web"),
    "client": ("none", "acme"),
}
FIELD_CHOICES = {f"field:{field.key}": ("none", *field.choices) for field in FIELDS}
# Every table by the key of its report; further tables have a suffix, such as leads.work.
TABLES: dict[str, Report] = {
    ".".join(part for part in (table.key, table.view) if part): table for table in EVERY_TABLE
}
QueryParams = dict[str, list[str]]
Card = TypeVar("Card")


@dataclass(frozen=True)
class SampleQuery:
    """A query with its number among those of its table, and its time zone."""

    report: str
    number: int
    zone: ZoneInfo
    params: QueryParams
    filters: Filters
    scope: Scope
    reader: str


def numbers(report: str) -> range:
    """Return the numbers of queries that use every option of a table; more in a search."""
    fewest = max(6, len(groupings(report)))
    return range(5 * fewest if IS_SEARCH else fewest)


def dealt(name: str, number: int, cards: Sequence[Card]) -> Card:
    """Return the card of this number when shuffled decks of all cards are dealt in sequence."""
    deck = list(cards)
    drawn(f"{name} {number // len(deck)}").shuffle(deck)
    return deck[number % len(deck)]


@cache
def deal(report: str, number: int, turn: int = 0) -> SampleQuery:
    """Return the query of this number; another turn has the same shape and other values."""

    def option(name: str, cards: Sequence[Card]) -> Card:
        return dealt(f"{report} {name}", number, cards)

    random = drawn(f"{report} {number} {turn}")
    zone = ZoneInfo(dealt(f"{report} {number} zones", turn, sorted(DAYS)))
    clock = Clock(_now(random, zone), zone, _calendar(report, number), DAYS[zone.key][0])
    params = _period(report, random, zone) | {
        "group_by": [option("groupings", groupings(report))],
        "bucket": [option("units", ("", *UNITS))],
        "compare": [random.choice(("", "previous", "last_year"))],
    }
    params |= {
        name: [option(name, SWITCHES[name])]
        for name in ("tags", *TABLES[report].switches)
        if name != "days"  # working days are tested in test_working_days
    }
    for dimension in option("filters", _filters(report, number)):
        params[dimension] = _keys(report, number, dimension, random)
    for field in option("fields", _field_filters()):
        params[field] = _choices(report, number, field, random)
    if option("past", (False, True, False, True, False)):
        params["as_of"] = [min(_instant(random, zone), clock.now).isoformat()]
    params = completed(report, params)
    if turn and not params["bucket"][0]:  # the bucket unit of the first turn
        params["bucket"] = [deal(report, number).filters.bucket_unit]
    reader = option("readers", ("all", "all", "all", "seller", "manager", "observer"))
    scope = dealt(f"{report} {number} readers", turn, READERS[reader])
    filters = TABLES[report].read(params, clock)
    return SampleQuery(report, number, zone, params, filters, scope, reader)


def _filters(report: str, number: int) -> list[tuple[str, ...]]:
    """Return the choices of filtered dimensions: none, or two; tags more often."""
    names = [*sorted(CHOICES), "tag"]
    drawn(f"{report} filters {number // 6} dimensions").shuffle(names)
    return [(), (), *(tuple(names[place : place + 2]) for place in range(0, len(names), 2))]


def _field_filters() -> list[tuple[str, ...]]:
    """Return the choices of filtered fields: mostly none, else one of them or both."""
    return [(), (), (), *((field,) for field in FIELD_CHOICES), tuple(FIELD_CHOICES)]


def _choices(report: str, number: int, field: str, random: Random) -> list[str]:
    """Return most choices of a field, `none`, or both, depending on the number.

    Field filters are added to others, and leave few leads out.
    """
    named = [key for key in FIELD_CHOICES[field] if key != "none"]
    keys = random.sample(named, len(named) - 1)
    kind = drawn(f"{report} {number} {field}")
    return kind.choice((keys, ["none"], *3 * [[*keys, "none"]]))


def _keys(report: str, number: int, dimension: str, random: Random) -> list[str]:
    """Return keys of a dimension, `none`, or both, depending on the number."""
    named = [key for key in CHOICES[dimension] if key != "none"]
    kind = drawn(f"{report} {number} {dimension}")
    if (
        dimension in TABLES[report].needs
    ):  # a pipeline's steps are columns, and so part of the shape
        return [kind.choice(named)]
    keys = random.sample(named, min(len(named), random.choice((1, 2))))
    without = ["none"] if "none" in CHOICES[dimension] else []
    return kind.choice((keys, keys, without or keys, keys + without))


def completed(report: str, params: QueryParams) -> QueryParams:
    """Return the parameters with those the table requires: one pipeline, a fixed bucket unit."""
    table = TABLES[report]
    if "pipeline" in table.needs:
        params = {**params, "pipeline": [*params.get("pipeline", ()), "loans"][:1]}
    return {**params, "bucket": [table.unit]} if table.unit else params


def groupings(report: str) -> list[str]:
    """Return every grouping of a table, with one for each category and the first field."""
    names = list(TABLES[report].groupings)
    if "category" in names:
        names.remove("category")
        names.append(f"field:{FIELDS[0].key}")
        names += [f"category:{category.key}" for category in CATEGORIES]
    return names


def _calendar(report: str, number: int) -> Calendar:
    random = drawn(f"{report} {number} calendar")
    return Calendar(random.choice((1, 1, 7, 6)), random.choice((1, 1, 4, 10)))


def _period(report: str, random: Random, zone: ZoneInfo) -> QueryParams:
    """Return all days of the companies, a part of them, or a preset."""
    days = DAYS[zone.key]
    if random.random() < 0.15:
        return {"period": [random.choice(TABLES[report].presets)]}
    first, last = (
        sorted(random.choices(days, k=2)) if random.random() < 0.3 else (days[0], days[-1])
    )
    return {"from": [first.isoformat()], "to": [last.isoformat()]}


def _now(random: Random, zone: ZoneInfo) -> datetime:
    """Return an instant after all records, or (30 %) one between them."""
    if random.random() < 0.3:
        return _instant(random, zone)
    last = datetime.combine(DAYS[zone.key][-1], time.max, zone).astimezone(UTC)
    return last + 2 * max(LAGS) + timedelta(hours=1)


def _instant(random: Random, zone: ZoneInfo) -> datetime:
    """Return an instant of a record, or one just before or after it.

    Mostly a late one, often on the last day, between the events and their recording.
    """
    days = DAYS[zone.key]
    if random.random() < 0.25:
        return datetime.combine(days[-1], time(12), zone).astimezone(UTC)
    day = random.choice(days[len(days) // 2 :] if random.random() < 0.8 else days)
    hour = random.choice(HOURS).replace(fold=random.randrange(2))
    instant = datetime.combine(day, hour, zone).astimezone(UTC)
    return instant + random.choice(LAGS) + random.choice((-1, 0, 0, 0, 1)) * min(LAGS[1:])

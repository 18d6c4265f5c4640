"""Queries of a golden copy: the parameters with which a table of a report can be requested.

Every parameter of a table has a query of its own; those that affect each other are combined.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from leadlight.analytics.query.dimensions import REPORT_FILTERS
from leadlight.analytics.query.filters import COMPARISONS
from leadlight.analytics.query.periods import UNITS
from leadlight.analytics.query.switches import SWITCHES
from leadlight.analytics.reports.contract import Report

QueryParams = dict[str, tuple[str, ...]]


def one(name: str, *values: str) -> QueryParams:
    """Return a query with one parameter."""
    return {name: values}


SYSTEM = "system"
# Further queries about the result of each table without parameters.
ABOUT_BRIEFLY = ("headlines", "some_lists", "changes", "credit", "quality")
ABOUT_THE_PLAIN = (*ABOUT_BRIEFLY, "total_lists", "row_lists", "explanations")
# One of each kind: calendar units, current ones, numbers of days, all time, the future.
PERIODS = (
    "yesterday",
    "this_month",
    "last_quarter",
    "last_90_days",
    "all_time",
    "next_8_weeks",
)


@dataclass(frozen=True)
class Choices:
    """Values of the query parameters for one company.

    `keys` are the keys of each dimension, the most frequent first; `readers` are the readers other
    than the system. With `is_brief`, each value has one query, and values are not combined.
    """

    categories: tuple[str, ...]
    keys: Mapping[str, tuple[str, ...]]
    readers: tuple[str, ...]
    past_day: str
    past_instant: str
    is_brief: bool = False


@dataclass(frozen=True)
class GoldenQuery:
    """A query string and its reader; `about` names the further queries about its result."""

    params: QueryParams
    reader: str = SYSTEM
    about: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        return f"{urlencode(self.params, doseq=True)} ({self.reader})"


def queries(table: Report, choices: Choices) -> Iterator[GoldenQuery]:
    """Return the distinct queries to a table of a report."""
    found: dict[str, GoldenQuery] = {}
    for query in _queries(table, choices):
        found.setdefault(query.address, query)
    return iter(found.values())


def _queries(table: Report, choices: Choices) -> Iterator[GoldenQuery]:
    view: QueryParams = one("view", table.view) if table.view else {}
    instant = one("as_of", choices.past_instant)
    yield GoldenQuery(view, about=ABOUT_BRIEFLY if choices.is_brief else ABOUT_THE_PLAIN)
    yield GoldenQuery(view | instant, about=("headlines", "some_lists"))
    for reader in choices.readers:
        yield GoldenQuery(view, reader, ("headlines", "some_lists") if reader == "seller" else ())
    for params in (*_rows(table, choices), *_switched(table), *_one_key(choices, REPORT_FILTERS)):
        yield GoldenQuery(view | params)
    yield from (GoldenQuery(view | one("compare", name)) for name in COMPARISONS)
    if not choices.is_brief:
        yield from _combined(table, choices, view)


def _combined(table: Report, choices: Choices, view: QueryParams) -> Iterator[GoldenQuery]:
    """Yield further periods and keys, and combinations of rows, filters, readers and switches."""
    instant, previous = one("as_of", choices.past_instant), one("compare", "previous")
    for rows in _rows(table, choices):
        yield from (GoldenQuery(view | rows | params) for params in (instant, previous))
    for params in (*_times(table, choices), *_chosen(choices, REPORT_FILTERS), *_tags(choices)):
        yield GoldenQuery(view | params)
    for reader in choices.readers:
        for params in (instant, *_seen_otherwise(table, choices, reader)):
            yield GoldenQuery(view | params, reader)
    if "user" in table.groupings:
        users = one("group_by", "user")
        yield from (GoldenQuery(view | users | params) for params in _switched(table))
    for params in _one_key(choices, REPORT_FILTERS):
        yield GoldenQuery(view | params | instant | previous)
    for params in _one_key(choices, ("user", "team")):
        yield from (GoldenQuery(view | params | one("credit", to)) for to in SWITCHES["credit"][1:])


def _seen_otherwise(table: Report, choices: Choices, reader: str) -> Iterable[QueryParams]:
    """Return the queries whose rows or errors depend on the scope of the reader."""
    if reader == "manager":
        return _chosen(choices, ("user", "team"))
    return _rows(table, choices) if reader == "seller" else ()


def _rows(table: Report, choices: Choices) -> Iterator[QueryParams]:
    for grouping in table.groupings:
        if grouping == "category":
            yield from (one("group_by", f"category:{key}") for key in choices.categories)
        else:
            yield one("group_by", grouping)


def _switched(table: Report) -> Iterator[QueryParams]:
    """Yield each switch with each of its values except the default."""
    for name in table.switches:
        yield from (one(name, value) for value in SWITCHES[name][1:])


def _times(table: Report, choices: Choices) -> Iterator[QueryParams]:
    """Yield other periods and buckets, their comparisons, and a past day as of which to report."""
    year = int(choices.past_day[:4])
    days = one("from", f"{year - 1}-02-10") | one("to", choices.past_day)
    rows = one("group_by", "bucket") if "bucket" in table.groupings else {}
    yield one("as_of", choices.past_day)
    yield from (days | one("compare", name) for name in COMPARISONS)
    yield from (one("period", name) for name in PERIODS if name in table.presets)
    yield from (days | rows | one("bucket", unit) for unit in UNITS)


def _one_key(choices: Choices, dimensions: Iterable[str]) -> Iterator[QueryParams]:
    for name in dimensions:
        yield from (one(name, key) for key in choices.keys[name][:1])


def _chosen(choices: Choices, dimensions: Iterable[str]) -> Iterator[QueryParams]:
    """Yield filters by the first key of each dimension, by no value, and by either of the two."""
    for name in dimensions:
        keys = choices.keys[name][:1]
        yield from (one(name, *chosen) for chosen in (keys, ("none",), (*keys, "none")) if chosen)


def _tags(choices: Choices) -> Iterator[QueryParams]:
    """Yield filters by the two most frequent tags: leads with any, and leads with all of them."""
    yield from (one("tag", *choices.keys["tag"][:2]) | one("tags", how) for how in ("any", "all"))

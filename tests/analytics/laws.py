"""What the laws of the catalogue are tried on: a few questions to each report, of every kind.

Few, because the text of a question is compiled once and then asked of many companies.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from ibis.expr import operations as ops

from leadlight.analytics.engines.duckdb import Engine
from leadlight.analytics.filters import Filters
from leadlight.analytics.measures import Column
from leadlight.analytics.parameters import Clock
from leadlight.analytics.periods import COMING_PRESETS, Calendar, Period
from leadlight.analytics.question import Question
from leadlight.analytics.report import Facts, Flow, Report, Result, Row, Stock
from leadlight.analytics.run import question_of, run
from leadlight.analytics.scope import EVERYTHING, Scope
from tests.analytics.questions import TABLES, completed, groupings
from tests.analytics.star import engine_of, fill
from tests.analytics.strategies import worlds
from tests.analytics.world import Rest, World
from tests.seeds import IS_SEARCH, PROFILE, examples, seeded

PARIS = ZoneInfo("Europe/Paris")
# After everything that the random companies record.
NOW = datetime(2024, 7, 1, 12, tzinfo=UTC)
CLOCK = Clock(NOW, PARIS, Calendar(), date(2023, 12, 31))


@dataclass(frozen=True)
class Window:
    """The days of the questions, where they are split, and what they are compared with."""

    first: str
    last: str
    split: tuple[date, ...]
    compared: Mapping[str, tuple[str, str]]

    @property
    def query(self) -> dict[str, list[str]]:
        return {"from": [self.first], "to": [self.last], "bucket": ["month"]}


PAST = Window(
    "2024-01-01",
    "2024-03-31",
    (date(2024, 1, 31), date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 30)),
    {"previous": ("2023-10-02", "2023-12-31"), "last_year": ("2023-01-01", "2023-03-31")},
)
# Of what is still to come: now lies within.
COMING = Window(
    "2024-03-01",
    "2024-07-31",
    (date(2024, 3, 30), date(2024, 6, 30), date(2024, 7, 1), date(2024, 7, 30)),
    {"previous": ("2023-09-30", "2024-02-29"), "last_year": ("2023-03-01", "2023-07-31")},
)

FILTERS: tuple[dict[str, list[str]], ...] = (
    {},
    {"user": ["ana", "none"]},
    {"tag": ["a", "c"], "tags": ["all"]},
    {"team": ["north"], "credit": ["owner"]},
    {"leave_cancelled_out": ["yes"], "credit": ["creator"], "days": ["working"]},
    {"source": ["none", "web"]},
    {"pipeline": ["loans"], "client": ["acme"], "days": ["working"]},
    {"tag": ["none", "b"], "prospecting_list": ["fair", "none"]},
)
NARROWINGS = (
    ("pipeline", "loans"),
    ("client", "none"),
    ("user", "ana"),
    ("tag", "none"),
    ("tag", "a"),
    ("team", "none"),
    ("source", "web"),
    ("user", "none"),
)
INSTANTS = (
    datetime(2024, 2, 28, 23, tzinfo=UTC),
    datetime(2024, 1, 31, tzinfo=UTC),
    datetime(2024, 3, 30, 22, 30, tzinfo=UTC),
    datetime(2024, 4, 15, tzinfo=UTC),
)
SCOPES = (
    Scope(sees_all=False, user_id=11, team_ids=frozenset({21})),
    Scope(sees_all=False, user_id=12),
    Scope(sees_all=False, user_id=13, team_ids=frozenset({21, 22})),
)


@dataclass(frozen=True)
class Asked:
    """One question, and how it is varied: narrowed, split at a day, as of an instant, by whom."""

    report: Report
    filters: Filters
    narrower: Filters
    day: date
    instant: datetime
    scope: Scope
    compare: str

    def until_the_day(self) -> Filters:
        return replace(self.filters, period=Period(self.filters.period.first, self.day))

    def after_the_day(self) -> Filters:
        first = self.day + timedelta(1)
        return replace(self.filters, period=Period(first, self.filters.period.last))

    def answer(
        self,
        engine: Engine,
        world: World,
        filters: Filters | None = None,
        scope: Scope = EVERYTHING,
    ) -> Result:
        fill(engine, world)
        return run(self.report, filters or self.filters, scope, engine, "EUR")

    def of(self, world: World, filters: Filters | None = None, scope: Scope = EVERYTHING) -> Result:
        """The answer about a company, worked out once."""
        return _answered(self.report, filters or self.filters, scope, world)


@lru_cache(maxsize=1024)
def _answered(report: Report, filters: Filters, scope: Scope, world: World) -> Result:
    return run(report, filters, scope, engine_of(world), "EUR")


def read(report: str, query: dict[str, Any], clock: Clock = CLOCK) -> Filters:
    return TABLES[report].read(completed(report, query), clock)


def window(report: str) -> Window:
    return COMING if TABLES[report].preset in COMING_PRESETS else PAST


def pool(report: str) -> list[Asked]:
    """A question for every grouping, each with other filters."""
    names, days = groupings(report), window(report)
    asked = []
    for place in range(max(len(names), len(FILTERS))):
        chosen = FILTERS[place % len(FILTERS)]
        dimension, key = NARROWINGS[place % len(NARROWINGS)]
        query = {**days.query, "group_by": [names[place % len(names)]], **chosen}
        asked.append(
            Asked(
                report=TABLES[report],
                filters=read(report, query),
                narrower=read(report, {**query, dimension: [key]}),
                day=days.split[place % len(days.split)],
                instant=INSTANTS[place % len(INSTANTS)],
                scope=SCOPES[place % len(SCOPES)],
                compare=("previous", "last_year")[place % 2],
            )
        )
    return asked


QUESTIONS = {report: st.sampled_from(pool(report)) for report in TABLES}
# Nobody works on weekends and on some of the days on which things happen.
REST = Rest(holidays=frozenset({date(2024, 1, 1), date(2024, 2, 29), date(2024, 4, 1)}))


def resting(world: World) -> World:
    return replace(world, rest=REST)


WORLDS = worlds(zones=st.just(PARIS), most=7).map(resting)
UPRIGHT_WORLDS = worlds(zones=st.just(PARIS), most=7, can_be_backdated=False).map(resting)


Law = Callable[[Asked, World], None]


@cache
def companies(worlds: st.SearchStrategy[World]) -> tuple[World, ...]:
    """Random companies, drawn once: one for each question that a table has at most."""
    number = max(len(pool(report)) for report in TABLES)
    found: list[World] = []

    # The first that are drawn are the smallest.
    @seeded("companies")
    @settings(PROFILE, max_examples=2 * number, phases=[Phase.generate])
    @given(worlds)
    def keep(world: World) -> None:
        found.append(world)

    keep()
    return tuple(found[-number:])


def try_out(report: str, law: Law, worlds: st.SearchStrategy[World] = WORLDS) -> None:
    """Each question to a table is asked of one of the companies; in a search, of ever new ones."""
    if IS_SEARCH:
        examples(12)(given(QUESTIONS[report], worlds)(law))()
        return
    for question, world in zip(pool(report), companies(worlds), strict=False):
        law(question, world)


def facts_of(result: Result, world: World) -> Facts:
    """What the figures of an answer are made of."""
    asked = question_of(result.report, result.filters, EVERYTHING, engine_of(world))
    return _counted(result.report, asked)


@lru_cache(maxsize=64)
def _counted(report: Report, question: Question) -> Facts:
    return report.counted(report.shape_of(question))


def is_stock(column: Column, facts: Facts) -> bool:
    return isinstance(facts[column.of], Stock)


def has_a_whole(column: Column, facts: Facts) -> bool:
    """Whether the total is made of other facts than the rows."""
    over = [facts.get(name) for name, _ in column.aggregates.values()]
    return any(isinstance(fact, Flow) and fact.whole is not None for fact in over)


def is_of_settings(column: Column) -> bool:
    """Whether the figure rests on what the company set, which there is without any lead."""
    return any(name in ("goals", "steps") for name, _ in column.aggregates.values())


def is_of_one_day(column: Column, facts: Facts) -> bool:
    """Whether the facts say how things stand: all on one day that the question names, and not each
    on the day it happened. Then those of two periods do not make those of both."""
    fact = facts[column.of]
    if isinstance(fact, Stock):
        return False
    day = fact.rows.day.op()
    while isinstance(day, ops.Field) and not isinstance(day.rel, ops.PhysicalTable):
        day = day.rel.values[day.name]
    return not day.find(ops.Field)


def compares_days(column: Column, facts: Facts) -> bool:
    """Whether a figure says what is otherwise on one day than on another: of fewer leads more may
    have come, for they are compared with fewer."""
    return is_of_one_day(column, facts) and has_a_whole(column, facts)


def is_sum(column: Column) -> bool:
    """Whether the figure is one thing counted or added up: the rows' can then be added too."""
    return is_counted(column) and not column.each


def is_counted(column: Column) -> bool:
    """Whether the figure is one thing counted or added up, each time or each thing once."""
    return column.kind in ("count", "money") and tuple(column.aggregates) == (column.key,)


def is_listed(column: Column) -> bool:
    """Whether the list behind a figure is what it counts or adds up, whatever else decides that it
    is shown; or what a fraction divides."""
    if column.kind in ("rate", "ratio"):
        return column.parts is not None
    return column.kind in ("count", "money") and column.key in column.aggregates


def cells(result: Result) -> dict[str | None, dict[str, Any]]:
    """Row key → its figures; all of them together under `total`."""
    return {row.key: dict(row.cells) for row in result.rows} | {"total": dict(result.totals)}


def parts(result: Result) -> list[Row]:
    """The rows that make up the totals."""
    return [row for row in result.rows if not row.further]


def shown(result: Result) -> tuple[Any, ...]:
    """Everything a reader sees of an answer."""
    rows = [
        (row.key, row.label, dict(row.cells), row.is_unfinished, row.trend) for row in result.rows
    ]
    return rows, dict(result.totals), [(note.code, note.count) for note in result.notes]

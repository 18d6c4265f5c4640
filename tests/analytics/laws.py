"""Questions and companies on which the laws of the catalogue are tried.

The shapes are those of `tests.analytics.questions`, all asked in one zone and about the same days.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from ibis.expr import operations as ops

from leadlight.analytics.engine.duckdb import Engine
from leadlight.analytics.engine.run import build_query, run
from leadlight.analytics.metrics.columns import Column
from leadlight.analytics.query.filters import Filters
from leadlight.analytics.query.periods import COMING_PRESETS, Calendar, Period
from leadlight.analytics.query.query_params import Clock
from leadlight.analytics.query.report_query import ReportQuery
from leadlight.analytics.query.scope import EVERYTHING, Scope
from leadlight.analytics.reports.contract import Facts, Flow, Report, Result, Row, Stock
from tests.analytics.drawn_companies import Companies, companies_of, small
from tests.analytics.questions import TABLES, completed, deal, groupings, numbers
from tests.analytics.star import engine_of, fill
from tests.analytics.strategies import worlds
from tests.analytics.world import Rest, World
from tests.seeds import IS_SEARCH, drawn, examples

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


@dataclass(frozen=True)
class LawQuery:
    """A question with its reader and its variations: narrowed, split at a day, as of an instant."""

    report: Report
    filters: Filters
    scope: Scope
    narrower: Filters
    day: date
    instant: datetime
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
        scope: Scope | None = None,
    ) -> Result:
        fill(engine, world)
        return run(self.report, filters or self.filters, scope or self.scope, engine, "EUR")

    def of(
        self, world: World, filters: Filters | None = None, scope: Scope | None = None
    ) -> Result:
        """The answer about a company, worked out once."""
        return _answered(self.report, filters or self.filters, scope or self.scope, world)


@lru_cache(maxsize=1024)
def _answered(report: Report, filters: Filters, scope: Scope, world: World) -> Result:
    return run(report, filters, scope, engine_of(world), "EUR")


def read(report: str, query: dict[str, Any], clock: Clock = CLOCK) -> Filters:
    return TABLES[report].read(completed(report, query), clock)


def window(report: str) -> Window:
    return COMING if TABLES[report].preset in COMING_PRESETS else PAST


def pool(report: str) -> list[LawQuery]:
    """The questions of a table: one for each grouping at least."""
    return [asked(report, number) for number in few(report)]


def few(report: str) -> range:
    """The numbers of the questions that laws are tried on; in a search all."""
    fewest = max(3 if TABLES[report].view else 4, len(groupings(report)))
    return numbers(report)[: None if IS_SEARCH else fewest]


def asked(report: str, number: int, turn: int = 0) -> LawQuery:
    """The question of this number; in another turn of the same shape, with other values."""
    question, days = deal(report, number, turn), window(report)
    instant = INSTANTS[turn % len(INSTANTS)]
    filters = question.filters
    if "days" in TABLES[report].switches and number % 4 == 3:
        filters = working(filters)
    filters = replace(
        filters,
        period=Period(date.fromisoformat(days.first), date.fromisoformat(days.last)),
        preset=None,
        compare=None,
        unit=question.filters.bucket_unit,
        zone=PARIS,
        **as_of(instant) if question.filters.as_of else NOW_ASKED,
    )
    return LawQuery(
        report=TABLES[report],
        filters=filters,
        scope=question.scope,
        narrower=narrowed(filters, number),
        day=days.split[turn % len(days.split)],
        instant=instant,
        compare=("previous", "last_year")[turn % 2],
    )


def working(filters: Filters) -> Filters:
    """The question with durations in working days."""
    others = [pair for pair in filters.switched if pair[0] != "days"]
    return replace(filters, switched=(*others, ("days", "working")))


NOW_ASKED: dict[str, Any] = {"as_of": None, "asked_at": NOW, "today": CLOCK.day_of(NOW)}


def as_of(instant: datetime) -> dict[str, Any]:
    """The fields of a question about an instant of the past."""
    return {"as_of": instant, "asked_at": instant, "today": CLOCK.day_of(instant)}


def narrowed(filters: Filters, number: int) -> Filters:
    """The question with a further filter."""
    free = [one for one in NARROWINGS if not filters.keys(one[0])]
    dimension, key = free[number % len(free)]
    return filters.choosing(dimension, (key,))


# Nobody works on weekends and on some of the days on which things happen.
REST = Rest(holidays=frozenset({date(2024, 1, 1), date(2024, 2, 29), date(2024, 4, 1)}))


def resting(world: World) -> World:
    return replace(world, rest=REST)


WORLDS = worlds(zones=st.just(PARIS), most=7).map(resting)


def in_paris(zone: ZoneInfo) -> st.SearchStrategy[World]:
    return small(zone).map(resting)


def upright(zone: ZoneInfo) -> st.SearchStrategy[World]:
    """Companies in which nothing happens to a lead before its creation."""
    return worlds(zones=st.just(zone), most=8, can_be_backdated=False).map(resting)


Law = Callable[[LawQuery, World], None]


def try_out(
    report: str,
    law: Law,
    companies: Companies = in_paris,
    among: Callable[[LawQuery], bool] | None = None,
    turns: int = 2,
) -> None:
    """Put each question of a table to some companies; in a search, to ever new ones.

    `among`: for a law that takes further statements, only one of the questions that fulfil this, a
    different one from table to table.
    """
    chosen = [place for place in few(report) if among is None or among(asked(report, place))]
    if not chosen and among is not None:
        chosen = [next(place for place in range(1000) if among(asked(report, place)))]
    if IS_SEARCH:
        questions = st.builds(asked, st.just(report), st.sampled_from(chosen), st.integers(0, 7))
        examples(12)(given(questions, companies(PARIS))(law))()
        return
    if among is not None:
        chosen = [drawn(f"{report} {among.__qualname__}").choice(chosen)]
    shared = companies_of(companies, PARIS)
    for place in chosen:
        for turn in range(turns):
            law(asked(report, place, place + turn), shared[(place + turn) % len(shared)])


def facts_of(result: Result, world: World) -> Facts:
    """What the figures of an answer are made of."""
    query = build_query(result.report, result.filters, EVERYTHING, engine_of(world))
    return _counted(result.report, result.report.shape_of(query))


@lru_cache(maxsize=64)
def _counted(report: Report, shape: ReportQuery) -> Facts:
    return report.facts(shape)


def is_stock(column: Column, facts: Facts) -> bool:
    return isinstance(facts[column.facts], Stock)


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
    fact = facts[column.facts]
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
    return is_counted(column) and not column.distinct


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

"""Queries and companies for the laws of the catalogue.

The shapes are those of `tests.analytics.questions`, all with one time zone and one period.
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
from leadlight.analytics.query.periods import FUTURE_PRESETS, Calendar, Period
from leadlight.analytics.query.query_params import Clock
from leadlight.analytics.query.report_query import ReportQuery
from leadlight.analytics.query.scope import ALL_LEADS, Scope
from leadlight.analytics.reports.contract import Facts, Flow, Report, Result, Row, Stock
from tests.analytics.drawn_companies import Companies, companies_of, small
from tests.analytics.questions import TABLES, completed, deal, groupings, numbers
from tests.analytics.star import engine_of, fill
from tests.analytics.strategies import worlds
from tests.analytics.world import Rest, World
from tests.seeds import IS_SEARCH, drawn, examples

PARIS = ZoneInfo("Europe/Paris")
# Later than everything the random companies record.
NOW = datetime(2024, 7, 1, 12, tzinfo=UTC)
CLOCK = Clock(NOW, PARIS, Calendar(), date(2023, 12, 31))


@dataclass(frozen=True)
class Window:
    """Period of the queries, the days that split it, and its compared periods."""

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
# The window of reports on the future: it includes today.
FUTURE = Window(
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
    """A query with its scope and the values of its variations.

    `narrower` has a further filter, `day` splits the period, and `instant` is a past `as_of`.
    """

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
        """Return the result for a company, cached."""
        return _answered(self.report, filters or self.filters, scope or self.scope, world)


@lru_cache(maxsize=1024)
def _answered(report: Report, filters: Filters, scope: Scope, world: World) -> Result:
    return run(report, filters, scope, engine_of(world), "EUR")


def read(report: str, query: dict[str, Any], clock: Clock = CLOCK) -> Filters:
    return TABLES[report].read(completed(report, query), clock)


def window(report: str) -> Window:
    return FUTURE if TABLES[report].preset in FUTURE_PRESETS else PAST


def law_queries(report: str) -> list[LawQuery]:
    """Return the queries of a table: at least one for each grouping."""
    return [law_query(report, number) for number in law_numbers(report)]


def law_numbers(report: str) -> range:
    """Return the numbers of the queries that laws are tried on; in a search, all."""
    fewest = max(3 if TABLES[report].view else 4, len(groupings(report)))
    return numbers(report)[: None if IS_SEARCH else fewest]


def law_query(report: str, number: int, turn: int = 0) -> LawQuery:
    """Return the query of this number; another turn has the same shape and other values."""
    query, days = deal(report, number, turn), window(report)
    instant = INSTANTS[turn % len(INSTANTS)]
    filters = query.filters
    if "days" in TABLES[report].switches and number % 4 == 3:
        filters = working(filters)
    filters = replace(
        filters,
        period=Period(date.fromisoformat(days.first), date.fromisoformat(days.last)),
        preset=None,
        compare=None,
        unit=query.filters.bucket_unit,
        zone=PARIS,
        **as_of(instant) if query.filters.as_of else NOW_ASKED,
    )
    return LawQuery(
        report=TABLES[report],
        filters=filters,
        scope=query.scope,
        narrower=narrowed(filters, number),
        day=days.split[turn % len(days.split)],
        instant=instant,
        compare=("previous", "last_year")[turn % 2],
    )


def working(filters: Filters) -> Filters:
    """Return the filters with durations in working days."""
    others = [pair for pair in filters.chosen_switches if pair[0] != "days"]
    return replace(filters, chosen_switches=(*others, ("days", "working")))


NOW_ASKED: dict[str, Any] = {"as_of": None, "instant": NOW, "today": CLOCK.day_of(NOW)}


def as_of(instant: datetime) -> dict[str, Any]:
    """Return the fields of filters as of a past instant."""
    return {"as_of": instant, "instant": instant, "today": CLOCK.day_of(instant)}


def narrowed(filters: Filters, number: int) -> Filters:
    """Return the filters with a further filter."""
    free = [one for one in NARROWINGS if not filters.keys(one[0])]
    dimension, key = free[number % len(free)]
    return filters.with_keys(dimension, (key,))


# Rest days: weekends, and some of the days on which the random companies have events.
REST = Rest(holidays=frozenset({date(2024, 1, 1), date(2024, 2, 29), date(2024, 4, 1)}))


def resting(world: World) -> World:
    return replace(world, rest=REST)


WORLDS = worlds(zones=st.just(PARIS), most=7).map(resting)


def in_paris(zone: ZoneInfo) -> st.SearchStrategy[World]:
    return small(zone).map(resting)


def upright(zone: ZoneInfo) -> st.SearchStrategy[World]:
    """Companies without changes of a lead before its creation."""
    return worlds(zones=st.just(zone), most=8, can_be_backdated=False).map(resting)


Law = Callable[[LawQuery, World], None]


def check_law(
    report: str,
    law: Law,
    companies: Companies = in_paris,
    among: Callable[[LawQuery], bool] | None = None,
    turns: int = 2,
) -> None:
    """Try a law on each query of a table with some companies; in a search, with new ones.

    `among` is a condition for laws that compile further statements: the law is tried on only one of
    the queries that meet it, in each table another one. Laws that run further statements for each
    query have one turn: the queries of a table share all companies, days and compared periods.
    """
    chosen = [
        place for place in law_numbers(report) if among is None or among(law_query(report, place))
    ]
    if not chosen and among is not None:
        chosen = [next(place for place in range(1000) if among(law_query(report, place)))]
    if IS_SEARCH:
        queries = st.builds(law_query, st.just(report), st.sampled_from(chosen), st.integers(0, 7))
        examples(12)(given(queries, companies(PARIS))(law))()
        return
    if among is not None:
        chosen = [drawn(f"{report} {among.__qualname__}").choice(chosen)]
    shared = companies_of(companies, PARIS)
    for place in chosen:
        for turn in range(turns):
            law(law_query(report, place, place + turn), shared[(place + turn) % len(shared)])


def facts_of(result: Result, world: World) -> Facts:
    """Return the facts that the columns of a result aggregate."""
    query = build_query(result.report, result.filters, ALL_LEADS, engine_of(world))
    return _counted(result.report, result.report.shape_of(query))


@lru_cache(maxsize=64)
def _counted(report: Report, shape: ReportQuery) -> Facts:
    return report.facts(shape)


def is_stock(column: Column, facts: Facts) -> bool:
    return isinstance(facts[column.facts], Stock)


def has_a_whole(column: Column, facts: Facts) -> bool:
    """Return whether the total aggregates other facts than the rows."""
    over = [facts.get(name) for name, _ in column.aggregates.values()]
    return any(isinstance(fact, Flow) and fact.total_rows is not None for fact in over)


def is_of_settings(column: Column) -> bool:
    """Return whether the figure comes from goals or step probabilities, not from leads."""
    return any(name in ("goals", "steps") for name, _ in column.aggregates.values())


def is_of_one_day(column: Column, facts: Facts) -> bool:
    """Return whether all facts count on one day of the query, not each on the day of its event.

    Figures of adjacent periods then do not add up.
    """
    fact = facts[column.facts]
    if isinstance(fact, Stock):
        return False
    day = fact.rows.day.op()
    while isinstance(day, ops.Field) and not isinstance(day.rel, ops.PhysicalTable):
        day = day.rel.values[day.name]
    return not day.find(ops.Field)


def compares_days(column: Column, facts: Facts) -> bool:
    """Return whether a figure is a difference between two days.

    A further filter may increase it: a lead that matches only on the last day came in.
    """
    return is_of_one_day(column, facts) and has_a_whole(column, facts)


def is_sum(column: Column) -> bool:
    """Return whether the figure is a count or sum whose rows add up to the total."""
    return is_counted(column) and not column.distinct


def known(column: Column, value: Any) -> Any:
    """Return the value of a sum; that of costs is None where no cost is known."""
    return 0 if value is None and column.key == "cost" else value


def is_counted(column: Column) -> bool:
    """Return whether the figure is one count or sum, also if it counts distinct things."""
    return column.kind in ("count", "money") and tuple(column.aggregates) == (column.key,)


def is_listed(column: Column) -> bool:
    """Return whether a figure lists the facts it counts or sums, or those its rate divides."""
    if column.kind in ("rate", "ratio", "multiple"):
        return column.parts is not None
    return column.kind in ("count", "money") and column.key in column.aggregates


def cells(result: Result) -> dict[str | None, dict[str, Any]]:
    """Return, by row key, the cells; the totals have the key `total`."""
    return {row.key: dict(row.cells) for row in result.rows} | {"total": dict(result.totals)}


def parts(result: Result) -> list[Row]:
    """Return the rows that add up to the totals."""
    return [row for row in result.rows if not row.further]


def shown(result: Result) -> tuple[Any, ...]:
    """Return everything of a result that a reader sees; floats as far as their order of adding up
    does not change them."""

    def cells(values: Mapping[str, Any]) -> dict[str, Any]:
        return {
            key: round(value, 9) if isinstance(value, float) else value
            for key, value in values.items()
        }

    rows = [
        (row.key, row.label, cells(row.cells), row.is_unfinished, row.trend) for row in result.rows
    ]
    return rows, cells(result.totals), [(note.code, note.count) for note in result.notes]

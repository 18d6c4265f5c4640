"""Queries that differ only in values (days, users, teams, tags, instants) share one compilation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from leadlight.analytics.engine.compiler import compiled
from leadlight.analytics.engine.duckdb import Engine
from leadlight.analytics.engine.run import run
from leadlight.analytics.insight.attribution_bridge import build_bridge, has_bridge, moved_leads
from leadlight.analytics.insight.changes.changes import report_changes, since_of
from leadlight.analytics.insight.drilldown import drilldown
from leadlight.analytics.query.dimensions import REPORT_FILTERS
from leadlight.analytics.query.no_value import NO_VALUE, NoValue
from leadlight.analytics.query.periods import Calendar
from leadlight.analytics.query.query_params import Clock
from leadlight.analytics.query.scope import ALL_LEADS, Scope
from leadlight.analytics.reports import CATALOGUE
from tests.analytics.asking import ReportClient
from tests.analytics.busy import NOW, at, busy_company
from tests.analytics.questions import CHOICES, TABLES, completed, groupings
from tests.analytics.strategies_work import experienced

QueryParams = dict[str, list[str]]
DAYS: QueryParams = {"from": ["2024-02-01"], "to": ["2024-03-31"], "bucket": ["month"]}
OTHER_DAYS: QueryParams = {"from": ["2024-02-08"], "to": ["2024-03-30"], "bucket": ["month"]}
SELLER = Scope(sees_all=False, user_id=11), Scope(sees_all=False, user_id=12)
MANAGER = (
    Scope(sees_all=False, user_id=11, team_ids=frozenset({21})),
    Scope(sees_all=False, user_id=13, team_ids=frozenset({21, 22})),
)


def every_filter(place: int) -> QueryParams:
    """Return a key for each dimension; another `place` gives other keys."""
    named = {dimension: [*CHOICES[dimension][1:], "another"] for dimension in REPORT_FILTERS}
    return {dimension: [keys[place]] for dimension, keys in named.items()}


# Pairs of queries of one shape, each with its scope. All filters are set at once, since compiling
# the statements of a shape takes a second.
PAIRS: dict[str, tuple[tuple[QueryParams, Scope], tuple[QueryParams, Scope]]] = {
    "filters, as of the past, of sellers": (
        (DAYS | every_filter(0) | {"as_of": ["2024-04-01T12:00+00:00"]}, SELLER[0]),
        (OTHER_DAYS | every_filter(1) | {"as_of": ["2024-04-05T09:30+00:00"]}, SELLER[1]),
    ),
    "none or several keys, of managers": (
        (DAYS | {"user": ["none", "ana"], "tag": ["a", "b"], "tags": ["all"]}, MANAGER[0]),
        (DAYS | {"user": ["none", "bo"], "tag": ["c", "b", "a"], "tags": ["all"]}, MANAGER[1]),
    ),
}


@pytest.fixture
def company(engine: Engine) -> ReportClient:
    return ReportClient(engine, experienced(busy_company(), at("02-05")), NOW)


def compilations(call: Callable[[], Any]) -> int:
    """Return the number of shapes compiled during the call."""
    before = compiled.count
    call()
    return compiled.count - before


def arguments_of(
    company: ReportClient, table: str, params: QueryParams, scope: Scope = ALL_LEADS
) -> tuple[Any, ...]:
    """The arguments that run, drilldown, bridge and changes take first."""
    report = TABLES[table]
    clock = Clock(NOW, company.world.zone, Calendar(), at("01-01").date())
    if "category" in report.needs:
        params = {"group_by": groupings(table)[:1]} | params
    return report, report.read(completed(table, params), clock), scope, company.engine


# One pair per table, in rotation: the statements of all tables are built from the same parts.
CASES = [(table, list(PAIRS)[place % 2]) for place, table in enumerate(TABLES)]


@pytest.mark.parametrize(("table", "pair"), CASES)
def test_other_values_of_one_shape_compile_nothing(
    company: ReportClient, table: str, pair: str
) -> None:
    one, other = (arguments_of(company, table, *query) for query in PAIRS[pair])
    # Columns that depend on data make a shape of their own: steps of a pipeline, goals of a user.
    if "pipeline" in TABLES[table].needs:
        of_one = other[1].with_keys("pipeline", one[1].keys("pipeline"))
        other = (other[0], of_one, *other[2:])
    if table == "activities.goals":
        other = (*other[:2], one[2], other[3])
    run(*one, "EUR")
    assert compilations(lambda: run(*other, "EUR")) == 0


@pytest.mark.parametrize("table", TABLES)
def test_another_row_or_page_of_a_list_compiles_nothing(company: ReportClient, table: str) -> None:
    report, filters, *rest = arguments_of(company, table, DAYS | {"group_by": groupings(table)[:1]})
    result = run(report, filters, *rest, "EUR")
    keys = [row.key for row in result.rows if row.key and not row.further]
    column = next(one.key for one in result.columns if one.kind in ("count", "money"))

    def page(key: str, offset: int) -> Any:
        how = {"column_key": column, "row_key": key, "limit": 2, "offset": offset}
        return drilldown(report, filters, *rest, **how)

    page(keys[0], 0)
    assert compilations(lambda: page(keys[-1], 2)) == 0


@pytest.mark.parametrize("table", TABLES)
def test_me_compiles_nothing_for_another_reader(company: ReportClient, table: str) -> None:
    report, filters, scope, engine = arguments_of(company, table, DAYS | {"user": ["me"]})
    run(report, filters.for_reader("ana"), scope, engine, "EUR")
    other = report, filters.for_reader("bo"), scope, engine
    if table not in (
        "activities.goals",
        "forecast",
        "team",
    ):  # the goals of a user make their columns
        assert compilations(lambda: run(*other, "EUR")) == 0
    named = report, filters.with_keys("user", ("ana",)), scope, engine
    assert compilations(lambda: run(*named, "EUR")) == 0


def test_another_category_compiles_nothing(company: ReportClient) -> None:
    one, other = (
        arguments_of(company, "company", DAYS | {"group_by": [grouping]})
        for grouping in groupings("company")
        if grouping.startswith("category:")
    )
    run(*one, "EUR")
    assert compilations(lambda: run(*other, "EUR")) == 0


def test_another_user_or_period_of_the_bridge_compiles_nothing(company: ReportClient) -> None:
    query = arguments_of(company, "company", DAYS)
    assert has_bridge(query[0])
    found = build_bridge(*query)
    one, other = [row.key for row in found.rows if row.key][:2]
    scope, engine = query[2:]
    moved_leads(found, scope, engine, str(one), "taken", limit=5)
    another = arguments_of(company, "company", OTHER_DAYS)
    assert compilations(lambda: build_bridge(*another)) == 0
    assert (
        compilations(lambda: moved_leads(found, scope, engine, str(other), "taken", limit=9)) == 0
    )


@pytest.mark.parametrize("table", CATALOGUE)
def test_another_since_instant_of_report_changes_compiles_nothing(
    company: ReportClient, table: str
) -> None:
    clock = Clock(NOW, company.world.zone, Calendar(), at("01-01").date())

    def since(instant: str, params: QueryParams) -> Any:
        query = arguments_of(company, table, params)
        return report_changes(*query[:2], since_of({"since": [instant]}, clock), *query[2:], clock)

    since("2024-04-02T12:00+00:00", DAYS)
    assert compilations(lambda: since("2024-04-05T07:00+00:00", OTHER_DAYS)) == 0


def test_reading_a_value_from_a_shape_raises(company: ReportClient) -> None:
    _report, filters, *_rest = arguments_of(company, "company", DAYS)
    with pytest.raises(NoValue, match="first"):
        _ = filters.shape.period.first
    assert filters.shape == arguments_of(company, "company", OTHER_DAYS)[1].shape
    assert filters.shape.shape == filters.shape
    assert NO_VALUE is filters.shape.today

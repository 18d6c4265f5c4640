"""Report queries: the facts of a report, aggregated by row and in total, compiled to statements."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import ibis
from ibis.expr.operations import CountDistinct, CountStar, Field, Value
from ibis.expr.types import Table

from leadlight.analytics.engine.compiler import compile_sql, compiled
from leadlight.analytics.engine.stored import storable
from leadlight.analytics.metrics.columns import Column
from leadlight.analytics.metrics.evidence import Aggregate
from leadlight.analytics.query.buckets import bucket_number
from leadlight.analytics.query.filters import LAST, Filters
from leadlight.analytics.query.grouping import (
    all_rows,
    category_of,
    category_rows,
    is_of_tags,
    with_row_id,
)
from leadlight.analytics.query.report_query import ReportQuery
from leadlight.analytics.query.statement import Statement
from leadlight.analytics.reports.contract import Facts, Flow, Report, Stock

Columns = tuple[Column, ...]


@storable
@dataclass(frozen=True)
class ReportQueries:
    """Compiled statements of one shape of a report query.

    Mappings are by name of facts. If only totals are requested, there are no statements of rows.

    - `rows`, `totals`: statements.
    - `sums`, `total_sums`: names of the aggregates that these statements return, in order.
    - `rows_with_total`: name of facts, names of aggregates, and one statement for the rows and the
      total; the total is the row whose `is_row` is null.
    - `shared`: facts that have no rows of their own; every row gets their total.
    - `stocks`: facts that are a `Stock`.
    - `further`: statements of the further rows, first by key of the row.
    - `all_rows`: statement of the ids, keys and names of the rows.
    - `category`: statement of the category whose tags are the rows; no result if it is unknown.
    - `trend`: statement of counts by row and bucket.
    """

    sums: Mapping[str, tuple[str, ...]]
    total_sums: Mapping[str, tuple[str, ...]]
    totals: Mapping[str, Statement]
    further: Mapping[str, Mapping[str, Statement]]
    shared: frozenset[str]
    stocks: frozenset[str] = frozenset()
    rows_with_total: tuple[tuple[str, tuple[str, ...], Statement], ...] = ()
    rows: Mapping[str, Statement] = field(default_factory=dict)
    all_rows: Statement | None = None
    category: Statement | None = None
    trend: Statement | None = None

    @property
    def statements(self) -> tuple[Statement, ...]:
        further = [
            statement
            for statement_by_facts in self.further.values()
            for statement in statement_by_facts.values()
        ]
        rows_with_total = [statement for _, _, statement in self.rows_with_total]
        return (*rows_with_total, *self.rows.values(), *self.totals.values(), *further)


def report_queries(
    report: Report,
    query: ReportQuery,
    dialect: str,
    *,
    totals_of: Columns | None = None,
    with_samples: bool = False,
) -> ReportQueries:
    """Return the statements of a report's rows, totals and trend.

    With `totals_of`, return only the statements of the totals and further rows of these columns.
    With `with_samples`, add the aggregates of the columns' evidence.
    """
    shape = report.shape_of(query)
    only_totals = totals_of is not None
    columns = report.columns(query) if totals_of is None else totals_of
    in_total = columns if only_totals else (*columns, *report.warnings)
    return compiled(
        (only_totals, report, shape, _names(in_total, with_samples), dialect),
        lambda: _compile_queries(
            report, shape, columns, in_total, dialect, only_totals, with_samples
        ),
    )


def _names(columns: Iterable[Column], with_samples: bool) -> frozenset[str]:
    """Return the names of the columns' aggregates.

    They are part of the cache key, because the columns may depend on values that a shape lacks.
    """
    return frozenset(
        name for column in columns for name in column.all_aggregates(with_samples=with_samples)
    )


def _compile_queries(
    report: Report,
    shape: ReportQuery,
    columns: tuple[Column, ...],
    in_total: tuple[Column, ...],
    dialect: str,
    only_totals: bool,
    with_samples: bool,
) -> ReportQueries:
    def statement_of(table: Table) -> Statement:
        return compile_sql(table, dialect)

    filters = shape.filters
    facts = report.facts(shape)
    facts_of_further_rows = {name for row in report.further_rows for name in row.facts.values()}
    own_facts = {name: fact for name, fact in facts.items() if name not in facts_of_further_rows}
    grouping = report.grouping(filters)
    sums = {name: _aggregates(columns, name, with_samples) for name in own_facts}
    total_sums = {name: _aggregates(in_total, name, with_samples) for name in own_facts}
    shared = frozenset(
        name
        for name, fact in own_facts.items()
        if isinstance(fact, Flow) and grouping in fact.shared_in
    )
    with_rows = {
        name: fact
        for name, fact in own_facts.items()
        if sums[name] and name not in shared and not only_totals
    }
    one_pass = {name: fact for name, fact in with_rows.items() if _fits_one_pass(fact, grouping)}
    queries = ReportQueries(
        sums={name: tuple(aggregates) for name, aggregates in sums.items()},
        total_sums={name: tuple(aggregates) for name, aggregates in total_sums.items()},
        totals={
            name: statement_of(_totals(fact, total_sums[name]))
            for name, fact in own_facts.items()
            if total_sums[name] and name not in one_pass
        },
        further=_further(report, facts, sums, statement_of),
        shared=shared,
    )
    if only_totals:
        return queries
    row_table = all_rows(grouping, filters, shape.scope, report.shown_when_empty.get(grouping))
    trend = _trend(report, facts, grouping, filters)
    return replace(
        queries,
        stocks=frozenset(name for name, fact in own_facts.items() if isinstance(fact, Stock)),
        rows_with_total=tuple(
            (name, tuple(part), compile_sql(table, dialect, with_total=True))
            for name, fact in one_pass.items()
            for part, table in _rows_of_parts(fact, grouping, filters, total_sums[name])
        ),
        rows={
            name: statement_of(_by_rows(fact, grouping, filters, sums[name]))
            for name, fact in with_rows.items()
            if name not in one_pass
        },
        all_rows=statement_of(row_table) if row_table is not None else None,
        category=statement_of(category_rows()) if category_of(grouping) else None,
        trend=statement_of(trend) if trend is not None else None,
    )


Compile = Callable[[Table], Statement]
Sums = Mapping[str, dict[str, Aggregate]]


def _further(
    report: Report, facts: Facts, sums: Sums, statement_of: Compile
) -> dict[str, dict[str, Statement]]:
    return {
        row.key: {
            name: statement_of(_totals(facts[other], sums[name]))
            for name, other in row.facts.items()
            if sums[name]
        }
        for row in report.further_rows
    }


def _aggregates(columns: Iterable[Column], facts: str, with_samples: bool) -> dict[str, Aggregate]:
    """Return the aggregates of these columns over these facts."""
    return {
        name: aggregate
        for column in columns
        for name, (over, aggregate) in column.all_aggregates(with_samples=with_samples).items()
        if over == facts
    }


def _by_rows(
    fact: Flow | Stock,
    grouping: str,
    filters: Filters,
    aggregates: dict[str, Aggregate],
) -> Table:
    """Return the aggregates by `row_id`."""
    if isinstance(fact, Stock) and grouping == "bucket":
        return _stock_changes(fact, filters, aggregates)
    keyed = with_row_id(_rows_of(fact), grouping, filters)
    return keyed.group_by("row_id").aggregate(
        **{name: aggregate(keyed) for name, aggregate in aggregates.items()}
    )


def _aggregated_rows(keyed: Table, aggregates: dict[str, Aggregate]) -> Table:
    """Return the aggregates by row.

    If all are counts with conditions on `KINDS` (see `_kinds_counted`), they are computed from one
    count for each combination of these columns.
    """
    kind_columns = _kinds_counted(keyed, aggregates)
    if kind_columns is None:
        return keyed.group_by("row_id", "is_row").aggregate(
            **{name: aggregate(keyed) for name, aggregate in aggregates.items()}
        )
    kinds = keyed.group_by("row_id", "is_row", *kind_columns).aggregate(cases=keyed.count())
    wheres = {name: aggregate(kinds).op().where for name, aggregate in aggregates.items()}
    return kinds.group_by("row_id", "is_row").aggregate(
        **{
            name: kinds.cases.sum(where=where and where.to_expr()).fill_null(0)
            for name, where in wheres.items()
        }
    )


def _kinds_counted(keyed: Table, aggregates: dict[str, Aggregate]) -> list[str] | None:
    """Return the columns that the conditions of the counts read.

    None if there are fewer than `MANY` aggregates, if one of them is not a count, or if a condition
    reads a column that is not in `KINDS`.
    """
    counts = [aggregate(keyed).op() for aggregate in aggregates.values()]
    if len(counts) < MANY or not all(isinstance(count, CountStar) for count in counts):
        return None
    wheres = [count.where for count in counts if count.where is not None]
    kind_columns = {field.name for where in wheres for field in where.find(Field, filter=Value)}
    return sorted(kind_columns) if kind_columns <= KINDS else None


def _fits_one_pass(fact: Flow | Stock, grouping: str) -> bool:
    """Return whether one pass can compute the rows and the total.

    It can if the total counts every fact of the rows once, and no other fact.
    """
    if is_of_tags(grouping) or (grouping == "bucket" and isinstance(fact, Stock)):
        return False
    return not (isinstance(fact, Flow) and fact.total_rows is not None)


def _rows_of_parts(
    fact: Flow | Stock, grouping: str, filters: Filters, aggregates: dict[str, Aggregate]
) -> Iterator[tuple[dict[str, Aggregate], Table]]:
    """Yield aggregates and their table by row: one table per distinct count, one for all others."""
    of_each = {
        name: aggregate
        for name, aggregate in aggregates.items()
        if isinstance(aggregate(fact.rows).op(), CountDistinct)
    }
    others = {name: aggregate for name, aggregate in aggregates.items() if name not in of_each}
    keyed = with_row_id(_rows_of(fact), grouping, filters).mutate(is_row=True)
    if others:
        yield others, _aggregated_rows(keyed, others)
    for name, aggregate in of_each.items():
        counted = aggregate(keyed).op()
        selected = keyed if counted.where is None else keyed.filter(counted.where.to_expr())
        pairs = selected.select("row_id", "is_row", each=counted.arg.to_expr()).distinct()
        yield (
            {name: aggregate},
            pairs.group_by("row_id", "is_row").aggregate(**{name: pairs.each.nunique()}),
        )


# Minimum number of counts to compute from combinations of `KINDS`; fewer are as fast one by one.
MANY = 8
KINDS = frozenset({"activity_type_id", "outcome_id"})  # columns with few distinct values


def _rows_of(fact: Flow | Stock) -> Table:
    """Return the facts of the rows: a flow's events, or a stock at the end of the period."""
    return fact.rows if isinstance(fact, Flow) else fact.on(LAST)


def facts_of_totals(fact: Flow | Stock) -> Table:
    """Return the facts that the totals count."""
    if isinstance(fact, Flow) and fact.total_rows is not None:
        return fact.total_rows
    return _rows_of(fact)


def _totals(fact: Flow | Stock, aggregates: dict[str, Aggregate]) -> Table:
    """Return the aggregates over all facts: not the sum of the rows, which may repeat a lead."""
    rows = facts_of_totals(fact)
    return rows.aggregate(**{name: aggregate(rows) for name, aggregate in aggregates.items()})


def _stock_changes(stock: Stock, filters: Filters, aggregates: dict[str, Aggregate]) -> Table:
    """Return, by bucket, the additions to a stock minus the removals, from the first lead on."""
    shut = stock.rows.filter(stock.rows.shut_on <= LAST)
    added = _by_day(stock.rows, "opened_on", aggregates)
    left = _by_day(shut, "shut_on", aggregates)
    left = left.mutate(**{name: -left[name] for name in aggregates})
    daily = ibis.union(added, left)
    keyed = with_row_id(daily, "bucket", filters)
    return keyed.group_by("row_id").aggregate(**{name: keyed[name].sum() for name in aggregates})


def _by_day(rows: Table, day: str, aggregates: dict[str, Aggregate]) -> Table:
    return rows.group_by(day=rows[day]).aggregate(
        **{name: aggregate(rows) for name, aggregate in aggregates.items()}
    )


def _trend(report: Report, facts: Facts, grouping: str, filters: Filters) -> Table | None:
    """Return the count of the report's trend column, by row and bucket.

    None if the report has no trend or its rows are buckets.
    """
    if report.trend is None or grouping == "bucket":
        return None
    rows = facts[report.trend.facts].rows
    keyed = with_row_id(rows.filter(report.trend.where(rows)), grouping, filters)
    number = bucket_number(keyed.day, filters.bucket_unit, filters.calendar)
    return keyed.group_by(row_id=keyed.row_id, bucket=number).aggregate(times=keyed.count())

"""Run a report: scope → filters → `facts` → aggregates → SQL → engine → `Result`."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Protocol

from leadlight.analytics.engine.compiler import compile_sql, compiled
from leadlight.analytics.engine.notes import length_notes, notes_of
from leadlight.analytics.engine.queries import ReportQueries, report_queries
from leadlight.analytics.metrics.columns import Column
from leadlight.analytics.metrics.evidence import Evidence
from leadlight.analytics.metrics.working_days import titled
from leadlight.analytics.query.bound_values import values_of
from leadlight.analytics.query.filters import Filters
from leadlight.analytics.query.grouping import category_of
from leadlight.analytics.query.lead_filter import WITHOUT
from leadlight.analytics.query.phrases import BadFilter, gettext_noop
from leadlight.analytics.query.report_query import ReportQuery
from leadlight.analytics.query.scope import Scope
from leadlight.analytics.query.statement import Statement
from leadlight.analytics.reports.contract import Report, Result, Row, Value
from leadlight.analytics.stats.differences import Sample


class Engine(Protocol):
    """Database with the star: a SQL dialect and a method that runs statements."""

    dialect: str

    def run(self, sql: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]: ...


Sums = dict[str, Any]
RowId = int | str | None


def run_statement(
    engine: Engine, statement: Statement, query: ReportQuery, **given: Any
) -> list[tuple[Any, ...]]:
    """Run a statement with the values of the query and those `given` by name; return its rows."""
    return engine.run(statement.sql, values_of(statement.names, query, **given))


def run(
    report: Report,
    filters: Filters,
    scope: Scope,
    engine: Engine,
    currency: str,
    *,
    only_totals: bool = False,
) -> Result:
    """Return the result of a report for one reader, with that of the compared period, if chosen.

    With `only_totals`, the result has only the totals of the headline columns and the further rows.
    Raises BadFilter for invalid filters.
    """
    compared = filters.compared() if report.has_comparison else None
    with_samples = compared is not None and report.tests_changes(filters)

    def of(filters: Filters) -> Result:
        query = build_query(report, filters, scope, engine)
        return result_of(
            report, query, engine, currency, only_totals=only_totals, with_samples=with_samples
        )

    result = of(filters)
    if compared is None:
        return result
    before = of(compared)
    return replace(result, compared=before, notes=(*result.notes, *length_notes(result, before)))


def build_query(report: Report, filters: Filters, scope: Scope, engine: Engine) -> ReportQuery:
    """Return the query with the rows that the report prefetches.

    Raises BadFilter if the report is about one pipeline, and the filters do not choose exactly one.
    """
    keys = filters.keys("pipeline")
    if report.is_of_one_pipeline and (len(keys) != 1 or WITHOUT in keys):
        raise BadFilter(gettext_noop("This report shows one pipeline. Choose one."))
    query = ReportQuery(filters, scope)
    prefetched = {
        name: tuple(run_statement(engine, statement, query))
        for name, statement in prefetch_queries(report, query, engine.dialect).items()
    }
    return replace(query, prefetched=tuple(prefetched.items()))


def prefetch_queries(report: Report, query: ReportQuery, dialect: str) -> Mapping[str, Statement]:
    """Return the statements that a report prefetches."""
    prefetch = report.prefetch
    if prefetch is None:
        return {}
    shape = report.shape_of(query)

    def statements_of() -> dict[str, Statement]:
        tables = prefetch(shape.filters, shape.scope)
        return {name: compile_sql(table, dialect) for name, table in tables.items()}

    return compiled(("prefetch", report, shape, dialect), statements_of)


def result_of(
    report: Report,
    query: ReportQuery,
    engine: Engine,
    currency: str,
    *,
    only_totals: bool = False,
    with_samples: bool = False,
) -> Result:
    """Return the result of a query whose rows are prefetched; see `run` for `only_totals`.

    With `with_samples`, figures have the samples on which the tests of their changes are based.
    Raises BadFilter for an unknown category.
    """
    filters = query.filters
    columns = report.headline_columns(query) if only_totals else report.columns(query)
    columns = tuple(titled(one, filters) for one in columns)
    queries = report_queries(
        report,
        query,
        engine.dialect,
        totals_of=columns if only_totals else None,
        with_samples=with_samples,
    )
    grouping = report.grouping(filters)
    if queries.category and not run_statement(engine, queries.category, query):
        raise BadFilter(gettext_noop("Unknown category: “%(key)s”."), key=category_of(grouping))
    chart_columns = (report.chart_column,) if report.chart_column else ()
    by_key = {column.key: column for column in (*columns, *chart_columns)}
    evidence = {one.key: one.evidence for one in columns if one.evidence} if with_samples else {}
    totals = _total_sums(queries, engine, query)
    sums = {
        name: _by_row(run_statement(engine, statement, query), queries.sums[name])
        for name, statement in queries.rows.items()
    }
    for name, summed, statement in queries.rows_with_total:
        by_row, total = _rows_and_total(run_statement(engine, statement, query), summed)
        sums[name] = _merged(sums.get(name, {}), by_row)
        totals |= total
    common = {name: totals[name] for facts in queries.shared for name in queries.sums[facts]}
    if only_totals:
        rows = []
    elif grouping == "bucket":
        rows = _time_rows(by_key, columns, evidence, filters, sums, queries.stocks, totals, common)
    else:
        names = run_statement(engine, queries.all_rows, query) if queries.all_rows else None
        trend_of = _trends(
            filters, run_statement(engine, queries.trend, query) if queries.trend else None
        )
        rows = _named_rows(by_key, evidence, sums, names, totals, common, trend_of)
    result = Result(
        report=report,
        filters=filters,
        grouping=grouping,
        period=filters.period,
        as_of=filters.instant,
        currency=currency,
        columns=columns,
        scope=query.scope,
        rows=(*rows, *_further_rows(report, by_key, queries, engine, query, totals)),
        totals=Figures({key: one.in_total for key, one in by_key.items()}, totals, totals),
        statements=queries.statements,
        total_samples=RowSamples(evidence, totals),
    )
    if only_totals:
        return result
    notes = notes_of(report, query, totals, grouping, query.scope)
    return report.postprocess(replace(result, notes=tuple(notes)))


def totals_of(
    report: Report, query: ReportQuery, columns: tuple[Column, ...], engine: Engine
) -> Figures:
    """Return the totals of these columns for a query whose rows are prefetched."""
    queries = report_queries(report, query, engine.dialect, totals_of=columns)
    totals = _total_sums(queries, engine, query)
    return Figures({column.key: column for column in columns}, totals, totals)


def _total_sums(queries: ReportQueries, engine: Engine, query: ReportQuery) -> Sums:
    totals: Sums = {}
    for name, statement in queries.totals.items():
        totals |= zip(
            queries.total_sums[name], run_statement(engine, statement, query)[0], strict=True
        )
    return totals


class Figures(Mapping[str, Value]):
    """Figures of a row, each computed from the sums when it is first read.

    A page sorts thousands of rows by one figure and shows a hundred: most figures are never read.
    """

    __slots__ = ("_cells", "_columns", "_sums", "_totals")

    def __init__(self, columns: Mapping[str, Column], sums: Sums, totals: Sums) -> None:
        self._columns = columns
        self._sums = sums
        self._totals = totals
        self._cells: dict[str, Value] = {}

    def __getitem__(self, key: str) -> Value:
        if key not in self._cells:
            self._cells[key] = self._columns[key].value(self._sums, self._totals)
        return self._cells[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)


class RowSamples(Mapping[str, Sample | None]):
    """Samples of a row, each computed from the sums when it is read."""

    __slots__ = ("_evidence", "_sums")

    def __init__(self, evidence: Mapping[str, Evidence], sums: Sums) -> None:
        self._evidence = evidence
        self._sums = sums

    def __getitem__(self, key: str) -> Sample | None:
        return self._evidence[key].sample(self._sums)

    def __iter__(self) -> Iterator[str]:
        return iter(self._evidence)

    def __len__(self) -> int:
        return len(self._evidence)


def _by_row(rows: list[tuple[Any, ...]], names: Iterable[str]) -> dict[RowId, Sums]:
    return {row_id: dict(zip(names, sums, strict=True)) for row_id, *sums in rows}


def _rows_and_total(
    rows: list[tuple[Any, ...]], names: tuple[str, ...]
) -> tuple[dict[RowId, Sums], Sums]:
    """Split the rows of a statement with a total into the sums of each row and the total."""
    sums: dict[RowId, Sums] = {}
    total: Sums = {}
    for row_id, is_row, *values in rows:
        if is_row:
            sums[row_id] = dict(zip(names, values, strict=True))
        else:
            total = dict(zip(names, values, strict=True))
    return sums, total


def _merged(one: dict[RowId, Sums], other: dict[RowId, Sums]) -> dict[RowId, Sums]:
    """Merge two mappings of sums by row."""
    if not one:
        return other
    return {row_id: one.get(row_id, {}) | other.get(row_id, {}) for row_id in {**one, **other}}


def _time_rows(
    by_key: Mapping[str, Column],
    columns: tuple[Column, ...],
    evidence: Mapping[str, Evidence],
    filters: Filters,
    sums: Mapping[str, dict[RowId, Sums]],
    stocks: Container[str],
    totals: Sums,
    common: Sums,
) -> list[Row]:
    """Return a row for every bucket, including empty ones."""
    calendar = filters.buckets()
    numbers = [bucket.number for bucket in calendar]
    sums = {
        name: _running(of_rows, numbers) if name in stocks else of_rows
        for name, of_rows in sums.items()
    }
    by_bucket = ((bucket, common | _of_row(sums, bucket.number)) for bucket in calendar)
    return [
        Row(
            bucket.key,
            bucket.key,
            Figures(by_key, of_row, totals),
            bucket,
            filters.is_unfinished(bucket),
            unfinished=frozenset(c.key for c in columns if not c.is_final(bucket)),
            samples=RowSamples(evidence, of_row),
        )
        for bucket, of_row in by_bucket
    ]


def _of_row(sums: Mapping[str, dict[RowId, Sums]], row_id: RowId) -> Sums:
    """Return all sums of a row, whatever their facts."""
    return {
        name: value for of_rows in sums.values() for name, value in of_rows.get(row_id, {}).items()
    }


def _running(changes: dict[RowId, Sums], numbers: list[int]) -> dict[RowId, Sums]:
    """Return a stock at the end of each bucket: the running sum of its changes."""
    left = sorted(changes.items(), key=lambda change: int(change[0] or 0), reverse=True)
    stock: Sums = {}
    states: dict[RowId, Sums] = {}
    for number in numbers:
        while left and int(left[-1][0] or 0) <= number:
            change = left.pop()[1]
            stock = {name: _add(stock.get(name), value) for name, value in change.items()}
        states[number] = stock
    return states


def _add(so_far: Any, value: Any) -> Any:
    return value if so_far is None else so_far if value is None else so_far + value


def _named_rows(
    columns: Mapping[str, Column],
    evidence: Mapping[str, Evidence],
    sums: Mapping[str, dict[RowId, Sums]],
    names: list[tuple[Any, ...]] | None,
    totals: Sums,
    common: Sums,
    trend_of: Callable[[RowId], tuple[int, ...]],
) -> list[Row]:
    """Return the rows that have figures or are shown when empty, sorted by order and name.

    The row of facts without a value is the last one.
    """
    present = {row_id for of_rows in sums.values() for row_id in of_rows}
    if names is None:
        names = [(text, text, text, False, 0) for text in present if text is not None]
    named = [
        (sort_order, str(name), str(key), row_id)
        for row_id, key, name, shown, sort_order in names
        if shown or row_id in present
    ]
    named.sort(key=lambda row: (row[0], row[1].casefold(), row[2]))
    lines: list[tuple[str | None, str | None, RowId]] = [line[1:] for line in named]
    if None in present:
        lines.append((None, None, None))
    by_line = ((line, common | _of_row(sums, line[2])) for line in lines)
    return [
        Row(
            key,
            name,
            Figures(columns, of_row, totals),
            trend=trend_of(row_id),
            samples=RowSamples(evidence, of_row),
        )
        for (name, key, row_id), of_row in by_line
    ]


def _trends(
    filters: Filters, counts: Iterable[tuple[Any, ...]] | None
) -> Callable[[RowId], tuple[int, ...]]:
    """Return a function from a row id to the row's counts by bucket; () without a trend."""
    if counts is None:
        return lambda row_id: ()
    place = {bucket.number: place for place, bucket in enumerate(filters.buckets())}
    zeros = (0,) * len(place)
    trends: dict[RowId, list[int]] = {}
    for row_id, number, count in counts:
        trends.setdefault(row_id, [*zeros])[place[number]] = count
    return lambda row_id: tuple(trends.get(row_id, zeros))


def _further_rows(
    report: Report,
    columns: Mapping[str, Column],
    queries: ReportQueries,
    engine: Engine,
    query: ReportQuery,
    totals: Sums,
) -> Iterable[Row]:
    """Yield the further rows that are shown. Each has aggregates only of the facts that it maps."""
    for row in report.further_rows:
        if not row.is_shown(query.filters):
            continue
        sums: Sums = {}
        for name, statement in queries.further[row.key].items():
            sums |= zip(queries.sums[name], run_statement(engine, statement, query)[0], strict=True)
        yield Row(row.key, row.title, Figures(columns, sums, totals), further=row)

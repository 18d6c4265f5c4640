"""Explanation of a figure: its parts, date rules, exclusions, drill-down and SQL.

An explanation is computed on request for one figure, and for the totals of an export. The result of
a report does not depend on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from leadlight.analytics.engine.compiler import filled
from leadlight.analytics.engine.queries import report_queries
from leadlight.analytics.engine.run import Engine, build_query, run, totals_of
from leadlight.analytics.insight.drilldown import Drilldown, drilldown
from leadlight.analytics.metrics.columns import Column, Rate
from leadlight.analytics.query.bound_values import values_of
from leadlight.analytics.query.filters import Filters
from leadlight.analytics.query.lead_filter import WITHOUT
from leadlight.analytics.query.phrases import BadFilter, Phrase, gettext_noop
from leadlight.analytics.query.report_query import ReportQuery
from leadlight.analytics.query.scope import Scope
from leadlight.analytics.query.statement import Statement
from leadlight.analytics.reports.contract import Report, Result, Row, Value


def is_goal(column: Column) -> bool:
    """Return whether a figure is a goal: set by the company, not computed from facts."""
    return {facts for facts, _sum in column.aggregates.values()} == {"goals"}


@dataclass(frozen=True)
class Part:
    """Numerator or denominator of a fraction; `key` and `row_key` identify its drill-down.

    A goal (`is_goal`) has no drill-down.
    """

    column: Column
    value: Value
    key: str
    row_key: str | None

    @property
    def is_goal(self) -> bool:
        return is_goal(self.column)


@dataclass(frozen=True)
class Exclusion:
    """Number of facts that a figure leaves out or counts as 0; `key` is that of their column."""

    key: str
    count: int
    phrase: Phrase


@dataclass(frozen=True)
class TotalNotes:
    """Notes of an export on a column's total: the parts of a fraction, and the exclusions."""

    parts: tuple[Part, ...]
    exclusions: tuple[Exclusion, ...]


@dataclass(frozen=True)
class Explanation:
    """Explanation of one figure of a row, or of the total if `row` is None.

    `drilldown` has the count and interval of the facts, without rows. `sql` are the statements, to
    be shown only to users who may see everything.
    """

    result: Result
    column: Column
    row: Row | None
    row_key: str | None
    value: Value
    parts: tuple[Part, ...]
    date_rules: tuple[Phrase, ...]
    exclusions: tuple[Exclusion, ...]
    is_unfinished: bool
    drilldown: Drilldown
    sql: tuple[str, ...] = field(default=(), repr=False)

    @property
    def row_definition(self) -> Phrase | None:
        """Definition of a further row, or of the total if the report defines it; else None."""
        further = self.row and self.row.further
        if further:
            return Phrase(further.definition)
        text = self.result.report.total_definition
        return Phrase(text) if text and self.row is None else None


def explain(
    report: Report,
    filters: Filters,
    scope: Scope,
    engine: Engine,
    currency: str,
    *,
    column_key: str,
    row_key: str | None = None,
) -> Explanation:
    """Return the explanation of a cell: of one row (`none`: without a value), or the total.

    Raises BadFilter for a column or row that the report does not have.
    """

    def listed(key: str) -> Drilldown:
        return drilldown(report, filters, scope, engine, column_key=key, row_key=row_key, limit=0)

    behind = listed(column_key)
    column = behind.column
    result = run(report, replace(filters, compare=None), scope, engine, currency)
    row = None if row_key is None else _row(result, row_key)
    figures = result.totals if row is None else row.cells
    shown = column.key in {one.key for one in result.columns}
    value = figures[column.key] if shown else behind.count if column.kind == "count" else None
    counts = {one.key: listed(one.key).count for one in column.exclusions}
    query = build_query(report, result.filters, scope, engine)
    return Explanation(
        result=replace(result, filters=filters),
        column=column,
        row=row,
        row_key=row_key,
        value=value,
        parts=tuple(_parts(report, column, value, row_key, query)),
        date_rules=report.date_rules_of(column, filters),
        exclusions=_exclusions(column, counts),
        is_unfinished=row is not None and (row.is_unfinished or column.key in row.unfinished),
        drilldown=behind,
        sql=tuple(_sql_texts(result, column, row, scope, engine)),
    )


def total_notes(result: Result, scope: Scope, engine: Engine) -> dict[str, TotalNotes]:
    """Return the notes on the totals, by column."""
    report = result.report
    query = build_query(report, replace(result.filters, compare=None), scope, engine)
    excluded = {one.key: one for column in result.columns for one in column.exclusions}
    counts: Mapping[str, Value] = {}
    if excluded:
        counts = totals_of(report, query, tuple(excluded.values()), engine)
    return {
        column.key: TotalNotes(
            tuple(_parts(report, column, result.totals[column.key], None, query)),
            _exclusions(column, counts),
        )
        for column in result.columns
    }


def _exclusions(column: Column, counts: Mapping[str, Any]) -> tuple[Exclusion, ...]:
    return tuple(
        Exclusion(one.key, counts[one.key], Phrase(one.note, {"count": counts[one.key]}))
        for one in column.exclusions
        if counts[one.key]
    )


def _row(result: Result, row_key: str) -> Row:
    key = None if row_key == WITHOUT else row_key
    for row in result.rows:
        if row.key == key:
            return row
    raise BadFilter(gettext_noop("This report has no row “%(key)s”."), key=row_key)


def _parts(
    report: Report, column: Column, value: Value, row_key: str | None, query: ReportQuery
) -> Iterator[Part]:
    """Yield both parts of a fraction if the report has columns for both."""
    if column.parts is None or not isinstance(value, Rate):
        return
    top, bottom = column.parts
    if not all(report.column(part.key, query) for part in column.parts):
        return
    yield Part(top, value.numerator, top.key, row_key)
    yield Part(bottom, value.denominator, bottom.key, None if column.is_share else row_key)


def _sql_texts(
    result: Result, column: Column, row: Row | None, scope: Scope, engine: Engine
) -> Iterator[str]:
    """Yield the SQL of the figure's facts: of all rows, of the further row, or of the total."""
    query = build_query(result.report, result.filters, scope, engine)
    queries = report_queries(result.report, query, engine.dialect)

    def with_values(statement: Statement) -> str:
        return filled(statement, values_of(statement.names, query), engine.dialect)

    names = dict.fromkeys((column.facts, *(over for over, _sum in column.aggregates.values())))
    rows_with_total = [(name, statement) for name, _, statement in queries.rows_with_total]
    if row is None:
        texts = [*queries.totals.items(), *rows_with_total]
    elif row.further:
        texts = [*queries.further[row.further.key].items()]
    else:
        texts = [*queries.totals.items(), *rows_with_total, *queries.rows.items()]
    yield from (with_values(statement) for name, statement in texts if name in names)

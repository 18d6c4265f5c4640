"""Drill-down: the leads, activities, prospects or costs that a cell of a report counts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

import ibis
from ibis.expr.types import DateValue, Table

from leadlight.analytics.engine.compiler import compile_sql, compiled
from leadlight.analytics.engine.run import Engine, build_query, run, run_statement
from leadlight.analytics.engine.stored import storable
from leadlight.analytics.insight.intervals import (
    ConfidenceInterval,
    column_interval,
    interval_tables,
)
from leadlight.analytics.insight.list_columns import (
    FACT_FIELDS,
    LIST_SPECS,
    ListSpec,
    cut,
    fields_of_facts,
)
from leadlight.analytics.metrics.columns import Column
from leadlight.analytics.metrics.working_days import titled
from leadlight.analytics.query import working_time
from leadlight.analytics.query.bound_values import bound
from leadlight.analytics.query.filters import FIRST, LAST, Filters
from leadlight.analytics.query.grouping import has_row, with_row_id
from leadlight.analytics.query.lead_filter import WITHOUT
from leadlight.analytics.query.periods import Period, bucket_named
from leadlight.analytics.query.phrases import BadFilter, gettext_noop
from leadlight.analytics.query.report_query import ReportQuery
from leadlight.analytics.query.scope import Scope
from leadlight.analytics.query.statement import Statement
from leadlight.analytics.reports.contract import Facts, Flow, Report, Stock, Subject
from leadlight.analytics.star.schema import leads_at


@dataclass(frozen=True)
class Drilldown:
    """A page of the rows behind a cell; `count` and `amount` are those of all rows.

    `amount` is the sum of the figure if the list has a field for it, else of the amounts of the
    leads or costs; it is None for other rows. The keys of a row are the fields of `spec`.
    `interval` is the confidence interval of the figure, if it is a proportion or a median.
    """

    report: Report
    filters: Filters
    column: Column
    row_key: str | None
    subject: Subject
    count: int
    amount: Decimal | None
    spec: ListSpec
    rows: tuple[dict[str, Any], ...]
    interval: ConfidenceInterval | None = None

    @property
    def own_filters(self) -> Filters:
        """Filters with the days of the listed facts, to describe the list in words."""
        return filters_of_row(self.report, self.filters, self.column, self.row_key)


def filters_of_row(
    report: Report, filters: Filters, column: Column, row_key: str | None
) -> Filters:
    """Return the filters with the days of the facts in a cell as the period.

    These are the days of a bucket within the period, or those of the column or its facts if they
    have a period of their own. A further row has no period: its filters are those of the present.
    """
    row_kind = _row_kind(report, filters, row_key)
    if isinstance(row_kind, tuple):
        return filters.at_present()
    period = column.period or report.own_periods(filters).get(column.facts)
    if row_kind == "bucket":
        period = _days_of_row(filters, str(row_key))
    return replace(filters, period=period, preset=None, kept_period=None) if period else filters


def drilldown(
    report: Report,
    filters: Filters,
    scope: Scope,
    engine: Engine,
    *,
    column_key: str,
    row_key: str | None = None,
    order: str | None = None,
    is_descending: bool = True,
    limit: int | None = None,
    offset: int = 0,
) -> Drilldown:
    """Return the rows behind a cell: of one row (`none`: the row without a value), or the total.

    With a `limit` of 0 only the count, amount and interval are computed. Raises BadFilter for a
    column, row or order that the report does not have.
    """
    query = build_query(report, filters, scope, engine)
    column = report.column(column_key, query)
    if column is None:
        raise BadFilter(gettext_noop("This report has no figure “%(key)s”."), key=column_key)
    column = titled(column, filters)
    row_kind = _row_kind(report, filters, row_key)
    days = _days_of_row(filters, str(row_key)) if row_kind == "bucket" else filters.period
    cell = _CellList(report, report.shape_of(query), column, row_kind, engine.dialect)
    subject, spec = cell.statements.subject, cell.spec
    if order not in (None, *spec.keys):
        raise BadFilter(gettext_noop("Unknown column: “%(key)s”."), key=order)

    def fetch(statement: Statement, **given: Any) -> list[tuple[Any, ...]]:
        row = {"row_key": row_key, "row_first": days.first, "row_last": days.last}
        return run_statement(engine, statement, query, **row, **given)

    number, amount = fetch(cell.statements.sums)[0]
    if not number:
        _refuse_unknown_row(report, filters, scope, engine, row_key)
    page = cell.page(order or spec.order, is_descending, limit is not None)
    return Drilldown(
        report=report,
        filters=filters,
        column=column,
        row_key=row_key,
        subject=subject,
        count=number,
        amount=(amount or Decimal(0)) if subject in ("lead", "cost") else None,
        spec=spec,
        rows=tuple(
            dict(zip(spec.keys, row, strict=True))
            for row in (fetch(page, limit=limit, offset=offset) if limit != 0 else ())
        ),
        interval=column_interval(column, cell.statements.interval, fetch),
    )


# Statements

RowKind = Literal["total", "without", "bucket", "row"]
ROW_FIRST, ROW_LAST = bound("row_first", "date"), bound("row_last", "date")


@storable
@dataclass(frozen=True)
class _ListStatements:
    """Statements for the count, amount and confidence interval of a list, not those for its pages.

    `own` are the keys of the fields in `FACT_FIELDS` that the facts have.
    """

    subject: Subject
    own: tuple[str, ...]
    sums: Statement
    interval: tuple[Statement, ...]


@dataclass(frozen=True)
class _CellList:
    """List behind a cell; its expressions are built when a statement has to be compiled."""

    report: Report
    shape: ReportQuery
    column: Column
    row_kind: RowKind | tuple[str, str]
    dialect: str

    @cached_property
    def statements(self) -> _ListStatements:
        return compiled(self._key, self._compile)

    @cached_property
    def spec(self) -> ListSpec:
        spec = LIST_SPECS[self.statements.subject].of_facts(self.statements.own)
        return spec.in_working_days() if working_time.is_working(self.shape.filters) else spec

    def page(self, order: str, is_descending: bool, is_cut: bool) -> Statement:
        def build() -> Statement:
            subject = self.statements.subject
            page = _page(self.spec, self._rows, subject, order, is_descending, is_cut)
            return compile_sql(page, self.dialect)

        return compiled((*self._key, order, is_descending, is_cut), build)

    @property
    def _key(self) -> tuple[Any, ...]:
        return ("list", self.report, self.shape, self.column.key, self.row_kind, self.dialect)

    def _compile(self) -> _ListStatements:
        added = self.column.key if self.column.key in FACT_FIELDS else "amount"
        interval = interval_tables(self.column, self._behind)
        return _ListStatements(
            subject=self._subject,
            own=() if self.column.distinct else fields_of_facts(self._behind.columns),
            sums=compile_sql(_sums(self._rows, added), self.dialect),
            interval=tuple(compile_sql(table, self.dialect) for table in interval),
        )

    @cached_property
    def _facts(self) -> Facts:
        return self.report.facts(self.shape)

    @property
    def _subject(self) -> Subject:
        return self.column.distinct or self._facts[self.column.facts].subject

    @cached_property
    def _behind(self) -> Table:
        return _facts_behind(self.report, self.shape, self._facts, self.column, self.row_kind)

    @cached_property
    def _rows(self) -> Table:
        leads = _leads_of(self._facts[self.column.facts], self.shape)
        build_rows = LIST_SPECS[self._subject].build_rows
        return build_rows(_distinct_subjects(self._behind, self.column), self.shape, leads)


def _row_kind(report: Report, filters: Filters, row_key: str | None) -> RowKind | tuple[str, str]:
    """Return the kind of row of the list; for a further row, the pair ("further", key)."""
    if row_key is None:
        return "total"
    if report.further_row(row_key):
        return ("further", row_key)
    if report.grouping(filters) == "bucket":
        return "bucket"
    return "without" if row_key == WITHOUT else "row"


def _leads_of(fact: Flow | Stock, query: ReportQuery) -> Table:
    """Return the leads in the state that the list shows, with durations by the switch `days`."""
    shown = fact.leads if isinstance(fact, Flow) else None
    leads = leads_at(query.instant) if shown is None else shown
    return working_time.timed(leads, query.filters)


def _sums(rows: Table, added: str) -> Table:
    amount = rows[added].sum() if added in rows.columns else ibis.null()
    return rows.aggregate(rows=rows.count(), amount=amount)


def _facts_behind(
    report: Report,
    query: ReportQuery,
    facts: Facts,
    column: Column,
    row_kind: RowKind | tuple[str, str],
) -> Table:
    filters = query.filters
    grouping = report.grouping(filters)
    fact = facts[column.facts]
    if row_kind == "total":
        return _of_days(_fact_of_totals(fact), column)
    if isinstance(row_kind, tuple):
        _further, row_key = row_kind
        further = report.further_row(row_key)
        if further is None or column.facts not in further.facts:  # the cell counts no facts
            return _of_days(fact, column).filter(ibis.literal(False))
        return _of_days(facts[further.facts[column.facts]], column)
    if isinstance(fact, Flow) and grouping in fact.shared_in:
        return _of_days(fact, column)
    if row_kind == "bucket":
        return _of_days(fact, column, ROW_FIRST, ROW_LAST)
    keyed = with_row_id(_of_days(fact, column), grouping, filters)
    return _of_row(keyed, grouping, row_kind)


def _fact_of_totals(fact: Flow | Stock) -> Flow | Stock:
    if isinstance(fact, Flow) and fact.total_rows is not None:
        return replace(fact, rows=fact.total_rows)
    return fact


def _of_days(
    fact: Flow | Stock, column: Column, first: DateValue = FIRST, last: DateValue = LAST
) -> Table:
    """Return the facts that a column counts in these days, or for a stock, on the last of them."""
    if isinstance(fact, Stock):
        rows = fact.on(last)
    else:
        rows = fact.rows.filter(fact.rows.day.between(first, last))
    return rows.filter(column.where(rows))


def _distinct_subjects(facts: Table, column: Column) -> Table:
    """Return each subject once, if the column counts distinct ones."""
    if not column.distinct:
        return facts
    subject_id = f"{column.distinct}_id"
    return facts.group_by(subject_id).aggregate(user_id=facts.user_id.max())


def _days_of_row(filters: Filters, row_key: str) -> Period:
    """Return the days of the bucket within the period. Raises BadFilter if there are none."""
    bucket = bucket_named(row_key, filters.calendar)
    first = max(bucket.first, filters.period.first)
    last = min(bucket.last, filters.period.last)
    if first > last:
        raise BadFilter(gettext_noop("“%(key)s” is outside the period."), key=row_key)
    return Period(first, last)


def _of_row(keyed: Table, grouping: str, row_kind: str) -> Table:
    if row_kind == "without":
        return keyed.filter(keyed.row_id.isnull())
    return keyed.filter(has_row(keyed, grouping))


def _refuse_unknown_row(
    report: Report, filters: Filters, scope: Scope, engine: Engine, row_key: str | None
) -> None:
    """Raise BadFilter for a row that is not in the report, or out of the reader's scope."""
    if row_key in (None, WITHOUT) or report.grouping(filters) == "bucket":
        return
    result = run(report, replace(filters, compare=None), scope, engine, "")
    if all(row.key != row_key for row in result.rows):
        raise BadFilter(gettext_noop("This report has no row “%(key)s”."), key=row_key)


def _page(
    spec: ListSpec, rows: Table, subject: Subject, order: str, is_descending: bool, is_cut: bool
) -> Table:
    """Return a page of the list, or all of it.

    Names are joined after the page is cut, unless the list is sorted by a name.
    """

    def ordered(rows: Table) -> Table:
        way = ibis.desc if is_descending else ibis.asc
        return rows.order_by([way(order, nulls_first=False), ibis.asc(f"{subject}_id")])

    if order in rows.columns:
        rows = spec.join_names(cut(ordered(rows), is_cut=is_cut))
        return ordered(rows).select(*spec.keys)
    return cut(ordered(spec.join_names(rows)), is_cut=is_cut).select(*spec.keys)

"""The list behind a number: exactly the leads that a cell of a report counts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import ibis
from ibis.expr.types import Table

from leadlight.analytics import grouping as by
from leadlight.analytics.filters import WITHOUT, Filters
from leadlight.analytics.measures import Column, days_to_close
from leadlight.analytics.periods import Period, bucket_named
from leadlight.analytics.phrases import BadFilter, gettext_noop
from leadlight.analytics.report import Facts, Report, Stock
from leadlight.analytics.run import Engine, facts_of, leads_of, run
from leadlight.analytics.schema import TABLES
from leadlight.analytics.scope import Scope


@dataclass(frozen=True)
class Field:
    """A column of a list. `kind`: text, status, money, day or days."""

    key: str
    kind: str
    title: str


FIELDS: tuple[Field, ...] = (
    Field("lead", "text", gettext_noop("Key")),
    Field("title", "text", gettext_noop("Lead")),
    Field("status", "status", gettext_noop("Status")),
    Field("pipeline", "text", gettext_noop("Pipeline")),
    Field("step", "text", gettext_noop("Step")),
    Field("owner", "text", gettext_noop("Owner")),
    Field("credited", "text", gettext_noop("Credited to")),
    Field("client", "text", gettext_noop("Client")),
    Field("source", "text", gettext_noop("Source")),
    Field("amount", "money", gettext_noop("Amount")),
    Field("created_on", "day", gettext_noop("Created on")),
    Field("closed_on", "day", gettext_noop("Closed on")),
    Field("estimated_closing_on", "day", gettext_noop("Expected on")),
    Field("days", "days", gettext_noop("Days to close")),
)
FIELD_KEYS = tuple(field.key for field in FIELDS)


@dataclass(frozen=True)
class Listing:
    """Some of the leads behind a cell: `count` and `amount` are of all of them."""

    report: Report
    filters: Filters
    column: Column
    row_key: str | None
    count: int
    amount: Decimal
    leads: tuple[dict[str, Any], ...]


def listing(
    report: Report,
    filters: Filters,
    scope: Scope,
    engine: Engine,
    *,
    column_key: str,
    row_key: str | None = None,
    order: str = "amount",
    is_descending: bool = True,
    limit: int | None = None,
    offset: int = 0,
) -> Listing:
    """The leads behind a column's cell of one row (`none`: the row without one), or of the total.

    Raises BadFilter for a column, row or order that the report does not have.
    """
    column = report.column(column_key, filters)
    if column is None:
        raise BadFilter(gettext_noop("The report has no figure “%(key)s”."), key=column_key)
    if order not in FIELD_KEYS:
        raise BadFilter(gettext_noop("A list has no column “%(key)s”."), key=order)
    leads = _leads_of(_facts_behind(report, filters, scope, column, row_key), leads_of(filters))
    sums = leads.aggregate(leads=leads.count(), amount=leads.amount.sum())
    number, amount = engine.run(_text(sums, engine))[0]
    if not number:
        _refuse_unknown_row(report, filters, scope, engine, row_key)
    rows = engine.run(_text(_page(leads, order, is_descending, limit, offset), engine))
    return Listing(
        report=report,
        filters=filters,
        column=column,
        row_key=row_key,
        count=number,
        amount=amount or Decimal(0),
        leads=tuple(dict(zip(FIELD_KEYS, row, strict=True)) for row in rows),
    )


def _text(table: Table, engine: Engine) -> str:
    return str(ibis.to_sql(table, dialect=engine.dialect))


def _facts_behind(
    report: Report,
    filters: Filters,
    scope: Scope,
    column: Column,
    row_key: str | None,
) -> Table:
    facts = facts_of(report, filters, scope)
    grouping = report.grouping(filters)
    if row_key is None:
        return _of_days(facts, column, filters.period)
    if grouping == "bucket":
        return _of_days(facts, column, _days_of_row(filters, row_key))
    keyed = by.keyed(_of_days(facts, column, filters.period), grouping, filters)
    return _of_row(keyed, grouping, row_key)


def _of_days(facts: Facts, column: Column, period: Period) -> Table:
    """The facts that a column counts in these days, or at their end."""
    fact = facts[column.of]
    if isinstance(fact, Stock):
        rows = fact.on(period.last)
    else:
        rows = fact.rows.filter(fact.rows.day.between(period.first, period.last))
    return rows.filter(column.behind(rows))


def _days_of_row(filters: Filters, row_key: str) -> Period:
    """The bucket's days, as far as they are in the period."""
    bucket = bucket_named(row_key, filters.calendar)
    first = max(bucket.first, filters.period.first)
    last = min(bucket.last, filters.period.last)
    if first > last:
        raise BadFilter(gettext_noop("“%(key)s” is outside the period."), key=row_key)
    return Period(first, last)


def _of_row(keyed: Table, grouping: str, row_key: str) -> Table:
    if row_key == WITHOUT:
        return keyed.filter(keyed.row_id.isnull())
    if grouping == "source":
        return keyed.filter(keyed.row_id == row_key)
    return keyed.filter(keyed.row_id.isin(by.row_ids(grouping, row_key).row_id))


def _refuse_unknown_row(
    report: Report, filters: Filters, scope: Scope, engine: Engine, row_key: str | None
) -> None:
    """A row of others' leads is told like one that does not exist: it is not in his report."""
    if row_key in (None, WITHOUT) or report.grouping(filters) == "bucket":
        return
    result = run(report, replace(filters, compare=None), scope, engine, "")
    if all(row.key != row_key for row in result.rows):
        raise BadFilter(gettext_noop("The report has no row “%(key)s”."), key=row_key)


def _leads_of(facts: Table, leads: Table) -> Table:
    """The leads of the facts, each with the user credited (`user_id`) and its `days` to close."""
    credited = facts.select(fact_lead_id="lead_id", user_id="user_id")
    joined = leads.inner_join(credited, leads.lead_id == credited.fact_lead_id)
    return joined.mutate(days=days_to_close(joined))


def _page(leads: Table, order: str, is_descending: bool, limit: int | None, offset: int) -> Table:
    """A page of the list as `FIELDS` says; names are looked up before it is cut only to order."""
    if order in leads.columns:
        return _ordered(
            _named(_ordered(leads, order, is_descending).limit(limit, offset=offset)),
            order,
            is_descending,
        ).select(*FIELD_KEYS)
    ordered = _ordered(_named(leads), order, is_descending)
    return ordered.limit(limit, offset=offset).select(*FIELD_KEYS)


def _ordered(leads: Table, order: str, is_descending: bool) -> Table:
    way = ibis.desc if is_descending else ibis.asc
    return leads.order_by([way(order, nulls_first=False), ibis.asc("lead_id")])


def _named(leads: Table) -> Table:
    """The leads with the names that their ids stand for."""
    for name, column in (
        ("pipeline", "pipeline_id"),
        ("step", "step_id"),
        ("client", "client_id"),
        ("credited", "user_id"),
        ("owner", "owner_id"),
    ):
        leads = _with_name(leads, name, column)
    titles = TABLES["lead_titles"].select(titled_id="lead_id", lead="lead_key", title="title")
    return leads.left_join(titles, leads.lead_id == titles.titled_id)


def _with_name(leads: Table, name: str, column: str) -> Table:
    kind = "user" if name in ("credited", "owner") else name
    rows = TABLES[f"{kind}s"]
    names = rows.select(**{f"{name}_row_id": f"{kind}_id", name: f"{kind}_name"})
    return leads.left_join(names, leads[column] == names[f"{name}_row_id"])

"""Attribution bridge: a figure by user under two attributions, and the amounts that differ.

The first attribution credits the owner at the event, the other one the current owner or the
creator. For each lead and user, an increase under the other attribution is *received* from other
users (side "taken"), a decrease is *handed over* (side "given"). For each user, the figure at the
event + received − handed over is exactly the figure under the other attribution. The totals of
received and handed over are equal.

The bridge covers all users: filters by user or team are dropped, since their results depend on the
attribution. The reader's scope is kept.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal

import ibis
from ibis.expr.types import Table

from leadlight.analytics.engine.compiler import compile_sql, compiled
from leadlight.analytics.engine.run import Engine, build_query, run_statement
from leadlight.analytics.insight.list_columns import cut
from leadlight.analytics.metrics.columns import Column
from leadlight.analytics.query.dimensions import CREDITED
from leadlight.analytics.query.filters import LAST, Filters
from leadlight.analytics.query.grouping import all_rows, row_ids
from leadlight.analytics.query.lead_filter import WITHOUT
from leadlight.analytics.query.phrases import BadFilter, gettext_noop
from leadlight.analytics.query.report_query import ReportQuery
from leadlight.analytics.query.scope import Scope
from leadlight.analytics.query.statement import Statement
from leadlight.analytics.reports.contract import Facts, Flow, Report
from leadlight.analytics.star.schema import TABLES

EVENT = "event"
BRIDGED = ("company", "team")
Amount = int | Decimal
Side = Literal["taken", "given"]
SIDES: tuple[Side, ...] = ("taken", "given")


@dataclass(frozen=True)
class BridgeRow:
    """Figures of one user; `key` and `name` are None for unassigned leads."""

    key: str | None
    name: str | None
    before: Amount
    received: Amount
    handed_over: Amount
    after: Amount

    def moved(self, side: Side) -> Amount:
        """Return the amount received from other users, or handed over to them."""
        return self.received if side == "taken" else self.handed_over


@dataclass(frozen=True)
class Bridge:
    """Bridge of one column between two attributions.

    `before` are the filters with attribution at the event, `after` those with attribution to the
    current owner or to the creator.
    """

    report: Report
    column: Column
    columns: tuple[Column, ...]
    before: Filters
    after: Filters
    rows: tuple[BridgeRow, ...]
    total: BridgeRow


@dataclass(frozen=True)
class MovedLead:
    """A lead of which a user received or handed over `amount`, in the figure's unit."""

    lead: str
    title: str
    amount: Amount


@dataclass(frozen=True)
class MovedLeads:
    """A page of the leads that a user received or handed over; `count` is that of all pages."""

    bridge: Bridge
    row: BridgeRow
    side: Side
    count: int
    leads: tuple[MovedLead, ...]


def has_bridge(report: Report) -> bool:
    """Return whether a report's figures have a bridge."""
    return report.key in BRIDGED and report.view is None


def build_bridge(
    report: Report, filters: Filters, scope: Scope, engine: Engine, column_key: str = ""
) -> Bridge:
    """Return the bridge to the attribution in the filters, or to the current owner by default.

    Raises BadFilter if the report has no bridge, or no figure `column_key` ("": the first one).
    """
    before, after = _both_credits(report, filters, scope, engine)
    columns = _additive(report, before)
    column = next((one for one in columns if one.key == (column_key or columns[0].key)), None)
    if column is None:
        raise BadFilter(gettext_noop("This report has no figure “%(key)s”."), key=column_key)
    statement = _bridge_query(report, before, after, column, engine.dialect)
    sums = {row[0]: row[1:] for row in run_statement(engine, statement, before)}
    names = run_statement(engine, _users_query(report, before, engine.dialect), before)
    rows = [
        BridgeRow(str(key), str(name), *_amounts(column, sums[user_id]))
        for user_id, key, name, _shown, _place in names
        if user_id in sums
    ]
    rows.sort(key=lambda row: (str(row.name).casefold(), str(row.key)))
    if None in sums:
        rows.append(BridgeRow(None, None, *_amounts(column, sums[None])))
    every = (
        sum((getattr(row, part) for row in rows), Decimal(0) if column.kind == "money" else 0)
        for part in ("before", "received", "handed_over", "after")
    )
    return Bridge(
        report,
        column,
        columns,
        before.filters,
        after.filters,
        tuple(rows),
        BridgeRow("", "", *every),
    )


def moved_leads(
    bridge: Bridge,
    scope: Scope,
    engine: Engine,
    user_key: str,
    side: str,
    *,
    limit: int | None = None,
    offset: int = 0,
) -> MovedLeads:
    """Return the leads that a user (`none`: unassigned) received or handed over, the largest first.

    Raises BadFilter for a user who is not on the bridge, and for an unknown side.
    """
    row = next((one for one in bridge.rows if (one.key or WITHOUT) == user_key), None)
    if row is None:
        raise BadFilter(gettext_noop("This report has no row “%(key)s”."), key=user_key)
    known_side = next((one for one in SIDES if one == side), None)
    if known_side is None:
        raise BadFilter(
            gettext_noop("“%(value)s” is not possible for “%(name)s”. Choose one of: %(choices)s."),
            value=side,
            name="side",
            choices=list(SIDES),
        )
    before, after = (
        build_query(bridge.report, filters, scope, engine)
        for filters in (bridge.before, bridge.after)
    )
    is_nobody = user_key == WITHOUT
    count, page = _moved_queries(
        bridge.report,
        before,
        after,
        bridge.column,
        known_side,
        is_nobody=is_nobody,
        is_cut=limit is not None,
        dialect=engine.dialect,
    )
    [(number,)] = run_statement(engine, count, before, row_key=user_key)
    rows = run_statement(engine, page, before, row_key=user_key, limit=limit, offset=offset)
    return MovedLeads(bridge, row, known_side, number, tuple(MovedLead(*row) for row in rows))


def _moved_queries(
    report: Report,
    before: ReportQuery,
    after: ReportQuery,
    column: Column,
    side: Side,
    *,
    is_nobody: bool,
    is_cut: bool,
    dialect: str,
) -> tuple[Statement, Statement]:
    """Return the statements for the number of moved leads and for a page of them."""
    shapes = report.shape_of(before), report.shape_of(after)

    def build() -> tuple[Statement, Statement]:
        spread = _by_lead_and_user(report, *shapes, column)
        is_users_row = spread.user_id.isin(row_ids("user").row_id)
        more = spread.after - spread.before
        users_rows = spread.filter(spread.user_id.isnull() if is_nobody else is_users_row)
        users_rows = users_rows.mutate(moved=more if side == "taken" else -more)
        users_rows = users_rows.filter(users_rows.moved > 0)
        titles = TABLES["lead_titles"].select(titled_id="lead_id", lead="lead_key", title="title")
        titled = users_rows.left_join(titles, users_rows.lead_id == titles.titled_id)
        ordered = titled.order_by([ibis.desc("moved"), ibis.asc("lead_id")])
        page = cut(ordered, is_cut=is_cut).select("lead", "title", "moved")
        return compile_sql(users_rows.aggregate(leads=users_rows.count()), dialect), compile_sql(
            page, dialect
        )

    key = ("moved", report, *shapes, column.key, side, is_nobody, is_cut, dialect)
    return compiled(key, build)


def _both_credits(
    report: Report, filters: Filters, scope: Scope, engine: Engine
) -> tuple[ReportQuery, ReportQuery]:
    all_users = replace(filters, compare=None, group_by=None)
    for dimension in CREDITED:
        all_users = all_users.with_keys(dimension, ())
    other = filters.switch("credit")
    before, after = (
        _credited(all_users, credit) for credit in (EVENT, "owner" if other == EVENT else other)
    )
    return (
        build_query(report, before, scope, engine),
        build_query(report, after, scope, engine),
    )


def _credited(filters: Filters, credit: str) -> Filters:
    others = tuple(switch for switch in filters.chosen_switches if switch[0] != "credit")
    return replace(
        filters, chosen_switches=others if credit == EVENT else (("credit", credit), *others)
    )


def _additive(report: Report, query: ReportQuery) -> tuple[Column, ...]:
    """Return counts and amounts of leads that add up over users. Raises BadFilter if none do."""
    of_leads = _facts_of_leads(report, query)
    found = tuple(
        column
        for column in report.columns(query)
        if column.kind in ("count", "money") and not column.distinct
        if column.facts in of_leads
        and [facts for facts, _aggregate in column.aggregates.values()] == [column.facts]
    )
    if not found or not has_bridge(report):
        raise BadFilter(gettext_noop("No figure of this report depends on the attribution."))
    return found


def _facts_of_leads(report: Report, query: ReportQuery) -> frozenset[str]:
    """Return the names of the facts that have a lead."""
    shape = report.shape_of(query)

    def names() -> frozenset[str]:
        facts = report.facts(shape)
        return frozenset(name for name, fact in facts.items() if "lead_id" in fact.rows.columns)

    return compiled(("facts_of_leads", report, shape), names)


def _by_lead_and_user(
    report: Report, before: ReportQuery, after: ReportQuery, column: Column
) -> Table:
    """Return each lead's part of the figure by user, `before` and `after`."""
    nothing = ibis.literal(0)
    first = _by_lead(report.facts(before), column)
    second = _by_lead(report.facts(after), column)
    parts = ibis.union(
        first.select("lead_id", "user_id", before="part", after=nothing.cast(first.part.type())),
        second.select("lead_id", "user_id", before=nothing.cast(second.part.type()), after="part"),
    )
    return parts.group_by("lead_id", "user_id").aggregate(
        before=parts.before.sum(), after=parts.after.sum()
    )


def _by_lead(facts: Facts, column: Column) -> Table:
    fact = facts[column.facts]
    rows = fact.rows if isinstance(fact, Flow) else fact.on(LAST)
    [(_facts, aggregate)] = column.aggregates.values()
    return rows.group_by("lead_id", "user_id").aggregate(
        part=ibis.coalesce(aggregate(rows), ibis.literal(0))
    )


def _bridge_query(
    report: Report, before: ReportQuery, after: ReportQuery, column: Column, dialect: str
) -> Statement:
    shapes = report.shape_of(before), report.shape_of(after)

    def build() -> Statement:
        spread = _by_lead_and_user(report, *shapes, column)
        more = spread.after - spread.before
        moves = spread.mutate(received=more.clip(lower=0), handed_over=(-more).clip(lower=0))
        sums = {name: moves[name].sum() for name in ("before", "received", "handed_over", "after")}
        return compile_sql(moves.group_by("user_id").aggregate(**sums), dialect)

    return compiled(("bridge", report, *shapes, column.key, dialect), build)


def _users_query(report: Report, query: ReportQuery, dialect: str) -> Statement:
    shape = report.shape_of(query)

    def build() -> Statement:
        row_table = all_rows("user", shape.filters, shape.scope)
        return compile_sql(row_table, dialect)

    return compiled(("bridge_users", report, shape, dialect), build)


def _amounts(column: Column, sums: tuple[Any, ...]) -> tuple[Amount, Amount, Amount, Amount]:
    """Return the amounts before, received, handed over and after, in the column's type."""
    [name] = column.aggregates
    before, received, handed_over, after = (column.value({name: value}, {}) for value in sums)
    return before, received, handed_over, after

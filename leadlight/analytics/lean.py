"""The SQL of a question, without the joins whose columns nobody reads.

Facts are written once, with all that any figure, filter or list may want of them; most questions
read a part. An outer join that finds at most one row for each row changes nothing when none of its
columns is read, and an engine cannot know that a table has one row for each id. It is dropped here:
the sum of a year's activities by user then reads one table, not five.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

import ibis
import sqlglot
from ibis.expr.types import Table
from sqlglot import exp

from leadlight.analytics.schema import STAR

# Tables of the star with the sets of columns of which no two rows have the same values.
KEYS: dict[str, tuple[frozenset[str], ...]] = {
    "leads": (frozenset({"lead_id"}), frozenset({"prospect_id"})),
    "lead_titles": (frozenset({"lead_id"}),),
    "memberships": (frozenset({"team_id", "user_id"}),),
    "prospects": (frozenset({"prospect_id"}),),
    "prospecting_lists": (frozenset({"prospecting_list_id"}),),
    "steps": (frozenset({"step_id"}),),
    "days": (frozenset({"day"}),),
    "activity_types": (frozenset({"activity_type_id"}),),
    "outcomes": (frozenset({"outcome_id"}),),
}
# The same for what was recorded at one instant. A prospect became one lead, and every state of a
# lead names its prospect of now.
KEYS_AT_ONCE: dict[str, tuple[frozenset[str], ...]] = {
    "lead_versions": KEYS["leads"],
    "lead_steps": (frozenset({"lead_id", "step_id"}),),
    "lead_stays": (frozenset({"lead_id", "stay_number"}),),
}


def written(table: Table, dialect: str) -> str:
    """The question in an engine's SQL ("duckdb"), lean."""
    query = sqlglot.parse_one(str(ibis.to_sql(table, dialect=dialect)), read=dialect)
    known = {name: list(columns) for name, columns in STAR.items()}
    shared = list(query.find_all(exp.CTE))
    for named in shared:
        _spell_out_all(named.this, known)
        known[named.alias] = [column.alias_or_name for column in named.this.selects]
    _spell_out_all(query, known)
    for part in (*(named.this for named in shared), query):
        _lean(part, None)
    return query.sql(dialect=dialect, pretty=True)


def _spell_out_all(query: exp.Expr, known: Mapping[str, list[str]]) -> None:
    for part in reversed(list(query.find_all(exp.Select))):  # the innermost first
        _spell_out(part, known)


def _spell_out(query: exp.Select, known: Mapping[str, list[str]]) -> None:
    """Name the columns that a star stands for, `known` those of tables."""
    of_source = {source.alias_or_name: source for source in _sources(query)}
    columns: list[exp.Expr] = []
    for column in query.expressions:
        if not column.is_star:
            columns.append(column)
            continue
        star = column.this if isinstance(column, exp.Column) else column
        left_out = {name.name for name in star.args.get("except_") or ()}
        for alias in [column.table] if isinstance(column, exp.Column) else of_source:
            names = _names(of_source[alias], known)
            columns += [
                exp.column(name, alias, quoted=True) for name in names if name not in left_out
            ]
    query.set("expressions", columns)


def _names(source: exp.Expr, known: Mapping[str, list[str]]) -> list[str]:
    """The columns of a source."""
    if isinstance(source, exp.Table):
        return known[source.name]
    return [column.alias_or_name for column in source.this.selects]


def _lean(query: exp.Expr, wanted: set[str] | None) -> None:
    """Leave out of a query what is not `wanted` of it, and the joins that this makes idle."""
    if isinstance(query, exp.SetOperation):
        for part in (query.left, query.right):  # which keep all their columns, to go together
            _lean(part.unnest(), None)
    if not isinstance(query, exp.Select):
        return
    _keep_columns(query, wanted)
    for join in reversed(query.args.get("joins", [])):
        if _is_idle(join, query):
            query.args["joins"].remove(join)
    read = list(_read(query))
    is_clear = all(column.table for column in read)
    for source in _sources(query):
        if isinstance(source, exp.Subquery):
            used = {column.name for column in read if column.table == source.alias}
            _lean(source.this, used if is_clear else None)


def _keep_columns(query: exp.Select, wanted: set[str] | None) -> None:
    """Columns of groups stand in their places, and different rows are different by all columns."""
    if wanted is None or query.args.get("group") or query.args.get("distinct"):
        return
    kept = [column for column in query.expressions if column.alias_or_name in wanted]
    query.set("expressions", kept or query.expressions[:1])  # rows that are only counted


def _sources(query: exp.Select) -> list[exp.Expr]:
    joins = [join.this for join in query.args.get("joins", [])]
    return [query.args["from_"].this, *joins] if query.args.get("from_") else joins


def _read(query: exp.Select, without: exp.Join | None = None) -> Iterator[exp.Column]:
    """The columns that a query itself reads, in whatever place, but for one of its joins."""
    sources = {id(source) for source in _sources(query)}
    for node in query.walk(prune=lambda node: id(node) in sources or node is without):
        if isinstance(node, exp.Column) and id(node) not in sources:
            yield node


def _is_idle(join: exp.Join, query: exp.Select) -> bool:
    """Whether an outer join adds neither rows nor anything that is read."""
    alias = join.this.alias_or_name
    if join.side != "LEFT":
        return False
    if any(column.table in ("", alias) for column in _read(query, without=join)):
        return False
    return _is_one_row(join.this, _compared(join, alias))


def _compared(join: exp.Join, alias: str) -> set[str]:
    """The columns of a joined table that must equal something else."""
    on = join.args.get("on")
    if on is None:
        return set()
    parts = on.flatten() if isinstance(on, exp.And) else [on]
    sides = [side for part in parts if isinstance(part, exp.EQ) for side in (part.left, part.right)]
    return {side.name for side in sides if isinstance(side, exp.Column) and side.table == alias}


def _is_one_row(source: exp.Expr, names: set[str]) -> bool:
    """Whether no two rows of a source have the same values in the columns so named."""
    query = _query_of(source)
    if query is None:
        return any(key <= names for key in KEYS.get(source.name, ()))
    if not isinstance(query, exp.Select):
        return False
    if group := query.args.get("group"):
        places = [int(cast(exp.Literal, place).this) - 1 for place in group.expressions]
        return {query.expressions[place].alias_or_name for place in places} <= names
    first, *_ = _sources(query)
    inner = _own_names(query, first, names)
    is_one = _is_one_at_once(query, first, inner) or _is_one_row(first, inner)
    return is_one and all(
        _is_one_row(join.this, _compared(join, join.this.alias_or_name))
        for join in query.args.get("joins", [])
    )


def _query_of(source: exp.Expr) -> exp.Expr | None:
    """The query that a source is, in its place or by a name; None of a table."""
    if isinstance(source, exp.Subquery):
        return source.this
    shared = source.root().find_all(exp.CTE)
    return next((named.this for named in shared if named.alias == source.name), None)


def _is_one_at_once(query: exp.Select, source: exp.Expr, names: set[str]) -> bool:
    """The same of a table of states, where a query is only of those of one instant."""
    keys = KEYS_AT_ONCE.get(source.name, ())
    if source.name == "lead_stays" and _is_null(query, "left_at"):  # the last of each lead
        keys = (frozenset({"lead_id"}),)
    return _is_of_one_instant(query) and any(key <= names for key in keys)


def _own_names(query: exp.Select, source: exp.Expr, names: set[str]) -> set[str]:
    """How columns of a query are called in its source, where they are just handed on."""
    own = set()
    for column in query.expressions:
        inner = column.this if isinstance(column, exp.Alias) else column
        is_handed_on = isinstance(inner, exp.Column) and inner.table == source.alias_or_name
        if is_handed_on and column.alias_or_name in names:
            own.add(inner.name)
    return own


def _is_of_one_instant(query: exp.Select) -> bool:
    """Whether rows are those recorded at one instant, as `recorded` has them: of then, or now."""
    where = query.args.get("where")
    told = {column.name for column in where.find_all(exp.Column)} if where else set()
    return {"recorded_from", "recorded_to"} <= told or _is_null(query, "recorded_to")


def _is_null(query: exp.Select, column: str) -> bool:
    """Whether a query is only of rows in which this column is null."""
    where = query.args.get("where")
    if where is None:
        return False
    return any(
        isinstance(part, exp.Is)
        and part.this.name == column
        and isinstance(part.expression, exp.Null)
        for part in (where.this.flatten() if isinstance(where.this, exp.And) else [where.this])
    )

"""Join pruning: drop the unused columns of a query, then the joins that are no longer used.

Facts are declared once, with every column that any figure, filter or list may need; most queries
need a few. An outer join that finds at most one row for each row has no effect if none of its
columns is used. Engines cannot infer this, because the tables have no declared keys: `KEYS` has
them. The number of a year's activities by user then reads one table instead of five.

sqlglot's optimizer qualifies the columns and pushes projections down.
"""

from __future__ import annotations

from functools import cache
from typing import cast

from sqlglot import exp
from sqlglot.optimizer.pushdown_projections import pushdown_projections
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, traverse_scope
from sqlglot.schema import MappingSchema

from leadlight.analytics.star.schema import STAR

# Unique keys of tables of the star: sets of columns.
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
# Unique keys among the rows recorded at one instant. A prospect became at most one lead, and every
# version of a lead has the lead's present prospect.
KEYS_AT_INSTANT: dict[str, tuple[frozenset[str], ...]] = {
    "lead_versions": KEYS["leads"],
    "lead_steps": (frozenset({"lead_id", "step_id"}),),
    "lead_stays": (frozenset({"lead_id", "stay_number"}),),
}


@cache
def _schema(dialect: str) -> MappingSchema:
    """Return the tables of the star, with their columns, as a sqlglot schema."""
    return MappingSchema({name: dict(columns) for name, columns in STAR.items()}, dialect=dialect)


def pruned(query: exp.Expr, dialect: str) -> exp.Expr:
    """Return the query without unused columns and joins. Its tables must be those of the star."""
    schema = _schema(dialect)
    query = qualify(query, dialect=dialect, schema=schema, validate_qualify_columns=False)
    query = pushdown_projections(query)
    while _drop_unused_joins(query):
        query = pushdown_projections(query)
    return query


def _drop_unused_joins(query: exp.Expr) -> bool:
    """Drop unused joins; return whether there were any. Other joins may be unused afterwards."""
    dropped = False
    for scope in traverse_scope(query):
        joins = scope.expression.args.get("joins") or []
        for join in reversed(joins):
            if _is_unused(join, scope):
                joins.remove(join)
                scope.clear_cache()
                dropped = True
    return dropped


def _is_unused(join: exp.Join, scope: Scope) -> bool:
    """Return whether an outer join adds neither rows nor a column that is used."""
    alias = join.this.alias_or_name
    if join.side != "LEFT":
        return False
    own = {id(column) for column in join.find_all(exp.Column)}
    columns = scope.expression.find_all(exp.Column)
    if any(column.table == alias and id(column) not in own for column in columns):
        return False
    return _is_unique(scope.sources[alias], _compared(join, alias))


def _compared(join: exp.Join, alias: str) -> set[str]:
    """Return the columns of a joined table that the join condition compares by equality."""
    on = join.args.get("on")
    if on is None:
        return set()
    parts = [part.unnest() for part in (on.flatten() if isinstance(on, exp.And) else [on])]
    equations = [part for part in parts if isinstance(part, exp.EQ)]
    sides = [side for part in equations for side in (part.left, part.right)]
    return {side.name for side in sides if isinstance(side, exp.Column) and side.table == alias}


def _is_unique(source: exp.Table | Scope, names: set[str]) -> bool:
    """Return whether no two rows of a source have the same values in these columns."""
    if isinstance(source, exp.Table):
        return any(key <= names for key in KEYS.get(source.name, ()))
    query = source.expression
    if not isinstance(query, exp.Select) or not query.args.get("from_"):
        return False
    if group := query.args.get("group"):
        return _outputs_of(query, group.expressions) <= names
    first = query.args["from_"].this.alias_or_name
    inner = _own_names(query, first, names)
    is_one = _is_unique_at_instant(source, first, inner) or _is_unique(source.sources[first], inner)
    return is_one and all(
        _is_unique(source.sources[alias], _compared(join, alias))
        for join in query.args.get("joins") or []
        for alias in [join.this.alias_or_name]
    )


def _outputs_of(query: exp.Select, groups: list[exp.Expr]) -> set[str]:
    """Return the output names of the columns in GROUP BY, given by position or expression."""
    outputs = set()
    for group in groups:
        if isinstance(group, exp.Literal):
            outputs.add(query.selects[int(group.name) - 1].alias_or_name)
        else:
            named = (one.alias_or_name for one in query.selects if one.unalias() == group)
            outputs.add(next(named, ""))
    return outputs


def _is_unique_at_instant(scope: Scope, alias: str, names: set[str]) -> bool:
    """Return whether the columns are unique in a versioned table that is read as of one instant."""
    source = scope.sources[alias]
    query = cast(exp.Select, scope.expression)
    if not isinstance(source, exp.Table):
        return False
    keys = KEYS_AT_INSTANT.get(source.name, ())
    if source.name == "lead_stays" and _is_null(query, "left_at"):  # the last stay of each lead
        keys = (frozenset({"lead_id"}),)
    return _is_of_one_instant(query) and any(key <= names for key in keys)


def _own_names(query: exp.Select, alias: str, names: set[str]) -> set[str]:
    """Return the columns of one source that a query outputs unchanged under one of these names."""
    own = set()
    for column in query.selects:
        inner = column.unalias()
        is_handed_on = isinstance(inner, exp.Column) and inner.table == alias
        if is_handed_on and column.alias_or_name in names:
            own.add(inner.name)
    return own


def _is_of_one_instant(query: exp.Select) -> bool:
    """Return whether a query reads only the rows recorded at one instant, as `recorded` does."""
    where = query.args.get("where")
    columns = {column.name for column in where.find_all(exp.Column)} if where else set()
    return {"recorded_from", "recorded_to"} <= columns or _is_null(query, "recorded_to")


def _is_null(query: exp.Select, column: str) -> bool:
    """Return whether a query reads only rows in which this column is null."""
    where = query.args.get("where")
    if where is None:
        return False
    return any(
        isinstance(part, exp.Is)
        and part.this.name == column
        and isinstance(part.expression, exp.Null)
        for part in (where.this.flatten() if isinstance(where.this, exp.And) else [where.this])
    )

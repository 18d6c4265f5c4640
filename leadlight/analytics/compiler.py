"""Compile Ibis expressions to statements of an engine, and keep them by the shape of a question."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlglot
from ibis.backends.sql.compilers.duckdb import DuckDBCompiler
from ibis.expr.types import Table
from sqlglot import exp

from leadlight.analytics.join_pruning import pruned

Kept = TypeVar("Kept")


@dataclass(frozen=True)
class Statement:
    """The SQL of one question, with the names of the values that it needs bound."""

    sql: str
    names: tuple[str, ...]


class _WithBoundValues:
    """Named parameters for bound values, and limits that may be bound."""

    def visit_BoundValue(self, op: Any, *, name: str, dtype: Any) -> exp.Expr:  # noqa: N802
        parameter = exp.Parameter(this=exp.var(name))
        return exp.cast(parameter, self.type_mapper.from_ibis(dtype))  # type: ignore[attr-defined]

    def visit_Limit(self, op: Any, *, parent: Any, n: Any, offset: Any) -> Any:  # noqa: N802
        cut = super().visit_Limit(op, parent=parent, n=1, offset=1)  # type: ignore[misc]
        query = cut.this if isinstance(cut, exp.Subquery) else cut
        query.set("limit", None if n is None else exp.Limit(expression=_number(n)))
        query.set("offset", exp.Offset(expression=_number(offset)))
        return cut


def _number(value: Any) -> exp.Expr:
    return exp.Literal.number(value) if isinstance(value, int) else value


class _DuckDB(_WithBoundValues, DuckDBCompiler):
    pass


COMPILERS = {"duckdb": _DuckDB()}


def compile_sql(table: Table, dialect: str, *, with_total: bool = False) -> Statement:
    """The statement of a table, without the joins that nobody reads.

    `with_total`: of a table grouped by `row_id` and `is_row`, with the total as a further row in
    which both are null (`GROUPING SETS`, which Ibis has no word for).
    """
    # Through text: the optimizer passes over parts of the tree that Ibis makes (docs/surprises.md).
    text = COMPILERS[dialect].to_sqlglot(table).sql(dialect=dialect)
    query = pruned(sqlglot.parse_one(text, read=dialect), dialect)
    if with_total:
        _add_total(query)
    names = {parameter.name for parameter in query.find_all(exp.Placeholder)}
    return Statement(query.sql(dialect=dialect, pretty=True), tuple(sorted(names)))


def _add_total(query: exp.Expr) -> None:
    group = query.args["group"]
    rows = exp.Tuple(expressions=group.expressions)
    sets = exp.GroupingSets(expressions=[rows, exp.Tuple(expressions=[])])
    query.set("group", exp.Group(grouping_sets=[sets]))


def filled(statement: Statement, values: dict[str, Any], dialect: str) -> str:
    """The SQL with its values written in, for a person to read and to run."""
    query = sqlglot.parse_one(statement.sql, read=dialect)
    for parameter in list(query.find_all(exp.Placeholder)):
        parameter.replace(exp.convert(values[parameter.name]))
    return query.sql(dialect=dialect, pretty=True)


class Compiled:
    """Statements by the shape of what is asked, the least recently used dropped first.

    Safe to use from many threads: of those that ask for the same shape, one compiles. `count` is
    how many shapes were compiled so far.
    """

    def __init__(self, most: int) -> None:
        self.count = 0
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, _Slot] = OrderedDict()

    def __call__(self, key: Hashable, build: Callable[[], Kept]) -> Kept:
        """Return what is kept under the key, building it the first time. Errors are not kept."""
        with self._lock:
            slot = self._kept.setdefault(key, _Slot())
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        with slot.lock:
            if not slot.is_filled:
                slot.value = build()
                slot.is_filled = True
                with self._lock:
                    self.count += 1
        return slot.value


class _Slot:
    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.is_filled = False
        self.value: Any = None


compiled = Compiled(most=2048)

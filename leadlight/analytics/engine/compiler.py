"""Compiler: Ibis expressions to SQL statements, cached by the shape of a query."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any, TypeVar

import sqlglot
from ibis.backends.sql.compilers.duckdb import DuckDBCompiler
from ibis.expr.types import Table
from sqlglot import exp

from leadlight.analytics.engine.fingerprint import NoFingerprint, fingerprint, shape_fingerprint
from leadlight.analytics.engine.join_pruning import pruned
from leadlight.analytics.engine.statements import StatementFolder
from leadlight.analytics.engine.versions import (
    COMPILING,
    are_sources_unchanged,
    sources,
    version_of,
)
from leadlight.analytics.query.statement import Statement

logger = logging.getLogger(__name__)

Value = TypeVar("Value")


class _WithBoundValues:
    """Mixin for Ibis compilers: bound values become named parameters, also in LIMIT and OFFSET."""

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


_folder: StatementFolder | None = None  # by the fingerprint of an expression
_shapes: StatementFolder | None = None  # by the fingerprint of a shape


def store_statements_in(folder: Path) -> None:
    """Cache compiled statements in a folder, and reuse those already in it.

    If the folder cannot be created, for example on a full disk, each process compiles for itself.
    """
    global _folder, _shapes
    _folder = _shapes = None
    compiler_version, shape_version = version_of(COMPILING), version_of(sources())
    try:
        _folder = StatementFolder(folder, compiler_version)
        if are_sources_unchanged():
            _shapes = StatementFolder(folder / compiler_version / "shapes", shape_version)
    except OSError as error:
        logger.warning("Compiled statements are not cached: %s", error)


def compile_sql(table: Table, dialect: str, *, with_total: bool = False) -> Statement:
    """Return the statement of a table, without unused joins.

    With `with_total`, a table grouped by `row_id` and `is_row` gets the total as an extra row in
    which both are null (`GROUPING SETS`, which Ibis lacks).
    """
    try:
        key = fingerprint(table.op(), dialect, with_total)
    except NoFingerprint as unknown:
        logger.info("A statement is not cached: %s", unknown)
        return _compile(table, dialect, with_total)
    statement = _folder.get(key) if _folder else None
    if statement is None:
        statement = _compile(table, dialect, with_total)
        if _folder:
            _folder.put(key, statement)
    return statement


def _compile(table: Table, dialect: str, with_total: bool) -> Statement:
    # Printed and parsed again: the optimizer skips parts of the tree of Ibis (docs/surprises.md).
    text = COMPILERS[dialect].to_sqlglot(table).sql(dialect=dialect, copy=False)
    query = pruned(sqlglot.parse_one(text, read=dialect), dialect)
    if with_total:
        _add_total(query)
    names = {parameter.name for parameter in query.find_all(exp.Placeholder)}
    sql = query.sql(dialect=dialect, pretty=True, copy=False)
    return Statement(sql, tuple(sorted(names)))


def _add_total(query: exp.Expr) -> None:
    group = query.args["group"]
    rows = exp.Tuple(expressions=group.expressions)
    sets = exp.GroupingSets(expressions=[rows, exp.Tuple(expressions=[])])
    query.set("group", exp.Group(grouping_sets=[sets]))


def filled(statement: Statement, values: dict[str, Any], dialect: str) -> str:
    """Return the SQL with its values inserted as literals, so that people can read and run it."""
    query = sqlglot.parse_one(statement.sql, read=dialect)
    for parameter in list(query.find_all(exp.Placeholder)):
        parameter.replace(exp.convert(values[parameter.name]))
    return query.sql(dialect=dialect, pretty=True, copy=False)


class Compiled:
    """In-memory LRU cache of statements by the shape of a query, in front of the cache on disk.

    Thread-safe: a shape that several threads need at once is compiled once. `count` is the number
    of shapes that were not in memory, and therefore compiled or read from disk.
    """

    def __init__(self, most: int) -> None:
        self.count = 0
        self._most = most
        self._lock = threading.Lock()
        self._slots: OrderedDict[Hashable, _Slot] = OrderedDict()

    def __call__(self, key: Hashable, build: Callable[[], Value]) -> Value:
        """Return the cached value of a key; build it the first time. Errors are not cached."""
        with self._lock:
            slot = self._slots.setdefault(key, _Slot())
            self._slots.move_to_end(key)
            while len(self._slots) > self._most:
                self._slots.popitem(last=False)
        with slot.lock:
            if not slot.is_filled:
                slot.value = _read_or_built(key, build)
                slot.is_filled = True
                with self._lock:
                    self.count += 1
        return slot.value


def _read_or_built(key: Hashable, build: Callable[[], Value]) -> Value:
    """Return the value of a shape on disk, or else build it and store it there."""
    if _shapes is None:
        return build()
    try:
        name = shape_fingerprint(key)
    except NoFingerprint:
        return build()
    value = _shapes.get(name)
    if value is None:
        value = build()
        if are_sources_unchanged():
            _shapes.put(name, value)
    return value


class _Slot:
    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.is_filled = False
        self.value: Any = None


compiled = Compiled(most=2048)

"""Bound values: days, instants, keys and thresholds as parameters of a statement.

SQL is compiled once for each query shape and cached; its values are bound when it runs. A builder
of expressions therefore never reads a value of a query: it uses a bound value, declared with a
function that reads the value from the query. The engine calls this function when it runs the
statement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import ibis.expr.datashape as ds
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
from ibis.expr.types import Table

Read = Callable[[Any], Any]


class BoundValue(ops.Value):
    """Scalar or array that becomes a named parameter of a statement."""

    name: str
    dtype: dt.DataType
    shape = ds.scalar


_READ: dict[str, Read] = {}


def bound(name: str, kind: str, read: Read | None = None) -> Any:
    """Declare a bound value of an Ibis type (`array<string>`); `read(query)` returns its value.

    Without `read`, the caller that runs the statement passes the value. Raises ValueError if
    another bound value with a `read` has this name.
    """
    if read is not None:
        if name in _READ:
            raise ValueError(f"two bound values are named {name}")
        _READ[name] = read
    return BoundValue(name, dt.dtype(kind)).to_expr()


def bound_table(name: str, columns: Mapping[str, str], read: Read) -> Table:
    """Declare a small table whose rows are bound; `read(query)` returns the rows as tuples."""

    def rows(query: Any) -> list[dict[str, Any]]:
        return [dict(zip(columns, row, strict=True)) for row in read(query)]

    struct = ", ".join(f"{column}: {kind}" for column, kind in columns.items())
    value = bound(name, f"array<struct<{struct}>>", rows)
    return value.unnest().name("row").as_table().unpack("row")


def values_of(
    names: Iterable[str], query: Any, *, then: Any = None, **given: Any
) -> dict[str, Any]:
    """Return the values to bind, by name: those `given`, the others read from the query.

    Names that start with `THEN` are read from `then`, the earlier query of a comparison.
    """
    return {name: _value(name, query, then, given) for name in names}


def _value(name: str, query: Any, then: Any, given: Mapping[str, Any]) -> Any:
    if name in given:
        return given[name]
    if name.startswith(THEN):
        return _READ[name.removeprefix(THEN)](then)
    return _READ[name](query)


# Statements that compare two queries

THEN = "then_"


def as_then(expression: Any) -> Any:
    """Return the expression with its bound values renamed to those of the earlier query."""
    values = expression.op().find(BoundValue)
    renamed = {one: BoundValue(f"{THEN}{one.name}", one.dtype) for one in values}
    return expression.op().replace(renamed).to_expr() if renamed else expression

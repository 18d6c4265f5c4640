"""Cache of query results of the replica, invalidated table by table.

A page and its chart, drill-down, file and explanation run the same queries, and so do all users who
open the same shortcut. Invalidation by table keeps the results of reports that do not read
activities, even if users log a call every second.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Collection, Hashable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from leadlight.analytics.engine.run import Engine
from leadlight.analytics.star.schema import STAR

Rows = tuple[tuple[Any, ...], ...]
CacheKey = tuple[str, Hashable]  # SQL and parameters

MOST_CELLS = 1_000_000  # of all cached results: some 60 MB
MOST_CELLS_OF_ONE = 200_000


class CachedResult(NamedTuple):
    """Result rows of a query, and the tables of the star that the query may have read."""

    rows: Rows
    read: frozenset[str]


class QueryCache:
    """LRU cache in front of an engine, with the same `run`. Thread-safe.

    Call `forget` after each change of the engine's data.
    """

    def __init__(self, engine: Engine, most_cells: int = MOST_CELLS) -> None:
        self.dialect = engine.dialect
        self._engine = engine
        self._most_cells = most_cells
        self._lock = threading.Lock()
        self._results: OrderedDict[CacheKey, CachedResult] = OrderedDict()
        self._cells = 0
        self._changes = 0

    def run(self, sql: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """Return the rows of a query, from the cache if possible."""
        key = (sql, _hashable(values or {}))
        with self._lock:
            changes = self._changes
            if key in self._results:
                self._results.move_to_end(key)
                return list(self._results[key].rows)
        rows = self._engine.run(sql, values)
        with self._lock:
            # The result of a query that overlapped a change may be of the state before the change.
            if changes == self._changes and key not in self._results:
                self._store(key, tuple(rows))
        return rows

    def forget(self, tables: Collection[str] | None = None) -> None:
        """Invalidate the results that read one of these tables of the star; None: all results."""
        with self._lock:
            self._changes += 1
            for key, (_, read) in list(self._results.items()):
                if tables is None or not read.isdisjoint(tables):
                    self._drop(key)

    def _store(self, key: CacheKey, rows: Rows) -> None:
        """Store a result, unless it is too large, and evict the least recently used ones."""
        if _cells(rows) > min(MOST_CELLS_OF_ONE, self._most_cells):
            return
        self._results[key] = CachedResult(rows, tables_in(key[0]))
        self._cells += _cells(rows)
        while self._cells > self._most_cells:
            self._drop(next(iter(self._results)))

    def _drop(self, key: CacheKey) -> None:
        self._cells -= _cells(self._results.pop(key).rows)


def _hashable(value: Any) -> Hashable:
    """Return values as a hashable key: lists and mappings become tuples."""
    if isinstance(value, Mapping):
        return tuple((name, _hashable(one)) for name, one in value.items())
    return tuple(map(_hashable, value)) if isinstance(value, list) else value


@lru_cache(maxsize=4096)
def tables_in(sql: str) -> frozenset[str]:
    """Return the tables of the star that a query may read: every table name in its SQL.

    A column with the name of a table counts as that table.
    """
    return frozenset(re.findall(r"\w+", sql)) & STAR.keys()


def _cells(rows: Rows) -> int:
    return len(rows) * len(rows[0]) if rows else 0

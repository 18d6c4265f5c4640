"""What the replica was asked since its tables last changed, so that nothing is worked out twice.

A page, its chart, its next page, its list, its file and its explanation ask the same questions, and
so do all who open the same shortcut. Where people log a call every second, reports that ask for no
activities are not worked out anew each second.
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
Asked = tuple[str, Hashable]  # a statement and its values

MOST_CELLS = 1_000_000  # of all answers: some 60 MB
MOST_CELLS_OF_ONE = 200_000


class Answer(NamedTuple):
    """The rows of a question, and the tables of the star that it may have read."""

    rows: Rows
    read: frozenset[str]


class QueryCache:
    """Answers like its engine, from memory where it can. Safe to use from many threads.

    Whoever changes what the engine holds calls `forget` afterwards.
    """

    def __init__(self, engine: Engine, most_cells: int = MOST_CELLS) -> None:
        self.dialect = engine.dialect
        self._engine = engine
        self._most_cells = most_cells
        self._lock = threading.Lock()
        self._known: OrderedDict[Asked, Answer] = OrderedDict()
        self._cells = 0
        self._changes = 0

    def run(self, sql: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """The rows of one question, as the engine has them now."""
        asked = (sql, _hashable(values or {}))
        with self._lock:
            changes = self._changes
            if asked in self._known:
                self._known.move_to_end(asked)
                return list(self._known[asked].rows)
        rows = self._engine.run(sql, values)
        with self._lock:
            # What was asked before a change and answered after it may be of the state before.
            if changes == self._changes and asked not in self._known:
                self._keep(asked, tuple(rows))
        return rows

    def forget(self, tables: Collection[str] | None = None) -> None:
        """These tables of the star hold something else now; None: all that there is."""
        with self._lock:
            self._changes += 1
            for asked, (_, read) in list(self._known.items()):
                if tables is None or not read.isdisjoint(tables):
                    self._drop(asked)

    def _keep(self, asked: Asked, rows: Rows) -> None:
        """Keep an answer, in the place of those not asked for the longest time."""
        if _cells(rows) > min(MOST_CELLS_OF_ONE, self._most_cells):
            return
        self._known[asked] = Answer(rows, tables_in(asked[0]))
        self._cells += _cells(rows)
        while self._cells > self._most_cells:
            self._drop(next(iter(self._known)))

    def _drop(self, asked: Asked) -> None:
        self._cells -= _cells(self._known.pop(asked).rows)


def _hashable(value: Any) -> Hashable:
    """Values as a key: lists and mappings as tuples."""
    if isinstance(value, Mapping):
        return tuple((name, _hashable(one)) for name, one in value.items())
    return tuple(map(_hashable, value)) if isinstance(value, list) else value


@lru_cache(maxsize=4096)
def tables_in(sql: str) -> frozenset[str]:
    """The tables of the star that a question reads, and at worst some that have a column's name."""
    return frozenset(re.findall(r"\w+", sql)) & STAR.keys()


def _cells(rows: Rows) -> int:
    return len(rows) * len(rows[0]) if rows else 0

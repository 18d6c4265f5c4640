"""What the replica was asked since it last changed, so that nothing is worked out twice.

A page, its chart, its next page, its list, its file and its explanation ask the same questions, and
so do all who open the same shortcut.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any

from leadlight.analytics.engines.duckdb import Engine

Rows = tuple[tuple[Any, ...], ...]

MOST_CELLS = 1_000_000  # of all answers: some 60 MB
MOST_CELLS_OF_ONE = 200_000


class Answers:
    """Answers like its engine, from memory where it can. Safe to use from many threads.

    Whoever changes what the engine holds calls `forget` afterwards.
    """

    def __init__(self, engine: Engine, most_cells: int = MOST_CELLS) -> None:
        self.dialect = engine.dialect
        self._engine = engine
        self._most_cells = most_cells
        self._lock = threading.Lock()
        self._known: OrderedDict[str, Rows] = OrderedDict()
        self._cells = 0
        self._changes = 0

    def run(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of one question, as the engine has them now."""
        with self._lock:
            changes = self._changes
            if sql in self._known:
                self._known.move_to_end(sql)
                return list(self._known[sql])
        rows = self._engine.run(sql)
        with self._lock:
            # What was asked before a change and answered after it may be of the state before.
            if changes == self._changes and sql not in self._known:
                self._keep(sql, tuple(rows))
        return rows

    def forget(self) -> None:
        """What the engine holds is something else now."""
        with self._lock:
            self._known.clear()
            self._cells = 0
            self._changes += 1

    def _keep(self, sql: str, rows: Rows) -> None:
        """Keep an answer, in the place of those not asked for the longest time."""
        if _cells(rows) > min(MOST_CELLS_OF_ONE, self._most_cells):
            return
        self._known[sql] = rows
        self._cells += _cells(rows)
        while self._cells > self._most_cells:
            _, oldest = self._known.popitem(last=False)
            self._cells -= _cells(oldest)


def _cells(rows: Rows) -> int:
    return len(rows) * len(rows[0]) if rows else 0

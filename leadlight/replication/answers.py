"""What the replica was asked since its tables last changed, so that nothing is worked out twice.

A page, its chart, its next page, its list, its file and its explanation ask the same questions, and
so do all who open the same shortcut. Where people log a call every second, reports that ask for no
activities are not worked out anew each second.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Collection
from typing import Any, NamedTuple

from leadlight.analytics.run import Engine
from leadlight.analytics.schema import STAR

Rows = tuple[tuple[Any, ...], ...]

MOST_CELLS = 1_000_000  # of all answers: some 60 MB
MOST_CELLS_OF_ONE = 200_000


class Answer(NamedTuple):
    """The rows of a question, and the tables of the star that it may have read."""

    rows: Rows
    read: frozenset[str]


class Answers:
    """Answers like its engine, from memory where it can. Safe to use from many threads.

    Whoever changes what the engine holds calls `forget` afterwards.
    """

    def __init__(self, engine: Engine, most_cells: int = MOST_CELLS) -> None:
        self.dialect = engine.dialect
        self._engine = engine
        self._most_cells = most_cells
        self._lock = threading.Lock()
        self._known: OrderedDict[str, Answer] = OrderedDict()
        self._cells = 0
        self._changes = 0

    def run(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of one question, as the engine has them now."""
        with self._lock:
            changes = self._changes
            if sql in self._known:
                self._known.move_to_end(sql)
                return list(self._known[sql].rows)
        rows = self._engine.run(sql)
        with self._lock:
            # What was asked before a change and answered after it may be of the state before.
            if changes == self._changes and sql not in self._known:
                self._keep(sql, tuple(rows))
        return rows

    def forget(self, tables: Collection[str] | None = None) -> None:
        """These tables of the star hold something else now; None: all that there is."""
        with self._lock:
            self._changes += 1
            for sql, (_, read) in list(self._known.items()):
                if tables is None or not read.isdisjoint(tables):
                    self._drop(sql)

    def _keep(self, sql: str, rows: Rows) -> None:
        """Keep an answer, in the place of those not asked for the longest time."""
        if _cells(rows) > min(MOST_CELLS_OF_ONE, self._most_cells):
            return
        self._known[sql] = Answer(rows, tables_in(sql))
        self._cells += _cells(rows)
        while self._cells > self._most_cells:
            self._drop(next(iter(self._known)))

    def _drop(self, sql: str) -> None:
        self._cells -= _cells(self._known.pop(sql).rows)


def tables_in(sql: str) -> frozenset[str]:
    """The tables of the star that a question reads, and at worst some that have a column's name."""
    return frozenset(re.findall(r"\w+", sql)) & STAR.keys()


def _cells(rows: Rows) -> int:
    return len(rows) * len(rows[0]) if rows else 0

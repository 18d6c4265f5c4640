"""The embedded engine: one DuckDB file, or one in memory."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb

DIALECT = "duckdb"


class Locked(Exception):
    """Another process has this file open."""


class Damaged(Exception):
    """This file cannot be read: it is cut, overwritten, or of another version of DuckDB."""


class DiskFull(Exception):
    """There is no room on the disk for what the engine has to write."""


# A damaged block is reported as a plain `Error`, which all others are subclasses of.
SIGNS_OF_DAMAGE = (
    duckdb.IOException,
    duckdb.InternalException,
    duckdb.FatalException,
    duckdb.SerializationException,
)


class Engine:
    """Runs SQL text on a DuckDB file that it keeps open. Safe to use from many threads.

    `memory_limit` is DuckDB's ("768MB"); past it, work goes to a folder beside the file. Raises
    `Locked` or `Damaged` for a file that it cannot open.
    """

    dialect = DIALECT

    def __init__(
        self, path: Path | None = None, *, memory_limit: str = "768MB", threads: int = 2
    ) -> None:
        self.path = path
        self.is_damaged = False
        self.damage = ""  # in the engine's words
        self._is_closed = False
        self._asked = 0
        self._changing = threading.Condition()
        try:
            self.connection = duckdb.connect(
                str(path) if path else ":memory:",
                config={
                    "memory_limit": memory_limit,
                    "threads": threads,
                    "autoinstall_known_extensions": False,
                    "autoload_known_extensions": False,
                },
            )
        except duckdb.Error as error:
            raise _why_closed(error) from error

    def run(self, sql: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """The rows of one question, on a cursor of its own, its parameters bound by name."""
        with self._held_open(), self.connection.cursor() as cursor, self.noticing_damage():
            return cursor.execute(sql, values or None).fetchall()

    def writer(self) -> Writer:
        """A connection of its own for changing the file, with temporary tables of its own."""
        return Writer(self, self.connection.cursor())

    def close(self) -> None:
        """Close the file, when all that is being asked has its answer."""
        with self._changing:
            self._changing.wait_for(lambda: not self._asked)
            self._is_closed = True
            self.connection.close()

    @contextmanager
    def _held_open(self) -> Iterator[None]:
        with self._changing:
            if self._is_closed:
                raise Damaged("The file was closed: another one took its place.")
            self._asked += 1
        try:
            yield
        finally:
            with self._changing:
                self._asked -= 1
                self._changing.notify_all()

    @contextmanager
    def noticing_damage(self) -> Iterator[None]:
        """Remember that the file turned out unreadable and raise `Damaged`, or raise `DiskFull`."""
        try:
            yield
        except duckdb.Error as error:
            if _is_disk_full(error):
                raise DiskFull(str(error)) from error
            if type(error) is not duckdb.Error and not isinstance(error, SIGNS_OF_DAMAGE):
                raise
            self.is_damaged, self.damage = True, str(error)
            raise Damaged(str(error)) from error


class Writer:
    """Statements that change the file, by one thread at a time."""

    def __init__(self, engine: Engine, cursor: duckdb.DuckDBPyConnection) -> None:
        self._engine = engine
        self._cursor = cursor

    def run(self, sql: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
        with self._engine.noticing_damage():
            return self._cursor.execute(sql, parameters).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything within, or nothing; readers see the one or the other."""
        self.run("BEGIN")
        try:
            yield
        except BaseException:
            with suppress(Damaged, DiskFull):  # the reason of the first failure is raised
                self.run("ROLLBACK")
            raise
        self.run("COMMIT")

    def close(self) -> None:
        self._cursor.close()


def _why_closed(error: duckdb.Error) -> Locked | Damaged | DiskFull:
    if _is_disk_full(error):
        return DiskFull(str(error))
    is_locked = isinstance(error, duckdb.IOException) and "Could not set lock" in str(error)
    return Locked(str(error)) if is_locked else Damaged(str(error))


def _is_disk_full(error: duckdb.Error) -> bool:
    """Whether there is no room now. An engine that gave up quotes the reason for ever."""
    text = str(error)
    return "No space left on device" in text and "has been invalidated" not in text

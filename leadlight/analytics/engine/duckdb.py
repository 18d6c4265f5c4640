"""DuckDB engine: one database file, or one in memory."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb

DIALECT = "duckdb"
MOST_PARSED = 512  # statements, about 25 MB


class Locked(Exception):
    """The database file is open in another process."""


class Damaged(Exception):
    """The database file is unreadable: truncated, overwritten, or of another version of DuckDB."""


class DiskFull(Exception):
    """The disk is full."""


# Errors of a damaged file. A damaged block raises a plain `Error`, the base class of all these.
DAMAGE_ERRORS = (
    duckdb.IOException,
    duckdb.InternalException,
    duckdb.FatalException,
    duckdb.SerializationException,
)


class Engine:
    """DuckDB database that stays open and runs SQL. Safe to use from many threads.

    `memory_limit` is in DuckDB's notation ("768MB"); beyond it, queries spill to a folder beside
    the file. Raises `Locked`, `Damaged` or `DiskFull` if the file cannot be opened.
    """

    dialect = DIALECT

    def __init__(
        self, path: Path | None = None, *, memory_limit: str = "768MB", threads: int = 2
    ) -> None:
        self.path = path
        self.is_damaged = False
        self.damage = ""  # error message of DuckDB
        self._is_closed = False
        self._running = 0
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
            raise _open_error(error) from error
        self._parsed = lru_cache(MOST_PARSED)(self._parse)

    def run(self, sql: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """Return the rows of a statement, run on a new cursor with its parameters bound by name.

        Parsed statements are cached: for a small company, parsing takes a fifth of the time of a
        query. Raises `Damaged` or `DiskFull`.
        """
        with self._held_open(), self.connection.cursor() as cursor, self.translated_errors():
            return cursor.execute(self._parsed(sql), values or None).fetchall()

    def _parse(self, sql: str) -> duckdb.Statement | str:
        """Return the parsed statement, which any cursor can run; the text if it has several."""
        statements = self.connection.extract_statements(sql)
        return statements[0] if len(statements) == 1 else sql

    def writer(self) -> Writer:
        """Return a connection that can change the file, with its own temporary tables."""
        return Writer(self, self.connection.cursor())

    def close(self) -> None:
        """Close the file when all running queries have ended."""
        with self._changing:
            self._changing.wait_for(lambda: not self._running)
            self._is_closed = True
            self.connection.close()

    @contextmanager
    def _held_open(self) -> Iterator[None]:
        """Keep the file open within the block. Raises `Damaged` if it is closed."""
        with self._changing:
            if self._is_closed:
                raise Damaged("The file is closed: another file replaced it.")
            self._running += 1
        try:
            yield
        finally:
            with self._changing:
                self._running -= 1
                self._changing.notify_all()

    @contextmanager
    def translated_errors(self) -> Iterator[None]:
        """Raise `DiskFull` if the disk is full, and `Damaged` if the file is damaged.

        A damaged file is marked by `is_damaged` and `damage`.
        """
        try:
            yield
        except duckdb.Error as error:
            if _is_disk_full(error):
                raise DiskFull(str(error)) from error
            if type(error) is not duckdb.Error and not isinstance(error, DAMAGE_ERRORS):
                raise
            self.is_damaged, self.damage = True, str(error)
            raise Damaged(str(error)) from error


class Writer:
    """Connection that changes the file, for one thread at a time."""

    def __init__(self, engine: Engine, cursor: duckdb.DuckDBPyConnection) -> None:
        self._engine = engine
        self._cursor = cursor

    def run(self, sql: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
        with self._engine.translated_errors():
            return self._cursor.execute(sql, parameters).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit all statements of the block, or none; readers see the state before or after."""
        self.run("BEGIN")
        try:
            yield
        except BaseException:
            with suppress(Damaged, DiskFull):  # the first error is the one to raise
                self.run("ROLLBACK")
            raise
        self.run("COMMIT")

    def close(self) -> None:
        self._cursor.close()


def _open_error(error: duckdb.Error) -> Locked | Damaged | DiskFull:
    if _is_disk_full(error):
        return DiskFull(str(error))
    is_locked = isinstance(error, duckdb.IOException) and "Could not set lock" in str(error)
    return Locked(str(error)) if is_locked else Damaged(str(error))


def _is_disk_full(error: duckdb.Error) -> bool:
    """Return whether the disk is full now.

    An invalidated engine repeats the message of a full disk in every later error; these errors do
    not count.
    """
    text = str(error)
    return "No space left on device" in text and "has been invalidated" not in text

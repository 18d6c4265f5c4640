"""Export of operational rows to CSV files.

All queries use Django's connection, and therefore the snapshot of the open transaction. The
database formats each row as a line of text: this is several times faster than passing values
through Python, and it does not hold the interpreter lock, so that DuckDB can work meanwhile. SQLite
and PostgreSQL produce the same format: null is empty, text is quoted.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from django.db.backends.base.base import BaseDatabaseWrapper

from leadlight.replication.tables import Column, Source

PIECES = 25  # queries into which a range of keys is split on SQLite

BEGIN = {
    "sqlite": "BEGIN DEFERRED",
    "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",
}


def is_open(connection: BaseDatabaseWrapper) -> bool:
    """Return whether a transaction is open, started by Django or by `snapshot`."""
    connection.ensure_connection()
    if connection.vendor == "postgresql":
        return bool(connection.connection.info.transaction_status)
    return bool(connection.connection.in_transaction)


@contextmanager
def snapshot(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Read a single state of the database within the block, without waiting for writers.

    If a transaction is already open, reads use that transaction.
    """
    if is_open(connection):
        yield
        return
    with connection.cursor() as cursor:
        # Not `atomic`, which takes the write lock on SQLite.
        cursor.execute(BEGIN[connection.vendor])
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


@dataclass(frozen=True)
class Range:
    """Keys from `first` to `last`, both included."""

    first: int
    last: int

    def conditions(self, column: str, pieces: int = 1) -> list[str]:
        """Return SQL conditions that split the range into at most `pieces` parts of equal width."""
        width = (self.last - self.first) // pieces + 1
        return [
            f"{column} BETWEEN {first} AND {min(first + width - 1, self.last)}"
            for first in range(self.first, self.last + 1, width)
        ]


@dataclass(frozen=True)
class Ids:
    """Keys in a list."""

    ids: list[int]

    def conditions(self, column: str, pieces: int = 1) -> list[str]:
        return [f"{column} IN ({', '.join(map(str, self.ids))})"]


Keys = Range | Ids


def ranges(
    connection: BaseDatabaseWrapper, source: Source, size: int, start: int | None = None
) -> Iterator[Range]:
    """Yield successive ranges of ids of the source's key table, from the first id after `start`.

    Each range has `size` existing ids, the last one may have fewer.
    """
    table = source.keys_of or source.table
    with connection.cursor() as cursor:
        while True:
            after = "" if start is None else f"WHERE id > {start}"
            cursor.execute(
                "SELECT min(id), max(id) FROM "
                f"(SELECT id FROM {table} {after} ORDER BY id LIMIT {size}) AS next"
            )
            first, start = cursor.fetchone()
            if first is None:
                return
            yield Range(first, start)


def write(connection: BaseDatabaseWrapper, source: Source, keys: Keys, path: Path) -> None:
    """Write the rows with these keys into a CSV file."""
    with path.open("wb") as file, connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            _write_from_postgresql(cursor, source, keys, file)
        else:
            _write_from_sqlite(cursor, source, keys, file)


def _write_from_postgresql(cursor: Any, source: Source, keys: Keys, file: BinaryIO) -> None:
    columns = ", ".join(_postgresql(column) for column in source.columns.values())
    (condition,) = _conditions(source, keys)
    rows = f"SELECT {columns} FROM {source.table} {source.joined} WHERE {condition}"
    with cursor.copy(f"COPY ({rows}) TO STDOUT (FORMAT csv)") as blocks:
        for block in blocks:
            file.write(block)


def _write_from_sqlite(cursor: Any, source: Source, keys: Keys, file: BinaryIO) -> None:
    line = _sqlite_line(source)
    for condition in _conditions(source, keys, PIECES):
        cursor.execute(
            f"SELECT group_concat({line}, char(10)) "
            f"FROM {source.table} {source.joined} WHERE {condition}"
        )
        lines = cursor.fetchone()[0]
        if lines is not None:
            file.write(f"{lines}\n".encode())


def _conditions(source: Source, keys: Keys, pieces: int = 1) -> list[str]:
    # `IS TRUE` keeps SQLite from using an index for the condition: without statistics, SQLite would
    # read the whole index of the kinds of events for each range of leads.
    chosen = f" AND ({source.where}) IS TRUE" if source.where else ""
    return [condition + chosen for condition in keys.conditions(source.key, pieces)]


def _postgresql(column: Column) -> str:
    if column.kind == "instant":
        return f"({column.sql}) AT TIME ZONE 'UTC'"
    return f"({column.sql})::int" if column.kind == "flag" else column.sql


def _sqlite_line(source: Source) -> str:
    # %w doubles quotes in the text; both %w and %s format null as an empty string.
    pattern = ",".join(
        '"%w"' if column.kind == "text" else "%s" for column in source.columns.values()
    )
    return f"format('{pattern}', {', '.join(column.sql for column in source.columns.values())})"

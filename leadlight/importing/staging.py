"""Temporary tables from which one statement copies the rows into the real table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection, models


class Staged:
    """Temporary table of rows of a model, to be inserted or to replace rows with the same keys."""

    def __init__(self, name: str, model: type[models.Model], columns: list[models.Field]) -> None:
        quote = connection.ops.quote_name
        self.columns = columns
        self.name = quote(f"staged_{name}")
        self.table = quote(model._meta.db_table)
        self.names = [quote(str(each.column)) for each in columns]
        self.is_filled = False

    def fill(self, batches: Iterable[list[list[Any]]]) -> None:
        listed, values = ", ".join(self.names), ", ".join(["%s"] * len(self.names))
        with connection.cursor() as cursor:
            for batch in batches:
                if not self.is_filled:
                    self.is_filled = True
                    self._create(cursor, listed)
                cursor.executemany(f"INSERT INTO {self.name} VALUES ({values})", batch)

    def _create(self, cursor: Any, listed: str) -> None:
        cursor.execute(f"DROP TABLE IF EXISTS {self.name}")
        # This needs no write lock: SQLite keeps temporary tables in a separate database.
        cursor.execute(
            f"CREATE TEMPORARY TABLE {self.name} AS SELECT {listed} FROM {self.table} WHERE 1 = 0"
        )

    def insert(self) -> None:
        listed = ", ".join(self.names)
        self._run(
            f"INSERT INTO {self.table} ({listed}) SELECT {listed} FROM {self.name} "
            f"ORDER BY {self.names[0]}"
        )

    def replace(self, keys: Iterable[str], changed: Iterable[str]) -> None:
        """Set the `changed` columns of the rows whose keys exist; insert the other rows."""
        listed, quote = ", ".join(self.names), connection.ops.quote_name
        pairs = ", ".join(f"{name} = excluded.{name}" for name in map(quote, changed))
        self._run(
            f"INSERT INTO {self.table} ({listed}) SELECT {listed} FROM {self.name} WHERE 1 = 1 "
            f"ON CONFLICT ({', '.join(map(quote, keys))}) DO UPDATE SET {pairs}"
        )

    def drop(self) -> None:
        self._run(f"DROP TABLE {self.name}")
        self.is_filled = False

    def _run(self, statement: str) -> None:
        if self.is_filled:
            with connection.cursor() as cursor:
                cursor.execute(statement)

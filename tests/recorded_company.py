"""A company created once per test process and restored into the database of each test.

The company is recorded as statements that insert its rows, and as the file of a replica that has
read them. Each test runs in its own transaction as usual. A replica that has read further changes
in one test is not reused in another.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, transaction

from leadlight.replication import changes
from leadlight.replication import replica as replicas
from leadlight.replication.replica import Replica
from tests import clock

QUOTED = {"sqlite": "quote({})", "postgresql": "quote_nullable({}::text)"}
MODELS = [
    model
    for model in apps.get_models(include_auto_created=True)
    if model._meta.managed and not model._meta.proxy
]
RECORDED, COPY = "recorded.duckdb", "copy.duckdb"
Rows = dict[str, list[str]]  # table and columns → the values of each row, as SQL literals


@dataclass
class RecordedCompany:
    """Statements that insert a company, its replica, and the number of clock readings it took."""

    statements: tuple[str, ...]
    folder: Path
    readings: int
    replica: Replica | None = None

    def restore(self) -> None:
        """Insert the company, and install in this process the replica that has read it."""
        with transaction.atomic(), connection.cursor() as cursor:
            resets = connection.ops.sequence_reset_sql(no_style(), MODELS)
            for statement in (*self.statements, *resets):
                cursor.execute(statement)
        clock.go_on_from(self.readings)
        replicas.forget()
        if self.replica is None:
            shutil.copy(self.folder / RECORDED, self.folder / COPY)
            self.replica = Replica(self.folder / COPY)
        _mark_up_to_date(self.replica)
        self._position = self.replica._seen
        replicas._process.replica = self.replica

    def uninstall(self) -> None:
        """Uninstall the replica, and drop it if it has read anything else meanwhile."""
        replica, self.replica = self.replica, None
        if (
            replica is not None
            and replica is replicas._process.replica
            and replica._seen is self._position
            and not replica.engine.is_damaged
        ):
            replicas._process.replica = None
            self.replica = replica
        replicas.forget()

    def close(self) -> None:
        if self.replica is not None:
            self.replica.close()


def recorded_company(make: Callable[[Path], object]) -> Any:
    """Return a fixture of a company that `make` creates once per process, given a folder."""

    @pytest.fixture(scope="session")
    def recorded(
        django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
    ) -> Iterator[RecordedCompany]:
        folder = tmp_path_factory.mktemp("recorded")
        with django_db_blocker.unblock():
            made = record(make, folder)
        yield made
        made.close()

    return recorded


def record(make: Callable[[Path], object], folder: Path) -> RecordedCompany:
    """Create a company in a transaction that is rolled back, and record it."""
    clock.restart()
    with transaction.atomic():
        before = _rows()
        make(folder)
        statements = tuple(_statements(before, _rows()))
        built = Replica(folder / RECORDED)
        built.catch_up()
        built.close()
        transaction.set_rollback(True)
    readings = clock.readings()
    clock.restart()
    return RecordedCompany(statements, folder, readings)


def _rows() -> Rows:
    found = {}
    quoted = QUOTED[connection.vendor]
    with connection.cursor() as cursor:
        for model in MODELS:
            table = connection.ops.quote_name(model._meta.db_table)
            columns = [
                connection.ops.quote_name(column.column)
                for column in model._meta.local_concrete_fields
            ]
            values = " || ', ' || ".join(map(quoted.format, columns))
            cursor.execute(f"SELECT {values} FROM {table} ORDER BY 1")
            place = f"{table} ({', '.join(columns)})"
            found[place] = [row for (row,) in cursor.fetchall()]
    return found


def _statements(before: Rows, after: Rows) -> list[str]:
    """Return the statements that turn the rows before into those after."""
    found = []
    for place, rows in after.items():
        new = rows
        if set(before[place]) <= set(rows):
            new = [row for row in rows if row not in before[place]]
        else:
            found.append(f"DELETE FROM {place.partition(' (')[0]}")
        if new:
            found.append(f"INSERT INTO {place} VALUES ({'), ('.join(new)})")
    return found


def _mark_up_to_date(replica: Replica) -> None:
    """Mark a replica as up to date with the current database, with an empty query cache."""
    assert replica.is_built
    replica.query_cache.forget()
    replica._read_at = -inf
    replica._seen = changes.position(connection)
    with replica._writer.transaction():
        replica._save_position(replica._seen, replica._zone)

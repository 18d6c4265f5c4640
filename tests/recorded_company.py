"""Companies created once per test process and restored into the database of each test.

A company is recorded as statements that insert its rows; one that reports are asked about also as
the file of a replica that has read them. Each test runs in its own transaction as usual. A replica
that has read further changes in one test is not reused in another.
"""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any, TypeVar, cast

import pytest
from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, transaction
from django.utils import timezone

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
Made = TypeVar("Made")
Rows = dict[str, list[str]]  # table and columns → the values of each row, as SQL literals


@dataclass
class RecordedRows:
    """Statements that insert the rows of a company, and the number of clock readings it took."""

    statements: tuple[str, ...]
    resets: tuple[str, ...]  # after which new rows get ids above those of the company
    made: bytes  # the value that the function returned, pickled
    readings: int

    def restore(self) -> Any:
        """Insert the company, and return a copy of the value that its function returned."""
        commands = [*self.statements, *self.resets]
        if connection.vendor == "postgresql":  # which takes all of them at once
            commands = ["; ".join(commands)]
        with transaction.atomic(), connection.cursor() as cursor:
            for command in commands:
                cursor.execute(command)
        clock.go_on_from(max(clock.readings(), self.readings))
        return pickle.loads(self.made)


@dataclass
class RecordedCompany:
    """The rows of a company, and a replica that has read them."""

    rows: RecordedRows
    folder: Path
    replica: Replica | None = None

    def restore(self) -> Any:
        """Insert the company, and install in this process the replica that has read it."""
        made = self.rows.restore()
        replicas.forget()
        if self.replica is None:
            shutil.copy(self.folder / RECORDED, self.folder / COPY)
            self.replica = Replica(self.folder / COPY)
        _mark_up_to_date(self.replica)
        self._position = self.replica._seen
        replicas._process.replica = self.replica
        return made

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

        def make_replica() -> None:
            built = Replica(folder / RECORDED)
            built.catch_up()
            built.close()

        with django_db_blocker.unblock():
            made = RecordedCompany(record(lambda: make(folder), make_replica), folder)
        yield made
        made.close()

    return recorded


def recorded_rows(make: Callable[[], object]) -> Any:
    """Return a fixture of a company without a replica, whose value is what `make` returns."""
    restore = made_once(make)

    @pytest.fixture
    def restored(db: None) -> Any:
        return restore()

    return restored


def made_once(make: Callable[[], Made]) -> Callable[[], Made]:
    """Return a function like `make` that calls it once per process, and then restores its rows.

    The database must be empty at each call.
    """
    recorded: list[RecordedRows] = []

    def restore() -> Made:
        if not recorded:
            recorded.append(record(make))
        return cast(Made, recorded[0].restore())

    return restore


def record(make: Callable[[], object], then: Callable[[], object] = lambda: None) -> RecordedRows:
    """Create a company in a transaction that is rolled back, and record it.

    `then` is called before the rollback.
    """
    at_start = clock.readings()
    clock.restart()
    with transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(timezone, "now", clock.now)  # a test may have set another instant
        before = _rows()
        made = pickle.dumps(make())
        after = _rows()
        then()
        transaction.set_rollback(True)
    readings = clock.readings()
    clock.go_on_from(at_start)
    return RecordedRows(_statements(before, after), _resets(after), made, readings)


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


def _statements(before: Rows, after: Rows) -> tuple[str, ...]:
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
    return tuple(found)


def _resets(after: Rows) -> tuple[str, ...]:
    filled = {place.partition(" (")[0] for place, rows in after.items() if rows}
    name = connection.ops.quote_name
    models = [model for model in MODELS if name(model._meta.db_table) in filled]
    return tuple(connection.ops.sequence_reset_sql(no_style(), models))


def _mark_up_to_date(replica: Replica) -> None:
    """Mark a replica as up to date with the current database, with an empty query cache."""
    assert replica.is_built
    replica.query_cache.forget()
    replica._read_at = -inf
    replica._seen = changes.position(connection)
    with replica._writer.transaction():
        replica._save_position(replica._seen, replica._zone)

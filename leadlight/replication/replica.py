"""Replica: a columnar copy of the operational data, one for each process that runs reports.

A replica is disposable: if it is missing, outdated or damaged, it is rebuilt from the operational
database.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from math import inf
from pathlib import Path
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import DatabaseError, OperationalError, connection

from leadlight.accounts.models import Organization
from leadlight.analytics.engine.compiler import store_statements_in
from leadlight.analytics.engine.duckdb import Damaged, DiskFull, Engine, Locked, Writer
from leadlight.replication import build, changes
from leadlight.replication.changes import Changes, Position
from leadlight.replication.extract import is_open, snapshot
from leadlight.replication.query_cache import QueryCache

logger = logging.getLogger(__name__)

Progress = Callable[[str, int, int], None]  # called with a label, the parts done and their total


def _silent(label: str, done: int, total: int) -> None:
    pass


# Position of the replica in the change feed. If the fingerprint is empty, it was never built.
STATE = (
    "CREATE TABLE IF NOT EXISTS replica_state (fingerprint VARCHAR, zone VARCHAR, "
    "instance VARCHAR, change_id BIGINT, mark BIGINT, snapshot VARCHAR)",
    "INSERT INTO replica_state (fingerprint) SELECT '' WHERE NOT EXISTS (FROM replica_state)",
)
FINGERPRINT = hashlib.sha256(build.definition().encode()).hexdigest()


class Replica:
    """DuckDB database with the star schema, in the file `path`, or in memory if `path` is None.

    After `catch_up`, run queries with `query_cache.run`, or with `run` to bypass the cache. Threads
    can query while another one catches up: they see the state before or after. If the file turns
    out to be damaged, it is rebuilt and the query retried.
    """

    dialect = Engine.dialect
    engine: Engine
    query_cache: QueryCache
    _writer: Writer
    _seen: Position | None
    _zone: str
    _read_at = -inf  # start of the last catch-up, by `monotonic`

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self._lock = threading.RLock()
        self.query_cache = QueryCache(self)
        self._open()
        # After opening: only the process that has the file open may empty its folder.
        self._folder = _scratch(path)

    @classmethod
    def in_memory(cls) -> Replica:
        return cls()

    @property
    def is_built(self) -> bool:
        """Return whether the replica was built and can be updated incrementally."""
        return self._seen is not None

    def close(self) -> None:
        """Close the file after the catch-up and the queries in progress."""
        with self._lock:
            self._writer.close()
            self.engine.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def run(self, sql: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """Return the rows of a query; if the file is damaged, rebuild it and retry."""
        try:
            return self.engine.run(sql, values)
        except Damaged:
            self.catch_up()
            return self.engine.run(sql, values)

    def catch_up(self, progress: Progress = _silent, *, arrived_at: float | None = None) -> None:
        """Apply the changes since the last catch-up; rebuild if the feed does not have them all.

        Outside a transaction, do nothing if a catch-up that began after `arrived_at` (a time by
        `monotonic`) has succeeded: threads that waited for it do not repeat it.
        """
        if arrived_at is not None and self._is_read_since(arrived_at):
            return
        with self._lock:
            if arrived_at is not None and self._is_read_since(arrived_at):
                return
            began = monotonic()
            try:
                is_up_to_date = not self.engine.is_damaged and self._apply_feed()
            except Damaged:
                is_up_to_date = False
            except DatabaseError:
                # Without the tables of the feed, its triggers make every write fail.
                if changes.is_installed(connection):
                    raise
                changes.install(connection)
                is_up_to_date = False
            if not is_up_to_date:
                self.rebuild(progress)
            # A transaction opened earlier may have read an older state.
            if not is_open(connection):
                self._read_at = began

    def _is_read_since(self, arrived_at: float) -> bool:
        return (
            self._read_at >= arrived_at and not self.engine.is_damaged and not is_open(connection)
        )

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Keep other threads from catching up within the block."""
        with self._lock:
            yield

    def rebuild(self, progress: Progress = _silent) -> None:
        """Build all tables next to the current ones, then swap them in one transaction."""
        with self._lock:
            if self.engine.is_damaged:
                self._replace_damaged_file()
            try:
                self._rebuild(progress)
            except Damaged:
                self._replace_damaged_file()
                self._rebuild(progress)

    def _rebuild(self, progress: Progress) -> None:
        with snapshot(connection):
            seen, zone = changes.position(connection), Organization.current().time_zone
            build.build_all(connection, self._writer, zone, self._scratch(), progress)
            with self._writer.transaction():
                build.swap_in(self._writer)
                self._save_position(seen, zone)
        self.query_cache.forget()
        self._seen, self._zone = seen, zone

    def _apply_feed(self) -> bool:
        """Apply the change feed; return False if a rebuild is necessary."""
        if self._seen is None:
            return False
        status = changes.feed_status(connection, self._seen)
        if not status.is_reachable or status.is_newest:
            return status.is_reachable
        with snapshot(connection):
            now, changed = (
                changes.position(connection),
                changes.changes_since(connection, self._seen),
            )
            if changed is None or self._time_zone_changed(changed):
                return False
            with self._writer.transaction():
                replaced = build.apply_changes(
                    connection, self._writer, self._zone, self._scratch(), changed
                )
                self._save_position(now, self._zone)
        self.query_cache.forget(replaced)
        self._seen = now
        return True

    def _time_zone_changed(self, changed: Changes) -> bool:
        """Return whether the company's time zone changed, and with it every local day."""
        return (
            Organization._meta.db_table in changed
            and Organization.current().time_zone != self._zone
        )

    def _save_position(self, seen: Position, zone: str) -> None:
        self._writer.run(
            "UPDATE replica_state SET fingerprint = ?, zone = ?, instance = ?, change_id = ?, "
            "mark = ?, snapshot = ?",
            [FINGERPRINT, zone, seen.instance, seen.change_id, seen.mark, seen.snapshot],
        )

    def _scratch(self) -> Path:
        """Return the folder for CSV files in transit, created if missing, emptied otherwise."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for left in self._folder.iterdir():
            left.unlink()
        return self._folder

    def _open(self) -> None:
        """Open the file; replace it by an empty one if it is damaged."""
        try:
            self._open_file()
        except Damaged as damage:
            self._discard(str(damage))
            self._open_file()

    def _open_file(self) -> None:
        """Open the file, and keep its contents if this version of the program built them."""
        self.engine = _engine(self.path)
        self.query_cache.forget()
        self._writer = self.engine.writer()
        self._seen, self._zone = None, ""
        try:
            for statement in STATE:
                self._writer.run(statement)
            fingerprint, zone, *seen = self._writer.run("FROM replica_state")[0]
            if fingerprint == FINGERPRINT:
                self._seen, self._zone = Position(*seen), zone
                build.prepare(self._writer, zone)
        except (Damaged, DiskFull):
            self.engine.close()
            raise

    def _replace_damaged_file(self) -> None:
        """Replace a damaged file by an empty one."""
        self.engine.close()
        self._discard(self.engine.damage)
        self._open_file()

    def _discard(self, damage: str) -> None:
        reason = damage.partition("\n")[0]
        logger.warning("The replica %s is damaged and will be rebuilt: %s", self.path, reason)
        _delete(self.path)


def _engine(path: Path | None) -> Engine:
    memory, threads = settings.LEADLIGHT_DUCKDB_MEMORY, settings.LEADLIGHT_ANALYTICS_THREADS
    return Engine(path, memory_limit=memory, threads=threads)


def _prune() -> None:
    """Prune the change feed; skip it if the database is locked."""
    if not is_open(connection):
        try:
            changes.prune(connection)
        except OperationalError:
            logger.warning("The change feed was not pruned: the database is locked.", exc_info=True)


def _delete(path: Path | None) -> None:
    if path is not None:
        path.unlink(missing_ok=True)
        path.with_name(f"{path.name}.wal").unlink(missing_ok=True)


def _scratch(path: Path | None) -> Path:
    """Create an empty folder for CSV files in transit; delete what a killed process left there."""
    if path is None:
        return Path(tempfile.mkdtemp(prefix="leadlight-replica-"))
    folder = path.with_suffix(".reading")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


# One replica for each process

SLOTS = 64


class _Process:
    """Replica of this process. A forked process starts without one, and never uses an inherited
    one: the fork does not copy the engine's threads, and the parent keeps the file open.
    """

    def __init__(self, inherited: list[Replica]) -> None:
        self.replica: Replica | None = None
        self.lock = threading.Lock()
        # Referenced, so that garbage collection does not close them.
        self.inherited = inherited


_process = _Process([])


def current() -> Replica:
    """Return this process's replica; open the first file that no other process has open."""
    with _process.lock:
        if _process.replica is None:
            store_statements_in(settings.LEADLIGHT_DATA / "statements")
            _process.replica = _first_free()
        return _process.replica


def prepare(progress: Progress = _silent) -> None:
    """Let this process's replica catch up, and prune the change feed."""
    current().catch_up(progress)
    _prune()


def forget() -> None:
    """Close this process's replica; the next call of `current` opens one again."""
    with _process.lock:
        if _process.replica is not None:
            _process.replica.close()
            _process.replica = None


def _first_free() -> Replica:
    foreign = {replica.path for replica in _process.inherited}
    for slot in range(SLOTS):
        path = settings.LEADLIGHT_DATA / f"replica-{slot}.duckdb"
        if path in foreign:
            continue
        try:
            return Replica(path)
        except Locked:
            continue
    raise RuntimeError(f"All {SLOTS} replica files in {settings.LEADLIGHT_DATA} are in use.")


def _after_fork() -> None:
    global _process
    opened = [_process.replica] if _process.replica else []
    _process = _Process(_process.inherited + opened)


os.register_at_fork(after_in_child=_after_fork)

"""Change feed: the rows written since a replica last caught up.

Triggers insert into the feed in the transaction of the change itself. A `Position` records how far
a replica has read. On SQLite, which has one writer at a time, the position is the newest id of the
feed. On PostgreSQL ids are assigned before commit, and transactions commit in any order: there the
position includes a snapshot, and rows invisible to the snapshot are new.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from leadlight.replication import triggers
from leadlight.replication.triggers import REBUILD

KEPT = 100_000  # number of newest rows of the feed that pruning does not delete

TABLES = {
    "sqlite": (
        "CREATE TABLE IF NOT EXISTS replication_feed ("
        "id integer PRIMARY KEY CHECK (id = 1), instance text NOT NULL, "
        "pruned_to integer NOT NULL DEFAULT 0)",
        "CREATE TABLE IF NOT EXISTS replication_change ("
        "id integer PRIMARY KEY AUTOINCREMENT, table_name text NOT NULL, row_id integer, "
        "mark integer NOT NULL DEFAULT (random()))",
    ),
    "postgresql": (
        "CREATE TABLE IF NOT EXISTS replication_feed ("
        "id integer PRIMARY KEY CHECK (id = 1), instance text NOT NULL, "
        "pruned_to bigint NOT NULL DEFAULT 0, pruned_xid xid8 NOT NULL DEFAULT '0')",
        "CREATE TABLE IF NOT EXISTS replication_change ("
        "id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, table_name text NOT NULL, "
        "row_id bigint, mark xid8 NOT NULL DEFAULT pg_current_xact_id())",
        "CREATE INDEX IF NOT EXISTS replication_change_mark ON replication_change (mark)",
    ),
}


@dataclass(frozen=True)
class Position:
    """Position of a replica in the feed of one instance.

    `mark` identifies the row `change_id`: a random number on SQLite, the transaction id on
    PostgreSQL. If the mark differs, the database was restored from a backup: the row is missing, or
    another row has its id.
    """

    instance: str
    change_id: int  # id of the newest row that was read; 0: none
    mark: int
    snapshot: str  # pg_current_snapshot(); empty on SQLite


@dataclass(frozen=True)
class FeedStatus:
    """State of the feed relative to a position, from a single cheap query."""

    is_reachable: bool  # the feed has every change since the position
    is_newest: bool  # the feed has no change since the position


Changes = dict[str, set[int]]  # table name in the feed → ids to read again


def install(connection: BaseDatabaseWrapper) -> None:
    """Create the missing tables and triggers of the feed."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        begins_anew = "replication_change" not in connection.introspection.table_names(cursor)
        for statement in TABLES[connection.vendor]:
            cursor.execute(statement)
        if begins_anew:  # ids restart from 1: `pruned_to` of the former feed is invalid
            cursor.execute("DELETE FROM replication_feed")
        cursor.execute(
            "INSERT INTO replication_feed (id, instance) VALUES (1, %s) ON CONFLICT DO NOTHING",
            [secrets.token_hex(16)],
        )
        if triggers.install(connection):
            cursor.execute("INSERT INTO replication_change (table_name) VALUES (%s)", [REBUILD])


def is_installed(connection: BaseDatabaseWrapper) -> bool:
    """Return whether the tables of the feed exist, and `replication_feed` has its single row."""
    if not {"replication_feed", "replication_change"} <= {*connection.introspection.table_names()}:
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM replication_feed")
        return bool(cursor.fetchone()[0])


def after_migrate(using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    install(connections[using])


def position(connection: BaseDatabaseWrapper) -> Position:
    """Return the position of the end of the feed, as the current transaction sees it."""
    snapshot = "pg_current_snapshot()::text" if connection.vendor == "postgresql" else "''"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT instance, coalesce(change.id, 0), coalesce({_mark(connection)}, 0), "
            f"{snapshot} FROM replication_feed LEFT JOIN replication_change AS change "
            "ON change.id = (SELECT max(id) FROM replication_change)"
        )
        return Position(*cursor.fetchone())


def feed_status(connection: BaseDatabaseWrapper, seen: Position) -> FeedStatus:
    """Return whether the feed still has all changes since a position, and whether there are any."""
    unread = (
        f"EXISTS (SELECT 1 FROM replication_change AS change WHERE {_is_unread(connection, seen)})"
    )
    gap = f"pruned_to > {seen.change_id}"
    if connection.vendor == "postgresql":
        gap += f" OR pruned_xid >= pg_snapshot_xmin('{seen.snapshot}'::pg_snapshot)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT instance, {gap}, (SELECT {_mark(connection)} FROM replication_change "
            f"AS change WHERE id = {seen.change_id}), {unread} FROM replication_feed"
        )
        instance, is_pruned, mark, has_new = cursor.fetchone()
    return FeedStatus(
        is_reachable=instance == seen.instance and not is_pruned and (mark or 0) == seen.mark,
        is_newest=not has_new,
    )


def changes_since(connection: BaseDatabaseWrapper, seen: Position) -> Changes | None:
    """Return the changes since a position; None if everything must be read again.

    Call in the transaction that reads the changed rows: the feed may be pruned at any time.
    """
    if not feed_status(connection, seen).is_reachable:
        return None
    changes: Changes = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT table_name, row_id FROM replication_change AS change "
            f"WHERE {_is_unread(connection, seen)}"
        )
        for table, row_id in cursor.fetchall():
            if table == REBUILD or not isinstance(row_id, int):
                return None
            changes[table].add(row_id)
    return dict(changes)


def prune(connection: BaseDatabaseWrapper, newest_rows: int = KEPT) -> None:
    """Delete old rows of the feed if it holds at least twice as many as are kept.

    A replica that has not read the deleted rows is rebuilt.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(id), max(id) FROM replication_change")
        first, newest = cursor.fetchone()
    if first is not None and newest - first >= 2 * newest_rows:
        _forget_up_to(connection, newest - newest_rows)


def _forget_up_to(connection: BaseDatabaseWrapper, last: int) -> None:
    """Delete the rows of the feed up to an id.

    PostgreSQL: only the rows that are visible to every later snapshot, so that no later position
    misses a deleted row, however long another transaction stays open.
    """
    old = f"WHERE id <= {last}"
    also = ""
    if connection.vendor == "postgresql":
        old += " AND mark < pg_snapshot_xmin(pg_current_snapshot())"
        newest = f"SELECT mark FROM replication_change {old} ORDER BY mark DESC LIMIT 1"
        also = f", pruned_xid = greatest(pruned_xid, ({newest}))"
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(f"UPDATE replication_feed SET pruned_to = {last}{also}")
        cursor.execute(f"DELETE FROM replication_change {old}")


def _mark(connection: BaseDatabaseWrapper) -> str:
    return "change.mark::text::bigint" if connection.vendor == "postgresql" else "change.mark"


def _is_unread(connection: BaseDatabaseWrapper, seen: Position) -> str:
    """Return the SQL condition for rows that a replica at this position has not read.

    PostgreSQL: a row with a lower id may have been committed later, by a transaction that was
    invisible to the snapshot. Higher ids always count as new, because after a restore into another
    cluster the transaction ids are not comparable.
    """
    newer = f"change.id > {seen.change_id}"
    if connection.vendor != "postgresql":
        return newer
    snapshot = f"'{seen.snapshot}'::pg_snapshot"
    return (
        f"({newer} OR change.mark >= pg_snapshot_xmin({snapshot}) "
        f"AND NOT pg_visible_in_snapshot(change.mark, {snapshot}))"
    )

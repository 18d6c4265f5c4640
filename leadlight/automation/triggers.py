"""Database triggers that note new rows for webhooks, notifications and rules, on both databases.

They also note rows of bulk changes and of raw SQL. Without an active webhook or rule, and without
anybody who wants to be told of changes, they note nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from leadlight.automation.models import PendingChange

Source = PendingChange.Source
TABLES = {
    "sales_leadevent": Source.EVENT,
    "sales_activity": Source.ACTIVITY,
    "sales_client": Source.CLIENT,
    "sales_prospect": Source.PROSPECT,
}
IS_LISTENED_TO = (
    "(EXISTS (SELECT 1 FROM automation_webhook WHERE is_active) "
    "OR EXISTS (SELECT 1 FROM automation_notificationchoice) "
    "OR EXISTS (SELECT 1 FROM automation_rule WHERE is_active))"
)
INTO = "INSERT INTO automation_pendingchange (source, row_id)"


def before_migrate(using: str = DEFAULT_DB_ALIAS, plan: Sequence[Any] = (), **_: Any) -> None:
    """Drop the triggers if there are migrations to apply, which may drop tables that they name."""
    if not plan:
        return
    connection = connections[using]
    with connection.cursor() as cursor:
        present = connection.introspection.table_names(cursor)
        for table in {*TABLES} & {*present}:
            on_table = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS automate_{table}{on_table}")


def after_migrate(using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    """Create the triggers that are missing or outdated."""
    connection = connections[using]
    with connection.cursor() as cursor:
        present = set(connection.introspection.table_names(cursor))
    if "automation_pendingchange" not in present:
        return
    install = _on_sqlite if connection.vendor == "sqlite" else _on_postgresql
    with transaction.atomic(using=using):
        for table, source in TABLES.items():
            if table in present:
                install(connection, table, source)


def _on_sqlite(connection: BaseDatabaseWrapper, table: str, source: str) -> None:
    """Django alters a table on SQLite by creating a new one, which drops its triggers."""
    name = f"automate_{table}"
    sql = (
        f"CREATE TRIGGER {name} AFTER INSERT ON {table} WHEN {IS_LISTENED_TO} "
        f"BEGIN {INTO} VALUES ('{source}', NEW.id); END"
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = %s", [name])
        if cursor.fetchone() != (sql,):
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
            cursor.execute(sql)


def _on_postgresql(connection: BaseDatabaseWrapper, table: str, source: str) -> None:
    name = f"automate_{table}"
    body = (
        f"IF {IS_LISTENED_TO} THEN {INTO} "
        f"SELECT '{source}', id FROM new_rows ORDER BY id; END IF; RETURN NULL;"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql "
            f"AS $$ BEGIN {body} END $$"
        )
        cursor.execute("SELECT 1 FROM pg_trigger WHERE tgname = %s", [name])
        if cursor.fetchone() is None:
            cursor.execute(
                f"CREATE TRIGGER {name} AFTER INSERT ON {table} REFERENCING NEW TABLE AS new_rows "
                f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
            )

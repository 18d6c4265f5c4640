"""Database triggers that write the change feed, for SQLite and PostgreSQL.

Triggers also record bulk updates and raw SQL. A row of the feed has the name of a table and the id
to read again. This is the id of the lead for its events, tags and field values, the id of the team
for memberships, and the id of the row for all other tables.
"""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

REBUILD = "*"  # table name in the feed that requests a rebuild

# Table → table name in the feed, and the column that holds the id in the feed.
FEEDS: dict[str, tuple[str, str]] = {
    "accounts_organization": ("accounts_organization", "id"),
    "accounts_holiday": ("accounts_holiday", "id"),
    "accounts_user": ("accounts_user", "id"),
    "accounts_team": ("accounts_team", "id"),
    "accounts_membership": ("accounts_membership", "team_id"),
    "sales_pipeline": ("sales_pipeline", "id"),
    "sales_step": ("sales_step", "id"),
    "sales_pastprobability": ("sales_pastprobability", "id"),
    "sales_pastposition": ("sales_pastposition", "id"),
    "sales_category": ("sales_category", "id"),
    "sales_tag": ("sales_tag", "id"),
    "sales_customfield": ("sales_customfield", "id"),
    "sales_client": ("sales_client", "id"),
    "sales_prospectinglist": ("sales_prospectinglist", "id"),
    "sales_cost": ("sales_cost", "id"),
    "sales_prospect": ("sales_prospect", "id"),
    "sales_activitytype": ("sales_activitytype", "id"),
    "sales_outcome": ("sales_outcome", "id"),
    "sales_activity": ("sales_activity", "id"),
    "sales_goal": ("sales_goal", "id"),
    "sales_lead": ("sales_lead", "id"),
    "sales_leadevent": ("sales_lead", "lead_id"),
    "sales_lead_tags": ("sales_lead", "lead_id"),
    "sales_leadfieldvalue": ("sales_lead", "owner_id"),
}

# Table → its columns in the replica, for tables whose other columns change often: each sign-in of a
# user writes `last_login`, each cell of a prospecting list its row and the version of the list.
COLUMNS: dict[str, tuple[str, ...]] = {
    "accounts_user": (
        *("id", "key", "first_name", "last_name", "email", "is_active"),
        *("created_at", "deactivated_at"),
    ),
    "sales_prospectinglist": (
        *("id", "key", "name", "user_id", "created_at", "source", "cost", "is_archived"),
    ),
    "sales_prospect": (
        *("id", "key", "prospecting_list_id", "user_id", "created_at", "converted_at"),
    ),
}


def install(connection: BaseDatabaseWrapper) -> bool:
    """Create the triggers that are missing or outdated; return whether there were any.

    Django alters a table on SQLite by creating a new one, which drops its triggers.
    """
    present = connection.introspection.table_names()
    changed = [table for table in FEEDS if table in present and _install_on(connection, table)]
    return bool(changed)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drop the triggers, to fill an empty database faster. `install` creates them again."""
    with connection.cursor() as cursor:
        for table in FEEDS:
            if connection.vendor == "postgresql":
                cursor.execute(f"DROP FUNCTION IF EXISTS replicate_{table} CASCADE")
                continue
            for name in _sqlite_triggers(table):
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


def _install_on(connection: BaseDatabaseWrapper, table: str) -> bool:
    if connection.vendor == "postgresql":
        return _install_on_postgresql(connection, table)
    return _install_on_sqlite(connection, table)


def _sqlite_triggers(table: str) -> dict[str, str]:
    """Return the triggers of a table: name → CREATE TRIGGER statement."""
    feed, key = FEEDS[table]
    into = f"INSERT INTO replication_change (table_name, row_id) SELECT '{feed}'"
    bodies = {
        "insert": f"{into}, NEW.{key};",
        "delete": f"{into}, OLD.{key};",
        "update": f"{into}, NEW.{key}; {into}, OLD.{key} WHERE OLD.{key} IS NOT NEW.{key};",
    }
    events = {"insert": "INSERT", "delete": "DELETE", "update": "UPDATE"}
    if table in COLUMNS:
        events["update"] = f"UPDATE OF {', '.join(COLUMNS[table])}"
    return {
        f"replicate_{table}_{event}": (
            f"CREATE TRIGGER replicate_{table}_{event} AFTER {events[event]} ON {table} "
            f"BEGIN {body} END"
        )
        for event, body in bodies.items()
    }


def _install_on_sqlite(connection: BaseDatabaseWrapper, table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table]
        )
        present = dict(cursor.fetchall())
        expected = _sqlite_triggers(table)
        missing = {name: sql for name, sql in expected.items() if present.get(name) != sql}
        for name, sql in missing.items():
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
            cursor.execute(sql)
    return bool(missing)


def _postgresql_function(table: str) -> str:
    """Return the body of the trigger function, which inserts each distinct key of a statement."""
    feed, key = FEEDS[table]
    into = "INSERT INTO replication_change (table_name, row_id)"
    updated = f"SELECT '{feed}', {key} FROM new_rows UNION SELECT '{feed}', {key} FROM old_rows"
    if columns := ", ".join(COLUMNS.get(table, ())):
        # A trigger on a list of columns cannot refer to the old and the new rows.
        new, old = (f"SELECT {columns} FROM {rows}" for rows in ("new_rows", "old_rows"))
        changed = f"(({new} EXCEPT {old}) UNION ({old} EXCEPT {new}))"
        updated = f"SELECT DISTINCT '{feed}', {key} FROM {changed} AS changed"
    return f"""
        IF TG_OP = 'INSERT' THEN
            {into} SELECT DISTINCT '{feed}', {key} FROM new_rows;
        ELSIF TG_OP = 'UPDATE' THEN
            {into} {updated};
        ELSIF TG_OP = 'DELETE' THEN
            {into} SELECT DISTINCT '{feed}', {key} FROM old_rows;
        ELSE
            {into} VALUES ('{REBUILD}', NULL);
        END IF;
        RETURN NULL;
    """


POSTGRESQL_EVENTS = {
    "insert": "REFERENCING NEW TABLE AS new_rows",
    "update": "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "delete": "REFERENCING OLD TABLE AS old_rows",
    "truncate": "",
}


def _install_on_postgresql(connection: BaseDatabaseWrapper, table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid "
            "WHERE tgrelid = to_regclass(%s) AND prosrc = %s",
            [table, f"BEGIN {_postgresql_function(table)} END"],
        )
        present = {name for (name,) in cursor.fetchall()}
        if present >= {f"replicate_{table}_{event}" for event in POSTGRESQL_EVENTS}:
            return False
        cursor.execute(
            f"CREATE OR REPLACE FUNCTION replicate_{table}() RETURNS trigger LANGUAGE plpgsql "
            f"AS $body$BEGIN {_postgresql_function(table)} END$body$"
        )
        for event, rows in POSTGRESQL_EVENTS.items():
            cursor.execute(
                f"CREATE OR REPLACE TRIGGER replicate_{table}_{event} "
                f"AFTER {event.upper()} ON {table} {rows} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION replicate_{table}()"
            )
    return True

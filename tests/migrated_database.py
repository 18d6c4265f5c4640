"""Empty database of the tests: migrated once for each state of the code, and emptied quickly.

Migrating SQLite takes a worker several seconds. The first one keeps the result in a file, and all
others copy the file. PostgreSQL is migrated by each worker.

After a test with transactions of its own, Django empties every table and fills the content types
and permissions again, which takes longer than most tests. Here SQLite is copied from the migrated
database, and PostgreSQL loses the rows of the tables that have any.
"""

from __future__ import annotations

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.postgresql.creation import DatabaseCreation as PostgresCreation
from django.db.backends.sqlite3.creation import DatabaseCreation
from django.test import TransactionTestCase

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / ".cache" / "databases"

# Tables that migrating fills, and that no test changes.
KEPT = {"auth_permission", "django_content_type", "django_migrations"}

TEMPLATE = "leadlight_migrated"  # on PostgreSQL, a copy of the migrated database

_create_test_db = DatabaseCreation.create_test_db
_create_postgres_db = PostgresCreation.create_test_db
_migrated = sqlite3.connect(":memory:")


def install() -> None:
    """Replace how Django creates the database of the tests, and how it empties it."""
    DatabaseCreation.create_test_db = create_test_db  # type: ignore[method-assign]
    PostgresCreation.create_test_db = create_postgres_db  # type: ignore[method-assign]
    TransactionTestCase._fixture_teardown = lambda _: empty()  # type: ignore[attr-defined]


def close() -> None:
    _migrated.close()


def create_test_db(creation: DatabaseCreation, *arguments: Any, **options: Any) -> str:
    with _locked():
        kept = kept_file()
        if not kept.exists():
            name = _create_test_db(creation, *arguments, **options)
            connection.connection.backup(_migrated)
            for outdated in FOLDER.glob("*.sqlite3"):
                outdated.unlink()
            made = kept.with_suffix(".new")
            with closing(sqlite3.connect(made)) as file:
                _migrated.backup(file)
            made.rename(kept)
            return name
        name = creation._get_test_db_name()
        connection.close()
        settings.DATABASES[connection.alias]["NAME"] = connection.settings_dict["NAME"] = name
        connection.ensure_connection()
        with closing(sqlite3.connect(kept)) as file:
            file.backup(_migrated)
        _migrated.backup(connection.connection)
        return name


def create_postgres_db(creation: PostgresCreation, *arguments: Any, **options: Any) -> str:
    name = _create_postgres_db(creation, *arguments, **options)
    connection.close()  # a database is only copied while nobody is connected to it
    with creation._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {TEMPLATE}")
        cursor.execute(f"CREATE DATABASE {TEMPLATE} TEMPLATE {creation._quote_name(name)}")
    return name


def empty() -> None:
    """Remove all rows that a test has committed."""
    connection.ensure_connection()
    if connection.vendor == "sqlite":
        _migrated.backup(connection.connection)
        return
    tables = set(connection.introspection.django_table_names(only_existing=True)) - KEPT
    asked = " UNION ALL ".join(
        f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})" for table in sorted(tables)
    )
    # Foreign keys are checked at the end of a transaction.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(asked)
        for (table,) in cursor.fetchall():
            cursor.execute(f"DELETE FROM {table}")


def kept_file() -> Path:
    """Return the path of the migrated database for this state of the code; it may not exist yet."""
    return FOLDER / f"{fingerprint()}.sqlite3"


def fingerprint() -> str:
    """Return the digest of all code that a migration may run."""
    digest = blake2b(sqlite3.sqlite_version.encode(), digest_size=16)
    code = sorted((ROOT / "leadlight").rglob("*.py"))
    for path in (*code, ROOT / "requirements-dev.lock"):
        digest.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return digest.hexdigest()


@contextmanager
def _locked() -> Iterator[None]:
    """Wait while another worker migrates."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

"""Instances for programs that tests start: a data folder and a database of their own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.migrated_database import TEMPLATE, kept_file

TEST_DATABASE = os.environ["DATABASE_URL"]


@contextmanager
def separate_instance(folder: Path, database: str) -> Iterator[dict[str, str]]:
    """Yield the environment variables of a program with an empty instance in a folder.

    Its database is migrated already if that of the tests is. On PostgreSQL, it has the name
    `database`, and is dropped at the end.
    """
    address = ""
    if not TEST_DATABASE and kept_file().exists():
        shutil.copy(kept_file(), folder / "leadlight.sqlite3")
    if TEST_DATABASE:
        with psycopg.connect(TEST_DATABASE, autocommit=True) as server:
            server.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
            known = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE])
            template = f"TEMPLATE {TEMPLATE}" if known.fetchone() else ""
            server.execute(f"CREATE DATABASE {database} {template}")
        address = TEST_DATABASE.rpartition("/")[0] + "/" + database
    yield os.environ | {
        "LEADLIGHT_DATA": str(folder),
        "DATABASE_URL": address,
        "DJANGO_SETTINGS_MODULE": "leadlight.settings",
    }
    if TEST_DATABASE:
        with psycopg.connect(TEST_DATABASE, autocommit=True) as server:
            server.execute(f"DROP DATABASE {database} WITH (FORCE)")

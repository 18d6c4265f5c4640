"""Lock conflicts with another writer of the database: detection and lock timeouts."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, connections, transaction

logger = logging.getLogger(__name__)

WAIT_S = 5  # lock timeout of a request
SQLITE_CODES = {5, 6}  # SQLITE_BUSY, SQLITE_LOCKED
POSTGRESQL_STATES = {"55P03", "40P01", "40001"}  # lock timeout, deadlock, serialization failure


def is_busy(error: BaseException | None) -> bool:
    """Return whether a statement failed on a lock or a conflict with another transaction."""
    if not isinstance(error, OperationalError):
        return False
    cause = error.__cause__
    code = getattr(cause, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in SQLITE_CODES  # the higher bits are SQLite's extended code
    return getattr(cause, "sqlstate", None) in POSTGRESQL_STATES


def wait_briefly() -> None:
    """Set a lock timeout of `WAIT_S` on the connections that this process opens from now on.

    Commands keep the longer default: no user is waiting for a page.
    """
    for database in connections.all():
        options = dict(database.settings_dict.get("OPTIONS", {}))
        if database.vendor == "sqlite":
            options["timeout"] = WAIT_S
        else:
            given = options.get("options", "")
            options["options"] = f"{given} -c lock_timeout={WAIT_S * 1000}".strip()
        database.settings_dict["OPTIONS"] = options


@contextmanager
def unless_busy() -> Iterator[None]:
    """Run an optional write; skip it without waiting if another writer holds the lock."""
    try:
        with _without_waiting():
            yield
    except OperationalError as error:
        if not is_busy(error):
            raise
        logger.info("The database is busy: an optional write was skipped.")


@contextmanager
def _without_waiting() -> Iterator[None]:
    if connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '50ms'")
            yield
        return
    with connection.cursor() as cursor:
        waited = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        cursor.execute("PRAGMA busy_timeout = 0")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {waited}")

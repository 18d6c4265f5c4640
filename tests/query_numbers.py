"""Numbers of queries that differ between the databases."""

from __future__ import annotations

from django.db import connection


def with_name_searches(queries: int) -> int:
    """Return a number of queries that contains up to three searches for similar names.

    PostgreSQL searches the newest leads first, and then all leads if few of those were found.
    """
    return queries + 3 * (connection.vendor == "postgresql")

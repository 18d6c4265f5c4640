"""Calendar table `days` of the star: local days of the company, with its working days."""

from __future__ import annotations

from datetime import date

from leadlight.accounts.models import Holiday, Organization
from leadlight.analytics.query.working_time import MICROSECONDS_PER_DAY
from leadlight.replication.star import local_day

TABLE = "days"
# A lead created before FIRST or closed after LAST has no duration in working days.
FIRST, LAST = date(1970, 1, 1), date(2099, 12, 31)
FEEDS = (Organization._meta.db_table, Holiday._meta.db_table)
"""Tables, by their name in the change feed, from which the table `days` is computed."""


def fill_sql(zone: str, prefix: str = "") -> list[str]:
    """Return the SQL that fills the table again from the company's current calendar."""
    weekend = [str(day) for day in Organization.current().weekend]
    holidays = [f"DATE '{day}'" for day in Holiday.objects.values_list("day", flat=True)]
    is_free = f"isodow(day) IN ({_listed(weekend)}) OR day IN ({_listed(holidays)})"
    table = f"{prefix}{TABLE}"
    return [f"DELETE FROM {table}", f"INSERT INTO {table} {days_sql(zone, is_free)}"]


def _listed(values: list[str]) -> str:
    return ", ".join(values) or "NULL"


def days_sql(zone: str, is_free: str) -> str:
    """Return SQL for the rows of the table; `is_free` is a SQL condition for non-working days.

    If midnight occurs twice, the day starts at the first one. A day skipped by a change of time
    zone has no duration, and is not a working day.
    """
    midnight = f"timezone('UTC', timezone('{zone}', day::TIMESTAMP))"
    before = "midnight - INTERVAL 1 HOUR"
    starts_at = f"CASE WHEN {local_day(before, zone)} = day THEN {before} ELSE midnight END"
    return f"""
        WITH every AS (
            SELECT unnest(range(DATE '{FIRST}', DATE '{LAST}' + 2, INTERVAL 1 DAY))::DATE AS day
        ), begun AS (
            SELECT day, {starts_at} AS starts_at
            FROM (SELECT day, {midnight} AS midnight FROM every)
        ), lasting AS (
            SELECT day, starts_at,
                epoch_us(lead(starts_at) OVER (ORDER BY day)) - epoch_us(starts_at) AS length
            FROM begun
        ), worked AS (
            SELECT day, starts_at, length,
                length > 0 AND NOT coalesce({is_free}, false) AS is_worked
            FROM lasting WHERE length IS NOT NULL
        )
        SELECT day, starts_at,
            sum(is_worked::INT) OVER (ORDER BY day) - is_worked::INT AS worked_before,
            CASE WHEN is_worked THEN {MICROSECONDS_PER_DAY}::DOUBLE / length ELSE 0 END AS pace
        FROM worked
    """

"""Limits of the whole product: dates, rows counted by lists, size of tables read."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

# Rows up to which a list is counted, and sorted in memory. A longer list shows “1,000+”.
MOST_COUNTED = 1_000
# Limits of an imported table: bytes of its file, rows below the header, columns, and cells of a
# sheet. Empty cells count, because a sheet is read as a rectangle in memory.
MOST_TABLE_BYTES = 200_000_000
MOST_TABLE_ROWS = 100_000
MOST_TABLE_COLUMNS = 500
MOST_SHEET_CELLS = 5_000_000
# First and last day that reports support, and that input may therefore contain.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2200, 12, 31)
# One day inside the bounds: local time differs from UTC by up to 16 hours, counting the historical
# offsets of some zones.
FIRST_INSTANT = datetime.combine(FIRST_DAY + timedelta(days=1), time.min, UTC)
LAST_INSTANT = datetime.combine(LAST_DAY - timedelta(days=1), time.max, UTC)


def holds_day(day: date) -> bool:
    return FIRST_DAY <= day <= LAST_DAY


def holds_instant(instant: datetime) -> bool:
    """Return whether the local day of an instant is within the bounds in every time zone."""
    return FIRST_INSTANT <= instant <= LAST_INSTANT

"""Parquet export: a sheet as one typed table, for programs that analyse data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from leadlight.analytics.export.sheets import Sheet

# Type of the columns of each kind of cells. Instants are points in time, without a time zone.
TYPES = {
    "count": "BIGINT",
    "money": "DECIMAL(18, 2)",
    "part": "DECIMAL(38, 6)",
    "share": "DOUBLE",
    "days": "DOUBLE",
    "day": "DATE",
    "instant": "TIMESTAMPTZ",
    "flag": "BOOLEAN",
}
LARGEST_ROW = 64 * 2**20  # bytes
MEMORY = "256MB"


def write_parquet(sheet: Sheet, path: Path) -> None:
    """Write the rows of a sheet to a Parquet file, with the keys of the headings as column names.

    Empty texts are null. Totals and notes are left out.
    """
    with TemporaryDirectory() as folder:
        rows = Path(folder) / "rows.json"
        with rows.open("w", encoding="utf-8") as file:
            file.writelines(_lines(sheet))
        types = {one.key: TYPES.get(one.kind, "VARCHAR") for one in sheet.headings}
        with duckdb.connect(":memory:", config={"memory_limit": MEMORY, "threads": 1}) as engine:
            engine.execute("SET TimeZone = 'UTC'")
            table = engine.read_json(
                str(rows),
                columns=types,
                format="newline_delimited",
                maximum_object_size=LARGEST_ROW,
            )
            table.write_parquet(str(path), compression="zstd")


def _lines(sheet: Sheet) -> Iterator[str]:
    """Yield each row as a line of JSON, which preserves any text."""
    keys = [one.key for one in sheet.headings]
    for row in sheet.rows:
        yield json.dumps(dict(zip(keys, map(_cell, row), strict=True))) + "\n"


def _cell(value: Any) -> Any:
    """Return a value as DuckDB reads it; None for no value and for an empty text."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bool | int):
        return value
    return str(value) if value is not None and value != "" else None

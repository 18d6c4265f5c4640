"""Memory that reading a table needs, whatever the table."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.tables.odd_workbooks import WORKBOOKS

ROOT = Path(__file__).resolve().parents[2]


def read(path: Path) -> tuple[int, int]:
    """Return the rows of a table, 0 if it is refused, and the megabytes that reading took."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.tables.reading_process", str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    rows, megabytes = map(int, done.stdout.split())
    return rows, megabytes


def test_a_csv_file_of_a_hundred_thousand_rows_is_read_in_pieces(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    row = ";".join(["12/05/2026", "1 234,50", "Élan", "x" * 300]) + "\n"
    path.write_text("day;amount;name;note\n" + row * 100_000)
    assert path.stat().st_size > 30_000_000
    rows, megabytes = read(path)
    assert rows == 100_000
    assert megabytes < 20


@pytest.mark.parametrize(
    ("name", "rows", "most"),
    [
        ("workbook of a million cells", 50_000, 200),
        ("workbook with a cell in the last corner", 0, 20),
        ("workbook of 16,384 columns", 0, 60),
        ("workbook that unpacks to sixty megabytes of spaces", 0, 20),
        ("workbook that hides its unpacked size", 0, 20),
    ],
)
def test_a_workbook_needs_bounded_memory(tmp_path: Path, name: str, rows: int, most: int) -> None:
    path = tmp_path / "table.xlsx"
    WORKBOOKS[name].write(path)
    read_rows, megabytes = read(path)
    assert read_rows == rows
    assert megabytes < most

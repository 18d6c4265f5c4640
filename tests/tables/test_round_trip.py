"""Cells that are written to a file and read again are equal, whatever they contain."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from leadlight.tables import Choices, open_table, paste

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1252", "mac-roman", "iso8859-15")
WIDTHS = st.integers(min_value=1, max_value=6)


def tables(alphabet: Any) -> Any:
    """Return a strategy of rows of equal width that are not empty."""
    cells = st.text(alphabet, max_size=12)
    return WIDTHS.flatmap(
        lambda width: st.lists(
            st.lists(cells, min_size=width, max_size=width).filter(
                lambda row: any(map(str.strip, row))
            ),
            min_size=1,
            max_size=8,
        )
    )


def characters(encoding: str) -> Any:
    """Return the characters of an encoding, without NUL and lone surrogates."""
    return st.characters(codec=encoding.removesuffix("-sig"), exclude_characters="\0")


def with_header(rows: list[list[str]]) -> list[list[str]]:
    return [[f"column {number}" for number in range(len(rows[0]))], *rows]


@pytest.mark.parametrize("encoding", ENCODINGS)
@settings(max_examples=25, deadline=None)
@given(separator=st.sampled_from([",", ";", "\t", "|"]), data=st.data())
def test_cells_of_a_csv_file_come_back(
    tmp_path_factory: Any, encoding: str, separator: str, data: Any
) -> None:
    rows = data.draw(tables(characters(encoding)))
    path = tmp_path_factory.mktemp("csv") / "table.csv"
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=separator, quoting=csv.QUOTE_ALL)
        writer.writerows(with_header(rows))
    chosen = Choices(encoding=encoding.removesuffix("-sig"), separator=separator, header_row=1)
    table = open_table(path, "table.csv", choices=chosen)
    assert [row.cells for row in table.rows()] == rows


@settings(max_examples=50, deadline=None)
@given(rows=tables(st.characters(codec="utf-8", exclude_characters="\0")))
def test_pasted_cells_come_back(rows: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter="\t", quoting=csv.QUOTE_ALL).writerows(with_header(rows))
    table = paste(text.getvalue(), choices=Choices(separator="\t", header_row=1))
    assert [row.cells for row in table.rows()] == rows


@settings(max_examples=50, deadline=None)
@given(rows=tables(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"])))
def test_texts_of_a_workbook_come_back(tmp_path_factory: Any, rows: list[list[str]]) -> None:
    path: Path = tmp_path_factory.mktemp("xlsx") / "table.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet()
        for number, row in enumerate(with_header(rows)):
            for column, text in enumerate(row):
                sheet.write_string(number, column, text)
    table = open_table(path, "table.xlsx", choices=Choices(header_row=1))
    assert [row.cells for row in table.rows()] == rows

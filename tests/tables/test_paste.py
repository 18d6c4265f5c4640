"""Cells copied from a spreadsheet and pasted as text."""

from __future__ import annotations

import pytest

from leadlight.tables import Unreadable, paste


def test_cells_of_a_spreadsheet_keep_line_ends_tabs_and_zeros() -> None:
    table = paste('name\tnote\r\nAcme\t"two\r\nlines and a\ttab"\r\nBolt\t0042\r\n')
    assert table.headers == ["name", "note"]
    assert [row.cells for row in table.rows()] == [
        ["Acme", "two\r\nlines and a\ttab"],
        ["Bolt", "0042"],
    ]
    assert table.found.kind == "pasted"


def test_a_cell_that_begins_with_a_quote_is_plain_text() -> None:
    table = paste('name\tsize\n"Big" screen\t12"\nBolt\t"\n')
    assert [row.cells for row in table.rows()] == [['"Big" screen', '12"'], ["Bolt", '"']]


def test_csv_text_can_be_pasted_too() -> None:
    assert [row.cells for row in paste("a;b\n1;2\n").rows()] == [["1", "2"]]


def test_one_column_can_be_pasted() -> None:
    table = paste("E-mail\nann@acme.example\n")
    assert table.headers == ["E-mail"]
    assert [row.cells for row in table.rows()] == [["ann@acme.example"]]


@pytest.mark.parametrize("text", ["", "  \n", "\t\t\n\t\n"])
def test_nothing_pasted_is_refused(text: str) -> None:
    with pytest.raises(Unreadable, match=r"This table is empty\."):
        paste(text)

"""Read a table: choose its source, find its headers, and survey all its rows once."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from django.utils.translation import gettext as _

from leadlight.bounds import MOST_TABLE_BYTES, MOST_TABLE_COLUMNS, MOST_TABLE_ROWS
from leadlight.tables.csv_source import csv_source, pasted_source
from leadlight.tables.formats import FormatFinder
from leadlight.tables.headers import Header, find_header, headers_of
from leadlight.tables.opening import Unreadable
from leadlight.tables.table_file import AMBIGUOUS, Choices, Column, Found, Row, TableFile
from leadlight.tables.workbook import is_workbook, workbook_source

ROWS_OF_A_SAMPLE, CHARACTERS_OF_A_SAMPLE = 200, 5_000_000
LONGEST_CELL = 100_000
NO_CHOICES = Choices()


class Source(Protocol):
    """Records of a file or a text, which may be read several times."""

    @property
    def kind(self) -> str: ...
    @property
    def encoding(self) -> str: ...
    @property
    def separator(self) -> str: ...
    @property
    def sheet(self) -> str: ...
    @property
    def sheets(self) -> tuple[str, ...]: ...
    @property
    def notes(self) -> tuple[str, ...]: ...
    @property
    def numeric_columns(self) -> frozenset[int]: ...
    def records(self) -> Iterator[tuple[int, list[str]]]: ...


def open_table(path: Path, name: str, *, choices: Choices = NO_CHOICES) -> TableFile:
    """Read a CSV file or an XLSX workbook.

    The content decides which of the two it is, not the name. All rows are read once, so that a
    file that cannot be read to its end is refused here. Raises `Unreadable` with a sentence.
    """
    try:
        if path.stat().st_size > MOST_TABLE_BYTES:
            raise Unreadable(
                _("This file has more than %(most)d MB. Divide it into several.")
                % {"most": MOST_TABLE_BYTES // 1_000_000}
            )
        source = workbook_source if is_workbook(path) else csv_source
        return _table(source(path, choices), name, choices)
    except (OSError, EOFError, zlib.error) as error:
        raise Unreadable(_("The file cannot be read: %(reason)s.") % {"reason": error}) from error


def paste(text: str, *, choices: Choices = NO_CHOICES) -> TableFile:
    """Read cells copied from a spreadsheet, or CSV text. Raises `Unreadable` with a sentence."""
    return _table(pasted_source(text, choices), "", choices)


def _table(source: Source, name: str, choices: Choices) -> TableFile:
    header = find_header(source.records(), choices.header_row)
    survey = _Survey(header)
    for number, cells in source.records():
        if number > header.number:
            survey.add(number, cells)
    width = survey.width
    columns = tuple(
        Column(position, text, *_formats(source, survey, position, choices))
        for position, text in enumerate(headers_of(header.cells, width))
    )
    found = Found(
        kind=source.kind,
        encoding=source.encoding.removesuffix("-sig"),
        separator=source.separator,
        sheet=source.sheet,
        sheets=source.sheets,
        header_row=header.number,
        row_count=survey.row_count,
        problem_count=survey.problem_count(),
        empty_count=survey.empty_count,
        short_count=sum(count for cells, count in survey.lengths.items() if cells < width),
        notes=source.notes,
    )

    def rows() -> Iterator[Row]:
        for number, cells in source.records():
            if number > header.number and any(map(str.strip, cells)):
                yield _row(number, cells, width)

    sample = tuple(_row(number, cells, width) for number, cells in survey.sample)
    return TableFile(name, columns, found, sample, rows)


class _Survey:
    """Counts and formats of the rows below the header, added one by one."""

    def __init__(self, header: Header) -> None:
        self.header = header
        self.row_count = self.empty_count = self._empty = self._invalid = self._sampled = 0
        self.sample = list[tuple[int, list[str]]]()
        self.lengths = Counter[int]()
        self.used = Counter[int]()
        self.finders = list[FormatFinder]()

    def add(self, number: int, cells: list[str]) -> None:
        used = _used(cells)
        if used == 0:
            self._empty += 1
            return
        self.row_count += 1
        self.empty_count, self._empty = self.empty_count + self._empty, 0
        if self.row_count > MOST_TABLE_ROWS:
            raise Unreadable(
                _("This table has more than %(most)s rows. Divide it into several.")
                % {"most": f"{MOST_TABLE_ROWS:,}"}
            )
        if used > MOST_TABLE_COLUMNS:
            raise Unreadable(too_many_columns())
        self.lengths[len(cells)] += 1
        self.used[used] += 1
        self._invalid += bool(_invalid(cells))
        if len(self.sample) < ROWS_OF_A_SAMPLE and self._sampled < CHARACTERS_OF_A_SAMPLE:
            self._sampled += sum(map(len, cells))
            self.sample.append((number, cells))
        while len(self.finders) < used:
            self.finders.append(FormatFinder())
        for finder, text in zip(self.finders, cells, strict=False):
            finder.add(text)

    @property
    def width(self) -> int:
        """Number of columns: those with a header, and those below an empty cell of the header."""
        named = _used(self.header.cells)
        widest = max(self.used, default=0)
        if self.header.number:
            widest = max(named, min(len(self.header.cells), widest))
        if widest > MOST_TABLE_COLUMNS:
            raise Unreadable(too_many_columns())
        return widest

    def problem_count(self) -> int:
        longer = sum(count for used, count in self.used.items() if used > self.width)
        return longer + self._invalid


def _used(cells: list[str]) -> int:
    """Return the number of cells up to the last one that is not empty."""
    for used in range(len(cells), 0, -1):
        if cells[used - 1] and not cells[used - 1].isspace():
            return used
    return 0


def _row(number: int, cells: list[str], width: int) -> Row:
    """Return a row with a cell for each column, or with the problem that keeps it from being used.

    A NUL character, which PostgreSQL cannot store, is a problem, and shown as U+FFFD.
    """
    used = _used(cells)
    if used > width:
        problem = _("This row has %(cells)d cells, but the header has %(width)d columns.")
        return Row(number, _storable(cells[:used]), problem % {"cells": used, "width": width})
    filled = cells[:width] + [""] * (width - len(cells))
    return Row(number, _storable(filled), _invalid(filled))


def _storable(cells: list[str]) -> list[str]:
    return [cell.replace("\0", "\ufffd") for cell in cells]


def _invalid(cells: list[str]) -> str:
    """Return a sentence if a cell cannot be stored."""
    if any("\0" in cell for cell in cells):
        return _("This row contains the NUL character. Remove it.")
    if any(len(cell) > LONGEST_CELL for cell in cells):
        return _("A cell of this row has more than %(most)s characters.") % {
            "most": f"{LONGEST_CELL:,}"
        }
    return ""


def _formats(source: Source, survey: _Survey, position: int, choices: Choices) -> tuple[str, str]:
    if position >= len(survey.finders):
        return "", ""
    order = survey.finders[position].day_order()
    mark = survey.finders[position].decimal_mark()
    if position in source.numeric_columns:
        mark = "."
    if order == AMBIGUOUS:
        order = choices.day_order or order
    if mark == AMBIGUOUS:
        mark = choices.decimal_mark or mark
    return order, mark


def too_many_columns() -> str:
    return _("This table has more than %(most)d columns. Remove those that are not needed.") % {
        "most": MOST_TABLE_COLUMNS
    }

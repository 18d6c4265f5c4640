"""Read the files of a folder into rows of values, and report unreadable parts to the ledger.

A row is the named tuple of its file: the line in which it begins, then the value of each field. A
cell that cannot be read becomes `WRONG`; its row and file are still read.
"""

from __future__ import annotations

import csv
import difflib
import io
import os
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext as _

from leadlight.importing.cells import Text, Wrong
from leadlight.importing.company_folder import ENDINGS, FILES
from leadlight.importing.file_layout import Column, File
from leadlight.importing.problems import WRONG, Ledger, Progress
from leadlight.tables.encodings import not_utf_8
from leadlight.tables.opening import LONGEST_ROW, Lines, Unreadable, opened, pieces

MOST_COLUMNS = 1_000
MOST_ROWS = 10_000_000
MOST_PROBLEMS = 500_000
ROWS_BETWEEN_REPORTS = 5_000
CELL_TEXT = Text()
NO_CELLS: dict[str, str] = {}  # shared by all rows without extra columns: never change in place


@dataclass
class Table:
    """Rows of one file; `absent` are the columns that its header does not have."""

    file: File
    name: str
    rows: list[Any] = field(default_factory=list)
    absent: frozenset[str] = frozenset()
    extra_headers: tuple[str, ...] = ()
    """The names of the extra columns, without their prefix (`File.prefix`)."""
    is_whole: bool = True
    """False if the file was not read to its end; unknown keys of its rows are then not reported."""


def read_files(folder: Path, ledger: Ledger, progress: Progress) -> dict[str, Table]:
    """Read every file of the folder; missing files give empty tables."""
    _refuse_unknown_files(folder, ledger)
    tables = {}
    for file in FILES:
        path = _path(folder, file, ledger)
        tables[file.name] = Table(file, path.name if path else f"{file.name}.csv")
        if path:
            TableReader(tables[file.name], path, ledger).read(progress)
    return tables


def _refuse_unknown_files(folder: Path, ledger: Ledger) -> None:
    known = [file.name + ending for file in FILES for ending in ENDINGS]
    for path in sorted(folder.iterdir()):
        is_csv = path.name.lower().endswith(ENDINGS) and not path.name.startswith(".")
        if is_csv and path.name not in known:
            sentence = _("A company folder cannot contain a file with this name.")
            ledger.problem(path.name, 0, "", "", sentence + _closest(path.name, known))


def _closest(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name.lower(), known, n=1)
    return " " + _("Did you mean %(name)s?") % {"name": close[0]} if close else ""


def _path(folder: Path, file: File, ledger: Ledger) -> Path | None:
    paths = [folder / (file.name + ending) for ending in ENDINGS]
    present = [path for path in paths if os.path.lexists(path)]
    if len(present) > 1:
        sentence = _("The folder contains both this file and %(other)s. Remove one of them.")
        ledger.problem(present[0].name, 0, "", "", sentence % {"other": present[1].name})
    return present[0] if present else None


@dataclass
class TableReader:
    table: Table
    path: Path
    ledger: Ledger
    first_line: dict[Any, int] = field(default_factory=dict)
    """Key → the first line that has it."""

    def read(self, progress: Progress) -> None:
        self.line = 0
        try:
            with opened(self.path) as (binary, position):
                self._read(binary, partial(self._report, progress, position))
        except UnicodeDecodeError:
            with opened(self.path) as (binary, _position):
                self._stop(*not_utf_8(pieces(binary)))
        except Unreadable as reason:
            self._stop(self.line, str(reason))
        except csv.Error as error:
            sentence = _("The CSV is not valid from here on: %(reason)s.")
            self._stop(self.line, sentence % {"reason": error})
        except (OSError, EOFError, zlib.error) as error:
            sentence = _("The file cannot be read: %(reason)s.") % {"reason": error}
            self._stop(0, sentence)

    def _stop(self, line: int, sentence: str) -> None:
        self.table.is_whole = False
        self.ledger.problem(self.table.name, line, "", "", sentence)

    def _report(self, progress: Progress, position: Callable[[], int]) -> None:
        label = _("Reading %(file)s") % {"file": self.table.name}
        progress(label, position(), self.path.stat().st_size)

    def _read(self, binary: IO[bytes], report: Callable[[], None]) -> None:
        csv.field_size_limit(LONGEST_ROW)
        self.line = 1
        with io.TextIOWrapper(binary, encoding="utf-8-sig", newline="") as text:
            report()
            self.lines = Lines(text)
            reader = csv.reader(self.lines, strict=True)
            header = next(reader, [])
            self.lines.row_ended()
            if not header:
                self._stop(1, _("The file is empty. Add a first line with the column names."))
            elif self._read_header(header):
                self._read_rows(reader, len(header), report)

    def _read_rows(self, reader: Any, width: int, report: Callable[[], None]) -> None:
        for number, cells in enumerate(self._lines(reader, width)):
            self._add(cells)
            if number % ROWS_BETWEEN_REPORTS == 0:
                report()
        report()

    def _refuse_too_many_problems(self) -> None:
        if self.ledger.problem_count > MOST_PROBLEMS:
            sentence = _("There are more than %(most)d problems. The rest was not read.")
            raise Unreadable(sentence % {"most": MOST_PROBLEMS})

    def _lines(self, reader: Any, width: int) -> Iterator[list[str]]:
        self.line = reader.line_num + 1
        for number, cells in enumerate(reader):
            self.lines.row_ended()
            if number == MOST_ROWS:
                sentence = _("The file has more than %(most)d rows. The rest was not read.")
                raise Unreadable(sentence % {"most": MOST_ROWS})
            if number % ROWS_BETWEEN_REPORTS == 0:
                self._refuse_too_many_problems()
            if len(cells) == width:
                yield cells
            elif cells:
                sentence = _("This row has %(cells)d cells, but the header has %(width)d columns.")
                self._problem("", "", sentence % {"width": width, "cells": len(cells)})
            self.line = reader.line_num + 1

    def _problem(self, column: str, value: str, sentence: str) -> None:
        self.ledger.problem(self.table.name, self.line, column, value, sentence)

    def _read_header(self, header: list[str]) -> bool:
        """Check the header and set the position of each column; return whether rows can be read."""
        file = self.table.file
        if len(header) > MOST_COLUMNS:
            sentence = _("The header has %(width)d columns. At most %(most)d are allowed.")
            self._stop(1, sentence % {"width": len(header), "most": MOST_COLUMNS})
            return False
        if any("\0" in name for name in header):
            self._stop(1, _("The file seems to be in UTF-16. Save it as UTF-8."))
            return False
        self.extra = {
            index: name.removeprefix(file.prefix)
            for index, name in enumerate(header)
            if file.prefix and name.startswith(file.prefix) and name != file.prefix
        }
        before = set[str]()
        for index, name in enumerate(header):
            if name in before:
                self._problem(name, "", _("Two columns have this name. Rename one."))
            elif name not in file.header and index not in self.extra:
                self._problem(name, "", self._unknown_column(name))
            before.add(name)
        self.table.extra_headers = tuple(self.extra.values())
        self.places = [
            (column, header.index(column.name) if column.name in header else None)
            for column in file.columns
        ]
        self.table.absent = frozenset(file.header) - frozenset(header)
        for column in file.columns:
            if column.is_required and column.name in self.table.absent:
                self._problem(column.name, "", _("This required column is missing."))
        self.table.is_whole = not self.table.absent.intersection(file.key_columns)
        return self.table.is_whole

    def _unknown_column(self, name: str) -> str:
        file = self.table.file
        sentence = _("Unknown column. The columns are: %(columns)s.") % {
            "columns": ", ".join(file.header)
        }
        if file.values:
            sentence += " " + _("Name a custom field as field:KEY.")
        elif file.prefix:
            sentence += " " + _("Name an extra column of the rows as cell:HEADER.")
        return sentence

    def _add(self, cells: list[str]) -> None:
        values = [self._value(column, cells, index) for column, index in self.places]
        values += [None] * len(self.table.file.hidden)
        if self.table.file.prefix:
            values.append(self._extra_cells(cells) if self.extra else NO_CELLS)
        row = self.table.file.row(self.line, *values)
        if getattr(row, "recorded_at", row) is None:
            row = row._replace(recorded_at=row.occurred_at)
        if self._is_new(row):
            self.table.rows.append(row)

    def _value(self, column: Column, cells: list[str], index: int | None) -> Any:
        text = "" if index is None else cells[index]
        try:
            if text:
                return column.cell.read(text)
            if column.is_required:
                if index is None:  # reported once, for the header
                    return WRONG
                raise Wrong(_("Enter a value."))
        except Wrong as wrong:
            self._problem(column.name, text, str(wrong))
            return WRONG
        return column.cell.empty

    def _extra_cells(self, cells: list[str]) -> dict[str, str]:
        extra = {}
        for index, header in self.extra.items():
            try:
                extra[header] = CELL_TEXT.read(cells[index])
            except Wrong as wrong:
                self._problem(self.table.file.prefix + header, "", str(wrong))
        return extra

    def _is_new(self, row: Any) -> bool:
        """Return whether no row above has the same key; report and skip duplicates."""
        key = self.table.file.key_of(row)
        parts = key if isinstance(key, tuple) else (key,)
        line = self.first_line.setdefault(key, self.line)
        if line == self.line or WRONG in parts:
            return True
        columns = ", ".join(self.table.file.key_columns)
        sentence = _("Line %(line)d already has this key.") % {"line": line}
        self._problem(columns, ", ".join(parts), sentence)
        return False

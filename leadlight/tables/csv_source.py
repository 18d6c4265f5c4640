"""Records of a CSV file or of pasted text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, TextIO

from django.utils.translation import gettext as _

from leadlight.tables.encodings import ENCODINGS, encoding_of
from leadlight.tables.opening import Lines, Unreadable, open_regular
from leadlight.tables.separators import ANNOUNCED, announced_separator, separator_of
from leadlight.tables.table_file import CSV, PASTED, Choices

CHARACTERS_OF_A_GUESS = 1 << 18  # read to detect the separator
LONGEST_ROW = 1_000_000  # characters, including line ends within quotes
# Separator for a table of one column, because `csv.reader` needs one; texts do not contain it.
NO_SEPARATOR = "\x1f"


@dataclass(frozen=True)
class CsvSource:
    """CSV file, or pasted text if `path` is None, with its encoding and separator.

    `quotes` is False if quotation marks are plain text.
    """

    path: Path | None
    text: str
    encoding: str
    separator: str
    quotes: bool = True
    sheet: ClassVar[str] = ""
    sheets: ClassVar[tuple[str, ...]] = ()
    notes: ClassVar[tuple[str, ...]] = ()
    numeric_columns: ClassVar[frozenset[int]] = frozenset()

    @property
    def kind(self) -> str:
        return CSV if self.path else PASTED

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the line in which each record begins, and its cells. Raises `Unreadable`."""
        csv.field_size_limit(LONGEST_ROW)
        with _text(self.path, self.text, self.encoding) as text:
            lines = Lines(text, LONGEST_ROW)
            reader = csv.reader(
                lines,
                delimiter=self.separator or NO_SEPARATOR,
                quoting=csv.QUOTE_MINIMAL if self.quotes else csv.QUOTE_NONE,
                strict=True,
            )
            line = 1
            try:
                for cells in reader:
                    lines.row_ended()
                    if line > 1 or not _announces(cells, self.separator):
                        yield line, cells
                    line = reader.line_num + 1
            except csv.Error as error:
                raise Unreadable(_quotes_are_wrong(line)) from error
            except UnicodeDecodeError as error:
                raise Unreadable(
                    _("From line %(line)d on, this file is not in %(encoding)s.")
                    % {"line": line, "encoding": ENCODINGS.get(self.encoding, self.encoding)}
                ) from error


def csv_source(path: Path, choices: Choices) -> CsvSource:
    """Return the file with its encoding and separator, each chosen or detected."""
    encoding = choices.encoding or encoding_of(path)
    if encoding == "utf-8":
        encoding = "utf-8-sig"  # also reads files without a byte order mark
    try:
        with _text(path, "", encoding) as text:
            start = text.read(CHARACTERS_OF_A_GUESS)
    except UnicodeDecodeError as error:
        raise Unreadable(
            _("This file is not in %(encoding)s.")
            % {"encoding": ENCODINGS.get(encoding.removesuffix("-sig"), encoding)}
        ) from error
    return CsvSource(path, "", encoding, _separator(start, choices))


def pasted_source(text: str, choices: Choices) -> CsvSource:
    """Return pasted text with its separator: a tab if there is one, as in cells of a spreadsheet.

    Quotes are plain text if they do not enclose whole cells.
    """
    separator = choices.separator or ("\t" if "\t" in text else "")
    separator = separator or _separator(text[:CHARACTERS_OF_A_GUESS], choices)
    source = CsvSource(None, text, "", separator)
    try:
        for _record in source.records():
            pass
    except Unreadable:
        return CsvSource(None, text, "", separator, quotes=False)
    return source


def _separator(start: str, choices: Choices) -> str:
    is_whole = len(start) < CHARACTERS_OF_A_GUESS
    announced = announced_separator(start)
    if announced and not choices.separator:
        return announced
    return choices.separator or separator_of(ANNOUNCED.sub("", start, count=1), is_whole)


def _announces(cells: list[str], separator: str) -> bool:
    """Return whether a record is the line `sep=;` of Excel, which names the separator."""
    return [cell.casefold() for cell in cells] == ["sep=", ""] and separator != NO_SEPARATOR


def _quotes_are_wrong(line: int) -> str:
    return _(
        "The quotation marks of the row that begins in line %(line)d do not enclose whole cells, "
        "so the rest of the file cannot be read. Repair this row, or save the table again."
    ) % {"line": line}


@contextmanager
def _text(path: Path | None, text: str, encoding: str) -> Iterator[TextIO]:
    if path is None:
        yield io.StringIO(text, newline="")
        return
    with (
        open_regular(path) as binary,
        io.TextIOWrapper(binary, encoding=encoding, newline="") as decoded,
    ):
        yield decoded

"""Table read from a file or from pasted text: its headers, its rows and its detected format."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

CSV, WORKBOOK, PASTED = "csv", "xlsx", "pasted"

DAY_FIRST, MONTH_FIRST, ISO = "dmy", "mdy", "iso"
DAY_ORDERS = (DAY_FIRST, MONTH_FIRST, ISO)
COMMA, POINT = ",", "."
DECIMAL_MARKS = (COMMA, POINT)
# Format of a column whose values allow more than one: the user is asked to choose.
AMBIGUOUS = "ambiguous"


@dataclass(frozen=True)
class Choices:
    """Choices of the user that override the detected format; "" or None keeps what is detected.

    `encoding` is one of `encodings.ENCODINGS`, `separator` one of `separators.SEPARATORS`, `sheet`
    the name of a sheet. `header_row` is the number of a row of the file, or 0 if the table has no
    headers. `day_order` and `decimal_mark` apply to the columns in which they are ambiguous.
    """

    encoding: str = ""
    separator: str = ""
    sheet: str = ""
    header_row: int | None = None
    day_order: str = ""
    decimal_mark: str = ""


@dataclass(frozen=True)
class Row:
    """Row below the header.

    `number` is the line of the file (or row of the sheet) in which it begins, from 1. There are at
    least as many cells as headers: missing ones are "". `problem` is a sentence if the row cannot
    be used, for example because it has more cells than the header; the caller refuses the row and
    shows the sentence.
    """

    number: int
    cells: list[str]
    problem: str = ""


@dataclass(frozen=True)
class Column:
    """Column of a table with the formats of its values.

    `day_order` is one of `DAY_ORDERS`, `AMBIGUOUS`, or "" if it has no days; `decimal_mark` is one
    of `DECIMAL_MARKS`, `AMBIGUOUS`, or "" if no value needs one. A choice of the user replaces
    `AMBIGUOUS`. The functions of `values` take these formats.
    """

    position: int
    header: str
    day_order: str = ""
    decimal_mark: str = ""


@dataclass(frozen=True)
class Found:
    """Detected format of a file, and counts of its rows.

    `kind` is `CSV`, `WORKBOOK` or `PASTED`. `encoding` and `separator` are "" for a workbook, and
    `sheet` is "" and `sheets` empty for other kinds; `sheets` are the names of the visible sheets.
    `header_row` is 0 without headers. `row_count` counts the rows that `rows` yields;
    `problem_count` those with a problem, `empty_count` the empty rows between them, which are
    skipped, and `short_count` the rows with fewer cells than the header. `notes` are sentences
    for the user, for example about formula errors that are read as empty cells.
    """

    kind: str
    encoding: str
    separator: str
    sheet: str
    sheets: tuple[str, ...]
    header_row: int
    row_count: int
    problem_count: int
    empty_count: int
    short_count: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableFile:
    """Table whose headers are known and whose rows are read on demand.

    Headers are unique and not empty. `sample` are the first rows. `rows` may be called again; each
    call reads the file anew.
    """

    name: str
    columns: tuple[Column, ...]
    found: Found
    sample: tuple[Row, ...]
    _rows: Callable[[], Iterator[Row]] = field(repr=False)

    @property
    def headers(self) -> list[str]:
        return [column.header for column in self.columns]

    @property
    def is_day_order_asked(self) -> bool:
        return any(column.day_order == AMBIGUOUS for column in self.columns)

    @property
    def is_decimal_mark_asked(self) -> bool:
        return any(column.decimal_mark == AMBIGUOUS for column in self.columns)

    def rows(self) -> Iterator[Row]:
        """Yield the rows below the header, without empty ones, in the order of the file."""
        return self._rows()

"""XLSX export: a sheet with native types and number formats, its charts, and its query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from itertools import chain, count
from typing import IO, Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from leadlight.analytics.export.chart_cells import ChartCells, insert_charts
from leadlight.analytics.export.sheets import Heading, Sheet, Translate
from leadlight.analytics.query.phrases import Phrase, gettext_noop

MOST_ROWS = 1_048_575
MOST_NAME = 31

NUMBER_FORMATS = {
    "count": "#,##0",
    "money": "#,##0.00",
    "share": "0.0%",
    "part": "#,##0.##",
    "days": "#,##0.0",
    "day": "yyyy-mm-dd",
    "instant": "yyyy-mm-dd hh:mm:ss",
}
WIDTHS = {"text": 22, "status": 12, "day": 12, "instant": 20}
FORBIDDEN = "[]:*?/\\"
EDGES = "' "
RESERVED = "history"
NAMELESS = "Sheet"
ABOUT = gettext_noop("About")
CHART = gettext_noop("Chart")
A4 = 9
# Left: name of the worksheet; right: page number / number of pages.
FOOTER = "&L&A&R&P / &N"


@dataclass(frozen=True)
class Formats:
    """Formats of one workbook, by kind of column, plain and bold."""

    plain: Mapping[str, Format | None]
    bold: Mapping[str, Format | None]
    heading: Format
    wrapped: Format


def write_workbook(sheet: Sheet, file: IO[bytes], translate: Translate = str) -> None:
    """Write the sheet; rows beyond the maximum of a worksheet continue on further ones.

    Text is always written as text, so that no cell becomes a formula. The charts have a worksheet
    of their own, over the cells of the first one. A sheet without charts is written row by row in
    constant memory. Charts need the rows in memory: the file repeats their values in the chart, for
    programs that show files without calculating.
    """
    options = {
        "constant_memory": not sheet.charts,
        "default_date_format": NUMBER_FORMATS["day"],
    }
    with Workbook(file, options) as book:
        formats = _formats(book)
        names = WorksheetNames(translate(Phrase(ABOUT)), translate(Phrase(CHART)))
        first = _write_worksheets(book, sheet, formats, names)
        if sheet.charts and first.rows:
            worksheet = book.add_worksheet(translate(Phrase(CHART)))
            insert_charts(book, worksheet, sheet, first)
            _set_up(worksheet)
        _write_about(book.add_worksheet(translate(Phrase(ABOUT))), sheet, formats)


def _write_worksheets(
    book: Workbook, sheet: Sheet, formats: Formats, names: WorksheetNames
) -> ChartCells:
    """Write all rows; return the name of the first worksheet and the number of its rows."""
    rows = ((row, formats.plain, True) for row in sheet.rows)
    totals = () if sheet.totals is None else ((sheet.totals, formats.bold, False),)
    further = ((row, formats.plain, False) for row in sheet.further)
    worksheet = _add_worksheet(book, sheet, formats, names.of(sheet.title, 1))
    number, place, filtered = 1, 0, 0
    first = ChartCells(worksheet.get_name(), 0)
    for row, row_formats, is_row in chain(rows, totals, further):
        if place == MOST_ROWS:
            _filter(worksheet, sheet, filtered)
            number, place, filtered = number + 1, 0, 0
            worksheet = _add_worksheet(book, sheet, formats, names.of(sheet.title, number))
        place += 1
        filtered += is_row
        _write_row(worksheet, place, row, sheet.headings, row_formats)
        if number == 1 and is_row:
            first = replace(first, rows=place)
    _filter(worksheet, sheet, filtered)
    return first


def _filter(worksheet: Worksheet, sheet: Sheet, rows: int) -> None:
    """Set filters in the headings, for the rows above the totals."""
    if rows:
        worksheet.autofilter(0, 0, rows, len(sheet.headings) - 1)


def _set_up(worksheet: Worksheet) -> None:
    """Set up printing: landscape A4, as wide as the paper, with numbered pages."""
    worksheet.set_landscape()
    worksheet.set_paper(A4)
    worksheet.fit_to_pages(1, 0)
    worksheet.set_footer(FOOTER)


def _formats(book: Workbook) -> Formats:
    return Formats(
        plain={kind: book.add_format({"num_format": text}) for kind, text in NUMBER_FORMATS.items()}
        | {"text": None, "status": None},
        bold={
            kind: book.add_format({"num_format": text, "bold": True, "top": 1})
            for kind, text in (NUMBER_FORMATS | {"text": "General", "status": "General"}).items()
        },
        heading=book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1}),
        wrapped=book.add_format({"text_wrap": True, "valign": "top"}),
    )


class WorksheetNames:
    """Names of the worksheets of one workbook, valid in spreadsheets.

    A name is unique regardless of case, has at most 31 UTF-16 units and no reserved characters, and
    is not "History".
    """

    def __init__(self, *reserved: str) -> None:
        self.taken = {RESERVED, *(name.casefold() for name in reserved)}

    def of(self, title: str, number: int) -> str:
        """Return a free name for a worksheet of a title; if taken, with a number in brackets."""
        plain = "".join(
            sign if sign.isprintable() and sign not in FORBIDDEN else " " for sign in title
        )
        suffix = "" if number == 1 else f" {number}"
        tries = chain([suffix], (f"{suffix} ({again})" for again in count(2)))
        names = (_shortened(plain.strip(EDGES) or NAMELESS, each) for each in tries)
        name = next(name for name in names if name.casefold() not in self.taken)
        self.taken.add(name.casefold())
        return name


def _shortened(title: str, suffix: str) -> str:
    """Return title and suffix; the title is truncated if both exceed the maximum length."""
    units = title.encode("utf-16-le")[: 2 * (MOST_NAME - len(suffix))]
    return units.decode("utf-16-le", "ignore").rstrip(EDGES) + suffix


def _add_worksheet(book: Workbook, sheet: Sheet, formats: Formats, name: str) -> Worksheet:
    """Add a worksheet with frozen headings."""
    worksheet = book.add_worksheet(name)
    for place, heading in enumerate(sheet.headings):
        worksheet.set_column(place, place, WIDTHS.get(heading.kind, 14))
        worksheet.write_string(0, place, heading.title, formats.heading)
    worksheet.freeze_panes(1, 2)
    worksheet.repeat_rows(0)
    _set_up(worksheet)
    return worksheet


def _write_row(
    worksheet: Worksheet,
    place: int,
    row: tuple[Any, ...],
    headings: Sequence[Heading],
    row_formats: Mapping[str, Format | None],
) -> None:
    for column, (value, heading) in enumerate(zip(row, headings, strict=True)):
        cell_format = row_formats.get(heading.kind)
        if isinstance(value, str):
            worksheet.write_string(place, column, value, cell_format)
        elif isinstance(value, bool):
            worksheet.write_boolean(place, column, value)
        elif isinstance(value, int | float | Decimal):
            worksheet.write_number(place, column, float(value), cell_format)
        elif isinstance(value, datetime):
            local = value.replace(tzinfo=None)  # a workbook has no time zones
            worksheet.write_datetime(place, column, local, cell_format)
        elif isinstance(value, date):
            worksheet.write_datetime(place, column, datetime.combine(value, time.min), cell_format)


def _write_about(worksheet: Worksheet, sheet: Sheet, formats: Formats) -> None:
    """Write the query and a link to repeat it, then the definition of each figure."""
    worksheet.set_column(0, 0, 30)
    worksheet.set_column(1, 1, 100)
    _set_up(worksheet)
    for place, (name, text) in enumerate((*sheet.about, *sheet.definitions)):
        worksheet.write_string(place, 0, name, formats.heading)
        worksheet.write_string(place, 1, text, formats.wrapped)

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
}
WIDTHS = {"text": 22, "status": 12, "day": 12}
FORBIDDEN = "[]:*?/\\"
EDGES = "' "
RESERVED = "history"
NAMELESS = "Sheet"
ABOUT = gettext_noop("About")
CHART = gettext_noop("Chart")
A4 = 9
# Left: name of the page; right: page number / number of pages.
FOOTER = "&L&A&R&P / &N"


@dataclass(frozen=True)
class Looks:
    """Formats of one workbook, by kind of column, plain and bold."""

    plain: Mapping[str, Format | None]
    bold: Mapping[str, Format | None]
    heading: Format
    wrapped: Format


def write_workbook(sheet: Sheet, file: IO[bytes], translate: Translate = str) -> None:
    """Write the sheet; rows beyond the maximum of a page continue on further pages.

    Text is always written as text, so that no cell becomes a formula. The charts have a page of
    their own, over the cells of the first page. A sheet without charts is written row by row in
    constant memory. Charts need the rows in memory: the file repeats their values in the chart, for
    programs that show files without calculating.
    """
    options = {
        "constant_memory": not sheet.charts,
        "default_date_format": NUMBER_FORMATS["day"],
    }
    with Workbook(file, options) as book:
        looks = _looks(book)
        names = PageNames(translate(Phrase(ABOUT)), translate(Phrase(CHART)))
        first = _write_pages(book, sheet, looks, names)
        if sheet.charts and first.rows:
            page = book.add_worksheet(translate(Phrase(CHART)))
            insert_charts(book, page, sheet, first)
            _set_up(page)
        _write_about(book.add_worksheet(translate(Phrase(ABOUT))), sheet, looks)


def _write_pages(book: Workbook, sheet: Sheet, looks: Looks, names: PageNames) -> ChartCells:
    """Write all rows; return the name of the first page and the number of its rows."""
    rows = ((row, looks.plain, True) for row in sheet.rows)
    totals = () if sheet.totals is None else ((sheet.totals, looks.bold, False),)
    further = ((row, looks.plain, False) for row in sheet.further)
    page, number, place, filtered = _page(book, sheet, looks, names.of(sheet.title, 1)), 1, 0, 0
    first = ChartCells(page.get_name(), 0)
    for row, formats, is_row in chain(rows, totals, further):
        if place == MOST_ROWS:
            _filter(page, sheet, filtered)
            number, place, filtered = number + 1, 0, 0
            page = _page(book, sheet, looks, names.of(sheet.title, number))
        place += 1
        filtered += is_row
        _write_row(page, place, row, sheet.headings, formats)
        if number == 1 and is_row:
            first = replace(first, rows=place)
    _filter(page, sheet, filtered)
    return first


def _filter(page: Worksheet, sheet: Sheet, rows: int) -> None:
    """Set filters in the headings, for the rows above the totals."""
    if rows:
        page.autofilter(0, 0, rows, len(sheet.headings) - 1)


def _set_up(page: Worksheet) -> None:
    """Set up printing: landscape A4, as wide as the paper, with numbered pages."""
    page.set_landscape()
    page.set_paper(A4)
    page.fit_to_pages(1, 0)
    page.set_footer(FOOTER)


def _looks(book: Workbook) -> Looks:
    return Looks(
        plain={kind: book.add_format({"num_format": text}) for kind, text in NUMBER_FORMATS.items()}
        | {"text": None, "status": None},
        bold={
            kind: book.add_format({"num_format": text, "bold": True, "top": 1})
            for kind, text in (NUMBER_FORMATS | {"text": "General", "status": "General"}).items()
        },
        heading=book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1}),
        wrapped=book.add_format({"text_wrap": True, "valign": "top"}),
    )


class PageNames:
    """Names of the pages of one workbook, valid in spreadsheets.

    A name is unique regardless of case, has at most 31 UTF-16 units and no reserved characters, and
    is not "History".
    """

    def __init__(self, *reserved: str) -> None:
        self.taken = {RESERVED, *(name.casefold() for name in reserved)}

    def of(self, title: str, number: int) -> str:
        """Return a free name for a page of a title; if taken, with a number in brackets."""
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


def _page(book: Workbook, sheet: Sheet, looks: Looks, name: str) -> Worksheet:
    """Add a page with frozen headings."""
    page = book.add_worksheet(name)
    for place, heading in enumerate(sheet.headings):
        page.set_column(place, place, WIDTHS.get(heading.kind, 14))
        page.write_string(0, place, heading.title, looks.heading)
    page.freeze_panes(1, 2)
    page.repeat_rows(0)
    _set_up(page)
    return page


def _write_row(
    page: Worksheet,
    place: int,
    row: tuple[Any, ...],
    headings: Sequence[Heading],
    formats: Mapping[str, Format | None],
) -> None:
    for column, (value, heading) in enumerate(zip(row, headings, strict=True)):
        look = formats.get(heading.kind)
        if isinstance(value, str):
            page.write_string(place, column, value, look)
        elif isinstance(value, bool):
            page.write_boolean(place, column, value)
        elif isinstance(value, int | float | Decimal):
            page.write_number(place, column, float(value), look)
        elif isinstance(value, date):
            page.write_datetime(place, column, datetime.combine(value, time.min), look)


def _write_about(page: Worksheet, sheet: Sheet, looks: Looks) -> None:
    """Write the query and a link to repeat it, then the definition of each figure."""
    page.set_column(0, 0, 30)
    page.set_column(1, 1, 100)
    _set_up(page)
    for place, (name, text) in enumerate((*sheet.about, *sheet.definitions)):
        page.write_string(place, 0, name, looks.heading)
        page.write_string(place, 1, text, looks.wrapped)

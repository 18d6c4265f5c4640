"""Charts of a workbook, over ranges of cells of its first worksheet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from xlsxwriter import Workbook
from xlsxwriter.chart import Chart
from xlsxwriter.utility import quote_sheetname, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from leadlight.analytics.export.native_charts import COMPARED_KEY, MOST_LINES, SheetChart
from leadlight.analytics.export.sheets import Heading, Sheet
from leadlight.analytics.reports.meanings import MEANINGS, Meaning

LABELS = 1  # index of the column with the labels of the rows
# The colours of the light theme of the web pages.
COLOURS: dict[Meaning, str] = {
    "won": "#0B8074",
    "lost": "#CF5223",
    "cancelled": "#7F8999",
    "open": "#3C7BE0",
    "weighted": "#3C7BE0",
    "goal": "#1A2130",
}
OUTLINED = ("lost", "open")
SERIES, BEFORE = "#6250B5", "#66707F"
COHORTS = (SERIES, "#CF5223", "#0B8074", "#3C7BE0", "#7F8999")
PALE = 25  # per cent of the colour in the fill of an outlined shape
WIDTH, HEIGHT, ROW_HEIGHT = 960, 340, 20  # pixels
NO_MARK = {"type": "none"}
FORMATS = {"share": "0%", "money": "#,##0", "count": "#,##0"}
BAR_HEIGHT, AROUND_BARS = 24, 120


@dataclass(frozen=True)
class ChartCells:
    """Name of the first worksheet, and the number of its rows before the totals."""

    worksheet: str
    rows: int

    def column(self, place: int, rows: int) -> list[Any]:
        return [self.worksheet, 1, place, rows, place]

    def cell(self, row: int, place: int) -> str:
        cell = xl_rowcol_to_cell(row, place, row_abs=True, col_abs=True)
        return f"{quote_sheetname(self.worksheet)}!{cell}"

    def across(self, row: int, places: list[int]) -> str:
        """Return the formula of cells of one row that need not be adjacent."""
        return f"=({','.join(self.cell(row, place) for place in places)})"


def insert_charts(book: Workbook, worksheet: Worksheet, sheet: Sheet, cells: ChartCells) -> None:
    """Insert the charts of a sheet, one below the other."""
    worksheet.hide_gridlines(2)
    top = 0
    for chart in sheet.charts:
        drawn = (
            _across(book, sheet, chart, cells)
            if chart.across
            else _of_rows(book, sheet, chart, cells)
        )
        height = _height(chart, cells.rows)
        drawn.set_title({"name": chart.title, "name_font": {"size": 13}, "overlay": False})
        is_single = chart.of_totals or len(chart.columns + chart.lines) == 1
        drawn.set_legend({"none": True} if is_single else {"position": "bottom"})
        drawn.set_size({"width": WIDTH, "height": height})
        worksheet.insert_chart(top, 0, drawn, {"description": chart.title})
        top += height // ROW_HEIGHT + 2


def _height(chart: SheetChart, rows: int) -> int:
    if chart.kind != "bar":
        return HEIGHT
    bars = len(chart.across) or min(rows, chart.most or rows)
    return AROUND_BARS + BAR_HEIGHT * bars


def _chart(book: Workbook, kind: str, *, is_stacked: bool = False) -> Chart:
    subtype = {"subtype": "stacked"} if is_stacked else {}
    return cast(Chart, book.add_chart({"type": kind} | subtype))


def _of_rows(book: Workbook, sheet: Sheet, chart: SheetChart, cells: ChartCells) -> Chart:
    """Return a chart with a series for each column."""
    places = {heading.key: place for place, heading in enumerate(sheet.headings)}
    rows = min(cells.rows, chart.most or cells.rows)

    def add_all(drawn: Chart, keys: tuple[str, ...], options_of: Any) -> None:
        for number, key in enumerate(keys):
            drawn.add_series(
                {
                    "name": [cells.worksheet, 0, places[key]],
                    "categories": cells.column(LABELS, rows),
                    "values": cells.column(places[key], rows),
                    **options_of(key, number),
                }
            )

    if not chart.columns:
        drawn = _chart(book, "line")
        add_all(drawn, chart.lines, _point if chart.has_ranges else _line)
        if chart.has_ranges:
            drawn.set_high_low_lines({"line": {"color": SERIES, "width": 2}})
        _set_axes(drawn, chart, sheet.headings[places[chart.lines[0]]])
        return drawn
    drawn = _chart(book, chart.kind, is_stacked=chart.is_stacked)
    add_all(drawn, chart.columns, _bar)
    if chart.lines:
        lines = _chart(book, "line")
        add_all(lines, chart.lines, _line)
        drawn.combine(lines)
    _set_axes(drawn, chart, sheet.headings[places[chart.columns[0]]])
    return drawn


def _across(book: Workbook, sheet: Sheet, chart: SheetChart, cells: ChartCells) -> Chart:
    """Return a chart with a series for some rows, over the cells of several columns."""
    by_key = {heading.key: place for place, heading in enumerate(sheet.headings)}
    places = [by_key[key] for key in chart.across]
    if chart.of_totals:
        rows = [cells.rows + 1]
    else:
        rows = list(range(1, cells.rows + 1))
        rows = rows[-MOST_LINES:] if chart.is_time else rows[:MOST_LINES]
    drawn = _chart(book, chart.kind)
    for number, row in enumerate(rows):
        drawn.add_series(
            {
                "name": [cells.worksheet, row, LABELS],
                "categories": cells.across(0, places),
                # Without their text, the categories would be taken for numbers.
                "categories_data": [sheet.headings[place].title for place in places],
                "values": cells.across(row, places),
                **(_bar("", number) if chart.kind == "bar" else _cohort(number)),
            }
        )
    _set_axes(drawn, chart, sheet.headings[places[0]])
    return drawn


def _set_axes(drawn: Chart, chart: SheetChart, heading: Heading) -> None:
    """Set the axes: bars from top to bottom, and figures in the format of their column."""
    font = {"size": 9}
    labels: dict[str, Any] = {"num_font": font, "major_gridlines": {"visible": False}}
    figures = {
        "num_format": FORMATS.get(heading.kind, "General"),
        "num_font": font,
        "major_gridlines": {"visible": True, "line": {"color": "#DBE0E8", "width": 0.5}},
    }
    if chart.kind == "bar":  # the x axis has the figures; "max" keeps them below
        drawn.set_x_axis(figures)
        drawn.set_y_axis(labels | {"reverse": True, "crossing": "max"})
    else:
        drawn.set_x_axis(labels)
        drawn.set_y_axis(figures)


def _bar(key: str, number: int) -> dict[str, Any]:
    """Return the format of a bar: the colour of its meaning, with a pale fill if it is outlined."""
    meaning = MEANINGS.get(key)
    is_before = key.startswith(COMPARED_KEY)
    colour = BEFORE if is_before else COLOURS[meaning] if meaning else SERIES
    is_pale = is_before or (meaning in OUTLINED if meaning else number > 0)
    fill = pale(colour) if is_pale else colour
    return {"fill": {"color": fill}, "border": {"color": colour, "width": 1}, "gap": 40}


def _line(key: str, _number: int) -> dict[str, Any]:
    """Return the format of a line: dashed for the compared period, only marks for a goal."""
    meaning = MEANINGS.get(key)
    if meaning == "goal":
        mark = {"color": COLOURS[meaning]}
        return _mark("long_dash", mark)
    if key.startswith(COMPARED_KEY):
        return {"line": {"color": BEFORE, "width": 2, "dash_type": "dash"}, "marker": NO_MARK}
    return _solid(COLOURS[meaning] if meaning else SERIES)


def _cohort(number: int) -> dict[str, Any]:
    return _solid(COHORTS[number % len(COHORTS)])


def _point(_key: str, number: int) -> dict[str, Any]:
    """Return the format of points without a line: dots for figures, dashes for ends of ranges."""
    return _mark("circle" if number == 1 else "long_dash", {"color": SERIES})


def _solid(colour: str) -> dict[str, Any]:
    mark = {"color": colour}
    marker = {"type": "circle", "size": 5, "fill": mark, "border": mark}
    return {"line": {"color": colour, "width": 2}, "marker": marker}


def _mark(shape: str, mark: dict[str, str]) -> dict[str, Any]:
    marker = {"type": shape, "size": 7, "fill": mark, "border": mark}
    return {"line": {"none": True}, "marker": marker}


def pale(colour: str) -> str:
    """Return a mix of `PALE` per cent of a colour with white."""
    parts = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return "#" + "".join(f"{round(255 - (255 - part) * PALE / 100):02X}" for part in parts)

"""Table of a report in a PDF: texts of the cells, column widths, and split into parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from leadlight.analytics.export.sheets import with_compared
from leadlight.analytics.metrics.columns import Column, Rate
from leadlight.analytics.reports.contract import Result, Row, Value
from leadlight.presentation import formats, labels
from leadlight.presentation.cells import is_few
from leadlight.presentation.comparisons import Change, ColumnComparison, basis_of
from leadlight.presentation.goals import goal_table
from leadlight.presentation.headings import title_of, unit_of
from leadlight.presentation.values import Write, fraction_words, is_nothing, table_writer

# Widths in points; the first two are those of A4 without margins.
PORTRAIT, LANDSCAPE = 510.0, 757.0
LETTER, SMALL_LETTER, BOLD_LETTER, BETWEEN = 4.2, 3.4, 4.6, 7.0
NARROWEST_NAME, WIDEST_NAME = 60.0, 150.0
MOST_SPREAD = 1.5
LONGEST_WORD = 12  # letters; longer words are hyphenated


@dataclass(frozen=True)
class PrintedColumn:
    """A column of figures: heading, cells with the total last, and width in points."""

    heading: dict[str, str]
    cells: tuple[dict[str, Any], ...]
    width: float


def printed(result: Result) -> dict[str, Any]:
    """Return the table for the template, split into as many parts as its width requires.

    The page is landscape if the table does not fit on a portrait page.
    """
    result = replace(result, rows=(*result.main_rows, *result.further_rows))
    names = [labels.row_label(row, result.grouping) for row in result.rows]
    columns = [_printed_column(column, result) for column in result.columns]
    name_width = min(max(_width(names), NARROWEST_NAME), WIDEST_NAME)
    whole = name_width + sum(column.width for column in columns)
    page = PORTRAIT if whole <= PORTRAIT else LANDSCAPE
    return {
        "is_wide": page == LANDSCAPE,
        "names": names,
        "names_title": labels.grouping_title(result.grouping),
        "looks": [_looks(row, result) for row in result.rows],
        "main_rows": len(result.main_rows),
        "has_totals": True,
        "parts": [
            {
                "headings": [column.heading for column in part],
                "widths": _spread([column.width for column in part], page - name_width),
                "rows": [list(row) for row in zip(*(c.cells for c in part), strict=True)],
            }
            for part in parts(columns, page - name_width)
        ],
    }


def printed_goals(result: Result) -> dict[str, Any]:
    """Return the table of goals for the template, on a landscape page."""
    goals = goal_table(result)
    names = [line.holder for line in goals.lines]
    columns = [
        PrintedColumn(
            {"title": heading, "unit": ""},
            tuple({"text": text, "below": [], "few": False} for text in texts),
            max(_width([*texts, heading]), BETWEEN),
        )
        for heading, *texts in zip(
            goals.headings, *(line.texts for line in goals.lines), strict=True
        )
    ]
    room = LANDSCAPE - min(max(_width(names), NARROWEST_NAME), WIDEST_NAME)
    return {
        "is_wide": True,
        "names": names,
        "names_title": goals.names,
        "looks": ["" for _name in names],
        "main_rows": len(names),
        "has_totals": False,
        "parts": [
            {
                "headings": [column.heading for column in part],
                "widths": _spread([column.width for column in part], room),
                "rows": [list(row) for row in zip(*(c.cells for c in part), strict=True)],
            }
            for part in parts(columns, room)
        ],
    }


def parts(columns: Sequence[PrintedColumn], room: float) -> Iterator[list[PrintedColumn]]:
    """Group successive columns into parts that fit into `room` points."""
    part: list[PrintedColumn] = []
    for column in columns:
        if part and sum(one.width for one in (*part, column)) > room:
            yield part
            part = []
        part.append(column)
    if part:
        yield part


def _spread(widths: list[float], room: float) -> list[float]:
    """Widen columns to fill the room, at most by the factor `MOST_SPREAD`.

    The limit keeps the figures of a narrow table close to the row labels.
    """
    more = min(room / sum(widths), MOST_SPREAD)
    return [width * max(more, 1.0) for width in widths]


def _looks(row: Row, result: Result) -> str:
    if result.is_coming(row):
        return "coming"
    return "unfinished" if row.is_unfinished else "further" if row.further else ""


def _printed_column(column: Column, result: Result) -> PrintedColumn:
    changes, key = ColumnComparison(column), column.key
    figures = [*(row.cells[key] for row in result.rows), result.totals[key]]
    write = table_writer(column.kind, figures)
    before = result.compared.totals if result.compared else {}
    cells = [
        _cell(
            column,
            write,
            row.cells[key],
            changes.between(row.cells[key], then.cells[key], basis_of(result, key, row, then))
            if then
            else None,
            row.is_few,
        )
        | {"unfinished": key in row.unfinished}
        for row, then in with_compared(result)
    ]
    total = result.totals[key]
    change = changes.between(total, before.get(key), basis_of(result, key))
    cells.append(_cell(column, write, total, change))
    title = title_of(column)
    unit = unit_of(column, result.currency)
    words = max((min(len(word), LONGEST_WORD) for word in f"{title} {unit}".split()), default=0)
    width = max(
        words * BOLD_LETTER + BETWEEN,
        _width([cell["text"] for cell in cells]),
        _width([text for cell in cells for text in cell["below"]], SMALL_LETTER),
    )
    return PrintedColumn({"title": title, "unit": unit}, tuple(cells), width)


def _width(texts: Sequence[str], letter: float = LETTER) -> float:
    return max(map(len, texts), default=0) * letter + BETWEEN


def _cell(
    column: Column,
    write: Write,
    value: Value,
    change: Change | None,
    is_few_row: bool = False,
) -> dict[str, Any]:
    """Return the texts of a cell: the figure, and its fraction and change below it."""
    if is_nothing(value):
        return {"text": formats.NONE, "below": [], "few": False}
    below = [_fraction(column, value)] if isinstance(value, Rate) else []
    below += [f"{change.arrow} {change.text}".strip()] if change else []
    return {"text": write(value), "below": below, "few": is_few_row or is_few(value)}


def _fraction(column: Column, rate: Rate) -> str:
    number = formats.signs().number
    decimals = formats.cents(
        *(part for part in (rate.numerator, rate.denominator) if isinstance(part, Decimal))
    )
    return fraction_words(column) % {
        "part": number(rate.numerator, decimals),
        "whole": number(rate.denominator, decimals),
    }


def explained(result: Result) -> list[str]:
    """Return the sentences that explain the styles of rows and cells in use."""
    sentences = []
    if any(map(result.is_partial, result.rows)):
        sentences.append(_("Hatched: not finished, or only partly in the period."))
    if any(map(result.is_coming, result.rows)):
        sentences.append(_("Grey rows have not begun."))
    rows = [*(row.cells for row in result.rows), result.totals]
    if any(is_few(cells[column.key]) for cells in rows for column in result.columns):
        sentences.append(_("Grey rates: fewer than 10 cases, too few to judge."))
    if result.compared:
        sentences.append(
            _("≈: the change could be due to chance, or there are fewer than 10 cases.")
        )
    return sentences

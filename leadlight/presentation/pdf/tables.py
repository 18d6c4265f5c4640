"""Table of a report for the template of its PDF, split into parts by columns if it is too wide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from leadlight.presentation.paper import (
    PageLayout,
    Paper,
    PaperCell,
    PaperColumn,
    columns_of,
    columns_of_goals,
    names_of,
)
from leadlight.presentation.tables import total_title

MOST_SPREAD = 0.5
SVG = '<svg xmlns="http://www.w3.org/2000/svg" fill="none" stroke="#0b6bb5" stroke-width="1.5"'


def printed(paper: Paper) -> dict[str, Any]:
    """Return the table for the template: labels and looks of all rows, and parts by columns."""
    if paper.goals:
        names = [line.holder for line in paper.goals.lines]
        columns = columns_of_goals(paper.goals)
        return _table(paper.page_layout, paper.goals.names, names, [""] * len(names), columns)
    table = paper.table
    names = [*names_of(table.lines), total_title(paper.export.result), *names_of(table.further)]
    looks = ["totals", *(line.looks for line in table.further)]
    looks = [*(line.looks for line in table.lines), *looks]
    return _table(paper.page_layout, table.names.title, names, looks, columns_of(table))


def _table(
    page_layout: PageLayout,
    title: str,
    names: list[str],
    looks: list[str],
    columns: Sequence[PaperColumn],
) -> dict[str, Any]:
    room = page_layout.room - page_layout.name_width(names)
    return {
        "is_wide": page_layout.is_wide,
        "size": page_layout.size,
        "names_title": title,
        "names": names,
        "looks": looks,
        "parts": [
            _part(part, page_layout.size, room) for part in parts(columns, page_layout.size, room)
        ],
    }


def parts(columns: Sequence[PaperColumn], size: float, room: float) -> Iterator[list[PaperColumn]]:
    """Group successive columns into parts that fit into `room` points."""
    part: list[PaperColumn] = []
    used = 0.0
    for column in columns:
        width = column.width(size)
        if part and used + width > room:
            yield part
            part, used = [], 0.0
        part.append(column)
        used += width
    if part:
        yield part


def _part(columns: Sequence[PaperColumn], size: float, room: float) -> dict[str, Any]:
    rows = zip(*(column.rows for column in columns), strict=True)
    return {
        "groups": _groups(columns),
        "headings": [
            {
                "title": column.title,
                "unit": column.unit,
                "further": column.further,
                "span": column.span,
                "is_text": column.breaks,
            }
            for column in columns
        ],
        "widths": _spread([column.widths(size) for column in columns], room),
        "rows": [
            [
                _cell(cell, column.breaks)
                for cells, column in zip(row, columns, strict=True)
                for cell in cells
            ]
            for row in rows
        ],
    }


def _groups(columns: Sequence[PaperColumn]) -> list[dict[str, Any]]:
    """Return the group titles above the headings, each with the number of cells that it spans.

    The list is empty if no column has a group title.
    """
    groups: list[dict[str, Any]] = []
    for column in columns:
        if not groups or groups[-1]["title"] != column.group:
            groups.append({"title": column.group, "span": 0})
        groups[-1]["span"] += column.span
    return groups if any(group["title"] for group in groups) else []


def _spread(columns: list[list[float]], room: float) -> list[float]:
    """Widen the first cell of each column, to fill the room.

    It grows by at most `MOST_SPREAD` of the width of the column, so that the figures of a narrow
    table stay close to the row labels. The other cells of the column keep their widths, so that
    they stay close to the figure.
    """
    whole = sum(map(sum, columns))
    more = min(room / whole - 1, MOST_SPREAD)
    return [
        width + (more * sum(cells) if place == 0 else 0)
        for cells in columns
        for place, width in enumerate(cells)
    ]


def _cell(cell: PaperCell, is_text: bool) -> dict[str, Any]:
    looks = f"{cell.looks} text" if is_text else cell.looks
    return {
        "text": cell.text,
        "looks": looks.split(),
        "svg": cell.svg.replace("<svg", SVG, 1),
    }

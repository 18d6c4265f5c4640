"""Layout of a report's table: its columns in cells and groups, and the cells that are shown."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from leadlight.analytics.metrics.columns import Column
from leadlight.analytics.query.phrases import BadFilter, gettext_noop
from leadlight.analytics.reports.contract import Report, Result

MOST_SHOWN = 10


@dataclass(frozen=True)
class TableCell:
    """One cell of every row: the figure of a column, and further figures in small print.

    `group` is the title of its group, empty for none.
    """

    column: Column
    further: tuple[Column, ...]
    group: str
    is_shown: bool

    @property
    def key(self) -> str:
        return self.column.key


def layout_of(result: Result, chosen: Sequence[str] = ()) -> tuple[TableCell, ...]:
    """Return the cells of a result's table, with the chosen ones shown.

    If none are chosen, the default cells of the report's layout are shown: at most `MOST_SHOWN`, or
    all in a heat map. Raises BadFilter for an unknown chosen key. Unknown keys with a colon are
    ignored: they name columns that depend on the data.
    """
    cells = tuple(_cells(result.report, result.columns))
    known = {cell.key for cell in cells}
    for key in chosen:
        if key not in known and ":" not in key:
            raise BadFilter(gettext_noop("The table has no column “%(key)s”."), key=key)
    if known.intersection(chosen):
        shown: Collection[str] = frozenset(chosen)
    else:
        most = None if result.report.chart.kind == "heat" else MOST_SHOWN
        shown = frozenset([cell.key for cell in cells if cell.is_shown][:most])
    return tuple(
        TableCell(cell.column, cell.further, cell.group, cell.key in shown) for cell in cells
    )


def chosen_cells(result: Result, chosen: Sequence[str]) -> tuple[str, ...]:
    """Return the keys of the chosen cells in the order of the table; empty for the default ones."""
    usual = [cell.key for cell in layout_of(result) if cell.is_shown]
    shown = [cell.key for cell in layout_of(result, chosen) if cell.is_shown]
    return () if shown == usual else tuple(shown)


def _cells(report: Report, columns: Sequence[Column]) -> Iterator[TableCell]:
    """Yield the cells of the layout, then those of columns that the layout does not name."""
    left = {column.key: column for column in columns}
    for group in report.layout:
        for cells, is_shown in ((group.cells, True), (group.more, False)):
            for cell in cells:
                for found in _columns_of(cell, left):
                    for column in found:
                        del left[column.key]
                    yield TableCell(found[0], found[1:], group.title, is_shown)
    for column in left.values():
        yield TableCell(column, (), "", True)


def _columns_of(
    cell: str | tuple[str, ...], columns: dict[str, Column]
) -> list[tuple[Column, ...]]:
    """Return the columns of each cell of a layout entry; names ending in `*` match by prefix."""
    names = (cell,) if isinstance(cell, str) else cell
    if not names[0].endswith("*"):
        found = tuple(columns[name] for name in names if name in columns)
        return [found] if found else []
    starts = [name.removesuffix("*") for name in names]
    ends = [key.removeprefix(starts[0]) for key in columns if key.startswith(starts[0])]
    return [
        tuple(columns[start + end] for start in starts if start + end in columns) for end in ends
    ]


def groups_of(cells: Sequence[TableCell]) -> list[tuple[str, list[TableCell]]]:
    """Return successive cells with their group's title."""
    groups: list[tuple[str, list[TableCell]]] = []
    for cell in cells:
        if not groups or groups[-1][0] != cell.group:
            groups.append((cell.group, []))
        groups[-1][1].append(cell)
    return groups

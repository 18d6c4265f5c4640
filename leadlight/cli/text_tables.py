"""Layout of tables as text: columns that fit the terminal, right-aligned and unwrapped figures."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rich.cells import cell_len

from leadlight.cli.console import Stop, out
from leadlight.cli.nearest import suggestion

GAP = "  "
HEADING_LINES = 3
NARROWEST_TEXT = 16
WIDEST_TEXT = 28


@dataclass(frozen=True)
class TextColumn:
    """A column of texts; figures are right-aligned and never wrapped."""

    key: str
    heading: str
    cells: tuple[str, ...]
    is_figure: bool = True

    @property
    def width(self) -> int:
        return max((_width(text) for text in (self.heading, *self.cells)), default=0)


@dataclass(frozen=True)
class TableOptions:
    """Columns to show: those with `keys`, all with `is_whole`, or else those that fit the terminal.

    With `keys` or `is_whole`, they are shown in as many tables as needed.
    """

    keys: tuple[str, ...] = ()
    is_whole: bool = False


def terminal_width() -> int | None:
    """Return the width of the terminal; None if standard output is no terminal."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def show(
    title: str,
    names: TextColumn,
    columns: Sequence[TextColumn],
    options: TableOptions,
    *,
    headlines: Sequence[str] = (),
    rules: Collection[int] = (),
) -> None:
    """Print a table. On a terminal, columns that do not fit are hidden, the `headlines` last.

    If `options` ask for columns or for all, they are shown in as many tables as needed. `names` is
    the first column of every table; `rules` are the indexes of the rows above which a rule is
    drawn. Raises Stop for an unknown column.
    """
    columns = _chosen(columns, options)
    out.print(title, markup=False)
    if not names.cells:
        out.print(_("None."), markup=False)
        return
    width = terminal_width()
    names, columns = _wrapped(names, width), [_wrapped(column, width) for column in columns]
    tables = _tables(names, columns, options, headlines, width)
    for table in tables:
        out.print()
        for line in _lines((names, *table), rules):
            out.print(line, markup=False)
    out.print()
    left_out = len(columns) - sum(map(len, tables))
    if left_out:
        out.print(_left_out(left_out), markup=False)


def _left_out(count: int) -> str:
    return ngettext(
        "%(count)d column is hidden because the terminal is too narrow. Show it "
        "with --all-columns, or choose columns with --columns.",
        "%(count)d columns are hidden because the terminal is too narrow. Show "
        "them with --all-columns, or choose columns with --columns.",
        count,
    ) % {"count": count}


def _chosen(columns: Sequence[TextColumn], options: TableOptions) -> list[TextColumn]:
    """Return the columns that the options name, in that order; all columns if they name none."""
    by_key = {column.key: column for column in columns}
    for key in options.keys:
        if key not in by_key:
            raise Stop(suggestion("column", key, by_key))
    return [by_key[key] for key in options.keys] or list(columns)


def _tables(
    names: TextColumn,
    columns: Sequence[TextColumn],
    options: TableOptions,
    headlines: Sequence[str],
    width: int | None,
) -> list[list[TextColumn]]:
    """Return the columns of each table: those that fit in one table, or all in several tables."""
    if width is None:
        return [list(columns)]
    room = width - names.width
    if options.is_whole or options.keys:
        return _packed(columns, room)
    shown: set[str] = set()
    for column in sorted(columns, key=lambda column: _rank(column.key, headlines)):
        needed = column.width + len(GAP)
        if needed <= room or not shown:
            shown.add(column.key)
            room -= needed
    return [[column for column in columns if column.key in shown]]


def _rank(key: str, headlines: Sequence[str]) -> int:
    return headlines.index(key) if key in headlines else len(headlines)


def _packed(columns: Sequence[TextColumn], room: int) -> list[list[TextColumn]]:
    tables: list[list[TextColumn]] = [[]]
    used = 0
    for column in columns:
        needed = column.width + len(GAP)
        if tables[-1] and used + needed > room:
            tables.append([])
            used = 0
        tables[-1].append(column)
        used += needed
    return tables


def _wrapped(column: TextColumn, width: int | None) -> TextColumn:
    """Return the column with a heading of few lines, and with its texts wrapped on a terminal."""
    if width is None:
        return column
    widest = max(map(_width, column.cells), default=0)
    cells = column.cells
    if not column.is_figure and widest > WIDEST_TEXT:
        longest = max(NARROWEST_TEXT, min(WIDEST_TEXT, width // 3))
        cells = tuple("\n".join(textwrap.wrap(text, longest)) for text in cells)
        widest = max(map(_width, cells), default=0)
    return replace(column, heading=_heading(column.heading, widest), cells=cells)


def _heading(text: str, width: int) -> str:
    """Return the heading wrapped between words, no wider than needed for `HEADING_LINES` lines."""
    if not text:
        return ""
    width = max(width, *(cell_len(word) for word in text.split(" ")))
    while len(lines := _words(text, width)) > HEADING_LINES:
        width += 1
    return "\n".join(lines)


def _words(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)


def _width(text: str) -> int:
    return max((cell_len(line) for line in text.split("\n")), default=0)


def _lines(columns: Sequence[TextColumn], rules: Collection[int]) -> Iterator[str]:
    rule = "─" * (sum(column.width for column in columns) + len(GAP) * (len(columns) - 1))
    headings = [column.heading.split("\n") for column in columns]
    height = max(map(len, headings))
    yield from _physical(columns, [[""] * (height - len(lines)) + lines for lines in headings])
    yield rule
    for place in range(len(columns[0].cells)):
        if place in rules:
            yield rule
        yield from _physical(columns, [column.cells[place].split("\n") for column in columns])


def _physical(columns: Sequence[TextColumn], cells: Sequence[Sequence[str]]) -> Iterator[str]:
    for texts in zip_longest(*cells, fillvalue=""):
        padded = (_padded(text, column) for text, column in zip(texts, columns, strict=True))
        yield GAP.join(padded).rstrip()


def _padded(text: str, column: TextColumn) -> str:
    space = " " * (column.width - cell_len(text))
    return space + text if column.is_figure else text + space

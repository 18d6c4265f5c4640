"""Heat map of a report's table: the shaded cells, and the level of each shade.

The cells of a report's `matrix` are shaded on one scale. In other tables, each column of counts,
sums or rates has its own scale, if a higher value is better. The scale of counts and sums
goes from 0 to the highest value, that of rates from the lowest to the highest. Rates and shares of
fewer than `MIN_CASES` cases, unfinished rows and cells, and further rows are not shaded, and no
cell is shaded if fewer than `FEWEST_ROWS` other rows are left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from math import sqrt

from leadlight.analytics.metrics.columns import Column, Rate
from leadlight.analytics.query.phrases import gettext_noop
from leadlight.analytics.reports.contract import Result, Row, Value
from leadlight.analytics.stats.proportions import MIN_CASES

LEVELS = 5
FEWEST_ROWS = 3
SHADE = 0.1  # share of a row that one level spans
WORDS = {
    "column": gettext_noop("The stronger the colour, the higher the value in its column."),
    "row": gettext_noop("The stronger the colour, the larger the share of the row."),
    "table": gettext_noop("The stronger the colour, the higher the value in the whole table."),
}


class Heat:
    """Shades of the cells of some rows of a result."""

    def __init__(self, result: Result, rows: Sequence[Row]) -> None:
        self.result = result
        self.rows = rows
        self.matrix = result.report.matrix
        self.scale = self.matrix.scale if self.matrix else "column"
        self.is_used = sum(map(_may_be_shaded, rows)) >= FEWEST_ROWS
        self.whole = next((one.key for one in result.columns if one.kind == "count"), "")
        self.ends = self._ends(result.columns) if self.scale == "table" else None

    @property
    def words(self) -> str:
        """Sentence of the legend, to be translated."""
        return WORDS[self.scale]

    def classes(self, column: Column) -> list[str]:
        """Return the CSS class of each row's cell, with a space before it, or an empty text."""
        if not self.is_used or not self._is_shaded(column):
            return [""] * len(self.rows)
        level_of = self._levels(column)
        sizes = [self._size(row, column) for row in self.rows]
        levels = [0 if size is None else level_of(size) for size in sizes]
        return [f" heat-{level}" if level else "" for level in levels]

    def _levels(self, column: Column) -> Callable[[float], int]:
        """Return the function from a figure or share to its level."""
        if self.scale == "row":
            return _by_share
        low, high = self.ends or self._ends((column,))
        if column.kind == "rate":
            return _between(low, high)
        return _by_square_root(high) if self.ends else _in_proportion(high)

    def _is_shaded(self, column: Column) -> bool:
        if self.matrix:
            return self.matrix.has(column)
        is_sum = column.kind in ("count", "money") and tuple(column.aggregates) == (column.key,)
        is_rate = column.kind == "rate" and not column.is_share
        return bool(column.higher_is_better) and (is_sum or is_rate)

    def _ends(self, columns: Sequence[Column]) -> tuple[float, float]:
        """Return the lowest and the highest of the figures that are shaded."""
        shaded = [column for column in columns if self._is_shaded(column)]
        found = (self._size(row, column) for row in self.rows for column in shaded)
        sizes = [size for size in found if size is not None]
        return min(sizes, default=0.0), max(sizes, default=0.0)

    def _size(self, row: Row, column: Column) -> float | None:
        """Return the figure, or its share of the row, to shade by; None if it is not shaded."""
        if not _may_be_shaded(row) or column.key in row.unfinished:
            return None
        value = row.cells[column.key]
        if self.matrix and self.matrix.scale == "row":
            value = _share(value, row.cells[self.whole])
        if isinstance(value, Rate):
            is_enough = isinstance(value.denominator, int) and value.denominator >= MIN_CASES
            return value.value if is_enough else None
        return max(0.0, float(value)) if isinstance(value, int | Decimal) else None


def _by_share(share: float) -> int:
    return min(LEVELS, _rounded(share / SHADE))


def _in_proportion(most: float) -> Callable[[float], int]:
    """Return the function from a count or amount to its level, in proportion to the highest."""
    return lambda size: _rounded(LEVELS * size / most) if most else 0


def _by_square_root(most: float) -> Callable[[float], int]:
    """Return the function from a count or amount of the whole table to its level.

    Levels follow the square root, because a few values are much higher than most.
    """
    return lambda size: _rounded(LEVELS * sqrt(size / most)) if most else 0


def _between(low: float, high: float) -> Callable[[float], int]:
    """Return the function from a rate to its level; the lowest rate has level 1."""
    return lambda rate: (
        1 + _rounded((LEVELS - 1) * (rate - low) / (high - low)) if high > low else 0
    )


def _rounded(level: float) -> int:
    return int(round(level, 9) + 0.5)


def own_row(result: Result, column: Column) -> str:
    """Return the key of the row whose cell in a column is on the diagonal; empty if none is."""
    matrix = result.report.matrix
    is_square = matrix is not None and matrix.has_diagonal and matrix.has(column)
    return column.key.partition(":")[2] if is_square else ""


def _may_be_shaded(row: Row) -> bool:
    return not (row.further or row.is_few or row.is_unfinished)


def _share(part: Value, whole: Value) -> Rate | None:
    return Rate(part, whole) if isinstance(part, int) and isinstance(whole, int) else None

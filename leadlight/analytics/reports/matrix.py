"""Matrix of a report: the cells of its table that are shaded on one scale."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from leadlight.analytics.metrics.columns import Column


@dataclass(frozen=True)
class Matrix:
    """Cells of a table that are shaded on one scale.

    `cells` are keys of columns; one that ends in `*` stands for all that begin with the rest. With
    the `scale` "row", a cell is shaded by its share of the first count of its row; with "table",
    relative to all cells. With `has_diagonal`, keys of columns end with keys of rows, and the cell
    of a row in its own column is empty.
    """

    cells: tuple[str, ...]
    scale: Literal["row", "table"]
    has_diagonal: bool = False

    def has(self, column: Column) -> bool:
        """Return whether the column is part of the matrix."""
        return any(fnmatchcase(column.key, cell) for cell in self.cells)

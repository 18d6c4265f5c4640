"""Layout of a report's page: its chart, and the groups of its columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Waterfall:
    """Totals, by key of column: `first` + `added` - `removed` = `last`."""

    first: str
    last: str
    added: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True)
class ChartSpec:
    """Chart of a report, by keys of columns.

    Kinds: `stacked` counts, and in charts of their own an `amount`, with its `goal` as a tick, and,
    over time, a `rate`; `funnel` of the first `stacked` count by step, whose parts are the others;
    `heat`, the shaded table itself (see `Matrix`); `stages`, the `stacked` counts, each within the
    one before; `shares`, the first count with its share; `amounts`, the first and last amount
    stacked, the one between as a part of the last; `waterfalls`; `intervals`, the first interval of
    each row with its first rate, or with the share `rate`; `curves` of the report's `chart_column`,
    by row.
    """

    stacked: tuple[str, ...] = ()
    amount: str | None = None
    rate: str | None = None
    goal: str | None = None
    waterfalls: tuple[Waterfall, ...] = ()
    kind: Literal[
        "stacked",
        "funnel",
        "heat",
        "stages",
        "shares",
        "amounts",
        "waterfalls",
        "intervals",
        "curves",
        "none",
    ] = "stacked"


@dataclass(frozen=True)
class ColumnGroup:
    """Columns of a report's table under a common heading.

    A cell is the key of a column, or several keys: the figure of the first, followed by the others
    in small print. A key that ends in `*` stands for all columns whose keys begin with the rest.
    The cells in `more` are not shown at first.
    """

    title: str
    cells: tuple[str | tuple[str, ...], ...]
    more: tuple[str | tuple[str, ...], ...] = ()

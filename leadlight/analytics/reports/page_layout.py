"""Layout of a report's page: its chart, and the groups of its columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Waterfall:
    """Keys of the columns whose totals a chart shows: `first` + `added` − `removed` = `last`."""

    first: str
    last: str
    added: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True)
class ChartSpec:
    """Chart of a report, by keys of columns.

    Kinds:

    - `stacked`: the `stacked` counts, and in separate charts the `amount`, with its `goal` as a
      tick, and over time the `rate`.
    - `funnel`: the first `stacked` count by step; the other counts are its parts.
    - `heat`: the shaded table itself (see `Matrix`).
    - `stages`: the `stacked` counts, each within the one before.
    - `shares`: the first count with its share.
    - `amounts`: the first and last `stacked` amounts on top of each other, the middle one as a part
      of the last, and `amount`, the goal, as a mark.
    - `waterfalls`: the `waterfalls`.
    - `intervals`: the first interval of each row with its first rate, or with the share `rate`.
    - `curves`: the report's `chart_column`, by row.
    - `none`: no chart.
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

"""Declaration of a report's chart."""

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

    Kinds: `stacked` counts, and in charts of their own an `amount`, whose `goal` is a tick, and,
    over time, a `rate`; `funnel` of the first `stacked` count by step, whose parts are the others;
    `heat` map of every rate, or of every further count as a share of the first; `stages`, the
    `stacked` counts, each within the one before; `shares`, the first count with its share;
    `amounts`, the first and last amount stacked, the one between as a part of the last;
    `waterfalls`; `intervals`, the first interval of each row with its first rate; `curves` of the
    report's `chart_column`, by row.
    """

    stacked: tuple[str, ...] = ()
    amount: str | None = None
    rate: str | None = None
    waterfalls: tuple[Waterfall, ...] = ()
    goal: str | None = None
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

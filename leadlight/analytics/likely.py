"""Between what the truth behind a figure may lie, as far as its cases tell.

Asked of one figure at a time, by who looks at what is behind it: a rate needs both its parts, and a
median two of its values in order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ibis.expr.types import Table

from leadlight.analytics.measures import Column, Rate
from leadlight.analytics.statistics import median_ranks, wilson

Ask = Callable[[Table], list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Likely:
    """From `low` to `high`: shares for a rate of `cases`, days for the median of so many values.

    `ranks` are the places of both ends among the values in order, from 1. A median of fewer than
    six values has no interval: None.
    """

    cases: int
    successes: int | None
    low: float | None
    high: float | None
    ranks: tuple[int, int] | None = None


def likely_rate(rate: Rate) -> Likely | None:
    """Wilson's interval of a rate of cases among cases; None of nothing."""
    successes, cases = int(rate.numerator), int(rate.denominator)
    return Likely(cases, successes, *wilson(successes, cases)) if cases else None


def likely_of(column: Column, behind: Table, ask: Ask) -> Likely | None:
    """The interval of a column's figure of the facts `behind` it; None where it has none."""
    if column.is_of_cases:
        parts = {name: aggregate(behind) for name, (_, aggregate) in column.aggregates.items()}
        sums = dict(zip(parts, ask(behind.aggregate(**parts))[0], strict=True))
        return likely_rate(column.value(sums, sums))
    if column.in_order:
        return _likely_median(column.in_order(behind).name("days").as_table(), ask)
    return None


def _likely_median(values: Table, ask: Ask) -> Likely | None:
    values = values.filter(values.days.notnull())
    cases = ask(values.aggregate(cases=values.count()))[0][0]
    ranks = median_ranks(cases)
    if ranks is None:
        return Likely(cases, None, None, None) if cases else None
    places = [(rank - 1) / (cases - 1) for rank in ranks]
    low, high = ask(values.aggregate(ends=values.days.quantile(places)))[0][0]
    return Likely(cases, None, low, high, ranks)

"""Between what the truth behind a figure may lie, as far as its cases tell.

Asked of one figure at a time, by who looks at what is behind it: a rate needs both its parts, and a
median two of its values in order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ibis.expr.types import Table

from leadlight.analytics.metrics.columns import Column, Rate
from leadlight.analytics.query.bound_values import bound
from leadlight.analytics.query.statement import Statement
from leadlight.analytics.stats.proportions import median_ranks, wilson

Ask = Callable[..., list[tuple[Any, ...]]]  # a statement, and values that it needs


@dataclass(frozen=True)
class ConfidenceInterval:
    """From `low` to `high`: shares for a rate of `cases`, days for the median of so many values.

    `ranks` are the places of both ends among the values in order, from 1. A median of fewer than
    six values has no interval: None.
    """

    cases: int
    successes: int | None
    low: float | None
    high: float | None
    ranks: tuple[int, int] | None = None


def rate_interval(rate: Rate) -> ConfidenceInterval | None:
    """Wilson's interval of a rate of cases among cases; None of nothing."""
    successes, cases = int(rate.numerator), int(rate.denominator)
    return ConfidenceInterval(cases, successes, *wilson(successes, cases)) if cases else None


def interval_tables(column: Column, behind: Table) -> tuple[Table, ...]:
    """Queries for the confidence interval of a column's figure, over the facts `behind` it."""
    if column.is_proportion:
        parts = {name: aggregate(behind) for name, (_, aggregate) in column.aggregates.items()}
        return (behind.aggregate(**parts),)
    if column.in_order:
        values = column.in_order(behind).name("days").as_table()
        values = values.filter(values.days.notnull())
        count = values.aggregate(cases=values.count())
        ends = {"low": values.days.quantile(LOW_PLACE), "high": values.days.quantile(HIGH_PLACE)}
        return count, values.aggregate(**ends)
    return ()


LOW_PLACE, HIGH_PLACE = bound("low_place", "float64"), bound("high_place", "float64")


def column_interval(
    column: Column, statements: tuple[Statement, ...], ask: Ask
) -> ConfidenceInterval | None:
    """The interval of a column's figure; None where it has none."""
    if column.is_proportion:
        sums = dict(zip(column.aggregates, ask(statements[0])[0], strict=True))
        return rate_interval(column.value(sums, sums))
    if column.in_order:
        counted, quantiles = statements
        return _median_interval(counted, quantiles, ask)
    return None


def _median_interval(
    counted: Statement, quantiles: Statement, ask: Ask
) -> ConfidenceInterval | None:
    cases = ask(counted)[0][0]
    ranks = median_ranks(cases)
    if ranks is None:
        return ConfidenceInterval(cases, None, None, None) if cases else None
    low_place, high_place = ((rank - 1) / (cases - 1) for rank in ranks)
    low, high = ask(quantiles, low_place=low_place, high_place=high_place)[0]
    return ConfidenceInterval(cases, None, low, high, ranks)

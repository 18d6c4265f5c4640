"""Confidence intervals (95 %) of rates and medians.

They are computed on request for one figure at a time. A rate needs its numerator and denominator, a
median the values at two ranks.
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

RunStatement = Callable[..., list[tuple[Any, ...]]]  # runs a statement with further values to bind


@dataclass(frozen=True)
class ConfidenceInterval:
    """Confidence interval from `low` to `high`: shares for a rate, days for a median.

    `cases` is the number of trials or values; `successes` is None for a median. `ranks` are the
    positions of both ends among the sorted values, from 1, and None for a rate. For a median of
    fewer than six values, `low`, `high` and `ranks` are None.
    """

    cases: int
    successes: int | None
    low: float | None
    high: float | None
    ranks: tuple[int, int] | None = None


def rate_interval(rate: Rate) -> ConfidenceInterval | None:
    """Return the Wilson interval of a proportion; None if the denominator is 0."""
    successes, cases = int(rate.numerator), int(rate.denominator)
    return ConfidenceInterval(cases, successes, *wilson(successes, cases)) if cases else None


def interval_tables(column: Column, facts: Table) -> tuple[Table, ...]:
    """Return the queries for the confidence interval of a figure, over the facts it counts."""
    if column.is_proportion:
        parts = {name: aggregate(facts) for name, (_, aggregate) in column.aggregates.items()}
        return (facts.aggregate(**parts),)
    if column.median_values:
        values = column.median_values(facts).name("days").as_table()
        values = values.filter(values.days.notnull())
        count = values.aggregate(cases=values.count())
        ends = {"low": values.days.quantile(LOW_PLACE), "high": values.days.quantile(HIGH_PLACE)}
        return count, values.aggregate(**ends)
    return ()


LOW_PLACE, HIGH_PLACE = bound("low_place", "float64"), bound("high_place", "float64")


def column_interval(
    column: Column, statements: tuple[Statement, ...], run_statement: RunStatement
) -> ConfidenceInterval | None:
    """Return the interval of a proportion or median; None for other figures or without cases."""
    if column.is_proportion:
        sums = dict(zip(column.aggregates, run_statement(statements[0])[0], strict=True))
        return rate_interval(column.value(sums, sums))
    if column.median_values:
        counted, quantiles = statements
        return _median_interval(counted, quantiles, run_statement)
    return None


def _median_interval(
    counted: Statement, quantiles: Statement, run_statement: RunStatement
) -> ConfidenceInterval | None:
    cases = run_statement(counted)[0][0]
    ranks = median_ranks(cases)
    if ranks is None:
        return ConfidenceInterval(cases, None, None, None) if cases else None
    low_place, high_place = ((rank - 1) / (cases - 1) for rank in ranks)
    low, high = run_statement(quantiles, low_place=low_place, high_place=high_place)[0]
    return ConfidenceInterval(cases, None, low, high, ranks)

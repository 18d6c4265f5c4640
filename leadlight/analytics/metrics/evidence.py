"""Evidence of columns: the samples on which the significance test of a change is based.

A column whose changes can be tested has an `Evidence`. Its aggregates are computed only when a
report is compared with another period. Changes of other columns are not tested: states on a day,
fractions of separate facts, shares of amounts, and goals. No column is tested in a report that
follows leads up to now (`Report.tests_changes`): those of the earlier period had more time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.datatypes as dt
from ibis.expr.types import BooleanValue, Table, Value

from leadlight.analytics.stats.differences import (
    Count,
    Mean,
    Proportion,
    Quantile,
    Sample,
    Total,
    quantile_ranks,
)
from leadlight.analytics.stats.proportions import Z

Sums = Mapping[str, Any]
Aggregate = Callable[[Table], Value]
Aggregates = Mapping[str, tuple[str, Aggregate]]
QUARTILES = (0.25, 0.5, 0.75)


@dataclass(frozen=True)
class Evidence:
    """Type of a column's sample, further aggregates, and the function that builds the sample.

    `sample` gets the aggregated values of a row. It returns None for a quartile of no values.
    """

    kind: type[Sample]
    aggregates: Aggregates
    sample: Callable[[Sums], Sample | None]


def of_count(key: str) -> Evidence:
    """Return the evidence of a count of events: the count itself."""
    return Evidence(Count, {}, lambda sums: Count(sums.get(key) or 0))


def of_proportion(top: Callable[[Sums], int], bottom: Callable[[Sums], int]) -> Evidence:
    """Return the evidence of a proportion: its numerator and denominator."""
    return Evidence(Proportion, {}, lambda sums: Proportion(top(sums), bottom(sums)))


def of_amounts(
    key: str, facts: str, where: Callable[[Table], BooleanValue], amount: str
) -> Evidence:
    """Return the evidence of a sum of amounts: their number and the sum of their squares."""
    cases, squares = f"{key}_cases", f"{key}_squares"

    def number(rows: Table) -> Value:
        return rows[amount].count(where=where(rows))

    def squared(rows: Table) -> Value:
        value = rows[amount].cast("float64")
        return (value * value).sum(where=where(rows))

    return Evidence(
        Total,
        {cases: (facts, number), squares: (facts, squared)},
        lambda sums: Total(
            sums.get(cases) or 0, float(sums.get(key) or 0), sums.get(squares) or 0.0
        ),
    )


def of_mean_amount(amounts: Evidence, number: Callable[[Sums], int]) -> Evidence:
    """Return the evidence of a sum of amounts ÷ a number of cases."""

    def sample(sums: Sums) -> Sample | None:
        total = amounts.sample(sums)
        return Mean(number(sums), total.total, total.squares) if isinstance(total, Total) else None

    return Evidence(Mean, amounts.aggregates, sample)


def of_mean(
    total: str,
    facts: str,
    where: Callable[[Table], BooleanValue],
    values: Aggregate,
    number: Callable[[Sums], int],
) -> Evidence:
    """Return the evidence of a mean of `values`; `total` is the name of their sum."""
    squares = f"{total}_squares"

    def squared(rows: Table) -> Value:
        each = values(rows)
        return (each * each).sum(where=where(rows))

    return Evidence(
        Mean,
        {squares: (facts, squared)},
        lambda sums: Mean(number(sums), sums.get(total) or 0.0, sums.get(squares) or 0.0),
    )


def of_quartile(
    quartiles: str,
    place: int,
    facts: str,
    where: Callable[[Table], BooleanValue],
    values: Aggregate,
) -> Evidence:
    """Return the evidence of a quartile: the ends of its confidence interval.

    `quartiles` is the name of the aggregate with all three quartiles, `place` the index of one.
    """
    cases, ends = f"{quartiles}_cases", f"{quartiles}_ends"

    def sample(sums: Sums) -> Quantile | None:
        if not sums.get(quartiles):
            return None
        n = sums[cases]
        has_interval = quantile_ranks(n, QUARTILES[place]) is not None
        low, high = sums[ends][2 * place : 2 * place + 2] if has_interval else (None, None)
        return Quantile(n, sums[quartiles][place], low, high)

    return Evidence(
        Quantile,
        {
            cases: (facts, lambda rows: values(rows).count(where=where(rows))),
            ends: (facts, lambda rows: _quartile_ends(values(rows), where(rows))),
        },
        sample,
    )


def _quartile_ends(values: Value, where: BooleanValue) -> Value:
    """Return a list with both ends of the confidence interval of each quartile.

    Each end is the value at a rank of `stats.differences.quantile_ranks`. The ends are undefined
    if that function returns None.
    """
    n = values.count(where=where)
    ranks = []
    for share in QUARTILES:
        half = (n * (share * (1 - share))).sqrt() * Z
        low = (n * share - half + 0.5).floor()
        above = (n * (1 - share) - half + 0.5).floor()
        ranks += [low.cast("int64"), (n + 1 - above).cast("int64")]
    return _list_select(values.collect(where=where).sort(), ibis.array(ranks))


@ibis.udf.scalar.builtin(
    name="list_select",
    signature=((dt.Array(dt.float64), dt.Array(dt.int64)), dt.Array(dt.float64)),
)
def _list_select(values: list[float], ranks: list[int]) -> None:
    """Function `list_select` of DuckDB: the elements of a list at these positions, from 1."""

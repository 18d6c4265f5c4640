"""Horizontal bars by row: one chart of an amount and one of stacked counts, highest first.

The compared period is a tick on each bar.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from leadlight.analytics.export.sheets import with_compared
from leadlight.analytics.metrics.columns import Column
from leadlight.analytics.reports.contract import Result, Row
from leadlight.presentation import labels
from leadlight.presentation.charts import findings, vega
from leadlight.presentation.charts.chart import (
    Chart,
    Charts,
    Key,
    chart_of,
    joined,
    key_of_before,
    keys_of,
)
from leadlight.presentation.charts.data import Marks, Pair, count_of, size_of
from leadlight.presentation.charts.palette import BEFORE, GOAL

MOST_BARS = 10


def bars_by_row(result: Result, counts: Sequence[Column], amount: Column | None) -> Charts:
    """Return the charts of the rows with the highest amounts, or counts if amounts are equal."""
    weighed = [(_weight(pair[0], counts, amount), pair) for pair in with_compared(result)]
    known = [one for one in weighed if any(one[0])]
    known.sort(key=lambda one: one[0], reverse=True)
    pairs = [pair for _weight, pair in known[:MOST_BARS]]
    return Charts(tuple(_charts(result, pairs, counts, amount)), len(pairs), len(known))


def _weight(row: Row, counts: Sequence[Column], amount: Column | None) -> tuple[float, int]:
    return (
        size_of(row.cells[amount.key]) if amount else 0.0,
        sum(count_of(row, column) for column in counts),
    )


def _charts(
    result: Result, pairs: list[Pair], counts: Sequence[Column], amount: Column | None
) -> Iterator[Chart]:
    if not pairs:
        return
    marks, rows = Marks(result, pairs), [row for row, _then in pairs]
    if amount:
        data = {"bars": list(marks.sized(amount)), "before": list(marks.sized_before(amount))}
        keys = [*keys_of([amount]), *key_of_before(result, "tick")] if result.compared else []
        goal = goal_of(result)
        if goal:
            data["goals"] = list(marks.sized(goal))
            keys += [Key("tick", GOAL, labels.say(goal.title_phrase))]
        axis = vega.amount_axis(result.currency)
        sizes = [size_of(row.cells[amount.key]) for row in rows]
        total = findings.size_of_total(result, amount)
        finding = findings.first_of(result, "money", rows, sizes, total)
        title = labels.say(amount.title_phrase)
        yield chart_of(
            "amounts", title, result, keys, _horizontal(result, axis, goal), data, finding=finding
        )
    data = {"bars": list(marks.stacked(counts)), "before": list(marks.sums_before(counts))}
    keys = [
        *(keys_of(counts) if len(counts) > 1 or result.compared else []),
        *key_of_before(result, "tick"),
    ]
    axis = vega.count_axis()
    sizes = [float(sum(count_of(row, column) for column in counts)) for row in rows]
    total = sum(findings.size_of_total(result, column) for column in counts)
    finding = findings.first_of(result, "count", rows, sizes, total)
    yield chart_of(
        "counts", joined(counts), result, keys, _horizontal(result, axis), data, finding=finding
    )


def goal_of(result: Result) -> Column | None:
    """Return the goal of the chart's amount; None if the result has none."""
    return next((one for one in result.columns if one.key == result.report.chart.goal), None)


def _horizontal(result: Result, axis: dict[str, Any], goal: Column | None = None) -> dict[str, Any]:
    layers = [vega.bars("bars", "y", axis)]
    if result.compared:
        layers.append(vega.ticks("before", "y", BEFORE.line))
    if goal:
        layers.append(vega.ticks("goals", "y", GOAL.line))
    return vega.chart(*layers, height={"step": vega.STEP})

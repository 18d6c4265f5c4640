"""Charts over time: an amount, a rate and stacked counts, each with its own axis.

The compared period is drawn as pale bars behind the bars, and as a dashed line for a rate.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from leadlight.analytics.export.sheets import with_compared
from leadlight.analytics.metrics.columns import Column
from leadlight.analytics.reports.contract import Result
from leadlight.presentation import labels
from leadlight.presentation.charts import findings, vega
from leadlight.presentation.charts.chart import (
    Chart,
    Key,
    chart_of,
    joined,
    key_of_before,
    key_of_unfinished,
    keys_of,
)
from leadlight.presentation.charts.data import Marks, count_of, size_of
from leadlight.presentation.charts.palette import BEFORE, SERIES


def charts_over_time(
    result: Result, counts: Sequence[Column], amount: Column | None, rate: Column | None
) -> Iterator[Chart]:
    marks = Marks(result, list(with_compared(result)))
    if amount:
        yield _amount(marks, amount)
    if rate:
        yield _rate(marks, rate)
    if counts:
        yield _counts(marks, counts)


def _amount(marks: Marks, amount: Column) -> Chart:
    result = marks.result
    axis = vega.amount_axis(result.currency)
    layers = [vega.bars_behind("before", axis)] if result.compared else []
    layers.append(vega.bars("bars", "x", axis, thickness=0.6))
    data = {"bars": list(marks.sized(amount)), "before": list(marks.sized_before(amount))}
    keys = [*key_of_before(result, "behind"), *key_of_unfinished(data["bars"])]
    if result.compared:
        keys = [*keys_of([amount]), *keys]
    sizes = [size_of(row.cells[amount.key]) for row in result.rows]
    return chart_of(
        "amount",
        labels.say(amount.title_phrase),
        result,
        keys,
        vega.chart(*layers),
        data,
        finding=findings.course(result, "money", result.rows, sizes),
    )


def _rate(marks: Marks, rate: Column) -> Chart:
    result = marks.result
    axis = vega.share_axis()
    title = labels.say(rate.title_phrase)
    dashed = {"strokeDash": [5, 4]}
    layers = [vega.line("before", BEFORE.line, axis, **dashed)] if result.compared else []
    layers += [vega.line("bars", SERIES[0].line, axis), vega.points("bars", axis)]
    data = {"bars": list(marks.rates(rate)), "before": list(marks.rates_before(rate))}
    sizes = [findings.rate_of(row, rate) for row in result.rows]
    keys = key_of_before(result, "dashed")
    if any(
        point["fill"] == "var(--surface)" and point["size"] is not None for point in data["bars"]
    ):
        keys.append(Key("ring", BEFORE, _("Few cases, or unfinished")))
    return chart_of(
        "rate",
        title,
        result,
        keys,
        vega.chart(*layers),
        data,
        finding=findings.course(result, "rate", result.rows, sizes),
    )


def _counts(marks: Marks, counts: Sequence[Column]) -> Chart:
    result = marks.result
    axis = vega.count_axis()
    layers = [vega.bars_behind("before", axis)] if result.compared else []
    layers.append(vega.bars("bars", "x", axis, thickness=0.6))
    data = {"bars": list(marks.stacked(counts)), "before": list(marks.sums_before(counts))}
    keys = [*keys_of(counts), *key_of_before(result, "behind"), *key_of_unfinished(data["bars"])]
    sizes = [float(sum(count_of(row, column) for column in counts)) for row in result.rows]
    return chart_of(
        "counts",
        joined(counts),
        result,
        keys,
        vega.chart(*layers),
        data,
        finding=findings.course(result, "count", result.rows, sizes),
    )

"""Charts of a report, from its `Result`.

The report's `chart` chooses the kind and the columns, so that a new report needs no change here.
"""

from __future__ import annotations

from dataclasses import replace

from leadlight.analytics.metrics.columns import Column
from leadlight.analytics.reports.contract import Result
from leadlight.presentation.charts.bars import bars_by_row
from leadlight.presentation.charts.chart import Charts
from leadlight.presentation.charts.curves import charts_of_curves
from leadlight.presentation.charts.forecast import forecast
from leadlight.presentation.charts.funnel import funnel, shares
from leadlight.presentation.charts.intervals import intervals
from leadlight.presentation.charts.over_time import charts_over_time
from leadlight.presentation.charts.stages import stages
from leadlight.presentation.charts.waterfall import waterfalls


def charts_of(result: Result) -> Charts:
    """Return the charts of a report.

    The default is an amount, a rate and stacked counts over time if the rows are buckets, else an
    amount and stacked counts as horizontal bars.
    """
    chart = result.report.chart
    counts, amount = stacked(result), main_amount(result)
    match chart.kind:
        case "none" | "heat":  # a heat map is the table itself
            return Charts()
        case "waterfalls":
            return waterfalls(result)
        case "funnel":
            return funnel(result, counts[0])
        case "shares" if result.grouping != "bucket":
            return shares(result, counts[0])
        case "stages":
            return stages(result, counts)
        case "intervals":
            return intervals(result)
        case "curves" if result.report.chart_column:
            return charts_of_curves(result, result.report.chart_column)
    result = replace(result, rows=result.main_rows)
    if chart.kind == "amounts":
        return forecast(result)
    if result.grouping == "bucket":
        return _over_time(result, counts, amount)
    return bars_by_row(result, counts, amount)


def _over_time(result: Result, counts: tuple[Column, ...], amount: Column | None) -> Charts:
    if not any(row.cells[one.key] for row in result.rows for one in (*counts, amount) if one):
        return Charts()
    rate = next((one for one in result.columns if one.key == result.report.chart.rate), None)
    charts = tuple(charts_over_time(result, counts, amount, rate))
    return Charts(charts, len(result.rows), len(result.rows))


def stacked(result: Result) -> tuple[Column, ...]:
    """Return the stacked counts of a report's chart; by default its first count."""
    counts = [column for column in result.columns if column.kind == "count"]
    named = result.report.chart.stacked
    return tuple(column for column in counts if column.key in named) or tuple(counts[:1])


def main_amount(result: Result) -> Column | None:
    """Return the amount of a report's chart; by default its first amount."""
    amounts = [column for column in result.columns if column.kind == "money"]
    named = [column for column in amounts if column.key == result.report.chart.amount]
    return next(iter(named or amounts), None)

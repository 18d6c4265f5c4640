"""Chart of rates, or of estimates of them, with the confidence intervals of the rates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

from django.utils.translation import gettext as _

from leadlight.analytics.metrics.columns import Column, Rate, Span
from leadlight.analytics.reports.contract import Result, Row
from leadlight.presentation import labels, values
from leadlight.presentation.charts import vega
from leadlight.presentation.charts.bars import MOST_BARS
from leadlight.presentation.charts.chart import Charts, Key, chart_of
from leadlight.presentation.charts.data import Datum, Marks
from leadlight.presentation.charts.palette import SERIES


def intervals(result: Result) -> Charts:
    """Return the chart of the rows with the most cases, in the order of the table."""
    named = {column.kind: column for column in reversed(result.columns)}
    rate, span = named["rate"], named["interval"]
    cases = {
        row.key: cast(Rate, row.cells[rate.key]).denominator
        for row in result.rows
        if row.cells[span.key]
    }
    most = sorted(cases, key=cases.__getitem__, reverse=True)[:MOST_BARS]
    drawn = [row for row in result.rows if row.key in most]
    if not drawn:
        return Charts()
    point = next((one for one in result.columns if one.key == result.report.chart.rate), rate)
    data = {"bars": list(_ranges(result, drawn, point, span))}
    title = labels.say(point.title_phrase)
    keys = (
        Key("point", SERIES[0], title),
        Key("span", SERIES[0], labels.say(span.title_phrase)),
    )
    chart = chart_of("intervals", title, result, keys, _specification(), data)
    return Charts((chart,), len(drawn), len(cases))


def _ranges(result: Result, rows: Sequence[Row], point: Column, span: Column) -> Iterator[Datum]:
    """Yield the share of each row with its confidence interval; grey for rows of few cases."""
    marks = Marks(result, [(row, None) for row in rows])
    for number, row in enumerate(rows):
        ends = cast(Span, row.cells[span.key])
        mark = marks.mark(number, row, point)
        between = _("%(title)s: %(value)s") % {
            "title": labels.say(span.title_phrase),
            "value": values.text(span.kind, ends),
        }
        yield {
            **mark,
            "tip": f"{mark['tip']}\n{between}",
            "size": values.size_of(row.cells[point.key]),
            "low": ends.low,
            "high": ends.high,
            "fill": "var(--muted)" if row.is_few else SERIES[0].line,
        }


def _specification() -> dict[str, Any]:
    axis = vega.share_axis()
    spans = {
        "data": {"name": "bars"},
        "mark": {"type": "rule", "strokeWidth": 3, "strokeCap": "round", "opacity": 0.45},
        "encoding": {
            "y": vega.row_axis("y"),
            "x": {"field": "low", "type": "quantitative", "axis": axis},
            "x2": {"field": "high"},
            "color": vega.field("fill"),
            **vega.OPENS,
        },
    }
    points = {
        "data": {"name": "bars"},
        "mark": {"type": "point", "filled": True, "opacity": 1, "size": 70, "cursor": "pointer"},
        "encoding": {
            "y": vega.row_axis("y"),
            "x": vega.size(axis),
            "color": vega.field("fill"),
            **vega.OPENS,
        },
    }
    return vega.chart(spans, points, height={"step": vega.STEP})

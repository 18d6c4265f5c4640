"""Chart of a forecast: won, weighted and remaining open amounts, next to the goals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from leadlight.analytics.metrics.columns import Column
from leadlight.analytics.reports.contract import Result, Row
from leadlight.presentation import labels
from leadlight.presentation.charts import vega
from leadlight.presentation.charts.bars import MOST_BARS
from leadlight.presentation.charts.chart import Charts, Key, chart_of, joined
from leadlight.presentation.charts.data import Datum, Marks, size_of
from leadlight.presentation.charts.palette import GOAL, OPEN, WEIGHTED, WON

INKS = (WON, WEIGHTED, OPEN)


def forecast(result: Result) -> Charts:
    """Return the chart of the report's three amounts by row; the second is a part of the third."""
    by_key = {column.key: column for column in result.columns}
    parts = tuple(by_key[key] for key in result.report.chart.stacked)
    goal = by_key.get(result.report.chart.amount or "")
    first, _weighted, last = parts
    rows = [row for row in result.rows if row.cells[first.key] or row.cells[last.key]]
    if not rows:
        return Charts()
    known = len(rows)
    is_time = result.grouping == "bucket"
    if is_time:
        rows, known = list(result.rows), len(result.rows)
    else:
        rows.sort(key=lambda row: size_of(row.cells[first.key]) + size_of(row.cells[last.key]))
        rows = rows[: -MOST_BARS - 1 : -1]
    marks = Marks(replace(result, compared=None), [(row, None) for row in rows])
    values = {
        "bars": list(_parts(marks, rows, parts)),
        "goals": list(marks.sized(goal)) if goal else [],
    }
    keys = [
        Key("box", ink, labels.say(column.title_phrase))
        for column, ink in zip(parts[:-1], INKS, strict=False)
    ]
    keys.append(Key("box", OPEN, _("The rest of the open amount")))
    if goal:
        keys.append(Key("tick", GOAL, labels.say(goal.title_phrase)))
    title = joined((*parts, goal) if goal else parts)
    specification = _specification(result, is_time=is_time)
    chart = chart_of("amounts", title, result, keys, specification, values)
    return Charts((chart,), len(rows), known)


def _specification(result: Result, *, is_time: bool) -> dict[str, Any]:
    axis, channel = vega.amount_axis(result.currency), "x" if is_time else "y"
    height = vega.HEIGHT if is_time else {"step": vega.STEP}
    layers = (vega.bars("bars", channel, axis), vega.ticks("goals", channel, GOAL.line))
    return vega.chart(*layers, height=height)


def _parts(marks: Marks, rows: Sequence[Row], parts: Sequence[Column]) -> Iterator[Datum]:
    """Yield three parts of each row: the first, the second, and the third minus the second."""
    _first, within, last = parts
    for number, row in enumerate(rows):
        for place, (column, ink) in enumerate(zip(parts, INKS, strict=True)):
            size = size_of(row.cells[column.key])
            if column is last:
                size -= size_of(row.cells[within.key])
            yield {
                **marks.mark(number, row, column),
                "place": place,
                "size": size,
                "fill": ink.fill,
                "stroke": ink.line,
            }

"""Chart of a forecast: won, weighted and remaining open amounts, the likely range and the goals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, cast

from django.utils.translation import gettext as _

from leadlight.analytics.export.sheets import with_compared
from leadlight.analytics.metrics.columns import Column, Span
from leadlight.analytics.reports.contract import Result, Row
from leadlight.presentation import formats, labels, values
from leadlight.presentation.charts import vega
from leadlight.presentation.charts.bars import MOST_BARS
from leadlight.presentation.charts.chart import Charts, Key, chart_of, joined, key_of_before
from leadlight.presentation.charts.data import Datum, Marks, Pair, size_of
from leadlight.presentation.charts.palette import BEFORE, GOAL, OPEN, WEIGHTED, WON

INKS = (WON, WEIGHTED, OPEN)
CAP = 9  # length in pixels of the ends of a range


def forecast(result: Result) -> Charts:
    """Return the chart of the report's three amounts by row; the second is a part of the third."""
    by_key = {column.key: column for column in result.columns}
    parts = tuple(by_key[key] for key in result.report.chart.stacked)
    goal = by_key.get(result.report.chart.amount or "")
    likely = next((column for column in result.columns if column.kind == "range"), None)
    first, _weighted, last = parts
    pairs = [
        pair
        for pair in with_compared(result)
        if pair[0].cells[first.key] or pair[0].cells[last.key]
    ]
    if not pairs:
        return Charts()
    known = len(pairs)
    is_time = result.grouping == "bucket"
    if is_time:
        pairs, known = list(with_compared(result)), len(result.rows)
    else:
        pairs.sort(key=lambda pair: _size(pair, first) + _size(pair, last), reverse=True)
        pairs = pairs[:MOST_BARS]
    marks = Marks(result, pairs)
    rows = [row for row, _then in pairs]
    data = {
        "bars": list(_parts(marks, parts)),
        "goals": list(Marks(result, [(row, None) for row in rows]).sized(goal)) if goal else [],
        "ranges": list(_ranges(marks, rows, likely)) if likely else [],
        "before": list(marks.sized_before(first)),
    }
    chart = chart_of(
        "amounts",
        joined((*parts, goal) if goal else parts),
        result,
        list(_keys(result, parts, likely, goal)),
        _specification(result, is_time=is_time),
        data,
        finding=_finding(result, likely, goal) if likely else "",
    )
    return Charts((chart,), len(pairs), known)


def _size(pair: Pair, column: Column) -> float:
    return size_of(pair[0].cells[column.key])


def _keys(
    result: Result, parts: Sequence[Column], likely: Column | None, goal: Column | None
) -> Iterator[Key]:
    for column, ink in zip(parts[:-1], INKS, strict=False):
        yield Key("box", ink, labels.say(column.title_phrase))
    yield Key("box", OPEN, _("The rest of the open amount"))
    if likely:
        yield Key("whisker", GOAL, labels.say(likely.title_phrase))
    if goal:
        yield Key("line", GOAL, labels.say(goal.title_phrase))
    for key in key_of_before(result, "behind" if result.grouping == "bucket" else "tick"):
        title = labels.say(parts[0].title_phrase)
        yield replace(key, text=labels.titled(title, key.text))


def _parts(marks: Marks, parts: Sequence[Column]) -> Iterator[Datum]:
    """Yield three parts of each row: the first, the second, and the third minus the second."""
    first, within, last = parts
    for number, (row, then) in enumerate(marks.pairs):
        whole = size_of(row.cells[first.key]) + size_of(row.cells[last.key])
        for place, (column, ink) in enumerate(zip(parts, INKS, strict=True)):
            size = size_of(row.cells[column.key])
            mark = marks.mark(number, row, column, then if column is first else None)
            if whole:
                share = _("%(share)s of %(total)s, won and open") % {
                    "share": formats.percent(size / whole, 0),
                    "total": formats.compact_money(whole, marks.result.currency),
                }
                mark["tip"] += f"\n{share}"
            yield {
                **mark,
                "place": place,
                "size": size - size_of(row.cells[within.key]) if column is last else size,
                "fill": ink.fill,
                "stroke": ink.line,
            }


def _ranges(marks: Marks, rows: Sequence[Row], likely: Column) -> Iterator[Datum]:
    """Yield the likely range of each row that has one."""
    result = marks.result
    write = values.span_formatter(lambda end: formats.money(end, 0, result.currency))
    for number, row in enumerate(rows):
        span = cast(Span | None, row.cells[likely.key])
        if span:
            lines = [labels.row_label(row, result.grouping), _titled(likely, write(span))]
            yield {
                "row": marks.axis(number, row),
                "href": marks.lists(likely.key, row),
                "tip": "\n".join(lines),
                "low": float(span.low),
                "high": float(span.high),
            }


def _titled(column: Column, text: str) -> str:
    return labels.titled(labels.say(column.title_phrase), text)


def _finding(result: Result, likely: Column, goal: Column | None) -> str:
    """Return a sentence with the likely range of the total, and with the goal if there is one."""
    span = result.totals[likely.key]
    if span is None:
        return ""

    def write(amount: Any) -> str:
        return formats.compact_money(round(amount), result.currency)

    params = {
        "period": formats.period(result.period),
        "range": values.span_formatter(write)(span),
        "goal": formats.NONE,
    }
    target = result.totals[goal.key] if goal else None
    if goal is None or target is None:
        return _("Likely total, %(period)s: %(range)s.") % params
    params["goal"] = write(target)
    return _("Likely total, %(period)s: %(range)s; goal: %(goal)s.") % params


def _specification(result: Result, *, is_time: bool) -> dict[str, Any]:
    axis, rows = vega.amount_axis(result.currency), "x" if is_time else "y"
    sizes = "y" if is_time else "x"
    layers = [vega.bars_behind("before", axis)] if result.compared and is_time else []
    layers.append(vega.bars("bars", rows, axis, thickness=0.6))
    if result.compared and not is_time:
        layers.append(vega.ticks("before", "y", BEFORE.line))
    low = {"field": "low", "type": "quantitative", "axis": axis}
    high = {"field": "high", "type": "quantitative", "axis": axis}
    ink = {"color": GOAL.line, "cursor": "pointer"}
    layers += [
        {
            "data": {"name": "ranges"},
            "mark": {"type": "rule", "strokeWidth": 2, **ink},
            "encoding": {
                rows: vega.row_axis(rows),
                sizes: low,
                f"{sizes}2": {"field": "high"},
                **vega.OPENS,
            },
        },
        *(
            {
                "data": {"name": "ranges"},
                "mark": {"type": "tick", "thickness": 2, "size": CAP, **ink},
                "encoding": {rows: vega.row_axis(rows), sizes: end, **vega.OPENS},
            }
            for end in (low, high)
        ),
        {
            "data": {"name": "goals"},
            "mark": {"type": "rule", "strokeWidth": 2, **ink},
            "encoding": {
                rows: vega.row_axis(rows) | {"bandPosition": 0},
                f"{rows}2": {"field": "row", "bandPosition": 1},
                sizes: vega.size(axis),
                **vega.OPENS,
            },
        },
    ]
    return vega.chart(*layers, height=vega.HEIGHT if is_time else {"step": 24})

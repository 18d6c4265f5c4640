"""Funnels: a count by step, a count with its share by row, and successive stages of a process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, cast

from leadlight.analytics.metrics.columns import Column
from leadlight.analytics.reports.contract import Result
from leadlight.presentation import formats, labels, values
from leadlight.presentation.charts import findings, vega
from leadlight.presentation.charts.bars import MOST_BARS
from leadlight.presentation.charts.chart import (
    Charts,
    Key,
    chart_of,
    joined,
    lowered,
)
from leadlight.presentation.charts.data import DIGITS, Datum, Marks, count_of
from leadlight.presentation.charts.palette import SERIES, ink_of
from leadlight.presentation.links import ListAddresses


def funnel(result: Result, count: Column) -> Charts:
    """Return the funnel of a count, labelled with the report's first rate and first duration."""
    if not any(count_of(row, count) for row in result.rows):
        return Charts()
    named = {column.kind: column for column in reversed(result.columns)}
    beside = tuple(named[kind] for kind in ("rate", "days") if kind in named)
    data = {"bars": list(_labelled(result, count, beside))}
    chart = chart_of(
        "funnel",
        joined((count, *beside)),
        result,
        _rule_of_skipping(result),
        _bars_with_text(34),
        data,
    )
    return Charts((chart,), len(result.rows), len(result.rows))


def shares(result: Result, count: Column) -> Charts:
    """Return the bars of a count with the report's first rate, the highest first."""
    known = [row for row in result.rows if count_of(row, count)]
    if not known:
        return Charts()
    known.sort(key=lambda row: count_of(row, count), reverse=True)
    rows = tuple(known[:MOST_BARS])
    beside = tuple(column for column in result.columns if column.kind == "rate")[:1]
    data = {"bars": list(_labelled(replace(result, rows=rows), count, beside))}
    sizes = [float(count_of(row, count)) for row in rows]
    finding = findings.first_of(result, "count", rows, sizes, findings.size_of_total(result, count))
    title = joined((count, *beside))
    chart = chart_of("shares", title, result, (), _bars_with_text(26), data, finding=finding)
    return Charts((chart,), len(rows), len(known))


def stages(result: Result, counts: Sequence[Column]) -> Charts:
    """Return the chart of the totals of the counts, one bar for each."""
    if not any(result.totals[column.key] for column in counts):
        return Charts()
    axis = vega.count_axis()
    specification = vega.chart(vega.bars("bars", "y", axis), height={"step": 26})
    chart = chart_of(
        "stages",
        joined(counts),
        result,
        (),
        specification,
        {"bars": list(_totals(result, counts))},
    )
    return Charts((chart,))


def _labelled(result: Result, count: Column, beside: Sequence[Column]) -> Iterator[Datum]:
    """Yield the count of each row, with the text of the count and of the columns `beside`."""
    marks = Marks(result, [(row, None) for row in result.rows])
    for number, row in enumerate(result.rows):
        value = count_of(row, count)
        texts = [values.text(column.kind, row.cells[column.key]) for column in beside]
        yield {
            **marks.mark(number, row, count),
            "size": value,
            "said": " · ".join([formats.number(value), *texts]),
            **marks.inked(row, count, ink_of(count.key)),
        }


def _totals(result: Result, counts: Sequence[Column]) -> Iterator[Datum]:
    lists = ListAddresses(result.report, result.filters)
    for number, column in enumerate(counts):
        title = labels.say(column.title_phrase)
        count = cast(int, result.totals[column.key])
        yield {
            "row": f"{number:0{DIGITS}}{title}",
            "size": count,
            "fill": SERIES[0].fill,
            "stroke": SERIES[0].line,
            "href": lists.address(column.key),
            "tip": f"{title}: {formats.number(count)}",
        }


def _bars_with_text(step: int) -> dict[str, Any]:
    """Return a specification of horizontal bars with a text next to each."""
    # On a narrow screen the bars shrink to leave room for the texts.
    scale = {
        "range": [0, {"expr": "max(0.25 * width, min(0.6 * width, width - 170))"}],
        "domainMin": 0,
        "nice": False,
    }
    counts = {"field": "size", "type": "quantitative", "axis": None, "scale": scale}
    bars = vega.bars("bars", "y", {})
    bars["encoding"]["x"] = counts
    words = {
        "data": {"name": "bars"},
        "mark": {"type": "text", "align": "left", "dx": 6, "color": "var(--muted)"},
        "encoding": {"y": vega.row_axis("y"), "x": counts, "text": {"field": "said"}},
    }
    return vega.chart(bars, words, height={"step": step})


def _rule_of_skipping(result: Result) -> tuple[Key, ...]:
    if "skipping" not in result.report.switches:
        return ()
    title, words = labels.SWITCHES["skipping"]
    rule = str(words[result.filters.switch("skipping")])
    return (Key("box", SERIES[0], f"{title} {lowered(rule)}"),)

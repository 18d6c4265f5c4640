"""Funnel of a count by step, stacked by outcome, and bars of a count by row with a rate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from leadlight.analytics.export.sheets import with_compared
from leadlight.analytics.metrics import outcomes
from leadlight.analytics.metrics.columns import Column
from leadlight.analytics.reports.contract import Result
from leadlight.presentation import formats, labels, values
from leadlight.presentation.charts import findings, vega
from leadlight.presentation.charts.bars import MOST_BARS
from leadlight.presentation.charts.chart import (
    Charts,
    chart_of,
    joined,
    key_of_before,
    keys_of,
    lowered,
)
from leadlight.presentation.charts.data import Datum, Marks, count_of
from leadlight.presentation.charts.palette import BEFORE, ink_of

HEIGHT = 240  # of a funnel of many steps, in pixels
TEXT_WIDTH = 130  # in pixels, for the text beside the longest bar
STEPS = (18, 30)  # least and greatest height of a step, in pixels
LOSSES = (outcomes.LOST.key, outcomes.CANCELLED.key)


def funnel(result: Result, count: Column) -> Charts:
    """Return the funnel of a count: one bar per step, stacked by outcome.

    The text beside each bar is the report's first rate and first duration.
    """
    if not any(count_of(row, count) for row in result.rows):
        return Charts()
    named = {column.kind: column for column in reversed(result.columns)}
    beside = tuple(named[kind] for kind in ("rate", "days") if kind in named)
    by_key = {column.key: column for column in result.columns}
    parts = [by_key[key] for key in result.report.chart.stacked[1:] if key in by_key]
    parts = [one for one in parts if any(count_of(row, one) for row in result.rows)] or [count]
    marks = Marks(result, list(with_compared(result)))
    data = {
        "bars": list(marks.stacked(parts)),
        "words": list(_labelled(result, count, beside, has_count=False)),
        "before": list(marks.sums_before([count])),
    }
    least, greatest = STEPS
    step = max(least, min(greatest, HEIGHT // len(result.rows)))
    chart = chart_of(
        "funnel",
        joined((count, *beside)),
        result,
        [*keys_of(parts), *key_of_before(result, "tick")],
        _bars_with_text(step, words="words", is_compared=bool(result.compared)),
        data,
        finding=" ".join(filter(None, (_largest_loss(result, count), _rule_of_skipping(result)))),
    )
    return Charts((chart,), len(result.rows), len(result.rows))


def shares(result: Result, count: Column) -> Charts:
    """Return the bars of a count, the highest first, with the report's first rate beside them.

    The compared period is a tick on each bar.
    """
    known = [pair for pair in with_compared(result) if count_of(pair[0], count)]
    if not known:
        return Charts()
    known.sort(key=lambda pair: count_of(pair[0], count), reverse=True)
    pairs = known[:MOST_BARS]
    rows = tuple(row for row, _then in pairs)
    beside = tuple(column for column in result.columns if column.kind == "rate")[:1]
    data = {
        "bars": list(_labelled(replace(result, rows=rows), count, beside)),
        "before": list(Marks(result, pairs).sums_before([count])),
    }
    sizes = [float(count_of(row, count)) for row in rows]
    finding = findings.first_of(result, "count", rows, sizes, findings.size_of_total(result, count))
    title = joined((count, *beside))
    keys = key_of_before(result, "tick")
    bars = _bars_with_text(26, is_compared=bool(result.compared))
    chart = chart_of("shares", title, result, keys, bars, data, finding=finding)
    return Charts((chart,), len(rows), len(known))


def _labelled(
    result: Result, count: Column, beside: Sequence[Column], *, has_count: bool = True
) -> Iterator[Datum]:
    """Yield the count of each row, with the text of the columns `beside`.

    With `has_count`, the text begins with the count.
    """
    marks = Marks(result, [(row, None) for row in result.rows])
    for number, row in enumerate(result.rows):
        value = count_of(row, count)
        texts = [values.text(column.kind, row.cells[column.key]) for column in beside]
        yield {
            **marks.mark(number, row, count),
            "size": value,
            "said": " · ".join([formats.number(value), *texts] if has_count else texts),
            **marks.inked(row, count, ink_of(count.key)),
        }


def _bars_with_text(step: int, *, words: str = "bars", is_compared: bool = False) -> dict[str, Any]:
    """Return a specification of horizontal bars with a text next to each."""
    # On a narrow screen the bars shrink to leave room for the texts.
    scale = {
        "range": [0, {"expr": f"max(0.25 * width, min(0.75 * width, width - {TEXT_WIDTH}))"}],
        "domainMin": 0,
        "nice": False,
    }
    counts = {"field": "size", "type": "quantitative", "axis": None, "scale": scale}
    bars = vega.bars("bars", "y", {})
    bars["encoding"]["x"] = counts | {"stack": "zero"}
    text = {
        "data": {"name": words},
        "mark": {"type": "text", "align": "left", "dx": 6, "color": "var(--muted)"},
        "encoding": {"y": vega.row_axis("y"), "x": counts, "text": {"field": "said"}},
    }
    ticks = vega.ticks("before", "y", BEFORE.line)
    ticks["encoding"]["x"] = counts
    layers = (bars, ticks, text) if is_compared else (bars, text)
    return vega.chart(*layers, height={"step": step})


def _largest_loss(result: Result, count: Column) -> str:
    """Return the step at which the most leads were lost or cancelled; empty if none were."""
    known = [column for column in result.columns if column.key in LOSSES]
    lost = {
        place: sum(count_of(row, column) for column in known)
        for place, row in enumerate(result.rows)
    }
    place = max(lost, key=lost.__getitem__)
    if not lost[place]:
        return ""
    row = result.rows[place]
    return _(
        "Largest loss: %(step)s, where %(lost)s of %(all)s were lost or cancelled (%(share)s)."
    ) % {
        "step": labels.row_label(row, result.grouping),
        "lost": formats.number(lost[place]),
        "all": formats.number(count_of(row, count)),
        "share": formats.percent(lost[place] / count_of(row, count), 0),
    }


def _rule_of_skipping(result: Result) -> str:
    if "skipping" not in result.report.switches:
        return ""
    title, words = labels.SWITCHES["skipping"]
    rule = str(words[result.filters.switch("skipping")])
    return f"{title} {lowered(rule)}."

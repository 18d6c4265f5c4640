"""Waterfall charts: the changes that lead from a first to a last total.

The tick on each bar shows the compared period: its distance from the start of the bar is the change
in that period.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from leadlight.analytics.metrics.columns import Column
from leadlight.analytics.reports.contract import (
    Result,
)
from leadlight.analytics.reports.page_layout import Waterfall
from leadlight.presentation import formats, labels
from leadlight.presentation.charts import findings, vega
from leadlight.presentation.charts.chart import Chart, Charts, chart_of, key_of_before
from leadlight.presentation.charts.data import DIGITS, Datum, size_of
from leadlight.presentation.charts.palette import (
    BEFORE,
    CANCELLED,
    LOST,
    SERIES,
    WEIGHTED,
    WON,
    Ink,
)
from leadlight.presentation.links import ListAddresses

STEP = 24
TEXT_WIDTH = 56  # in pixels, for the figure at the end of the longest bar
AMOUNT = "_amount"
INKS = {"won": WON, "lost": LOST, "cancelled": CANCELLED, "amount_changed": SERIES[1]}


@dataclass(frozen=True)
class Part:
    """A bar from one sum to the next; the bars of the first and last total begin at 0.

    `sign` is -1 for a column whose figure is subtracted, else 1.
    """

    column: Column
    change: float
    start: float
    end: float
    is_total: bool = False
    sign: int = 1


def waterfalls(result: Result) -> Charts:
    """Return a chart for each waterfall of the report, except those whose figures are all 0."""
    charts = []
    for waterfall in result.report.chart.waterfalls:
        parts = list(parts_of(result, waterfall))
        if any(part.change for part in parts):
            charts.append(_chart(result, parts))
    return Charts(tuple(charts))


def parts_of(result: Result, waterfall: Waterfall) -> Iterator[Part]:
    """Yield the first total, the changes that are not 0, and the last total."""
    by_key = {column.key: column for column in result.columns}
    first, last = (size_of(result.totals[key]) for key in (waterfall.first, waterfall.last))
    yield Part(by_key[waterfall.first], first, 0, first, is_total=True)
    at = first
    for keys, sign in ((waterfall.added, 1), (waterfall.removed, -1)):
        for key in keys:
            if change := sign * size_of(result.totals[key]):
                yield Part(by_key[key], change, at, at + change, sign=sign)
                at += change
    yield Part(by_key[waterfall.last], last, 0, last, is_total=True)


def _chart(result: Result, parts: list[Part]) -> Chart:
    kind = parts[0].column.kind
    is_amount = kind == "money"
    axis = vega.amount_axis(result.currency) if is_amount else vega.count_axis()
    data = {"bars": list(_bars(result, parts)), "links": list(_links(result, parts))}
    if result.compared:
        data["before"] = list(_before(result, result.compared, parts))
        for bar, tick in zip(data["bars"], data["before"], strict=True):
            bar["high"] = max(bar["high"], tick["size"])  # the text of a bar starts after its tick
    return chart_of(
        "amounts" if is_amount else "counts",
        _("Open amount, first and last day") if is_amount else _("Open leads, first and last day"),
        result,
        key_of_before(result, "tick"),
        _specification(axis, is_compared=bool(result.compared)),
        data,
        finding=_finding(result, kind, parts[0].end, parts[-1].end),
    )


def _bars(result: Result, parts: list[Part]) -> Iterator[Datum]:
    lists = ListAddresses(result.report, result.filters)
    first = parts[0].end
    for number, part in enumerate(parts):
        kind, ink = part.column.kind, _ink(part)
        tip = [
            labels.say(result.title_in_total(part.column)),
            _signed(part, _exact(result, kind, part.change)),
        ]
        if first and not part.is_total:
            share = formats.percent(abs(part.change) / first)
            tip.append(_("%(share)s of the first day's total") % {"share": share})
        yield {
            "row": _row(result, number, part),
            "start": part.start,
            "end": part.end,
            "high": max(part.start, part.end),
            "said": _signed(part, findings.glance(result, kind, part.change)),
            "fill": ink.fill,
            "stroke": ink.line,
            "href": lists.address(part.column.key),
            "tip": "\n".join(tip),
        }


def _before(result: Result, compared: Result, parts: list[Part]) -> Iterator[Datum]:
    """Yield the change of each part in the compared period, from the start of its bar."""
    lists = ListAddresses(compared.report, compared.filters)
    for number, part in enumerate(parts):
        change = part.sign * size_of(compared.totals[part.column.key])
        title = labels.say(compared.title_in_total(part.column))
        tip = [title, _signed(part, _exact(compared, part.column.kind, change))]
        yield {
            "row": _row(result, number, part),
            "size": part.start + change,
            "href": lists.address(part.column.key),
            "tip": "\n".join(tip),
        }


def _exact(result: Result, kind: str, size: float) -> str:
    if kind == "money":
        return formats.money(round(size, 2), currency=result.currency)
    return formats.number(round(size))


def _signed(part: Part, figure: str) -> str:
    """Return a figure with a plus sign if it is an increase; a decrease has its sign already."""
    return f"+{figure}" if part.change > 0 and not part.is_total else figure


def _links(result: Result, parts: list[Part]) -> Iterator[Datum]:
    """Yield the lines between the end of each bar and the next bar."""
    rows = [_row(result, number, part) for number, part in enumerate(parts)]
    for part, row, following in zip(parts, rows, rows[1:], strict=False):
        yield {"row": row, "next": following, "end": part.end}


def _row(result: Result, number: int, part: Part) -> str:
    """Return the name of a bar: the day of a total, or the title of a change."""
    if part.is_total:
        text = formats.day(result.period.last if number else result.period.first)
    else:
        text = labels.say(_counted(result, part.column).title_phrase)
    return f"{number:0{DIGITS}}{text}"


def _counted(result: Result, column: Column) -> Column:
    """Return the count that belongs to an amount, for its shorter title; else the column."""
    key = column.key.removesuffix(AMOUNT)
    return next((one for one in result.columns if one.key == key), column)


def _ink(part: Part) -> Ink:
    if part.is_total:
        return WEIGHTED
    return INKS.get(part.column.key.removesuffix(AMOUNT)) or SERIES[part.change < 0]


def _finding(result: Result, kind: str, first: float, last: float) -> str:
    """Return by how much the total rose or fell, from one day to the other."""
    params = {
        "first": findings.glance(result, kind, first),
        "last": findings.glance(result, kind, last),
        "share": formats.percent(abs(last - first) / first, 0) if first else formats.NONE,
        "first_day": formats.day(result.period.first),
        "last_day": formats.day(result.period.last),
    }
    if last == first:
        return _("%(last)s on %(last_day)s, as on %(first_day)s.") % params
    if not first:
        return _("%(last)s on %(last_day)s, from nothing on %(first_day)s.") % params
    if last > first:
        return (
            _("Up %(share)s, from %(first)s on %(first_day)s to %(last)s on %(last_day)s.") % params
        )
    return (
        _("Down %(share)s, from %(first)s on %(first_day)s to %(last)s on %(last_day)s.") % params
    )


def _specification(axis: dict[str, Any], *, is_compared: bool) -> dict[str, Any]:
    """Return a specification of floating horizontal bars, each with its figure at its end."""
    scale = {"range": [0, {"expr": f"width - {TEXT_WIDTH}"}]}
    at = {"type": "quantitative", "axis": axis, "scale": scale}
    bars = {
        "data": {"name": "bars"},
        "mark": {"type": "bar", "cursor": "pointer", "strokeWidth": 1, "height": {"band": 0.7}},
        "encoding": {
            "y": vega.row_axis("y"),
            "x": {"field": "start", **at},
            "x2": {"field": "end"},
            "color": vega.field("fill"),
            "stroke": vega.field("stroke"),
            **vega.OPENS,
        },
    }
    links = {
        "data": {"name": "links"},
        "mark": {"type": "rule", "color": "var(--line-strong)"},
        "encoding": {
            "y": vega.row_axis("y"),
            "y2": {"field": "next"},
            "x": {"field": "end", **at},
        },
    }
    words = {
        "data": {"name": "bars"},
        "mark": {"type": "text", "align": "left", "dx": 5, "color": "var(--muted)"},
        "encoding": {
            "y": vega.row_axis("y"),
            "x": {"field": "high", **at},
            "text": {"field": "said"},
        },
    }
    ticks = vega.ticks("before", "y", BEFORE.line)
    ticks["encoding"]["x"] |= at
    layers = (links, bars, ticks, words) if is_compared else (links, bars, words)
    return vega.chart(*layers, height={"step": STEP})

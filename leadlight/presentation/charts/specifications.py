"""Vega-Lite specifications of the charts, compiled to Vega.

The name of a row is a number of `DIGITS` digits, which sorts it, and then its label, so that two
rows can have the same label. Marks link to their drill-down (`href`) and have a tooltip (`tip`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import vl_convert

from leadlight.presentation import formats

VEGA_LITE = "6.4"
DIGITS = 4
Values = Mapping[str, Sequence[Mapping[str, Any]]]

LABEL = f"slice(datum.label, {DIGITS})"
OPENS = {"href": {"field": "href"}, "tooltip": {"field": "tip"}}
CONFIG = {
    "aria": False,  # the page has a text alternative
    "font": 'system-ui, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif',
    "view": {"stroke": None},
    "axis": {
        "domainColor": "var(--line-strong)",
        "gridColor": "var(--line)",
        "labelColor": "var(--muted)",
        "labelFontSize": 11,
        "tickColor": "var(--line-strong)",
        "titleColor": "var(--muted)",
        "titleFontSize": 11,
        "titleFontWeight": "normal",
    },
}


def over_time(title: str, amount: str | None, currency: str) -> dict[str, Any]:
    """Return stacked counts by row, and an amount as a line on its own axis."""
    layers = [_stack("x", "y", _count_axis(title))]
    if amount:
        layers.append(_amount_lines(amount, currency))
    return {
        "height": 260,
        "width": "container",
        "layer": layers,
        "resolve": {"scale": {"y": "independent"}},
    }


def bars_of_counts(title: str) -> dict[str, Any]:
    """Return stacked horizontal bars of counts by row."""
    bars = _stack("y", "x", _count_axis(title))
    return {"height": {"step": 26}, "width": "container", "layer": [bars]}


def bars_of_amounts(title: str, currency: str) -> dict[str, Any]:
    """Return horizontal bars of an amount by row, with the compared amount as a tick."""
    axis = _amount_axis(title, currency)
    amounts = {"field": "amount", "type": "quantitative", "axis": axis}
    now = {
        "data": {"name": "line"},
        "mark": {"type": "bar", "cursor": "pointer", "height": {"band": 0.7}},
        "encoding": {"y": _rows("y"), "x": amounts, "color": _fill(), **OPENS},
    }
    before = {
        "data": {"name": "before"},
        "mark": {"type": "tick", "color": "var(--chart-before)", "thickness": 3},
        "encoding": {"y": _rows("y"), "x": amounts, **OPENS},
    }
    return {"height": {"step": 26}, "width": "container", "layer": [now, before]}


def amounts_over_time(title: str, currency: str) -> dict[str, Any]:
    """Return stacked amounts by row, and another amount as a line on the same axis."""
    line = {"type": "line", "stroke": "var(--chart-amount)", "strokeWidth": 2}
    points = {"type": "point", "filled": True, "opacity": 1, "cursor": "pointer", "size": 45}
    goal = {
        "data": {"name": "line"},
        "encoding": {"x": _rows("x"), "y": {"field": "amount", "type": "quantitative"}},
        "layer": [
            {"mark": line},
            {"mark": points | {"color": "var(--chart-amount)"}, "encoding": OPENS},
        ],
    }
    bars = _stack("x", "y", _amount_axis(title, currency), "amount")
    return {"height": 260, "width": "container", "layer": [bars, goal]}


def bars_of_parts(title: str, currency: str) -> dict[str, Any]:
    """Return stacked horizontal bars of amounts by row, with another amount as a tick."""
    goal = {
        "data": {"name": "line"},
        "mark": {"type": "tick", "color": "var(--chart-amount)", "thickness": 3},
        "encoding": {
            "y": _rows("y"),
            "x": {"field": "amount", "type": "quantitative"},
            **OPENS,
        },
    }
    bars = _stack("y", "x", _amount_axis(title, currency), "amount")
    return {"height": {"step": 26}, "width": "container", "layer": [bars, goal]}


def funnel(title: str) -> dict[str, Any]:
    """Return a horizontal bar of a count by row, with a text next to the bar."""
    counts = {
        "field": "count",
        "type": "quantitative",
        "axis": None,
        "title": title,
        # On a narrow screen the bars shrink to leave room for the texts.
        "scale": {
            "range": [0, {"expr": "max(0.25 * width, min(0.6 * width, width - 170))"}],
            "domainMin": 0,
            "nice": False,
        },
    }
    bars = {
        "mark": {"type": "bar", "cursor": "pointer", "height": {"band": 0.7}},
        "encoding": {"y": _rows("y"), "x": counts, "color": _fill(), **OPENS},
    }
    words = {
        "mark": {"type": "text", "align": "left", "dx": 6, "color": "var(--muted)"},
        "encoding": {"y": _rows("y"), "x": counts, "text": {"field": "said"}},
    }
    return {
        "data": {"name": "bars"},
        "height": {"step": 34},
        "width": "container",
        "layer": [bars, words],
    }


def intervals(title: str) -> dict[str, Any]:
    """Return a share by row as a point on its confidence interval."""
    axis = {"title": title, "labelExpr": _percent(), "tickCount": 5}
    bars = {
        "mark": {"type": "rule", "strokeWidth": 3, "strokeCap": "round", "opacity": 0.45},
        "encoding": {
            "y": _rows("y"),
            "x": {"field": "low", "type": "quantitative", "axis": axis},
            "x2": {"field": "high"},
            "color": _fill(),
            **OPENS,
        },
    }
    points = {
        "mark": {"type": "point", "filled": True, "opacity": 1, "size": 70, "cursor": "pointer"},
        "encoding": {
            "y": _rows("y"),
            "x": {"field": "share", "type": "quantitative"},
            "color": _fill(),
            **OPENS,
        },
    }
    return {
        "data": {"name": "bars"},
        "height": {"step": 26},
        "width": "container",
        "layer": [bars, points],
    }


def lines_by_age(title: str, until: int) -> dict[str, Any]:
    """Return a step line of a share by age for each row, with its band and points."""
    share = {"field": "share", "type": "quantitative", "axis": _share_axis()}
    band = {
        "data": {"name": "lines"},
        "mark": {"type": "area", "interpolate": "step-after", "opacity": 0.14},
        "encoding": {
            "x": _age(title, until),
            "y": {"field": "low", "type": "quantitative", "axis": _share_axis()},
            "y2": {"field": "high"},
            "color": _fill(),
        },
    }
    line = {
        "data": {"name": "lines"},
        "mark": {"type": "line", "interpolate": "step-after", "strokeWidth": 2},
        "encoding": {"x": _age(title, until), "y": share, "color": _fill()},
    }
    return {"height": 300, "width": "container", "layer": [band, line, _age_points(title, until)]}


def areas_by_age(title: str, until: int) -> dict[str, Any]:
    """Return stacked areas of shares by age, with points."""
    areas = {
        "data": {"name": "areas"},
        "mark": {"type": "area", "interpolate": "step-after"},
        "encoding": {
            "x": _age(title, until),
            "y": {
                "field": "part",
                "type": "quantitative",
                "stack": "zero",
                "axis": _share_axis(),
                "scale": {"domain": [0, 1]},
            },
            "color": _fill(),
            "order": {"field": "place", "type": "quantitative"},
        },
    }
    return {"height": 260, "width": "container", "layer": [areas, _age_points(title, until)]}


def compiled(specification: Mapping[str, Any], values: Values) -> dict[str, Any]:
    """Compile a specification to Vega and insert the values by data name.

    Compilation is cached: it does not depend on the values.
    """
    vega: dict[str, Any] = json.loads(_compiled(json.dumps(specification)))
    for data in vega["data"]:
        if data["name"] in values:
            data["values"] = values[data["name"]]
    return vega


@lru_cache(maxsize=256)
def _compiled(specification: str) -> str:
    whole = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "background": None,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "config": CONFIG,
        "padding": {"left": 0, "right": 0, "top": 4, "bottom": 4},
    } | json.loads(specification)
    return json.dumps(vl_convert.vegalite_to_vega(whole, vl_version=VEGA_LITE))


def _count_axis(title: str) -> dict[str, Any]:
    return {"title": title, "labelExpr": _shortened("", ""), "tickMinStep": 1, "tickCount": 5}


def _stack(rows: str, counts: str, axis: dict[str, Any], field: str = "count") -> dict[str, Any]:
    count = {"field": field, "type": "quantitative", "stack": "zero", "axis": axis}
    thickness = {"band": 0.7} if rows == "y" else {"band": 0.82}
    return {
        "data": {"name": "bars"},
        "mark": {
            "type": "bar",
            "cursor": "pointer",
            "height" if rows == "y" else "width": thickness,
        },
        "encoding": {
            rows: _rows(rows),
            counts: count,
            "color": _fill(),
            "order": {"field": "place", "type": "quantitative"},
            **OPENS,
        },
    }


def _rows(channel: str) -> dict[str, Any]:
    axis: dict[str, Any] = {"title": None, "labelExpr": LABEL, "ticks": False, "labelPadding": 6}
    if channel == "x":
        axis |= {"labelAngle": 0, "labelOverlap": "greedy", "labelSeparation": 8}
    else:
        axis |= {"labelLimit": 130, "domain": False}
    return {"field": "row", "type": "ordinal", "axis": axis}


def _fill() -> dict[str, Any]:
    return {"field": "fill", "type": "nominal", "scale": None}


def _amount_lines(title: str, currency: str) -> dict[str, Any]:
    """Return the layer of an amount as a line with points, over the compared one."""
    axis = _amount_axis(title, currency) | {"orient": "right", "grid": False}
    before = {"stroke": "var(--chart-before)", "strokeDash": [5, 4], "strokeWidth": 2}
    points = {"type": "point", "filled": True, "opacity": 1, "cursor": "pointer"}
    return {
        "encoding": {
            "x": _rows("x"),
            "y": {"field": "amount", "type": "quantitative", "axis": axis},
        },
        "layer": [
            {"data": {"name": "before"}, "mark": {"type": "line", **before}},
            _points("before", points | {"color": "var(--chart-before)", "size": 30}),
            {
                "data": {"name": "line"},
                "mark": {"type": "line", "stroke": "var(--chart-amount)", "strokeWidth": 2},
            },
            _points("line", points | {"color": "var(--chart-amount)", "size": 45}),
        ],
    }


def _points(data: str, mark: Mapping[str, Any]) -> dict[str, Any]:
    return {"data": {"name": data}, "mark": mark, "encoding": OPENS}


def _amount_axis(title: str, currency: str) -> dict[str, Any]:
    before, after = formats.around_amount(currency)
    return {"title": title, "labelExpr": _shortened(before, after), "tickCount": 4}


def _age(title: str, until: int) -> dict[str, Any]:
    return {
        "field": "age",
        "type": "quantitative",
        "scale": {"domain": [0, until], "nice": False},
        "axis": {
            "title": title,
            "grid": False,
            "tickCount": 8,
            "tickMinStep": 1,
            "labelFlush": True,
            "labelOverlap": "greedy",
            "labelSeparation": 8,
        },
    }


def _share_axis() -> dict[str, Any]:
    return {"title": None, "labelExpr": _percent(), "tickCount": 5}


def _age_points(title: str, until: int) -> dict[str, Any]:
    return {
        "data": {"name": "points"},
        "mark": {"type": "point", "filled": True, "opacity": 1, "size": 45, "cursor": "pointer"},
        "encoding": {
            "x": _age(title, until),
            "y": {"field": "share", "type": "quantitative", "axis": _share_axis()},
            "color": _fill(),
            **OPENS,
        },
    }


def _percent() -> str:
    """Return a Vega expression that formats a share in per cent, in the active language."""
    return f"format(100 * datum.value, '.0f') + {json.dumps(formats.signs().percent)}"


def _shortened(before: str, after: str) -> str:
    """Return a Vega expression that formats axis labels in the active language: 1.5 M, 20 k."""
    group, decimal = formats.signs().between.values()
    space = formats.NARROW_SPACE if after else ""

    def written(divisor: float, sign: str) -> str:
        digits = f"format(datum.value / {divisor:.0f}, ',.3~f')"
        digits = f"replace(replace({digits}, ',', '{group}'), '.', '{decimal}')"
        return f"{json.dumps(before)} + {digits} + {json.dumps(sign + after)}"

    scaled = "".join(
        f"abs(datum.value) >= {max(divisor, formats.COMPACT_FROM)}"
        f" ? {written(divisor, space + sign)} : "
        for divisor, sign in formats.scales()
    )
    return scaled + written(1, "")

"""Common parts of the Vega-Lite specifications of charts, and their compilation to Vega.

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
from leadlight.presentation.charts.data import DIGITS
from leadlight.presentation.charts.palette import pale

VEGA_LITE = "6.4"
Values = Mapping[str, Sequence[Mapping[str, Any]]]

LABEL = f"slice(datum.label, {DIGITS})"
BEHIND = pale("before", 30)
OPENS = {"href": {"field": "href"}, "tooltip": {"field": "tip"}}
CONFIG = {
    "aria": False,  # the whole chart has a text alternative
    "font": 'system-ui, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif',
    "view": {"stroke": None},
    "axis": {
        "domainColor": "var(--line-strong)",
        "gridColor": "var(--line)",
        "labelColor": "var(--muted)",
        "labelFontSize": 12,
        "tickColor": "var(--line-strong)",
        "titleColor": "var(--muted)",
        "titleFontSize": 12,
        "titleFontWeight": "normal",
    },
}


HEIGHT = 200  # of a chart over time, in pixels
STEP = 20  # height of a bar with its distance to the next


def chart(*layers: dict[str, Any], height: Any = HEIGHT, **more: Any) -> dict[str, Any]:
    """Return a specification of layers on the same axes, as wide as its container."""
    return {"height": height, "width": "container", "layer": list(layers), **more}


def bars(data: str, rows: str, axis: dict[str, Any], *, thickness: float = 0.7) -> dict[str, Any]:
    """Return a layer of stacked bars of `size`, one stack per row.

    `rows` is the channel of the rows: "x" for upright bars, "y" for horizontal ones.
    """
    return {
        "data": {"name": data},
        "mark": {
            "type": "bar",
            "cursor": "pointer",
            "strokeWidth": 1,
            "height" if rows == "y" else "width": {"band": thickness},
        },
        "encoding": {
            rows: row_axis(rows),
            _other(rows): size(axis) | {"stack": "zero"},
            "color": field("fill"),
            "stroke": field("stroke"),
            "order": {"field": "place", "type": "quantitative"},
            **OPENS,
        },
    }


def bars_behind(data: str, axis: dict[str, Any]) -> dict[str, Any]:
    """Return a layer of wide pale upright bars: the compared period, behind the current one."""
    return {
        "data": {"name": data},
        "mark": {
            "type": "bar",
            "cursor": "pointer",
            "color": BEHIND,
            "width": {"band": 0.94},
        },
        "encoding": {"x": row_axis("x"), "y": size(axis), **OPENS},
    }


def ticks(data: str, rows: str, colour: str) -> dict[str, Any]:
    """Return a layer of one tick per row, across its bar."""
    return {
        "data": {"name": data},
        "mark": {"type": "tick", "color": colour, "thickness": 3, "cursor": "pointer"},
        "encoding": {rows: row_axis(rows), _other(rows): size(), **OPENS},
    }


def line(data: str, colour: str, axis: dict[str, Any], **stroke: Any) -> dict[str, Any]:
    """Return a layer of a line with the rows on the x axis; null sizes are gaps."""
    return {
        "data": {"name": data},
        "mark": {
            "type": "line",
            "stroke": colour,
            "strokeWidth": 2,
            "invalid": "break-paths-show-domains",
        }
        | stroke,
        "encoding": {"x": row_axis("x"), "y": size(axis)},
    }


def points(data: str, axis: dict[str, Any]) -> dict[str, Any]:
    """Return a layer of points with the rows on the x axis, in the colours of their data."""
    return {
        "data": {"name": data},
        "mark": {
            "type": "point",
            "filled": True,
            "opacity": 1,
            "size": 45,
            "strokeWidth": 1.5,
            "cursor": "pointer",
            "invalid": "filter",
        },
        "encoding": {
            "x": row_axis("x"),
            "y": size(axis),
            "fill": field("fill"),
            "stroke": field("stroke"),
            **OPENS,
        },
    }


def field(name: str) -> dict[str, Any]:
    """Return the encoding of a literal colour from the data."""
    return {"field": name, "type": "nominal", "scale": None}


def size(axis: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"field": "size", "type": "quantitative"} | ({"axis": axis} if axis else {})


def _other(channel: str) -> str:
    return "y" if channel == "x" else "x"


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
        "padding": {"left": 0, "right": 10, "top": 4, "bottom": 4},
    } | json.loads(specification)
    return json.dumps(vl_convert.vegalite_to_vega(whole, vl_version=VEGA_LITE))


def count_axis() -> dict[str, Any]:
    return {"title": None, "labelExpr": _shortened("", ""), "tickMinStep": 1, "tickCount": 4}


def row_axis(channel: str) -> dict[str, Any]:
    axis: dict[str, Any] = {"title": None, "labelExpr": LABEL, "ticks": False, "labelPadding": 6}
    if channel == "x":
        axis |= {"labelAngle": 0, "labelOverlap": "greedy", "labelSeparation": 8}
    else:
        axis |= {"labelLimit": 130, "domain": False}
    return {"field": "row", "type": "ordinal", "axis": axis}


def amount_axis(currency: str) -> dict[str, Any]:
    before, after = formats.around_amount(currency)
    return {"title": None, "labelExpr": _shortened(before, after), "tickCount": 4}


def share_axis() -> dict[str, Any]:
    return {"title": None, "labelExpr": _percent(), "tickCount": 4, "grid": True}


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

"""Chart of curves: a share by age, with one row highlighted within its confidence band.

The other rows are thin grey lines, and all leads together are a dark line. At first, the last
bucket with few open leads is highlighted, or the row with the most leads. Pointing at a line
highlights its row. If the rows are cohorts, a line is dashed, and its points are hollow, from the
age of the youngest open lead on: at later ages, not all leads of the cohort are old enough.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import inf
from typing import Any, cast

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leadlight.analytics.metrics.columns import Column
from leadlight.analytics.reports.contract import Result, Row
from leadlight.analytics.stats.survival import AGES, Curves
from leadlight.presentation import formats, labels
from leadlight.presentation.charts import vega
from leadlight.presentation.charts.ages import (
    HEIGHT,
    ages_of,
    axis_of_ages,
    axis_of_shares,
    curves_of,
    horizon,
    points_by_age,
    within,
)
from leadlight.presentation.charts.areas import areas
from leadlight.presentation.charts.chart import Chart, Charts, Key, chart_of
from leadlight.presentation.charts.data import Datum
from leadlight.presentation.charts.palette import SERIES, Ink
from leadlight.presentation.links import ListAddresses
from leadlight.presentation.values import band_formatter

MOST_CURVES = 12
HIGHLIGHTED, OTHER, OVERALL = SERIES[0], Ink("line-strong"), Ink("text")
# Share of the chart's width. The name of a line that ends further right is above its end, not
# beside it.
NAME_ABOVE_FROM = 0.75
CHOSEN = "chosen === null ? datum.main : datum.row === chosen"
NAMES = ("within_reach", "curve_points")  # of the layers whose marks highlight their row


def charts_of_curves(result: Result, column: Column) -> Charts:
    """Return the chart of curves of some rows, and the chart of outcomes of all leads together.

    At most `MOST_CURVES` rows: the last buckets, or the other rows with the most leads.
    """
    with_leads = [row for row in result.rows if curves_of(row, column).last > 0]
    is_time = result.grouping == "bucket"
    if is_time:
        rows = with_leads[-MOST_CURVES:]
    else:
        rows = sorted(with_leads, key=lambda row: -curves_of(row, column).leads)
        rows = rows[:MOST_CURVES]
    whole = cast(Curves, cast(Any, result.totals)[column.key])
    charts = (
        [_lines(result, rows, whole, column, is_cut=len(rows) < len(with_leads))] if rows else []
    )
    if whole.last > 0:
        charts.append(areas(result, whole))
    return Charts(tuple(charts), len(rows), len(rows) if is_time else len(with_leads))


def _lines(
    result: Result, rows: list[Row], whole: Curves, column: Column, *, is_cut: bool
) -> Chart:
    outcome = result.filters.switch("share_of")
    is_time = result.grouping == "bucket"
    main = rows.index(_most_telling(rows, column) if is_time else rows[0])
    until = horizon(curves_of(row, column) for row in rows)
    values = {
        "lines": list(_steps(rows, result, column, outcome, until, main)),
        "whole": list(_overall(whole, outcome, until)),
        "points": list(_points(result, rows, column, outcome, until, main)),
    }
    values["labels"] = _ends(values["lines"])
    immature = {datum["row"] for datum in values["lines"] if datum["immature"]}
    title = str(labels.SHARES_BY_AGE[outcome])
    if is_cut and is_time:
        title = _("%(title)s, the last %(count)s cohorts") % {"title": title, "count": len(rows)}
    ours, others = _("Highlighted"), _("Others")
    if is_time:
        ours, others = _("Highlighted cohort"), _("Other cohorts")
    keys = [
        Key("line", HIGHLIGHTED, ours if rows[1:] else _label(rows[0], result)),
        Key("band", HIGHLIGHTED, _("Likely range (95%)")),
    ]
    if rows[1:]:
        keys += [Key("line", OTHER, others), Key("line", OVERALL, _("Overall"))]
    if immature:
        keys.append(Key("dashed", HIGHLIGHTED, _("Not all leads of the cohort are this old yet")))
    chart = chart_of(
        "curves",
        title,
        result,
        keys,
        _specification(until, has_others=len(rows) > 1),
        values,
        finding=" ".join(
            filter(
                None,
                (
                    _finding(result, rows[main], column, outcome, until),
                    _immature_sentence(len(immature), len(rows)),
                ),
            )
        ),
    )
    return replace(chart, vega=_highlighting(chart.vega))


def _highlighting(vega: Datum) -> Datum:
    """Return the Vega specification with the row under the pointer as the signal `chosen`.

    In Vega-Lite, only one layer can set a signal.
    """
    events = ", ".join(f"@{name}_marks:pointerover" for name in NAMES)
    update = {"on": [{"events": events, "update": "datum.row"}]}
    signals = [one | update if one["name"] == "chosen" else one for one in vega["signals"]]
    return vega | {"signals": signals}


def _most_telling(rows: list[Row], column: Column) -> Row:
    """Return the last bucket with wins and few open leads; else the first bucket."""
    old = (
        row
        for row in reversed(rows)
        if not row.unfinished
        and not row.is_unfinished
        and curves_of(row, column).first("won", 0.01)
    )
    return next(old, rows[0])


def _label(row: Row, result: Result) -> str:
    short = formats.bucket(row.bucket, is_short=True) if row.bucket else ""
    return short or labels.row_label(row, result.grouping)


def _steps(
    rows: Sequence[Row], result: Result, column: Column, outcome: str, until: int, main: int
) -> Iterator[Datum]:
    """Yield the share of each row at each age, with the limits of its confidence band.

    At the age from which a cohort is immature, its mature and its immature part both have a datum,
    so that the two parts of the line touch.
    """
    for place, row in enumerate(rows):
        curves, label = curves_of(row, column), _label(row, result)
        ages, mature_until = ages_of(curves, until), _mature_until(row, curves)
        if ages and mature_until < ages[-1]:
            ages = sorted({*ages, int(mature_until)})
        else:
            mature_until = inf
        for age in ages:
            estimate = curves.at(outcome, age)
            if estimate:
                share = estimate.share
                datum = {
                    "row": place,
                    "name": label,
                    "main": place == main,
                    "age": age,
                    "share": round(share, 4),
                    "low": round(share if estimate.low is None else estimate.low, 4),
                    "high": round(share if estimate.high is None else estimate.high, 4),
                }
                if age <= mature_until:
                    yield datum | {"immature": False}
                if age >= mature_until:
                    yield datum | {"immature": True}


def _mature_until(row: Row, curves: Curves) -> float:
    """Return the age of the youngest open lead of a cohort; infinite for other rows."""
    return curves.youngest_open if row.bucket else inf


def _overall(whole: Curves, outcome: str, until: int) -> Iterator[Datum]:
    for age in ages_of(whole, until):
        estimate = whole.at(outcome, age)
        if estimate:
            yield {"age": age, "share": round(estimate.share, 4)}


def _ends(lines: list[Datum]) -> list[Datum]:
    """Return the last datum of each row, at which its name stands."""
    return list({datum["row"]: datum for datum in lines}.values())


def _points(
    result: Result, rows: Sequence[Row], column: Column, outcome: str, until: int, main: int
) -> Iterator[Datum]:
    """Yield the points of the lines at the ages of the table, with tooltip and drill-down."""
    lists = ListAddresses(result.report, result.filters)
    signs, band = formats.signs(), band_formatter()
    for place, row in enumerate(rows):
        curves = curves_of(row, column)
        for age in AGES:
            estimate = curves.at(outcome, age)
            if estimate and age <= until:
                is_immature = age > _mature_until(row, curves)
                share = labels.titled(within(age), signs.share(estimate.share, 1))
                between = band(estimate)
                yield {
                    "row": place,
                    "main": place == main,
                    "age": age,
                    "share": round(estimate.share, 4),
                    "fill": "var(--surface)" if is_immature else HIGHLIGHTED.line,
                    "href": lists.address("created_leads", row),
                    "tip": "\n".join(
                        (
                            labels.row_label(row, result.grouping),
                            f"{share} ({between})" if between else share,
                            *([_("Not all leads of the cohort are this old yet")] * is_immature),
                        )
                    ),
                }


def _finding(result: Result, row: Row, column: Column, outcome: str, until: int) -> str:
    """Return the shares of the highlighted row and of all, at the last age that both have."""
    curves, whole = curves_of(row, column), cast(Any, result.totals)[column.key]
    for age in reversed(AGES):
        share, of_all = curves.at(outcome, age), whole.at(outcome, age)
        if share and of_all and age <= until:
            return _("%(age)s – %(row)s: %(share)s; overall: %(all)s.") % {
                "age": within(age),
                "row": labels.row_label(row, result.grouping),
                "share": formats.percent(share.share),
                "all": formats.percent(of_all.share),
            }
    return ""


def _immature_sentence(immature: int, rows: int) -> str:
    """Return the number of cohorts with a dashed line, as a sentence; empty if there are none."""
    if not immature:
        return ""
    text = ngettext(
        "Dashed in %(immature)s of %(rows)s cohort: ages that not all of its leads have reached.",
        "Dashed in %(immature)s of %(rows)s cohorts: ages that not all of their leads have "
        "reached.",
        rows,
    )
    return text % {"immature": formats.number(immature), "rows": formats.number(rows)}


def _specification(until: int, *, has_others: bool) -> dict[str, Any]:
    """Return step lines, of which one is highlighted with its band, name and points."""
    x, y, row = axis_of_ages(until), axis_of_shares(), {"field": "row", "type": "nominal"}
    part = {"field": "immature", "type": "nominal"}
    dashes = {"condition": {"test": "datum.immature", "value": [5, 4]}, "value": []}
    shown = {"condition": {"test": CHOSEN, "value": 1}, "value": 0}

    def line(data: str, colour: str, width: float, **encoding: Any) -> dict[str, Any]:
        mark = {"type": "line", "interpolate": "step-after", "strokeWidth": width, "color": colour}
        return {"data": {"name": data}, "mark": mark, "encoding": {"x": x, "y": y, **encoding}}

    band = {
        "data": {"name": "lines"},
        "mark": {"type": "area", "interpolate": "step-after", "color": HIGHLIGHTED.line},
        "encoding": {
            "x": x,
            "y": axis_of_shares("low"),
            "y2": {"field": "high"},
            "detail": row,
            "opacity": {"condition": {"test": CHOSEN, "value": 0.16}, "value": 0},
        },
    }
    is_far = f"datum.age > {until * NAME_ABOVE_FROM}"
    name: dict[str, Any] = {
        "data": {"name": "labels"},
        "mark": {
            "type": "text",
            "align": {"expr": f"{is_far} ? 'right' : 'left'"},
            "dx": {"expr": f"{is_far} ? 0 : 8"},
            "dy": {"expr": f"{is_far} ? -12 : 0"},
            "fontWeight": "bold",
            "color": HIGHLIGHTED.line,
        },
        "encoding": {"x": x, "y": y, "text": {"field": "name"}, "opacity": shown},
    }
    halo = {**name, "mark": {**name["mark"], "stroke": "var(--surface)", "strokeWidth": 4}}
    within_reach = line("lines", HIGHLIGHTED.line, 12, detail=row, opacity={"value": 0})
    stroke = {"stroke": {"value": HIGHLIGHTED.line}, "strokeWidth": {"value": 1.5}}
    points = points_by_age(until, opacity=shown, **stroke)
    within_reach["name"], points["name"] = NAMES
    layers = [
        band,
        line("lines", OTHER.line, 1, detail=[row, part], strokeDash=dashes),
        *([line("whole", OVERALL.line, 2)] if has_others else []),
        line(*("lines", HIGHLIGHTED.line, 3), detail=[row, part], strokeDash=dashes, opacity=shown),
        halo,
        name,
        within_reach,
        points,
    ]
    return vega.chart(*layers, height=HEIGHT, params=[{"name": "chosen", "value": None}])

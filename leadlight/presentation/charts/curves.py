"""Charts of curves: shares by age, with their confidence bands, and outcomes by age."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from math import ceil
from typing import Any, cast

from django.utils.translation import gettext as _

from leadlight.analytics.metrics.columns import Column
from leadlight.analytics.reports.contract import Result, Row
from leadlight.analytics.stats.survival import AGES, CLOSED, OPEN, Curves
from leadlight.presentation import formats, labels
from leadlight.presentation.charts import vega
from leadlight.presentation.charts.chart import Chart, Charts, Key, chart_of
from leadlight.presentation.charts.data import Datum
from leadlight.presentation.charts.palette import BEFORE, CANCELLED, LOST, WON, Ink
from leadlight.presentation.charts.palette import OPEN as OPEN_LEADS
from leadlight.presentation.links import ListAddresses
from leadlight.presentation.values import band_writer

MOST_POINTS = 120
INKS = (Ink("series"), Ink("lost"), Ink("before"), Ink("cancelled"), Ink("text"))
AREAS = (WON, LOST, CANCELLED, OPEN_LEADS)
MOST_CURVES = len(INKS)


def charts_of_curves(result: Result, drawn: Column) -> Charts:
    """Return the chart of curves of some rows, and the chart of outcomes of all leads together.

    At most `MOST_CURVES` rows: the last buckets, or the other rows with the most leads.
    """
    told = [row for row in result.rows if curves_of(row, drawn).last > 0]
    is_time = result.grouping == "bucket"
    if is_time:
        rows = told[-MOST_CURVES:]
    else:
        rows = sorted(told, key=lambda row: -curves_of(row, drawn).leads)
        rows = rows[:MOST_CURVES]
    whole = cast(Curves, cast(Any, result.totals)[drawn.key])
    charts = [_lines(result, rows, drawn, is_cut=is_time and len(rows) < len(told))] if rows else []
    if whole.last > 0:
        charts.append(_areas(result, whole))
    return Charts(tuple(charts), len(rows), len(rows) if is_time else len(told))


def _lines(result: Result, rows: list[Row], drawn: Column, *, is_cut: bool) -> Chart:
    outcome = result.filters.switch("share_of")
    until = horizon(curves_of(row, drawn) for row in rows)
    values = {
        "lines": list(lines(rows, drawn, outcome, until)),
        "points": list(points(result, rows, drawn, outcome, until)),
    }
    title = str(labels.SHARES_BY_AGE[outcome])
    if is_cut:
        title = _("%(title)s, the last %(count)s cohorts") % {"title": title, "count": len(rows)}
    keys = (
        *(Key("line", ink, _label(row, result)) for ink, row in zip(INKS, rows, strict=False)),
        Key("band", BEFORE, _("What the true share may be")),
    )
    specification = _lines_by_age(_("Days since creation"), until)
    return chart_of("curves", title, result, keys, specification, values)


def _label(row: Row, result: Result) -> str:
    short = formats.bucket(row.bucket, is_short=True) if row.bucket else ""
    return short or labels.row_label(row, result.grouping)


def _areas(result: Result, whole: Curves) -> Chart:
    until = horizon([whole])
    values = {
        "areas": list(areas(whole, until)),
        "points": list(area_points(result, whole, until)),
    }
    keys = [
        Key("box", ink, title)
        for ink, title in zip(AREAS, titles_of_outcomes().values(), strict=True)
    ]
    title = _("What became of all these leads, by age")
    specification = _areas_by_age(_("Days since creation"), until)
    return chart_of("areas", title, result, tuple(keys), specification, values)


def curves_of(row: Row, drawn: Column) -> Curves:
    return cast(Curves, cast(Any, row.cells)[drawn.key])


def horizon(drawn: Iterable[Curves]) -> int:
    """Return the last age of the chart: the first age of the table without later changes."""
    latest = max((min(one.last, _last_closing(one)) for one in drawn), default=0)
    return next((age for age in AGES if age >= latest), AGES[-1])


def _last_closing(curves: Curves) -> int:
    shares = (1.0, *curves.by_outcome[OPEN].shares)
    changed = zip(curves.ages, pairwise(shares), strict=True)
    return max((age for age, (before, now) in changed if now < before), default=0)


def lines(rows: Sequence[Row], drawn: Column, outcome: str, until: int) -> Iterator[Datum]:
    """Yield the share of each row at each age, with the limits of its confidence band."""
    for place, row in enumerate(rows):
        curves = curves_of(row, drawn)
        for age in _ages(curves, until):
            estimate = curves.at(outcome, age)
            if estimate:
                share = estimate.share
                yield {
                    "age": age,
                    "share": round(share, 4),
                    "low": round(share if estimate.low is None else estimate.low, 4),
                    "high": round(share if estimate.high is None else estimate.high, 4),
                    "fill": INKS[place].line,
                }


def points(
    result: Result, rows: Sequence[Row], drawn: Column, outcome: str, until: int
) -> Iterator[Datum]:
    """Yield the points of the lines at the ages of the table, with tooltip and drill-down."""
    lists = ListAddresses(result.report, result.filters)
    signs, band = formats.signs(), band_writer()
    for place, row in enumerate(rows):
        for age in AGES:
            estimate = curves_of(row, drawn).at(outcome, age)
            if estimate and age <= until:
                share = f"{_within(age)}: {signs.share(estimate.share, 1)}"
                between = band(estimate)
                yield {
                    "age": age,
                    "share": round(estimate.share, 4),
                    "fill": INKS[place].line,
                    "href": lists.address("created_leads", row),
                    "tip": "\n".join(
                        (
                            labels.row_label(row, result.grouping),
                            f"{share} ({between})" if between else share,
                        )
                    ),
                }


def areas(curves: Curves, until: int) -> Iterator[Datum]:
    """Yield the shares of won, lost, cancelled and open leads at each age."""
    for age in _ages(curves, until):
        for place, outcome in enumerate((*CLOSED, OPEN)):
            estimate = curves.at(outcome, age)
            if estimate:
                yield {
                    "age": age,
                    "part": round(estimate.share, 4),
                    "place": place,
                    "fill": AREAS[place].fill,
                }


def area_points(result: Result, curves: Curves, until: int) -> Iterator[Datum]:
    """Yield points at the ages of the table, with the four shares in the tooltip."""
    lists = ListAddresses(result.report, result.filters)
    titles = {**titles_of_outcomes()}
    for age in AGES:
        told = {outcome: curves.at(outcome, age) for outcome in titles}
        if age <= until and told["won"]:
            said = (
                f"{title}: {formats.percent(estimate.share)}"
                for title, estimate in zip(titles.values(), told.values(), strict=True)
                if estimate
            )
            yield {
                "age": age,
                "share": round(told["won"].share, 4),
                "fill": "var(--surface)",
                "href": lists.address("created_leads"),
                "tip": "\n".join((_within(age), *said)),
            }


def titles_of_outcomes() -> dict[str, str]:
    return {
        "won": _("Won"),
        "lost": _("Lost"),
        "cancelled": _("Cancelled"),
        OPEN: _("Still open"),
    }


def _within(age: int) -> str:
    return _("Within %(days)s days") % {"days": age}


def _ages(curves: Curves, until: int) -> list[int]:
    """Return the ages to draw: at most `MOST_POINTS` evenly spaced ones, and the ages of the table,
    up to the last age of the curves."""
    last = int(min(curves.last, until))
    ages = {*range(0, until, ceil(until / MOST_POINTS)), *AGES, last}
    return sorted(age for age in ages if 0 <= age <= last)


def _lines_by_age(title: str, until: int) -> dict[str, Any]:
    """Return a step line of a share by age for each row, with its band and points."""
    share = {"field": "share", "type": "quantitative", "axis": vega.share_axis()}
    band = {
        "data": {"name": "lines"},
        "mark": {"type": "area", "interpolate": "step-after", "opacity": 0.14},
        "encoding": {
            "x": _age(title, until),
            "y": {"field": "low", "type": "quantitative", "axis": vega.share_axis()},
            "y2": {"field": "high"},
            "color": vega.field("fill"),
        },
    }
    line = {
        "data": {"name": "lines"},
        "mark": {"type": "line", "interpolate": "step-after", "strokeWidth": 2},
        "encoding": {"x": _age(title, until), "y": share, "color": vega.field("fill")},
    }
    return {"height": 240, "width": "container", "layer": [band, line, _age_points(title, until)]}


def _areas_by_age(title: str, until: int) -> dict[str, Any]:
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
                "axis": vega.share_axis(),
                "scale": {"domain": [0, 1]},
            },
            "color": vega.field("fill"),
            "order": {"field": "place", "type": "quantitative"},
        },
    }
    return {"height": 240, "width": "container", "layer": [areas, _age_points(title, until)]}


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


def _age_points(title: str, until: int) -> dict[str, Any]:
    return {
        "data": {"name": "points"},
        "mark": {"type": "point", "filled": True, "opacity": 1, "size": 45, "cursor": "pointer"},
        "encoding": {
            "x": _age(title, until),
            "y": {"field": "share", "type": "quantitative", "axis": vega.share_axis()},
            "color": vega.field("fill"),
            **vega.OPENS,
        },
    }

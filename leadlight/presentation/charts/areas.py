"""Chart of the outcomes of all leads together, by age: areas that add up to 100 %."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from leadlight.analytics.reports.contract import Result
from leadlight.analytics.stats.survival import AGES, CLOSED, OPEN, Curves
from leadlight.presentation import formats, labels
from leadlight.presentation.charts import vega
from leadlight.presentation.charts.ages import (
    HEIGHT,
    ages_of,
    axis_of_ages,
    axis_of_shares,
    horizon,
    points_by_age,
    within,
)
from leadlight.presentation.charts.chart import Chart, Key, chart_of, lowered
from leadlight.presentation.charts.data import Datum
from leadlight.presentation.charts.palette import CANCELLED, LOST, WON
from leadlight.presentation.charts.palette import OPEN as OPEN_LEADS
from leadlight.presentation.links import ListAddresses

AREAS = (WON, LOST, CANCELLED, OPEN_LEADS)


def areas(result: Result, whole: Curves) -> Chart:
    """Return the chart of the shares won, lost, cancelled and open at each age."""
    until = horizon([whole])
    values = {
        "areas": list(_parts(whole, until)),
        "points": list(_points(result, whole, until)),
    }
    keys = [Key("box", ink, title) for ink, title in zip(AREAS, _titles().values(), strict=True)]
    title = _("Outcomes of these leads, by age")
    return chart_of(
        "areas", title, result, keys, _specification(until), values, finding=_finding(whole, until)
    )


def _titles() -> dict[str, str]:
    return {
        "won": _("Won"),
        "lost": _("Lost"),
        "cancelled": _("Cancelled"),
        OPEN: _("Still open"),
    }


def _parts(curves: Curves, until: int) -> Iterator[Datum]:
    """Yield the shares of won, lost, cancelled and open leads at each age."""
    for age in ages_of(curves, until):
        for place, outcome in enumerate((*CLOSED, OPEN)):
            estimate = curves.at(outcome, age)
            if estimate:
                yield {
                    "age": age,
                    "part": round(estimate.share, 4),
                    "place": place,
                    "fill": AREAS[place].fill,
                }


def _points(result: Result, curves: Curves, until: int) -> Iterator[Datum]:
    """Yield points at the ages of the table, with the four shares in the tooltip."""
    lists = ListAddresses(result.report, result.filters)
    for age in AGES:
        won = curves.at("won", age)
        if age <= until and won:
            yield {
                "age": age,
                "share": round(won.share, 4),
                "fill": "var(--surface)",
                "href": lists.address("created_leads"),
                "tip": "\n".join((within(age), *_share_texts(curves, age))),
            }


def _share_texts(curves: Curves, age: int, decimals: int = 1) -> list[str]:
    shares = ((title, curves.at(outcome, age)) for outcome, title in _titles().items())
    return [
        labels.titled(title, formats.percent(one.share, decimals)) for title, one in shares if one
    ]


def _finding(curves: Curves, until: int) -> str:
    """Return the four shares at the last age of the table that has them."""
    known = [age for age in AGES if age <= until and curves.at("won", age)]
    if not known:
        return ""
    shares = ", ".join(map(lowered, _share_texts(curves, known[-1], 0)))
    return _("%(age)s – %(shares)s.") % {"age": within(known[-1]), "shares": shares}


def _specification(until: int) -> dict[str, Any]:
    """Return stacked areas of shares by age, with points."""
    layer = {
        "data": {"name": "areas"},
        "mark": {"type": "area", "interpolate": "step-after"},
        "encoding": {
            "x": axis_of_ages(until),
            "y": axis_of_shares("part") | {"stack": "zero", "scale": {"domain": [0, 1]}},
            "color": vega.field("fill"),
            "order": {"field": "place", "type": "quantitative"},
        },
    }
    return vega.chart(layer, points_by_age(until), height=HEIGHT)

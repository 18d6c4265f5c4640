"""Common parts of the charts by age: the ages drawn, their axis, and points with tooltips."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from math import ceil
from typing import Any, cast

from django.utils.translation import gettext as _

from leadlight.analytics.metrics.columns import Column
from leadlight.analytics.reports.contract import Row
from leadlight.analytics.stats.survival import AGES, OPEN, Curves
from leadlight.presentation.charts import vega

HEIGHT = 220
MOST_POINTS = 60


def curves_of(row: Row, drawn: Column) -> Curves:
    return cast(Curves, cast(Any, row.cells)[drawn.key])


def horizon(drawn: Iterable[Curves]) -> int:
    """Return the last age of the chart: the first age of the table after which no curve changes."""
    latest = max((min(one.last, _last_closing(one)) for one in drawn), default=0)
    return next((age for age in AGES if age >= latest), AGES[-1])


def _last_closing(curves: Curves) -> int:
    """Return the last age at which the share of open leads decreases; 0 if it never does."""
    shares = (1.0, *curves.by_outcome[OPEN].shares)
    changed = zip(curves.ages, pairwise(shares), strict=True)
    return max((age for age, (before, now) in changed if now < before), default=0)


def ages_of(curves: Curves, until: int) -> list[int]:
    """Return the ages to draw, up to the last age of the curves.

    They are the ages of the table, and at most `MOST_POINTS` evenly spaced ones.
    """
    last = int(min(curves.last, until))
    ages = {*range(0, until, ceil(until / MOST_POINTS)), *AGES, last}
    return sorted(age for age in ages if 0 <= age <= last)


def within(age: int) -> str:
    return _("Within %(days)s days") % {"days": age}


def axis_of_ages(until: int) -> dict[str, Any]:
    return {
        "field": "age",
        "type": "quantitative",
        "scale": {"domain": [0, until], "nice": False},
        "axis": {
            "title": _("Days since creation"),
            "grid": False,
            "tickCount": 8,
            "tickMinStep": 1,
            "labelFlush": True,
            "labelOverlap": "greedy",
            "labelSeparation": 8,
        },
    }


def axis_of_shares(field: str = "share") -> dict[str, Any]:
    return {"field": field, "type": "quantitative", "axis": vega.share_axis()}


def points_by_age(until: int, **encoding: Any) -> dict[str, Any]:
    """Return a layer of points at the ages of the table."""
    return {
        "data": {"name": "points"},
        "mark": {"type": "point", "filled": True, "opacity": 1, "size": 45, "cursor": "pointer"},
        "encoding": {
            "x": axis_of_ages(until),
            "y": axis_of_shares(),
            "color": vega.field("fill"),
            **vega.OPENS,
            **encoding,
        },
    }

"""Data of the charts of curves: shares by age, with their confidence bands."""

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
from leadlight.presentation.charts.values import Datum
from leadlight.presentation.links import ListAddresses
from leadlight.presentation.values import band_writer

MOST_POINTS = 120
COLOURS = ("chart-1", "chart-2", "chart-before", "chart-3", "chart-amount")
REST = "color-mix(in srgb, var(--chart-3) 20%, var(--surface))"


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
                    "fill": f"var(--{COLOURS[place]})",
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
                    "fill": f"var(--{COLOURS[place]})",
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
        for place, outcome in enumerate((*CLOSED, OPEN), start=1):
            estimate = curves.at(outcome, age)
            if estimate:
                yield {
                    "age": age,
                    "part": round(estimate.share, 4),
                    "place": place,
                    "fill": REST if outcome == OPEN else f"var(--chart-{place})",
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

"""Findings: one sentence on what a chart shows, read from its figures."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from django.utils.translation import gettext as _

from leadlight.analytics.metrics.columns import Column, Rate
from leadlight.analytics.query.phrases import gettext_noop
from leadlight.analytics.reports.contract import Result, Row
from leadlight.presentation import formats, labels, values
from leadlight.presentation.charts.data import size_of

LATEST = 6
FEWEST = 3  # minimum number of finished buckets for `course`
COURSE = {
    "day": gettext_noop("Rose on %(rises)s of the last %(count)s days; highest: %(best)s."),
    "week": gettext_noop("Rose in %(rises)s of the last %(count)s weeks; highest: %(best)s."),
    "month": gettext_noop("Rose in %(rises)s of the last %(count)s months; highest: %(best)s."),
    "quarter": gettext_noop("Rose in %(rises)s of the last %(count)s quarters; highest: %(best)s."),
    "year": gettext_noop("Rose in %(rises)s of the last %(count)s years; highest: %(best)s."),
}


def course(result: Result, kind: str, rows: Sequence[Row], sizes: Sequence[float | None]) -> str:
    """Return how often a figure rose, and its highest value, in the finished buckets.

    Empty with fewer than `FEWEST` finished buckets, and if all values are 0.
    """
    known = [
        (row, size)
        for row, size in zip(rows, sizes, strict=True)
        if size is not None and not result.is_partial(row) and not result.is_future(row)
    ]
    if len(known) < FEWEST or not any(size for _row, size in known):
        return ""
    latest = [size for _row, size in known][-LATEST - 1 :]
    best, size = max(known, key=lambda one: one[1])
    label = formats.bucket(best.bucket, is_short=True) if best.bucket else ""
    return _(COURSE[best.bucket.unit if best.bucket else "month"]) % {
        "rises": formats.number(sum(now > before for before, now in pairwise(latest))),
        "count": formats.number(len(latest) - 1),
        "best": f"{label} ({glance(result, kind, size)})",
    }


def first_of(
    result: Result, kind: str, rows: Sequence[Row], sizes: Sequence[float], total: float
) -> str:
    """Return the row with the highest value and its share of the total; empty for a total of 0."""
    if not rows or not total:
        return ""
    place = max(range(len(rows)), key=sizes.__getitem__)
    return _("Highest: %(row)s, %(value)s (%(share)s of the total).") % {
        "row": labels.row_label(rows[place], result.grouping),
        "value": glance(result, kind, sizes[place]),
        "share": formats.percent(sizes[place] / total, 0),
    }


def size_of_total(result: Result, column: Column) -> float:
    return size_of(result.totals[column.key])


def glance(result: Result, kind: str, size: float) -> str:
    """Return a figure as rounded text, a rate in per cent."""
    if kind == "money":
        return formats.compact_money(size, result.currency)
    return formats.percent(size) if kind == "rate" else values.glance(kind, size)


def rate_of(row: Row, column: Column) -> float | None:
    rate = row.cells[column.key]
    return rate.value if isinstance(rate, Rate) else None

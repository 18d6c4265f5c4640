"""Cards above a report: its headline figures and their change from the compared period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from leadlight.analytics.metrics.columns import Column
from leadlight.analytics.reports.contract import Result
from leadlight.presentation import labels, values
from leadlight.presentation.cells import is_few, sparkline
from leadlight.presentation.comparisons import Change, ColumnComparison, basis_of
from leadlight.presentation.links import ListAddresses, explain_address
from leadlight.presentation.values import size_of


@dataclass(frozen=True)
class Card:
    """One figure as text, with its fraction if it is a rate, its drill-down and compared value.

    `exact` and `before_exact` are not rounded to three digits. `fraction` and `before` are empty,
    and `change` is None, if they do not apply.
    """

    column: Column
    title: str
    definition: str
    value: str
    exact: str
    fraction: str
    is_few: bool
    address: str
    change: Change | None
    before: str
    before_exact: str
    before_address: str
    explain: str = ""
    trend: SafeString | str = ""


MOST_CARDS = 5
MOST_BUCKETS = 12
FEWEST_BUCKETS = 3


def cards(result: Result) -> tuple[Card, ...]:
    """Return the cards of a report's headlines or, if it has none, of its first columns.

    Columns of single steps have no cards. The result is empty if there would be one card only,
    because the totals of the table already show that figure.
    """
    columns = {column.key: column for column in result.columns}
    named = [columns[key] for key in result.report.headlines if key in columns]
    first = [column for column in result.columns if "step" not in column.names]
    found = (named or first)[:MOST_CARDS]
    return tuple(card(result, column) for column in found) if len(found) > 1 else ()


def card(result: Result, column: Column) -> Card:
    now = result.totals[column.key]
    compared = result.compared
    before = compared.totals[column.key] if compared else None
    basis = basis_of(result, column.key)
    return Card(
        column=column,
        title=labels.say(result.title_in_total(column)),
        definition=labels.say(column.definition_phrase),
        value=values.glance(column.kind, now),
        exact=values.text(column.kind, now),
        fraction=values.parts(column, now),
        is_few=is_few(now),
        address=ListAddresses(result.report, result.filters).address(column.key),
        change=ColumnComparison(column).between(now, before, basis) if compared else None,
        before=values.glance(column.kind, before) if compared else "",
        before_exact=values.with_parts(column, before) if compared else "",
        before_address=(
            ListAddresses(result.report, compared.filters).address(column.key) if compared else ""
        ),
        explain=explain_address(result.report, result.filters, column=column.key),
        trend=_trend(result, column),
    )


def _trend(result: Result, column: Column) -> SafeString | str:
    """Return the sparkline of a figure over the last buckets; empty with too few of them."""
    rows = [row for row in result.rows if row.bucket is not None][-MOST_BUCKETS:]
    points = [size_of(row.cells[column.key]) for row in rows]
    known = [point for point in points if point is not None]
    return sparkline(known) if len(known) >= FEWEST_BUCKETS else ""


WIDTH, HEIGHT = 96, 32  # of `trend_to_date`, in pixels


def trend_to_date(points: Sequence[float | None], words: str) -> SafeString | str:
    """Render a line with one point per month; the last segment, of the current month, is dashed.

    Months without a value are left out; with fewer than `FEWEST_BUCKETS` values, the result is
    empty. `words` are the text alternative.
    """
    step, most = WIDTH / max(1, len(points) - 1), max((one for one in points if one), default=0)
    places = [
        f"{place * step:.1f},{HEIGHT - 2 - (HEIGHT - 4) * max(0, point) / (most or 1):.1f}"
        for place, point in enumerate(points)
        if point is not None
    ]
    if len(places) < FEWEST_BUCKETS:
        return ""
    x, y = places[-1].split(",")
    return mark_safe(  # noqa: S308  # numbers, and words that are escaped
        f'<svg class="trend to-date" viewBox="-3 0 {WIDTH + 6} {HEIGHT}" width="{WIDTH + 6}" '
        f'height="{HEIGHT}" role="img"><title>{escape(words)}</title>'
        f'<polyline points="{" ".join(places[:-1])}"/>'
        f'<polyline class="unfinished" points="{" ".join(places[-2:])}"/>'
        f'<circle cx="{x}" cy="{y}" r="2.5"/></svg>'
    )

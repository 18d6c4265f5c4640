"""HTML of the cells of a report's table.

With thousands of sellers a table has tens of thousands of cells: rendering them here, column by
column, is much faster than in a template.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import chain
from math import ceil

from django.utils.html import escape
from django.utils.translation import gettext as _

from leadlight.analytics.metrics.columns import Column, Rate
from leadlight.analytics.reports.contract import Result, Row, Value
from leadlight.analytics.stats.proportions import FEW
from leadlight.analytics.stats.survival import Estimate
from leadlight.presentation import formats
from leadlight.presentation.comparisons import Basis, ColumnComparison, basis_of
from leadlight.presentation.uncertainty import rate_uncertainty
from leadlight.presentation.values import band_writer, fraction_words, is_nothing, table_writer

HEAT_LEVELS = 5
FEWEST_HEATED = 3
SHADE = 0.1  # width of one level of heat, in units of the rate
NOTHING = f'<td class="number none">{formats.NONE}</td>'


class CellWriter:
    """Renderer of the cells of one column; looks up words and formats once for all rows.

    `address` is the drill-down address of the column, without a row.
    """

    def __init__(self, column: Column, result: Result, address: str) -> None:
        self.column = column
        self.address = escape(address)
        self.signs = formats.signs()
        self.is_shaded = column.kind == "rate" and result.report.chart.kind == "heat"
        every_row = (row.cells[column.key] for row in result.rows)  # lazy: read for money only
        self.write = table_writer(column.kind, chain(every_row, (result.totals[column.key],)))
        self.changes = ColumnComparison(column)
        self.fraction = fraction_words(column)
        self.band = band_writer()
        self.before = _("before: %(value)s")
        self.result = result
        self.has_chance = False
        self.doubts: dict[Rate, str] = {}

    def cells(self, pairs: Sequence[tuple[Row, Row | None]], places: Sequence[str]) -> list[str]:
        """Render the cells of all rows.

        `places` has the part of the drill-down address that names each row.
        """
        key = self.column.key
        values = [row.cells[key] for row, _then in pairs]
        heats = shades_of(values) if self.is_shaded else heats_of(self.column, values)
        return [
            self.cell(
                row.cells[key],
                then.cells[key] if then else None,
                place,
                heat + (" unfinished" if key in row.unfinished else ""),
                self.basis(row, then),
            )
            for (row, then), place, heat in zip(pairs, places, heats, strict=True)
        ]

    def basis(self, row: Row | None = None, then: Row | None = None) -> Basis | None:
        """Return the basis of the change in a row; without rows, of that in the totals."""
        return basis_of(self.result, self.column.key, row, then)

    def cell(
        self,
        value: Value,
        before: Value,
        place: str = "",
        heat: str = "",
        basis: Basis | None = None,
    ) -> str:
        """Render a number linked to its drill-down, with its fraction and change below it."""
        if is_nothing(value):
            return NOTHING
        is_rate = isinstance(value, Rate)
        text = self.write(value)
        looks = f"number{heat}{' few' if is_few(value) else '' if is_rate or value else ' zero'}"
        below = self._parts(value) + self._change(value, before, basis)
        link = f'<a href="{self.address}{place}"{self._exact(value, text)}>{text}</a>'
        return f'<td class="{looks}">{link}{below}</td>'

    def _exact(self, value: Value, text: str) -> str:
        """Render the tooltip: the amount with cents if they are rounded away, or the uncertainty
        of a rate of few cases."""
        if isinstance(value, Rate) and self.column.is_proportion and is_few(value):
            if value not in self.doubts:
                said = rate_uncertainty(value)
                self.doubts[value] = f' title="{escape(said.words)}"' if said else ""
            return self.doubts[value]
        if not isinstance(value, Decimal) or not value % 1:
            return ""
        exact = self.signs.number(value, 2)
        return "" if exact == text else f' title="{exact}"'

    def _parts(self, value: Value) -> str:
        """Render the fraction of a rate, or the band of an estimate.

        A rate of amounts has none: the row and the totals already show both amounts.
        """
        if isinstance(value, Estimate):
            text = self.band(value)
        elif isinstance(value, Rate) and not isinstance(value.denominator, Decimal):
            text = self._fraction(value)
        else:
            return ""
        return f'<small class="fraction">{text}</small>' if text else ""

    def _fraction(self, rate: Rate) -> str:
        number = self.signs.number
        return self.fraction % {"part": number(rate.numerator), "whole": number(rate.denominator)}

    def _change(self, now: Value, before: Value, basis: Basis | None) -> str:
        """Render the change of a value, with the compared value as a tooltip."""
        change = self.changes.between(now, before, basis)
        if change is None:
            return ""
        earlier = self.write(before)
        if isinstance(before, Rate) and isinstance(before.denominator, int):
            earlier += f" ({self._fraction(before)})"
        if change.could_be_chance:
            self.has_chance = True
            earlier += f" · {change.word}"
        word = f'<span class="visually-hidden"> {change.word}</span>' if change.word else ""
        return (
            f'<small class="change {change.sense}" title="{self.before % {"value": earlier}}">'
            f'<span aria-hidden="true">{change.arrow}</span> {change.text}{word}</small>'
        )


def trend_cell(row: Row, words: str) -> str:
    """Render the sparkline of a row, bucket by bucket, with a text alternative."""
    if len(row.trend) < 2 or not any(row.trend):
        return "<td></td>"
    most, step = max(row.trend), 60 / (len(row.trend) - 1)
    points = " ".join(
        f"{place * step:.1f},{15 - 13 * times / most:.1f}" for place, times in enumerate(row.trend)
    )
    said = words % {"first": row.trend[0], "last": row.trend[-1], "most": most}
    return (
        '<td><svg class="trend" viewBox="0 0 60 16" width="60" height="16" role="img" '
        f'aria-label="{said}"><polyline points="{points}"/></svg></td>'
    )


def trend_words() -> str:
    return escape(_("from %(first)s to %(last)s, at most %(most)s"))


def is_few(value: Value) -> bool:
    """Return whether a rate has fewer than `FEW` cases, and at least one."""
    return (
        isinstance(value, Rate)
        and isinstance(value.denominator, int)
        and 0 < value.denominator < FEW
    )


def shades_of(values: Sequence[Value]) -> list[str]:
    """Return the CSS class of each rate of a heat map, on a scale common to all columns."""
    rates = [value.value if isinstance(value, Rate) else None for value in values]
    return [f" heat-{min(HEAT_LEVELS, ceil(rate / SHADE))}" if rate else "" for rate in rates]


def heats_of(column: Column, values: Sequence[Value]) -> list[str]:
    """Return the CSS class of each cell, shaded by its share of the column's maximum.

    Only counts and amounts for which higher is better are shaded, in `FEWEST_HEATED` rows or more.
    """
    amounts = [value for value in values if isinstance(value, int | Decimal)]
    most = max(amounts, default=0)
    is_heated = column.higher_is_better and len(values) >= FEWEST_HEATED and most > 0
    if column.kind not in ("count", "money") or not is_heated:
        return [""] * len(values)
    return [
        f" heat-{ceil(HEAT_LEVELS * value / most)}"
        if isinstance(value, int | Decimal) and value > 0
        else ""
        for value in values
    ]

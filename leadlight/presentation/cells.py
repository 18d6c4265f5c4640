"""HTML of the cells of a report's table.

With thousands of sellers a table has tens of thousands of cells: rendering them here, column by
column, is much faster than in a template.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial
from itertools import chain
from math import ceil

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from leadlight.analytics.metrics.columns import Column, Rate
from leadlight.analytics.reports.contract import Result, Row, Value
from leadlight.analytics.stats.proportions import FEW
from leadlight.analytics.stats.survival import Estimate
from leadlight.presentation import formats, labels
from leadlight.presentation.comparisons import Basis, ColumnComparison, basis_of
from leadlight.presentation.layout import TableCell
from leadlight.presentation.links import ListAddresses
from leadlight.presentation.uncertainty import rate_uncertainty
from leadlight.presentation.values import (
    Write,
    band_writer,
    fraction_words,
    glance,
    is_nothing,
    table_writer,
    text,
)

HEAT_LEVELS = 5
FEWEST_HEATED = 3
SHADE = 0.1  # width of one level of heat, in units of the rate
NOTHING = f'<td class="number none">{formats.NONE}</td>'
NO_CHANGE = '<td class="change"></td>'


class CellWriter:
    """Renderer of one cell of every row; looks up words and formats once for all rows.

    A cell of the layout is one to three cells of the HTML table, so that figures line up: the
    figure; its fraction or further figures; and its change. `span` is their number.
    """

    def __init__(self, cell: TableCell, result: Result, lists: ListAddresses) -> None:
        self.column = column = cell.column
        self.result = result
        self.address = escape(lists.address(column.key))
        self.signs = formats.signs()
        is_heat_map = result.report.chart.kind == "heat"
        self.is_shaded = column.kind == "rate" and is_heat_map
        self.shaded_of = _whole_of(column, result) if is_heat_map else None
        every_row = (row.cells[column.key] for row in result.rows)  # lazy: read for money only
        self.write = table_writer(column.kind, chain(every_row, (result.totals[column.key],)))
        # Beside changes there is no room for further figures.
        further = () if result.compared else cell.further
        self.further = [FurtherWriter(one, escape(lists.address(one.key))) for one in further]
        self.between = "–" if all(one.kind == "days" for one in further) else " · "
        self.changes = ColumnComparison(column)
        self.fraction = fraction_words(column)
        self.total_title = escape(labels.say(result.title_in_total(column)))
        self.band = band_writer()
        self.before = _("before: %(value)s")
        self.has_aside = bool(self.further) or (
            column.kind in ("rate", "ratio", "estimate") and not self.is_shaded
        )
        self.has_change = bool(result.compared) and self.changes.applies and not self.is_shaded
        self.span = 1 + self.has_aside + self.has_change
        self.has_chance = False
        self.doubts: dict[Rate, str] = {}

    def cells(self, pairs: Sequence[tuple[Row, Row | None]], places: Sequence[str]) -> list[str]:
        """Render the cells of all rows.

        `places` has the part of the drill-down address that names each row.
        """
        key = self.column.key
        values = [row.cells[key] for row, _then in pairs]
        if whole := self.shaded_of:
            heats = shades_of([_share(row.cells[key], row.cells[whole]) for row, _then in pairs])
        elif self.is_shaded:
            heats = shades_of(values)
        else:
            heats = heats_of(self.column, values)
        return [
            self.cell(
                row.cells,
                then.cells if then else {},
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
        now: Mapping[str, Value],
        then: Mapping[str, Value],
        place: str = "",
        looks: str = "",
        basis: Basis | None = None,
    ) -> str:
        """Render the figure of a row with its drill-down, what stands beside it, and its change."""
        value, before = now[self.column.key], then.get(self.column.key)
        html = NOTHING if is_nothing(value) else self._figure(value, place, looks)
        state = " unfinished" if looks.endswith("unfinished") else ""
        if self.has_aside:
            html += f'<td class="aside{state}">{self._aside(value, now, place)}</td>'
        if self.has_change:
            html += self._change(value, before, basis)
        return html

    def _figure(self, value: Value, place: str, looks: str) -> str:
        text = self.write(value)
        few = " few" if is_few(value) else "" if isinstance(value, Rate) or value else " zero"
        link = f'<a href="{self.address}{place}"{self._exact(value, text)}>{text}</a>'
        return f'<td class="number{looks}{few}">{link}</td>'

    def _exact(self, value: Value, text: str) -> str:
        """Render the tooltip: the amount with cents if they are rounded away, or the uncertainty
        of a rate of few cases, or the fraction that has no cell of its own."""
        if isinstance(value, Rate) and self.column.is_proportion and is_few(value):
            if value not in self.doubts:
                said = rate_uncertainty(value)
                self.doubts[value] = f' title="{escape(said.words)}"' if said else ""
            return self.doubts[value]
        if isinstance(value, Rate) and (self.is_shaded or self.further):
            return f' title="{self._fraction(value)}"'
        if not isinstance(value, Decimal) or not value % 1:
            return ""
        exact = self.signs.number(value, 2)
        return "" if exact == text else f' title="{exact}"'

    def _aside(self, value: Value, now: Mapping[str, Value], place: str) -> str:
        """Render the fraction of a rate or the band of an estimate, or the further figures.

        A rate of amounts has no fraction: the row and the totals already show both amounts. Beside
        a 0 nothing stands.
        """
        if is_nothing(value) or value == 0:
            return ""
        if self.further:
            texts = (writer.text(now[writer.column.key], place) for writer in self.further)
            return self.between.join(filter(None, texts))
        if isinstance(value, Estimate):
            return self.band(value)
        if not isinstance(value, Rate) or isinstance(value.denominator, Decimal):
            return ""
        fraction = self._fraction(value)
        if now is self.result.totals and self.column.total_title:
            return f'<span title="{fraction}">{self.total_title}</span>'
        return fraction

    def _fraction(self, rate: Rate) -> str:
        number = self.signs.number
        return self.fraction % {"part": number(rate.numerator), "whole": number(rate.denominator)}

    def _change(self, now: Value, before: Value, basis: Basis | None) -> str:
        """Render the change of a value, with the compared value as a tooltip."""
        change = self.changes.between(now, before, basis)
        if change is None:
            return NO_CHANGE
        earlier = self.write(before)
        if isinstance(before, Rate) and isinstance(before.denominator, int):
            earlier += f" ({self._fraction(before)})"
        if change.could_be_chance:
            self.has_chance = True
            earlier += f" · {change.word}"
        word = f'<span class="visually-hidden"> {change.word}</span>' if change.word else ""
        return (
            f'<td class="change {change.sense}" title="{self.before % {"value": earlier}}">'
            f'<span aria-hidden="true">{change.arrow}</span> {change.text}{word}</td>'
        )


class FurtherWriter:
    """Renderer of a figure in small print, beside that of another column."""

    def __init__(self, column: Column, address: str) -> None:
        self.column = column
        self.address = address
        self.title = escape(labels.say(column.title_phrase))
        kind = column.kind
        self.write: Write = partial(glance, kind) if kind == "money" else table_writer(kind, ())

    def text(self, value: Value, place: str) -> str:
        """Render the figure with its drill-down; an empty text for no value."""
        if is_nothing(value):
            return ""
        exact = escape(text(self.column.kind, value))
        return (
            f'<a href="{self.address}{place}" title="{self.title}: {exact}">{self.write(value)}</a>'
        )


def trend_cell(row: Row, words: str) -> str:
    """Render the sparkline of a row, bucket by bucket, with a text alternative."""
    if len(row.trend) < 2 or not any(row.trend):
        return "<td></td>"
    said = words % {"first": row.trend[0], "last": row.trend[-1], "most": max(row.trend)}
    return f"<td>{sparkline(row.trend, said)}</td>"


def sparkline(points: Sequence[float], label: str = "") -> SafeString:
    """Render points as a small line from 0 to their maximum; without a label it is decoration."""
    most, step = max([*points, 0]) or 1, 60 / (len(points) - 1)
    line = " ".join(
        f"{place * step:.1f},{15 - 13 * max(0, point) / most:.1f}"
        for place, point in enumerate(points)
    )
    role = f'role="img" aria-label="{label}"' if label else 'aria-hidden="true"'
    return mark_safe(  # noqa: S308  # numbers, and a label that is escaped
        f'<svg class="trend" viewBox="0 0 60 16" width="60" height="16" {role}>'
        f'<polyline points="{line}"/></svg>'
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


def _whole_of(column: Column, result: Result) -> str | None:
    """Return the key of the first count, of which a further count is a part; None for others."""
    first = next((one for one in result.columns if one.kind == "count"), None)
    is_part = first is not None and column.kind == "count" and column.key != first.key
    return first.key if first and is_part else None


def _share(part: Value, whole: Value) -> Rate | None:
    return Rate(part, whole) if isinstance(part, int) and isinstance(whole, int) else None


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

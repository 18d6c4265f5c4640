"""HTML of the cells of a report's table.

With thousands of sellers a table has tens of thousands of cells: rendering them here, column by
column, is much faster than in a template.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial
from itertools import chain

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from leadlight.analytics.metrics.columns import Column, Rate, Span
from leadlight.analytics.reports.contract import Result, Row, Value
from leadlight.analytics.stats.proportions import MIN_CASES
from leadlight.analytics.stats.survival import Estimate
from leadlight.presentation import formats, labels
from leadlight.presentation.comparisons import (
    BEFORE,
    DIFFERENCE,
    PERCENT,
    Basis,
    Change,
    ColumnComparison,
    basis_of,
)
from leadlight.presentation.heat import Heat, own_row
from leadlight.presentation.layout import TableCell
from leadlight.presentation.links import ListAddresses, row_part
from leadlight.presentation.uncertainty import rate_uncertainty
from leadlight.presentation.values import (
    Formatter,
    band_formatter,
    fraction_words,
    glance,
    has_no_value,
    table_formatter,
    text,
)

NOTHING = f'<td class="number none">{formats.NONE}</td>'
DIAGONAL = '<td class="number diagonal"></td>'
NO_CHANGE = '<td class="change"></td>'


class CellRenderer:
    """Renderer of one cell of every row; looks up words and formats once for all rows.

    A cell of the layout is one to three cells of the HTML table, so that figures line up: the
    figure; its fraction or further figures; and its change, in one of the `CHANGE_FORMS`. `span` is
    the number of HTML cells.
    """

    def __init__(
        self,
        cell: TableCell,
        result: Result,
        lists: ListAddresses,
        heat: Heat | None = None,
        change_form: str = PERCENT,
    ) -> None:
        self.column = column = cell.column
        self.result = result
        self.heat = heat
        self.own_row = own_row(result, column)
        self.address = escape(lists.address(column.key))
        self.signs = formats.signs()
        is_heat_map = result.report.chart.kind == "heat"
        self.is_figure_only = column.kind == "rate" and is_heat_map
        every_row = (row.cells[column.key] for row in result.rows)  # lazy: only money reads it
        self.write = table_formatter(column.kind, chain(every_row, (result.totals[column.key],)))
        # With a comparison, there is room only for shares, which are short.
        further = [one for one in cell.further if one.is_share or not result.compared]
        self.band_end = _highest(result, column) if column.kind == "interval" else 0.0
        self.further = [
            FurtherFigureRenderer(one, escape(lists.address(one.key))) for one in further
        ]
        self.separator = "–" if all(one.kind == "days" for one in further) else " · "
        self.changes = ColumnComparison(column, is_difference=change_form == DIFFERENCE)
        self.shows_before = change_form == BEFORE
        self.address_before = (
            escape(ListAddresses(result.report, result.compared.filters).address(column.key))
            if result.compared
            else ""
        )
        self.fraction = fraction_words(column)
        self.total_title = escape(labels.say(result.title_in_total(column)))
        self.band = band_formatter()
        self.before = _("before: %(value)s")
        self.has_aside = bool(self.further) or (
            column.kind in ("rate", "ratio", "multiple", "estimate", "interval")
            and not self.is_figure_only
        )
        self.has_change = bool(result.compared) and self.changes.applies and not self.is_figure_only
        self.span = 1 + self.has_aside + self.has_change
        self.has_chance = False
        self.uncertainties: dict[Rate, str] = {}

    def cells(self, pairs: Sequence[tuple[Row, Row | None]], row_parts: Sequence[str]) -> list[str]:
        """Render the cells of all rows.

        `row_parts` has for each row the part of the drill-down address that names it.
        """
        key = self.column.key
        heats = self.heat.classes(self.column) if self.heat else [""] * len(pairs)
        return [
            DIAGONAL * self.span
            if row.key == self.own_row
            else self.cell(
                row.cells,
                then.cells if then else {},
                place,
                heat + (" unfinished" if key in row.unfinished else ""),
                self.basis(row, then),
                escape(row_part(then)) if then and self.shows_before else "",
            )
            for (row, then), place, heat in zip(pairs, row_parts, heats, strict=True)
        ]

    def basis(self, row: Row | None = None, then: Row | None = None) -> Basis | None:
        """Return the basis of the change in a row or, without rows, in the totals."""
        return basis_of(self.result, self.column.key, row, then)

    def cell(
        self,
        now: Mapping[str, Value],
        then: Mapping[str, Value],
        place: str = "",
        looks: str = "",
        basis: Basis | None = None,
        place_before: str = "",
    ) -> str:
        """Render the HTML cells of a row: figure with drill-down, aside, and change.

        `place` and `place_before` name the row in the addresses of drill-downs.
        """
        value, before = now[self.column.key], then.get(self.column.key)
        html = NOTHING if has_no_value(value) else self._figure(value, place, looks)
        state = " unfinished" if looks.endswith("unfinished") else ""
        if self.has_aside:
            html += f'<td class="aside{state}">{self._aside(value, now, place)}</td>'
        if self.has_change:
            change = self.changes.between(value, before, basis)
            if self.shows_before:
                html += self._value_before(before, change, place_before)
            else:
                self.has_chance |= bool(change and change.could_be_chance)
                html += self._change(before, change)
        return html

    def _figure(self, value: Value, place: str, looks: str) -> str:
        text = self.write(value)
        few = " few" if is_few(value) else "" if isinstance(value, Rate) or value else " zero"
        link = f'<a href="{self.address}{place}"{self._exact(value, text)}>{text}</a>'
        return f'<td class="number{looks}{few}">{link}</td>'

    def _exact(self, value: Value, text: str) -> str:
        """Render the tooltip of a figure; empty if the figure needs none.

        It is the uncertainty of a proportion with few cases, the fraction of a rate that has no
        cell of its own, or an amount with the cents that are rounded away in the cell.
        """
        if isinstance(value, Rate) and self.column.is_proportion and is_few(value):
            if value not in self.uncertainties:
                uncertainty = rate_uncertainty(value)
                self.uncertainties[value] = (
                    f' title="{escape(uncertainty.words)}"' if uncertainty else ""
                )
            return self.uncertainties[value]
        if isinstance(value, Rate) and (self.is_figure_only or self.further):
            return f' title="{self._fraction(value)}"'
        if not isinstance(value, Decimal) or not value % 1:
            return ""
        exact = self.signs.number(value, 2)
        return "" if exact == text else f' title="{exact}"'

    def _aside(self, value: Value, now: Mapping[str, Value], place: str) -> str:
        """Render further figures, the band of an estimate, bar of a span or fraction of a rate.

        A rate of amounts has no fraction: the row and the totals already show both amounts. A value
        of 0 has no aside. In the totals, if the column has a title for its total, the cell has that
        title, and the fraction is its tooltip.
        """
        if has_no_value(value) or value == 0:
            return ""
        if self.further:
            texts = (writer.text(now[writer.column.key], place) for writer in self.further)
            return self.separator.join(filter(None, texts))
        if isinstance(value, Estimate):
            return self.band(value)
        if isinstance(value, Span):
            return span_bar(value, self.band_end)
        if not isinstance(value, Rate) or isinstance(value.denominator, Decimal):
            return ""
        fraction = self._fraction(value)
        if now is self.result.totals and self.column.total_title:
            return f'<span title="{fraction}">{self.total_title}</span>'
        return fraction

    def _fraction(self, rate: Rate) -> str:
        number = self.signs.number
        return self.fraction % {"part": number(rate.numerator), "whole": number(rate.denominator)}

    def _change(self, before: Value, change: Change | None) -> str:
        """Render a change, with the compared value as a tooltip."""
        if change is None:
            return NO_CHANGE
        earlier = self._exact_before(before)
        if change.could_be_chance:
            earlier += f" · {change.text_alternative}"
        return (
            f'<td class="change {change.sense}" title="{self.before % {"value": earlier}}">'
            f"{_change_html(change)}</td>"
        )

    def _value_before(self, before: Value, change: Change | None, place: str) -> str:
        """Render the compared value with its drill-down, and with the change as a tooltip."""
        if has_no_value(before):
            return NO_CHANGE
        texts = [self._exact_before(before)]
        if change is not None:
            texts += [f"{change.arrow} {change.text}".strip(), change.text_alternative]
        return (
            f'<td class="change" title="{" · ".join(filter(None, texts))}">'
            f'<a href="{self.address_before}{place}">{self.write(before)}</a></td>'
        )

    def _exact_before(self, before: Value) -> str:
        """Render the compared value, a rate with its fraction."""
        if isinstance(before, Rate) and isinstance(before.denominator, int):
            return f"{self.write(before)} ({self._fraction(before)})"
        return self.write(before)


def _change_html(change: Change) -> str:
    word = (
        f'<span class="visually-hidden"> {change.text_alternative}</span>'
        if change.text_alternative
        else ""
    )
    return f'<span aria-hidden="true">{change.arrow}</span> {change.text}{word}'


class FurtherFigureRenderer:
    """Renderer of a figure in small print, beside the figure of another column."""

    def __init__(self, column: Column, address: str) -> None:
        self.column = column
        self.address = address
        self.title = escape(labels.say(column.title_phrase))
        kind = column.kind
        self.write: Formatter = (
            partial(glance, kind) if kind == "money" else table_formatter(kind, ())
        )

    def text(self, value: Value, place: str) -> str:
        """Render the figure with its drill-down; empty for no value."""
        if has_no_value(value):
            return ""
        exact = escape(text(self.column.kind, value))
        return (
            f'<a href="{self.address}{place}" title="{self.title}: {exact}">{self.write(value)}</a>'
        )


def trend_cell(row: Row, words: str) -> str:
    """Render the sparkline of a row, bucket by bucket, with a text alternative."""
    if len(row.trend) < 2 or not any(row.trend):
        return "<td></td>"
    label = words % {"first": row.trend[0], "last": row.trend[-1], "most": max(row.trend)}
    return f"<td>{sparkline(row.trend, label)}</td>"


def sparkline(points: Sequence[float], label: str = "") -> SafeString:
    """Render two or more points as a small line, scaled from 0 to their maximum.

    Without a label, screen readers skip it.
    """
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


def span_bar(span: Span, end: float) -> str:
    """Render an interval as a thin bar on a scale from 0 to `end`; its cell has the text."""
    parts = (float(part) for part in (span.low, span.high))
    low, high = (64 * min(part / end, 1.0) if end else 0.0 for part in parts)
    return (
        '<svg class="span" viewBox="0 0 64 8" width="64" height="8" aria-hidden="true">'
        '<rect class="scale" y="3.5" width="64" height="1"/>'
        f'<rect x="{low:.1f}" y="2" width="{max(high - low, 1):.1f}" height="4" rx="2"/></svg>'
    )


def _highest(result: Result, column: Column) -> float:
    """Return the highest end of the intervals of a column."""
    spans = [*(row.cells[column.key] for row in result.rows), result.totals[column.key]]
    return max((float(span.high) for span in spans if isinstance(span, Span)), default=0.0)


def trend_words() -> str:
    return escape(_("from %(first)s to %(last)s, at most %(most)s"))


def is_few(value: Value) -> bool:
    """Return whether a rate has fewer than `MIN_CASES` cases, and at least one."""
    return (
        isinstance(value, Rate)
        and isinstance(value.denominator, int)
        and 0 < value.denominator < MIN_CASES
    )

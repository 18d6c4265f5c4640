"""Data of the charts: one datum for each mark, with its drill-down (`href`) and tooltip (`tip`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, cast

from django.utils.translation import gettext as _

from leadlight.analytics.metrics.columns import Column, Rate
from leadlight.analytics.reports.contract import Result, Row, Value
from leadlight.presentation import formats, labels, values
from leadlight.presentation.cells import is_few
from leadlight.presentation.charts.palette import SERIES, Ink, ink_of
from leadlight.presentation.links import ListAddresses

DIGITS = 4  # of the number before the label of a row
Datum = dict[str, Any]
Pair = tuple[Row, Row | None]
Pairs = Sequence[Pair]


@dataclass(frozen=True)
class Marks:
    """Source of the data of one chart: rows in the order of the axis, drill-downs and tooltips."""

    result: Result
    pairs: Pairs

    def stacked(self, counts: Sequence[Column]) -> Iterator[Datum]:
        """Yield a datum for each count of each row; its tooltip has the share of the sum."""
        for number, (row, then) in enumerate(self.pairs):
            whole = sum(count_of(row, column) for column in counts)
            for place, column in enumerate(counts):
                count = count_of(row, column)
                if count or place == 0:  # a row of zeros keeps its place on the axis
                    share = Rate(count, whole) if len(counts) > 1 and whole else None
                    yield {
                        **self.mark(number, row, column, then, share=share),
                        "place": place,
                        "size": count,
                        **self.inked(row, column, ink_of(column.key, place)),
                    }

    def sums_before(self, counts: Sequence[Column]) -> Iterator[Datum]:
        """Yield the sum of the counts of each row in the compared period."""
        for number, _row, then in self._compared():
            count = sum(count_of(then, column) for column in counts)
            title = labels.say(counts[0].title_phrase) if len(counts) == 1 else _("Total")
            yield self.before(number, then, f"{title}: {formats.number(count)}", counts[0], count)

    def sized(self, column: Column) -> Iterator[Datum]:
        """Yield the amount or count of each row; rows without a value have no mark."""
        for number, (row, then) in enumerate(self.pairs):
            if row.cells[column.key] is not None:
                yield {
                    **self.mark(number, row, column, then),
                    "size": size_of(row.cells[column.key]),
                    **self.inked(row, column, ink_of(column.key)),
                }

    def sized_before(self, column: Column) -> Iterator[Datum]:
        """Yield the amount of each row in the compared period."""
        for number, _row, then in self._compared():
            if then.cells[column.key] is not None:
                size = size_of(then.cells[column.key])
                yield self.before(number, then, self.titled_value(column, then), column, size)

    def rates(self, column: Column) -> Iterator[Datum]:
        """Yield the rate of each row; its size is None if the denominator is 0."""
        for number, (row, then) in enumerate(self.pairs):
            rate = cast(Rate, row.cells[column.key])
            few = is_few(rate)
            unfinished = self.is_unfinished(row, column)
            yield {
                **self.mark(number, row, column, then),
                "size": rate.value,
                "fill": "var(--surface)" if few or unfinished else SERIES[0].line,
                "stroke": "var(--muted)" if few else SERIES[0].line,
            }

    def rates_before(self, column: Column) -> Iterator[Datum]:
        """Yield the rate of each row in the compared period."""
        for number, _row, then in self._compared():
            rate = cast(Rate, then.cells[column.key])
            yield self.before(number, then, self.titled_value(column, then), column, rate.value)

    # Parts of data

    def mark(
        self,
        number: int,
        row: Row,
        column: Column,
        then: Row | None = None,
        *,
        share: Rate | None = None,
    ) -> Datum:
        """Return the place, drill-down and tooltip of a figure of a row."""
        figure = self.titled_value(column, row)
        if share is not None:
            parts = {
                "share": formats.percent(share.value, 0),
                "total": formats.number(share.denominator),
            }
            figure += " " + _("(%(share)s of %(total)s)") % parts
        lines = [labels.row_label(row, self.result.grouping), figure]
        if self.result.grouping != "bucket":
            lines.append(formats.span(self.result.period.first, self.result.period.last))
        if then is not None:
            lines.append(_("before: %(value)s") % {"value": self.value_text(column, then)})
        return {
            "row": self.axis(number, row),
            "href": self.lists(column.key, row),
            "tip": "\n".join(lines),
        }

    def before(
        self, number: int, then: Row, text: str, column: Column, size: float | None
    ) -> Datum:
        """Return the mark of a figure of the compared period at the place of its row."""
        compared = cast(Result, self.result.compared)
        lines = [labels.row_label(then, self.result.grouping), text]
        if self.result.grouping != "bucket":
            lines.append(formats.span(compared.period.first, compared.period.last))
        return {
            "row": self.axis(number, self.pairs[number][0]),
            "size": size,
            "href": self.lists_before(column.key, then),
            "tip": "\n".join(lines),
        }

    def inked(self, row: Row, column: Column, ink: Ink) -> Datum:
        """Return the fill and line of a mark; hatched if its figure is unfinished."""
        fill = ink.hatched if self.is_unfinished(row, column) else ink.fill
        return {"fill": fill, "stroke": ink.line}

    def is_unfinished(self, row: Row, column: Column) -> bool:
        return self.result.is_partial(row) or column.key in row.unfinished

    def axis(self, number: int, row: Row) -> str:
        """Return the name of a row: digits that sort it, then its label."""
        short = formats.bucket(row.bucket, is_short=True) if row.bucket else ""
        return f"{number:0{DIGITS}}{short or labels.row_label(row, self.result.grouping)}"

    def titled_value(self, column: Column, row: Row) -> str:
        parts = {"title": labels.say(column.title_phrase), "value": self.value_text(column, row)}
        return _("%(title)s: %(value)s") % parts

    def value_text(self, column: Column, row: Row) -> str:
        value = row.cells[column.key]
        if column.kind == "money" and value is not None:
            return formats.money(cast(Decimal, value), currency=self.result.currency)
        return values.with_parts(column, value)

    @cached_property
    def lists(self) -> Callable[[str, Row], str]:
        return ListAddresses(self.result.report, self.result.filters).address

    @cached_property
    def lists_before(self) -> Callable[[str, Row], str]:
        compared = cast(Result, self.result.compared)
        return ListAddresses(self.result.report, compared.filters).address

    def _compared(self) -> Iterator[tuple[int, Row, Row]]:
        if self.result.compared:
            for number, (row, then) in enumerate(self.pairs):
                if then is not None:
                    yield number, row, then


def count_of(row: Row, column: Column) -> int:
    return cast(int, row.cells[column.key])


def size_of(value: Value) -> float:
    return float(cast(Decimal, value or 0))

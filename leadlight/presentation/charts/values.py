"""Data of the charts: one datum for each mark, with its drill-down (`href`) and tooltip (`tip`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, cast

from leadlight.analytics.metrics.columns import Column, Rate, Span
from leadlight.analytics.reports.contract import Result, Row, Value
from leadlight.presentation import formats, labels, values
from leadlight.presentation.charts.specifications import DIGITS
from leadlight.presentation.links import ListAddresses

Datum = dict[str, Any]
Pairs = Sequence[tuple[Row, Row | None]]


def stack(result: Result, pairs: Pairs, counts: tuple[Column, ...]) -> Iterator[Datum]:
    lists = ListAddresses(result.report, result.filters)
    for number, (row, _then) in enumerate(pairs):
        for place, column in enumerate(counts, start=1):
            count = count_of(row, column)
            if count or place == 1:  # a row of zeros keeps its place on the axis
                yield {
                    "row": _row(number, row, result),
                    "place": place,
                    "count": count,
                    "fill": f"url(#hatch-{place})" if result.is_partial(row) else _colour(place),
                    "href": lists.address(column.key, row),
                    "tip": _tip(result, row, column, formats.number(count)),
                }


def parts_of(result: Result, rows: Sequence[Row], parts: Sequence[Column]) -> Iterator[Datum]:
    """Yield three parts of each row: the first, the second, and the third minus the second."""
    lists = ListAddresses(result.report, result.filters)
    _first, within, last = parts
    for number, row in enumerate(rows):
        for place, column in enumerate(parts, start=1):
            size = size_of(row.cells[column.key])
            if column is last:
                size -= size_of(row.cells[within.key])
            yield {
                "row": _row(number, row, result),
                "place": place,
                "amount": size,
                "fill": _colour(place),
                "href": lists.address(column.key, row),
                "tip": _tip(result, row, column, _money(row, column, result)),
            }


def steps(result: Result, count: Column, beside: Sequence[Column]) -> Iterator[Datum]:
    """Yield the count of each step, with the text of the count and of the columns `beside`."""
    lists = ListAddresses(result.report, result.filters)
    for number, row in enumerate(result.rows):
        value = count_of(row, count)
        said = [values.text(column.kind, row.cells[column.key]) for column in beside]
        yield {
            "row": _row(number, row, result),
            "count": value,
            "fill": _colour(1),
            "said": " · ".join([formats.number(value), *said]),
            "href": lists.address(count.key, row),
            "tip": _tip(result, row, count, formats.number(value)),
        }


def intervals(result: Result, rows: Sequence[Row], rate: Column, span: Column) -> Iterator[Datum]:
    """Yield the rate of each row with its confidence interval; grey if it has few cases."""
    lists = ListAddresses(result.report, result.filters)
    for number, row in enumerate(rows):
        value, ends = cast(Rate, row.cells[rate.key]), cast(Span, row.cells[span.key])
        said = f"{values.with_parts(rate, value)}\n{labels.say(span.title_phrase)}: "
        yield {
            "row": _row(number, row, result),
            "share": value.value,
            "low": ends.low,
            "high": ends.high,
            "fill": "var(--muted)" if row.is_few else _colour(1),
            "href": lists.address(rate.key, row),
            "tip": _tip(result, row, rate, said + values.text(span.kind, ends)),
        }


def stages(result: Result, counts: tuple[Column, ...]) -> Iterator[Datum]:
    """Yield a bar for the total of each count, in order."""
    lists = ListAddresses(result.report, result.filters)
    for number, column in enumerate(counts):
        title = labels.say(column.title_phrase)
        count = cast(int, result.totals[column.key])
        yield {
            "row": f"{number:0{DIGITS}}{title}",
            "place": 1,
            "count": count,
            "fill": _colour(1),
            "href": lists.address(column.key),
            "tip": f"{title}: {formats.number(count)}",
        }


def amounts(result: Result, pairs: Pairs, amount: Column) -> Iterator[Datum]:
    lists = ListAddresses(result.report, result.filters)
    for number, (row, _then) in enumerate(pairs):
        if row.cells[amount.key] is None:
            continue
        yield {
            "row": _row(number, row, result),
            "amount": size_of(row.cells[amount.key]),
            "fill": _colour(1),
            "href": lists.address(amount.key, row),
            "tip": _tip(result, row, amount, _money(row, amount, result)),
        }


def amounts_before(result: Result, pairs: Pairs, amount: Column) -> Iterator[Datum]:
    before = result.compared
    if before is None:
        return
    lists = ListAddresses(result.report, before.filters)
    for number, (row, then) in enumerate(pairs):
        if then is not None:
            yield {
                "row": _row(number, row, result),
                "amount": size_of(then.cells[amount.key]),
                "href": lists.address(amount.key, then),
                "tip": _tip(before, then, amount, _money(then, amount, result)),
            }


def _row(number: int, row: Row, result: Result) -> str:
    short = formats.bucket(row.bucket, is_short=True) if row.bucket else ""
    return f"{number:0{DIGITS}}{short or labels.row_label(row, result.grouping)}"


def _colour(place: int) -> str:
    return f"var(--chart-{place})"


def count_of(row: Row, column: Column) -> int:
    return cast(int, row.cells[column.key])


def size_of(value: Value) -> float:
    return float(cast(Decimal, value or 0))


def _money(row: Row, amount: Column, result: Result) -> str:
    return formats.money(cast(Decimal, row.cells[amount.key]), currency=result.currency)


def _tip(result: Result, row: Row, column: Column, value: str) -> str:
    title = labels.say(column.title_phrase)
    lines = [labels.row_label(row, result.grouping), f"{title}: {value}"]
    if result.grouping != "bucket":
        lines.append(formats.span(result.period.first, result.period.last))
    return "\n".join(lines)

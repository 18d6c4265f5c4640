"""Charts of a sheet that the spreadsheet draws from the sheet's own cells.

They have the kind of the chart on the report's page. A report has none if spreadsheets lack its
kind of chart, or if its chart is the table itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from leadlight.analytics.metrics.columns import Column
from leadlight.analytics.query.phrases import Phrase, gettext_noop
from leadlight.analytics.reports.contract import Result

MOST_BARS = 30
MOST_LINES = 5
COMPARED_KEY = "compared_"  # prefix of the keys of columns for the compared period

Translate = Callable[[Phrase], str]


@dataclass(frozen=True)
class SheetChart:
    """A chart of a sheet; columns are given by the keys of their headings.

    Each of `columns` is a series over the first `most` rows (None: all rows), and so is each of
    `lines`, drawn as a line. With `has_ranges`, a vertical line joins the points of each row, to
    show a range. With `across`, each series is a row over these columns: the first `MOST_LINES`
    rows, or the last ones if `is_time`, or the row of totals if `of_totals`.
    """

    title: str
    kind: Literal["column", "bar", "line"]
    columns: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    across: tuple[str, ...] = ()
    most: int | None = None
    is_stacked: bool = False
    is_time: bool = False
    has_ranges: bool = False
    of_totals: bool = False


def sheet_charts(result: Result, translate: Translate = str) -> tuple[SheetChart, ...]:
    """Return the charts of a result's sheet; empty if all its counts and amounts are 0."""
    sums = [column.key for column in result.columns if column.kind in ("count", "money")]
    if not any(row.cells[key] for row in result.main_rows for key in sums):
        return ()
    return tuple(_charts(result, translate))


def _charts(result: Result, translate: Translate) -> Iterator[SheetChart]:
    spec, is_time = result.report.chart, result.grouping == "bucket"
    of_kind = {column.kind: column for column in reversed(result.columns)}
    counts = _counts(result)

    def titled(*columns: Column) -> str:
        first, *others = (translate(column.title_phrase) for column in columns)
        return ", ".join([first, *(text[:1].lower() + text[1:] for text in others)])

    if spec.kind == "stages":
        keys = tuple(column.key for column in counts)
        yield SheetChart(titled(*counts), "bar", across=keys, of_totals=True)
    elif spec.kind == "funnel" or (spec.kind == "shares" and not is_time):
        yield SheetChart(titled(counts[0]), "bar", (counts[0].key,), most=MOST_BARS)
    elif spec.kind == "amounts":
        yield _amounts(result, titled)
    elif spec.kind == "intervals":
        rate, span = of_kind["rate"], of_kind["interval"]
        ends = (f"{span.key}_low", rate.key, f"{span.key}_high")
        yield SheetChart(titled(rate), "line", lines=ends, most=MOST_BARS, has_ranges=True)
    elif spec.kind == "curves":
        ages = [column for column in result.columns if column.kind == "estimate"]
        keys = tuple(column.key for column in ages)
        yield SheetChart(translate(Phrase(BY_AGE)), "line", across=keys, is_time=is_time)
    elif spec.kind in ("stacked", "shares"):
        yield from _of_rows(result, counts, titled)


def _of_rows(
    result: Result, counts: tuple[Column, ...], titled: Callable[..., str]
) -> Iterator[SheetChart]:
    """Yield a chart of the counts, and one of the amount with that of the compared period."""
    is_time = result.grouping == "bucket"
    most = None if is_time else MOST_BARS
    kind: Literal["column", "bar"] = "column" if is_time else "bar"
    keys = tuple(column.key for column in counts)
    yield SheetChart(titled(*counts), kind, keys, most=most, is_stacked=True)
    money = [column for column in result.columns if column.kind == "money"]
    named = [column for column in money if column.key == result.report.chart.amount]
    for amount in (named or money)[:1]:
        both = (amount.key, f"{COMPARED_KEY}{amount.key}") if result.compared else (amount.key,)
        if is_time:
            yield SheetChart(titled(amount), "line", lines=both, is_time=True)
        else:
            yield SheetChart(titled(amount), kind, both, most=most)


def _amounts(result: Result, titled: Callable[..., str]) -> SheetChart:
    """Return a chart: first and last amount stacked, the middle amount and the goal as lines."""
    by_key = {column.key: column for column in result.columns}
    first, within, last = (by_key[key] for key in result.report.chart.stacked)
    goal = by_key.get(result.report.chart.amount or "")
    lines = (within, goal) if goal else (within,)
    is_time = result.grouping == "bucket"
    return SheetChart(
        titled(first, last, *lines),
        "column",
        (first.key, last.key),
        tuple(column.key for column in lines),
        most=None if is_time else MOST_BARS,
        is_stacked=True,
    )


def _counts(result: Result) -> tuple[Column, ...]:
    counts = [column for column in result.columns if column.kind == "count"]
    named = result.report.chart.stacked
    return tuple(column for column in counts if column.key in named) or tuple(counts[:1])


BY_AGE = gettext_noop("By age of the leads")

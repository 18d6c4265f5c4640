"""Export of a result or a drill-down, as a dict and as CSV.

Exports contain all rows of the `Result` or `Drilldown` that pages show, so the figures are the
same. `translate` translates a phrase and formats its values; it is `str` for English.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from math import isfinite
from typing import Any

from leadlight.analytics.export.sheets import (
    Sheet,
    Translate,
    drilldown_sheet,
    label_of,
    result_sheet,
    translated,
)
from leadlight.analytics.insight.drilldown import Drilldown
from leadlight.analytics.insight.explain import Explanation
from leadlight.analytics.insight.intervals import ConfidenceInterval
from leadlight.analytics.metrics.columns import Column, Rate, Span
from leadlight.analytics.query.dimensions import REPORT_FILTERS
from leadlight.analytics.query.filters import Filters
from leadlight.analytics.query.phrases import Phrase
from leadlight.analytics.query.switches import SWITCHES
from leadlight.analytics.reports.contract import Note, Report, Result, Row, Value
from leadlight.analytics.reports.goals import progress_of
from leadlight.analytics.stats.survival import Curves, Estimate

# Dicts


def to_dict(result: Result, translate: Translate = str) -> dict[str, Any]:
    """Return a result as a dict with the column keys of the report.

    Amounts are exact, as text; rates have both parts. The `key` of a row is that of its bucket or
    an external id, null for the row without a value.
    """
    return {
        **_report_and_view(result.report),
        "title": translate(Phrase(result.report.title)),
        "filters": filters_to_dict(result.filters, result.grouping),
        "as_of": _local(result.as_of, result.filters),
        "time_zone": result.time_zone,
        "columns": [
            _column_dict(result.report, result.filters, column, translate)
            for column in result.columns
        ],
        "rows": _rows_dict(result, translate),
        "totals": _figures_dict(result.totals),
        **({"goals": _goals_dict(result)} if result.report.is_of_goals else {}),
        "compared": _compared_dict(result.compared, translate),
        "notes": [_note_dict(note, translate) for note in result.notes],
        "scope": translate(result.scope.phrase),
        "sentences": sentences(result.filters, translate),
    }


def drilldown_to_dict(drilldown: Drilldown, translate: Translate = str) -> dict[str, Any]:
    """Return the rows behind a figure; `count` and `amount` are those of all rows."""
    filters, report = drilldown.filters, drilldown.report
    return {
        **_report_and_view(report),
        "title": translate(Phrase(report.title)),
        "column": _column_dict(report, filters, drilldown.column, translate),
        "row": drilldown.row_key,
        "filters": filters_to_dict(filters, report.grouping(filters)),
        "sentences": sentences(drilldown.own_filters, translate),
        "as_of": _local(filters.instant, filters),
        "time_zone": str(filters.zone),
        "count": drilldown.count,
        "amount": plain(drilldown.amount),
        "likely": _likely_dict(drilldown.interval),
        drilldown.spec.plural: [
            {key: plain(value) for key, value in row.items()} for row in drilldown.rows
        ],
    }


def _likely_dict(interval: ConfidenceInterval | None) -> dict[str, Any] | None:
    """Return the confidence interval of the figure, and the number of its cases."""
    if interval is None:
        return None
    return {"cases": interval.cases, "low": interval.low, "high": interval.high}


def _report_and_view(report: Report) -> dict[str, str]:
    """Return the key of the report, and the view if it is not the first."""
    return {"report": report.key} | ({"view": report.view} if report.view else {})


def filters_to_dict(filters: Filters, grouping: str) -> dict[str, Any]:
    """Return the filters with their defaults, the days of the period, and their query string."""
    return {
        "period": filters.preset,
        "from": filters.period.first.isoformat(),
        "to": filters.period.last.isoformat(),
        "compare": filters.compare,
        "group_by": grouping,
        "bucket": filters.bucket_unit,
        **{
            dimension: list(filters.keys(dimension))
            for dimension in (*REPORT_FILTERS, *filters.lead_filter.fields)
        },
        **{name: filters.switch(name) for name in SWITCHES},
        "as_of": filters.as_of and _local(filters.as_of, filters),
        "query": filters.to_query(),
    }


def _local(instant: datetime, filters: Filters) -> str:
    return instant.astimezone(filters.zone).isoformat()


def sentences(filters: Filters, translate: Translate = str) -> list[str]:
    """Return the filters in sentences, with keys in place of names."""
    return [translate(phrase) for phrase in filters.describe(lambda _dimension, key: key)]


def _column_dict(
    report: Report, filters: Filters, column: Column, translate: Translate
) -> dict[str, Any]:
    """Return a column; for a fraction, with the keys of its parts."""
    parts = zip(("numerator", "denominator"), column.parts or (), strict=False)
    return {
        "key": column.key,
        "kind": column.kind,
        "unit": column.unit,
        "definition": translate(column.definition_phrase),
        "counts_on": translated(report.date_rules_of(column, filters), translate),
        **{name: part.key for name, part in parts},
    }


def explanation_to_dict(explained: Explanation, translate: Translate = str) -> dict[str, Any]:
    """Return the explanation of a figure; `sql` is present only if the explanation has any."""
    result, column = explained.result, explained.column
    return {
        **_report_and_view(result.report),
        "title": translate(Phrase(result.report.title)),
        "column": _column_dict(result.report, result.filters, column, translate),
        "row": explained.row_key,
        "value": plain(explained.value),
        "filters": filters_to_dict(result.filters, result.grouping),
        "scope": translate(result.scope.phrase),
        "sentences": sentences(explained.drilldown.own_filters, translate),
        "row_definition": explained.row_definition and translate(explained.row_definition),
        "as_of": _local(result.as_of, result.filters),
        "time_zone": result.time_zone,
        "left_out": [
            {"list": one.key, "count": one.count, "text": translate(one.phrase)}
            for one in explained.exclusions
        ],
        "unfinished": explained.is_unfinished,
        "count": explained.drilldown.count,
        "likely": _likely_dict(explained.drilldown.interval),
    } | ({"sql": list(explained.sql)} if explained.sql else {})


def _rows_dict(result: Result, translate: Translate) -> list[dict[str, Any]]:
    return [_row_dict(row, result.grouping, translate) for row in result.rows]


def _row_dict(row: Row, grouping: str, translate: Translate) -> dict[str, Any]:
    figures = {"key": row.key, "label": label_of(row, grouping, translate)} | _figures_dict(
        row.cells
    )
    if row.bucket:
        figures["unfinished"] = row.is_unfinished
    if row.unfinished:
        figures["unfinished_columns"] = sorted(row.unfinished)
    return figures


def _goals_dict(result: Result) -> list[dict[str, Any]]:
    """Return each goal with its owner, its own period and its figures (`goals.FIGURES`)."""
    return [
        {
            "row": one.row.key,
            "goal": one.key,
            "period": one.window.key,
            "from": one.window.first.isoformat(),
            "to": one.window.last.isoformat(),
            "elapsed_rate": plain(one.elapsed),
            **{name: plain(one.value(name)) for name in one.columns},
        }
        for one in progress_of(result)
    ]


def _figures_dict(figures: Mapping[str, Value]) -> dict[str, Any]:
    return {key: plain(value) for key, value in figures.items()}


def plain(value: Any) -> Any:
    """Return a value for JSON: amounts as text, a rate with both its parts."""
    if isinstance(value, Rate):
        return {
            "value": value.value,
            "numerator": plain(value.numerator),
            "denominator": plain(value.denominator),
        }
    if isinstance(value, Span):
        return {"low": plain(value.low), "high": plain(value.high)}
    if isinstance(value, Estimate):
        return {"value": value.share, "low": value.low, "high": value.high}
    if isinstance(value, Curves):
        return _curves_dict(value)
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def _curves_dict(curves: Curves) -> dict[str, Any]:
    """Return the shares by outcome at each age; `last` is the last estimated age, or null."""
    return {
        "ages": curves.ages,
        "at_risk": curves.at_risk,
        "last": int(curves.last) if isfinite(curves.last) else None,
        **{outcome: steps.shares for outcome, steps in curves.by_outcome.items()},
    }


def _compared_dict(compared: Result | None, translate: Translate) -> dict[str, Any] | None:
    if compared is None:
        return None
    period = compared.period
    return {
        "period": {"from": period.first.isoformat(), "to": period.last.isoformat()},
        "rows": _rows_dict(compared, translate),
        "totals": _figures_dict(compared.totals),
    }


def _note_dict(note: Note, translate: Translate) -> dict[str, Any]:
    return {
        "code": note.code,
        "text": translate(note.phrase),
        "count": note.count,
        "list": note.column,
        "method": note.method and translate(note.method),
    }


# CSV


@dataclass(frozen=True)
class Style:
    """CSV dialect. `is_for_people`: translated titles instead of keys, and dates as dd/mm/yyyy.

    `with_about`: the filters and definitions follow the data, after an empty line.
    `byte_order_mark` is at the start of the file; "" for none.
    """

    separator: str = ","
    decimal: str = "."
    byte_order_mark: str = ""
    is_for_people: bool = False
    with_about: bool = False


PLAIN = Style()
FRENCH_EXCEL = Style(separator=";", decimal=",", byte_order_mark="\ufeff", is_for_people=True)

# First characters of cells that a spreadsheet may take for a formula.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
CHUNK = 64 * 1024


def to_csv(result: Result, translate: Translate = str, style: Style = PLAIN) -> Iterator[str]:
    """Return a result as chunks of CSV text."""
    return csv_of(result_sheet(result, translate), style)


def drilldown_to_csv(
    drilldown: Drilldown, translate: Translate = str, style: Style = PLAIN
) -> Iterator[str]:
    """Return the rows behind a figure as chunks of CSV text."""
    return csv_of(drilldown_sheet(drilldown, translate), style)


def csv_of(sheet: Sheet, style: Style = PLAIN) -> Iterator[str]:
    """Return a sheet as chunks of CSV text: one line of headings, and one for each row.

    In a file for programs with totals, the last column is `row_type`: row, total, or further for a
    row below the total. The key is not enough to recognise the total: it is empty, but so is that
    of the row without a value.
    """
    text = io.StringIO()
    text.write(style.byte_order_mark)
    writer = csv.writer(text, delimiter=style.separator, lineterminator="\r\n")
    about = ((), *sheet.about, *sheet.definitions) if style.with_about else ()
    texts = _CellTexts(style)
    for row in chain(_lines(sheet, style), about):
        writer.writerow([texts[type(value)](value) for value in row])
        if text.tell() > CHUNK:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()


def _lines(sheet: Sheet, style: Style) -> Iterator[tuple[Any, ...]]:
    """Yield the headings and all rows, with the type of each row for programs."""
    headings = [one.title if style.is_for_people else one.key for one in sheet.headings]
    totals = () if sheet.totals is None else (sheet.totals,)
    has_types = bool(totals) and not style.is_for_people
    yield (*headings, "row_type") if has_types else tuple(headings)
    for kind, rows in (("row", sheet.rows), ("total", totals), ("further", sheet.further)):
        for row in rows:
            yield (*row, kind) if has_types else row


class _CellTexts(dict[type, Callable[[Any], str]]):
    """Functions that write a cell, by the type of its value; a subclass is written as its base.

    A text that a spreadsheet would take for a formula begins with an apostrophe.
    """

    def __init__(self, style: Style) -> None:
        def decimal(value: float | Decimal) -> str:
            return str(value).replace(".", style.decimal)

        is_for_people = style.is_for_people
        super().__init__(
            {
                str: lambda text: "'" + text if text.startswith(FORMULA_SIGNS) else text,
                bool: lambda flag: str(int(flag)),
                float: decimal,
                Decimal: decimal,
                datetime: (
                    (lambda at: f"{at:%d/%m/%Y %H:%M:%S}") if is_for_people else datetime.isoformat
                ),
                date: (lambda day: f"{day:%d/%m/%Y}") if is_for_people else date.isoformat,
                type(None): lambda _none: "",
                object: str,
            }
        )

    def __missing__(self, kind: type) -> Callable[[Any], str]:
        self[kind] = next(self[base] for base in kind.__mro__[1:] if base in self)
        return self[kind]

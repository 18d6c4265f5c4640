"""What leaves the house: a result, or the list behind a number, as a plain dict and as CSV.

Everything here comes after `Result` and `Drilldown`, so it cannot disagree with the screen, and
nothing is cut. `translate` translates a phrase and writes its values; it is `str` for English.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from math import isfinite
from typing import Any

from leadlight.analytics.export.sheets import (
    Sheet,
    Translate,
    label_of,
    listing_sheet,
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
from leadlight.analytics.stats.survival import Curves, Estimate

# As a plain dict


def to_dict(result: Result, translate: Translate = str) -> dict[str, Any]:
    """A report's answer in the words of the reports: exact amounts as text, rates with both parts.

    The `key` of a row is its bucket or external id, null for rows without one.
    """
    return {
        **_asked_for(result.report),
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
        "compared": _compared_dict(result.compared, translate),
        "notes": [_note_dict(note, translate) for note in result.notes],
        "scope": translate(result.scope.phrase),
        "sentences": sentences(result.filters, translate),
    }


def listing_to_dict(drilldown: Drilldown, translate: Translate = str) -> dict[str, Any]:
    """The leads behind a number; `count` and `amount` are of all of them."""
    filters, report = drilldown.filters, drilldown.report
    return {
        **_asked_for(report),
        "title": translate(Phrase(report.title)),
        "column": _column_dict(report, filters, drilldown.column, translate),
        "row": drilldown.row_key,
        "filters": filters_to_dict(filters, report.grouping(filters)),
        "as_of": _local(filters.asked_at, filters),
        "time_zone": str(filters.zone),
        "count": drilldown.count,
        "amount": plain(drilldown.amount),
        "likely": _likely_dict(drilldown.interval),
        drilldown.spec.plural: [
            {key: plain(value) for key, value in row.items()} for row in drilldown.rows
        ],
    }


def _likely_dict(interval: ConfidenceInterval | None) -> dict[str, Any] | None:
    """Between what the truth behind the figure lies, and of how many cases it is known."""
    if interval is None:
        return None
    return {"cases": interval.cases, "low": interval.low, "high": interval.high}


def _asked_for(report: Report) -> dict[str, str]:
    """The report, and which of its tables if it is not the first."""
    return {"report": report.key} | ({"view": report.view} if report.view else {})


def filters_to_dict(filters: Filters, grouping: str) -> dict[str, Any]:
    """The question: what was chosen, the days it means, and the query string that asks it again."""
    return {
        "period": filters.preset,
        "from": filters.period.first.isoformat(),
        "to": filters.period.last.isoformat(),
        "compare": filters.compare,
        "group_by": grouping,
        "bucket": filters.bucket_unit,
        **{dimension: list(filters.keys(dimension)) for dimension in REPORT_FILTERS},
        **{name: filters.switch(name) for name in SWITCHES},
        "as_of": filters.as_of and _local(filters.as_of, filters),
        "query": filters.to_query(),
    }


def _local(instant: datetime, filters: Filters) -> str:
    return instant.astimezone(filters.zone).isoformat()


def sentences(filters: Filters, translate: Translate = str) -> list[str]:
    """The question in sentences, with the keys of what was chosen."""
    return [translate(phrase) for phrase in filters.describe(lambda _dimension, key: key)]


def _column_dict(
    report: Report, filters: Filters, column: Column, translate: Translate
) -> dict[str, Any]:
    """A figure; of a fraction also the keys of its parts."""
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
    """Where a number comes from; `sql` only for who may see it."""
    result, column = explained.result, explained.column
    return {
        **_asked_for(result.report),
        "title": translate(Phrase(result.report.title)),
        "column": _column_dict(result.report, result.filters, column, translate),
        "row": explained.row_key,
        "value": plain(explained.value),
        "filters": filters_to_dict(result.filters, result.grouping),
        "scope": translate(result.scope.phrase),
        "sentences": sentences(result.filters, translate),
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


def _figures_dict(figures: Mapping[str, Value]) -> dict[str, Any]:
    return {key: plain(value) for key, value in figures.items()}


def plain(value: Any) -> Any:
    """A value as JSON has it: amounts as text, a rate with both its parts."""
    if isinstance(value, Rate):
        return {
            "value": value.value,
            "numerator": plain(value.numerator),
            "denominator": plain(value.denominator),
        }
    if isinstance(value, Span):
        return {"low": value.low, "high": value.high}
    if isinstance(value, Estimate):
        return {"value": value.share, "low": value.low, "high": value.high}
    if isinstance(value, Curves):
        return _curves_dict(value)
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def _curves_dict(curves: Curves) -> dict[str, Any]:
    """The shares from each age on; `last` is the last age told, null if told for good."""
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


# As CSV


@dataclass(frozen=True)
class Style:
    """How a program reads text. `is_for_people`: translated headings instead of the words."""

    separator: str = ","
    decimal: str = "."
    mark: str = ""
    is_for_people: bool = False


PLAIN = Style()
FRENCH_EXCEL = Style(separator=";", decimal=",", mark="\ufeff", is_for_people=True)

# A cell that begins so could be taken for a formula by the program that opens the file.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
CHUNK = 64 * 1024


def to_csv(result: Result, translate: Translate = str, style: Style = PLAIN) -> Iterator[str]:
    """A result as pieces of CSV text."""
    return csv_of(result_sheet(result, translate), style)


def listing_to_csv(
    drilldown: Drilldown, translate: Translate = str, style: Style = PLAIN
) -> Iterator[str]:
    """The leads behind a number as pieces of CSV text."""
    return csv_of(listing_sheet(drilldown, translate), style)


def csv_of(sheet: Sheet, style: Style = PLAIN) -> Iterator[str]:
    """A sheet as pieces of CSV text; what it is about stands below an empty line."""
    text = io.StringIO()
    text.write(style.mark)
    writer = csv.writer(text, delimiter=style.separator, lineterminator="\r\n")
    headings = (heading.title if style.is_for_people else heading.key for heading in sheet.headings)
    totals = () if sheet.totals is None else (sheet.totals,)
    about = ((), *sheet.about) if sheet.about else ()
    for row in chain((tuple(headings),), sheet.rows, totals, about):
        writer.writerow([_written(value, style) for value in row])
        if text.tell() > CHUNK:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()


def _written(value: Any, style: Style) -> str:
    if isinstance(value, str):
        return "'" + value if value.startswith(FORMULA_SIGNS) else value
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float | Decimal):
        return str(value).replace(".", style.decimal)
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}" if style.is_for_people else value.isoformat()
    return "" if value is None else str(value)

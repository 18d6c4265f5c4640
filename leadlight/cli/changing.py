"""Changes of a report since an earlier instant, on the command line."""

from __future__ import annotations

from pathlib import Path

from rich.box import SIMPLE
from rich.table import Table

from leadlight.accounts.readers import Reader
from leadlight.analytics.export.changes import changed_sheet, differences_sheet
from leadlight.analytics.export.sheets import Sheet
from leadlight.analytics.insight.changes.changes import Changes
from leadlight.analytics.reports.contract import Report
from leadlight.cli import files
from leadlight.cli.console import out, shown, tell_past, tell_scope, translated
from leadlight.cli.shortcuts import PAGE_PARAMS
from leadlight.reporting.reader import report_reader

QueryParams = dict[str, list[str]]


def tell_changes(
    reader: Reader,
    report: Report,
    params: QueryParams,
    column: str | None,
    format: str,  # noqa: A002
    output: Path | None,
) -> None:
    """Print or write the changes of a report's sums by reason; with `column`, the leads behind it.

    Raises BadFilter for invalid parameters and for an unknown column.
    """
    found = report_reader(reader).changes(
        report, params, extra_params=PAGE_PARAMS, column_key=column
    )
    tell_scope(found.scope, format)
    tell_past(found.filters, format)
    if format == "table":
        _print(
            found,
            changed_sheet(found, translated) if column else differences_sheet(found, translated),
        )
        _print_others(found)
    else:
        files.write_changes(reader, found, format, output, is_list=bool(column))


def _print(found: Changes, sheet: Sheet) -> None:
    since, until = (
        instant.astimezone(found.filters.zone).isoformat(timespec="seconds")
        for instant in (found.since, found.filters.asked_at)
    )
    table = Table(box=SIMPLE, title_justify="left", title=f"{sheet.title} · {since} – {until}")
    for heading in sheet.headings:
        is_number = heading.kind in ("count", "money", "days")
        table.add_column(heading.key, justify="right" if is_number else "left")
    for row in sheet.rows:
        table.add_row(*("" if value is None else shown(value) for value in row))
    out.print(table)


def _print_others(found: Changes) -> None:
    """Print the changed figures that are not sums, which have no breakdown by lead."""
    for one in found.differences:
        if not one.is_sum and one.is_changed:
            then, now = shown(one.then, one.column), shown(one.now, one.column)
            out.print(f"{one.column.key}: {then} → {now}", markup=False)

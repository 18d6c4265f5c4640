"""Changes of a report since an earlier instant, on the command line."""

from __future__ import annotations

from pathlib import Path

from leadlight.accounts.readers import Reader
from leadlight.analytics.export.changes import changed_sheet, differences_sheet
from leadlight.analytics.insight.changes.changes import Changes
from leadlight.analytics.reports.contract import Report
from leadlight.cli import files
from leadlight.cli.console import out, print_scope, translated, warn_of_past
from leadlight.cli.printing import listed
from leadlight.cli.shortcuts import PAGE_PARAMS
from leadlight.cli.text_tables import TableOptions, TextColumn
from leadlight.cli.text_tables import show as show_table
from leadlight.presentation import formats, labels, values
from leadlight.reporting.reader import report_reader

QueryParams = dict[str, list[str]]


def show_changes(
    reader: Reader,
    report: Report,
    params: QueryParams,
    column: str | None,
    format: str,  # noqa: A002
    output: Path | None,
    options: TableOptions,
) -> None:
    """Print or write the changes of a report by reason, or the leads behind those of `column`.

    Raises BadFilter for invalid parameters and for an unknown column.
    """
    reports = report_reader(reader)
    found = reports.changes(report, params, extra_params=PAGE_PARAMS, column_key=column)
    print_scope(found.scope, format)
    warn_of_past(found.filters, format)
    if format != "table":
        files.write_changes(reader, found, format, output, is_list=bool(column))
    elif column:
        _print_list(found, reports.currency, options)
        _print_others(found)
    else:
        _print_sums(found, options)
        _print_others(found)


def _print_list(found: Changes, currency: str, options: TableOptions) -> None:
    """Print the leads behind the change of one figure."""
    sheet = changed_sheet(found, translated)
    rows = list(sheet.rows)
    reason, *columns = (
        listed(heading.key, heading.title, heading.kind, [row[place] for row in rows], currency)
        for place, heading in enumerate(sheet.headings)
    )
    headlines = ("difference", "title", "then", "now", "lead")
    show_table(_title(found, sheet.title), reason, columns, options, headlines=headlines)


def _print_sums(found: Changes, options: TableOptions) -> None:
    """Print the sums that changed: the old value, the difference by reason and the new value."""
    sums = [one for one in found.differences if one.is_sum and one.is_changed]
    sheet = differences_sheet(found, translated)
    figures = TextColumn(
        "key",
        sheet.headings[0].title,
        tuple(labels.say(one.column.title_phrase) for one in sums),
        is_figure=False,
    )
    rows = list(sheet.rows)
    columns = [
        TextColumn(
            heading.key,
            heading.title,
            tuple(
                "" if row[place] is None else values.text(one.column.kind, row[place])
                for one, row in zip(sums, rows, strict=True)
            ),
        )
        for place, heading in enumerate(sheet.headings)
        if place
    ]
    headlines = ("then", "difference", "now")
    show_table(_title(found, sheet.title), figures, columns, options, headlines=headlines)


def _title(found: Changes, title: str) -> str:
    since, until = (formats.instant(at) for at in (found.since, found.filters.instant))
    return f"{title} · {since} – {until}"


def _print_others(found: Changes) -> None:
    """Print the changed figures that are not sums, which have no breakdown by lead."""
    for one in found.differences:
        if not one.is_sum and one.is_changed:
            then, now = (values.with_parts(one.column, value) for value in (one.then, one.now))
            figure = labels.say(one.column.title_phrase)
            out.print(labels.titled(figure, f"{then} → {now}"), markup=False)

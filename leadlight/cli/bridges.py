"""Bridge of a figure from one attribution to another, on the command line."""

from __future__ import annotations

from pathlib import Path

from django.utils.translation import gettext as _

from leadlight.accounts.origin import absolute
from leadlight.accounts.readers import Reader
from leadlight.analytics.export.attribution_bridge import (
    bridge_sheet,
    bridge_to_dict,
    moved_sheet,
    moved_to_dict,
)
from leadlight.analytics.export.sheets import Sheet
from leadlight.analytics.insight.attribution_bridge import Bridge, MovedLeads
from leadlight.analytics.query.query_params import QueryParams
from leadlight.analytics.reports.contract import Report
from leadlight.cli import files
from leadlight.cli.console import Stop, print_scope, translated, warn_of_past
from leadlight.cli.printing import listed
from leadlight.cli.shortcuts import PAGE_PARAMS
from leadlight.cli.text_tables import TableOptions
from leadlight.cli.text_tables import show as show_table
from leadlight.presentation import labels
from leadlight.presentation.files import credit_sheet
from leadlight.presentation.links import credit_address
from leadlight.reporting.reader import report_reader


def show(
    reader: Reader,
    report: Report,
    params: QueryParams,
    column: str,
    row: str | None,
    side: str | None,
    format: str,  # noqa: A002
    output: Path | None,
    options: TableOptions,
) -> None:
    """Print or write the bridge of a figure or, with `row` and `side`, the leads that moved.

    Raises BadFilter for a report without bridges, and for an unknown figure, user or side. Raises
    Stop for a row without a side.
    """
    if row and not side:
        raise Stop(
            _(
                "Choose which leads of this row to list: add --side taken (received) or "
                "--side given (handed over)."
            )
        )
    reports = report_reader(reader)
    report, filters = reports.read(report, params, PAGE_PARAMS)
    found = reports.bridge(report, filters, column)
    leads = reports.moved_leads(found, row, side) if row and side else None
    print_scope(reports.scope, format)
    warn_of_past(filters, format)
    if format == "json":
        files.write_json(
            moved_to_dict(leads) if leads else bridge_to_dict(found, translated), output
        )
    elif format == "csv":
        files.write_sheet(_sheet(found, leads), format, output)
    elif format in ("csv-with-filters", "xlsx"):
        page_params = {"column": column, "row": row, "side": side}
        address = absolute(credit_address(report, filters, **page_params))
        files.write_sheet(credit_sheet(reader, found, leads, address), format, output)
    else:
        _print(found, _sheet(found, leads), reports.currency, options)


def _sheet(found: Bridge, leads: MovedLeads | None) -> Sheet:
    return moved_sheet(leads, translated) if leads else bridge_sheet(found, translated)


def _print(found: Bridge, sheet: Sheet, currency: str, options: TableOptions) -> None:
    names = [
        str(labels.SWITCHES["credit"][1][one.switch("credit")])
        for one in (found.before, found.after)
    ]
    rows = [*sheet.rows, *([sheet.totals] if sheet.totals else [])]
    columns = [
        listed(heading.key, heading.title, heading.kind, [row[place] for row in rows], currency)
        for place, heading in enumerate(sheet.headings)
    ]
    label = columns[1]  # name of the user or title of the lead; columns[0] is the key
    total = {len(rows) - 1} if sheet.totals else set()
    title = labels.titled(sheet.title, " → ".join(names))
    show_table(title, label, [columns[0], *columns[2:]], options, headlines=HEADLINES, rules=total)


HEADLINES = ("before", "taken", "given", "after", "moved")

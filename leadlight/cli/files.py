"""Output of reports and lists by the command line, to a file or to standard output."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Literal

from django.utils.translation import gettext as _

from leadlight.accounts.origin import absolute
from leadlight.accounts.readers import Reader
from leadlight.analytics.export import results as export
from leadlight.analytics.export.changes import changed_sheet, changes_to_dict, differences_sheet
from leadlight.analytics.export.sheets import Sheet
from leadlight.analytics.export.workbook import write_workbook
from leadlight.analytics.insight.changes.changes import Changes
from leadlight.analytics.insight.drilldown import Drilldown
from leadlight.analytics.insight.explain import Explanation
from leadlight.analytics.reports.contract import Result
from leadlight.cli.console import Stop, translated
from leadlight.presentation import labels
from leadlight.presentation.files import Export, explained_sheet, list_sheet, png_of, report_sheet
from leadlight.presentation.links import leads_address, report_address
from leadlight.presentation.pdf import report_pdf
from leadlight.presentation.tables import default_sort, ordered, sort_param
from leadlight.web.reports.changes_in_words import about_changes

Format = Literal["table", "json", "csv", "csv-with-filters", "xlsx", "pdf", "png"]
WITH_FILTERS = "csv-with-filters"
STYLE_WITH_FILTERS = replace(export.PLAIN, with_about=True)
BINARY = ("xlsx", "pdf", "png")
DOCUMENTS = ("pdf", "png")
COPIED = 2**20  # bytes per read


def refuse_unfit(
    format: str,  # noqa: A002
    output: Path | None,
    *,
    is_list: bool,
    is_explained: bool,
) -> None:
    """Raise Stop if the format does not fit the kind of output or its destination."""
    if is_explained and format not in ("table", "json"):
        raise Stop(_("An explanation is text or JSON: leave out --format, or use --format json."))
    if is_list and format in DOCUMENTS:
        raise Stop(
            _("A list cannot be written as %(format)s. Choose table, json, csv or xlsx.")
            % {"format": format}
        )
    if format == "table" and output:
        raise Stop(
            _(
                "A text table cannot be written to a file. With --output, add --format "
                "json, csv, xlsx, pdf or png."
            )
        )
    if format in BINARY and output is None and sys.stdout.isatty():
        raise Stop(
            _("A terminal cannot show %(format)s. Name a file with --output.") % {"format": format}
        )


def write_report(
    reader: Reader,
    result: Result,
    format: str,  # noqa: A002
    output: Path | None,
    sort: str | None,
) -> None:
    """Write a report. Raises BadFilter if this format is not available for it."""
    if format == "json":
        write_json(export.to_dict(in_order(result, sort), translated), output)
    elif format == "csv":
        _write_text(export.to_csv(in_order(result, sort), translated), output)
    elif format == WITH_FILTERS:
        sheet = report_sheet(_as_page(reader, result, sort), is_for_people=False)
        write_sheet(sheet, format, output)
    elif format == "xlsx":
        _write_workbook(explained_sheet(_as_page(reader, result, sort)), output)
    elif format == "pdf":
        _write_bytes(report_pdf(_as_page(reader, result, sort)), output)
    else:
        _write_bytes(png_of(_as_page(reader, result, sort)), output)


def in_order(result: Result, sort: str | None) -> Result:
    """Return the result sorted by `sort`, or by the report's own sort if it has one."""
    sort = sort or (default_sort(result) if result.report.sort else None)
    return ordered(result, sort) if sort else result


def _as_page(reader: Reader, result: Result, sort: str | None) -> Export:
    """Return the same export as the report's page: sorted like the page, and with its URL."""
    sort = sort or default_sort(result)
    address = report_address(result.report, result.filters, sort=sort_param(result, sort))
    return Export(ordered(result, sort), reader, absolute(address))


def write_listing(
    reader: Reader,
    drilldown: Drilldown,
    format: str,  # noqa: A002
    output: Path | None,
) -> None:
    """Write a drill-down as JSON, CSV or XLSX."""
    if format == "json":
        write_json(export.drilldown_to_dict(drilldown, translated), output)
    elif format == "csv":
        _write_text(export.drilldown_to_csv(drilldown, translated), output)
    else:
        place = {"column": drilldown.column.key, "row": drilldown.row_key}
        address = absolute(leads_address(drilldown.report, drilldown.filters, **place))
        sheet = list_sheet(reader, drilldown, address, is_for_people=format == "xlsx")
        write_sheet(sheet, format, output)


def write_explanation(explained: Explanation, output: Path | None) -> None:
    """Write the explanation of a figure as JSON."""
    write_json(export.explanation_to_dict(explained, translated), output)


def write_changes(
    reader: Reader,
    found: Changes,
    format: str,  # noqa: A002
    output: Path | None,
    *,
    is_list: bool,
) -> None:
    """Write the changes of a report by reason; with `is_list`, the leads behind one figure."""
    sheet_of = changed_sheet if is_list else differences_sheet
    if format == "json":
        write_json(changes_to_dict(found, translated), output)
    elif format == "csv":
        _write_text(export.csv_of(sheet_of(found, translated)), output)
    else:
        sheet = sheet_of(found, translated, about_changes(reader, found, absolute("")))
        write_sheet(sheet, format, output)


def write_sheet(sheet: Sheet, format: str, output: Path | None) -> None:  # noqa: A002
    """Write a sheet as CSV, with or without its filters, or as XLSX."""
    if format == "csv":
        _write_text(export.csv_of(sheet), output)
    elif format == WITH_FILTERS:
        _write_text(export.csv_of(sheet, STYLE_WITH_FILTERS), output)
    else:
        _write_workbook(sheet, output)


def write_json(answer: dict[str, Any], output: Path | None) -> None:
    """Write a dictionary as JSON."""
    pieces = json.JSONEncoder(ensure_ascii=False, indent=1).iterencode(answer)
    _write_text((*pieces, "\n"), output)


def _write_text(pieces: Any, output: Path | None) -> None:
    if output is None:
        sys.stdout.reconfigure(newline="")  # type: ignore[union-attr]  # keep \r\n of CSV
        sys.stdout.writelines(pieces)
        return
    with _opened(output) as file:
        for piece in pieces:
            file.write(piece.encode())


def _write_workbook(sheet: Sheet, output: Path | None) -> None:
    """Write a workbook via a temporary file, because XLSX needs a seekable file, unlike a pipe."""
    with TemporaryFile() as made:
        write_workbook(sheet, made, labels.say)
        made.seek(0)
        with _opened(output) as file:
            while piece := made.read(COPIED):
                file.write(piece)


def _write_bytes(content: bytes, output: Path | None) -> None:
    with _opened(output) as file:
        file.write(content)


@contextmanager
def _opened(output: Path | None) -> Iterator[IO[bytes]]:
    """Open the output file; None: standard output. Raises Stop if the file cannot be written."""
    if output is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        with output.open("wb") as file:
            yield file
    except OSError as wrong:
        raise Stop(
            _("Cannot write %(file)s: %(reason)s.") % {"file": output, "reason": wrong.strerror}
        ) from wrong

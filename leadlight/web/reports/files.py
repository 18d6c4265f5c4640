"""Downloads of reports and lists: complete, in the order of the page, with their filters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from io import BytesIO
from tempfile import TemporaryFile
from typing import TypeVar

from django.http import (
    FileResponse,
    Http404,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from leadlight.accounts.origin import at_origin
from leadlight.analytics.export.results import FRENCH_EXCEL, PLAIN, Style, csv_of
from leadlight.analytics.export.sheets import Sheet
from leadlight.analytics.export.workbook import write_workbook
from leadlight.analytics.query.phrases import BadFilter
from leadlight.presentation import labels
from leadlight.presentation.files import (
    Export,
    credit_sheet,
    explained_sheet,
    file_name,
    list_sheet,
    png_of,
    report_sheet,
)
from leadlight.presentation.links import leads_address
from leadlight.presentation.pdf import report_pdf
from leadlight.web.reports.attribution_bridge import PAGE_PARAMS as OF_A_BRIDGE
from leadlight.web.reports.attribution_bridge import requested_bridge
from leadlight.web.reports.drilldown import PAGE_PARAMS as OF_A_LIST
from leadlight.web.reports.drilldown import Place, requested_drilldown
from leadlight.web.reports.listed_prospects import with_prospects
from leadlight.web.reports.page import answered, known_report, query_of, refused_page
from leadlight.web.shell.auth import ReaderRequest, signed_in
from leadlight.web.shell.downloads import record_export

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Writer = TypeVar("Writer")
WITH_FILTERS = "-with-filters"
STYLES: dict[str, Style] = {
    "csv": PLAIN,
    f"csv{WITH_FILTERS}": replace(PLAIN, with_about=True),
    "csv-excel": FRENCH_EXCEL,
    f"csv-excel{WITH_FILTERS}": replace(FRENCH_EXCEL, with_about=True),
}
# Suffixes of file names: two CSV formats of the same figures have different names.
ENDINGS = {
    kind: kind.removeprefix("csv").replace("-excel", "_french-excel").replace("-with", "_with")
    for kind in STYLES
}


@signed_in
@require_safe
def report_export(request: ReaderRequest, key: str, kind: str) -> HttpResponseBase:
    report, write = known_report(key), _known(kind, OF_REPORTS)
    try:
        answer = answered(request, report)
        record_export(request, "report", report.title, answer.address)
        address = at_origin(request.build_absolute_uri(answer.address))
        return write(
            Export(answer.result, request.user, address, answer.columns, answer.change_form)
        )
    except BadFilter as bad:
        return refused_page(request, key, (), bad)


@signed_in
@require_safe
def report_leads_export(request: ReaderRequest, key: str, kind: str) -> HttpResponseBase:
    report, params, write = known_report(key), query_of(request), _known(kind, OF_LISTS)
    try:
        place = Place.from_params(params)
        drilldown = requested_drilldown(request.user, report, params, place)
    except BadFilter as bad:
        return refused_page(request, key, OF_A_LIST, bad)
    address = leads_address(report, drilldown.filters, **place.page_params(page=1))
    record_export(request, "list", report.title, address)
    sheet = list_sheet(
        request.user,
        drilldown,
        at_origin(request.build_absolute_uri(address)),
        is_for_people=is_for_people(kind),
    )
    sheet = with_prospects(sheet, request.user, is_for_people=is_for_people(kind))
    return write(sheet, file_name(key, place.column, filters=drilldown.own_filters))


@signed_in
@require_safe
def report_credit_export(request: ReaderRequest, key: str, kind: str) -> HttpResponseBase:
    """Download the bridge or, for a row and a side, the leads that moved."""
    write, report = _known(kind, OF_LISTS), known_report(key)
    try:
        bridge_page = requested_bridge(request.user, report, query_of(request))
    except BadFilter as bad:
        return refused_page(request, key, OF_A_BRIDGE, bad)
    record_export(request, "report", report.title, bridge_page.address())
    address = at_origin(request.build_absolute_uri(bridge_page.address()))
    sheet = credit_sheet(request.user, bridge_page.bridge, bridge_page.moved, address)
    return write(
        sheet, file_name(key, "credit", bridge_page.bridge.column.key, filters=bridge_page.filters)
    )


def is_for_people(kind: str) -> bool:
    return kind == "xlsx" or (kind in STYLES and STYLES[kind].is_for_people)


# File formats


def _csv_of(export: Export, *, kind: str) -> HttpResponseBase:
    sheet = report_sheet(export, is_for_people=STYLES[kind].is_for_people)
    return _csv(sheet, export.name, kind=kind)


def _csv(sheet: Sheet, name: str, *, kind: str) -> HttpResponseBase:
    pieces = csv_of(sheet, STYLES[kind])
    response = StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = content_disposition_header(
        True, f"{name}{ENDINGS[kind]}.csv"
    )
    return response


def _workbook_of(export: Export) -> HttpResponseBase:
    return _workbook(explained_sheet(export), export.name)


def _workbook(sheet: Sheet, name: str) -> HttpResponseBase:
    file = TemporaryFile()  # noqa: SIM115  # the response closes it
    write_workbook(sheet, file, labels.say)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX)


def _pdf_of(export: Export) -> HttpResponseBase:
    return _whole(report_pdf(export), f"{export.name}.pdf", "application/pdf")


def _png_of(export: Export) -> HttpResponseBase:
    return _whole(png_of(export), f"{export.name}.png", "image/png")


def _whole(content: bytes, name: str, kind: str) -> HttpResponseBase:
    return FileResponse(BytesIO(content), as_attachment=True, filename=name, content_type=kind)


OF_REPORTS: Mapping[str, Callable[[Export], HttpResponseBase]] = {
    **{kind: partial(_csv_of, kind=kind) for kind in STYLES},
    "xlsx": _workbook_of,
    "pdf": _pdf_of,
    "png": _png_of,
}
OF_LISTS: Mapping[str, Callable[[Sheet, str], HttpResponseBase]] = {
    **{kind: partial(_csv, kind=kind) for kind in STYLES},
    "xlsx": _workbook,
}


def _known(kind: str, writers: Mapping[str, Writer]) -> Writer:
    if kind not in writers:
        raise Http404
    return writers[kind]

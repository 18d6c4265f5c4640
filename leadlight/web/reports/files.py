"""Downloads of reports and lists: complete, in the order of the page, with their filters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
from leadlight.analytics.export.workbook import ChartImage, write_workbook
from leadlight.analytics.query.phrases import BadFilter
from leadlight.presentation import labels
from leadlight.presentation.files import (
    Export,
    chart_image,
    credit_sheet,
    explained_sheet,
    list_sheet,
    period_name,
    png_of,
    report_sheet,
)
from leadlight.presentation.links import leads_address
from leadlight.presentation.pdf import report_pdf
from leadlight.web.reports.attribution_bridge import requested_bridge
from leadlight.web.reports.drilldown import Place, requested_drilldown
from leadlight.web.reports.page import answered, known_report, query_of
from leadlight.web.shell.auth import ReaderRequest, signed_in
from leadlight.web.shell.errors import refused

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Writer = TypeVar("Writer")
STYLES: dict[str, Style] = {"csv": PLAIN, "csv-excel": FRENCH_EXCEL}


@signed_in
@require_safe
def report_export(request: ReaderRequest, key: str, kind: str) -> HttpResponseBase:
    asked, write = known_report(key), _known(kind, OF_REPORTS)
    try:
        answer = answered(request, asked)
        address = at_origin(request.build_absolute_uri(answer.address))
        return write(Export(answer.result, request.user, address))
    except BadFilter as bad:
        return refused(request, labels.say(bad.phrase))


@signed_in
@require_safe
def report_leads_export(request: ReaderRequest, key: str, kind: str) -> HttpResponseBase:
    report, params, write = known_report(key), query_of(request), _known(kind, OF_LISTS)
    try:
        place = Place.from_params(params)
        drilldown = requested_drilldown(request.user, report, params, place)
    except BadFilter as bad:
        return refused(request, labels.say(bad.phrase))
    address = leads_address(report, drilldown.filters, **place.page_params(page=1))
    sheet = list_sheet(
        request.user,
        drilldown,
        at_origin(request.build_absolute_uri(address)),
        is_for_people=is_for_people(kind),
    )
    return write(sheet, f"{key}_{place.column}_{period_name(drilldown.own_filters)}")


@signed_in
@require_safe
def report_credit_export(request: ReaderRequest, key: str, kind: str) -> HttpResponseBase:
    """Download the bridge; with a row and a side, the leads that moved."""
    write = _known(kind, OF_LISTS)
    try:
        asked = requested_bridge(request.user, known_report(key), query_of(request))
    except BadFilter as bad:
        return refused(request, labels.say(bad.phrase))
    address = at_origin(request.build_absolute_uri(asked.address()))
    sheet = credit_sheet(request.user, asked.bridge, asked.moved, address)
    days = period_name(asked.filters)
    return write(sheet, f"{key}_credit_{asked.bridge.column.key}_{days}")


def is_for_people(kind: str) -> bool:
    return kind == "xlsx" or (kind in STYLES and STYLES[kind].is_for_people)


# File formats


def _csv_of(export: Export, *, style: Style) -> HttpResponseBase:
    return _csv(report_sheet(export, is_for_people=style.is_for_people), export.name, style=style)


def _csv(sheet: Sheet, name: str, *, style: Style) -> HttpResponseBase:
    pieces = csv_of(sheet, style)
    response = StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = content_disposition_header(True, f"{name}.csv")
    return response


def _workbook_of(export: Export) -> HttpResponseBase:
    return _workbook(explained_sheet(export), export.name, chart_image(export))


def _workbook(sheet: Sheet, name: str, image: ChartImage | None = None) -> HttpResponseBase:
    file = TemporaryFile()  # noqa: SIM115  # the response closes it
    write_workbook(sheet, file, labels.say, image)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX)


def _pdf_of(export: Export) -> HttpResponseBase:
    return _whole(report_pdf(export), f"{export.name}.pdf", "application/pdf")


def _png_of(export: Export) -> HttpResponseBase:
    return _whole(png_of(export), f"{export.name}.png", "image/png")


def _whole(content: bytes, name: str, kind: str) -> HttpResponseBase:
    return FileResponse(BytesIO(content), as_attachment=True, filename=name, content_type=kind)


OF_REPORTS: Mapping[str, Callable[[Export], HttpResponseBase]] = {
    **{kind: partial(_csv_of, style=style) for kind, style in STYLES.items()},
    "xlsx": _workbook_of,
    "pdf": _pdf_of,
    "png": _png_of,
}
OF_LISTS: Mapping[str, Callable[[Sheet, str], HttpResponseBase]] = {
    **{kind: partial(_csv, style=style) for kind, style in STYLES.items()},
    "xlsx": _workbook,
}


def _known(kind: str, writers: Mapping[str, Writer]) -> Writer:
    if kind not in writers:
        raise Http404
    return writers[kind]

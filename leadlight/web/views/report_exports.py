"""Reports and lists as files: whole, in the order of the page, and saying what was asked."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from tempfile import TemporaryFile

from django.http import (
    FileResponse,
    Http404,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leadlight.analytics.export import FRENCH_EXCEL, PLAIN, Style, csv_of
from leadlight.analytics.filters import Filters
from leadlight.analytics.phrases import BadFilter
from leadlight.analytics.sheets import About, Sheet, listing_sheet, result_sheet
from leadlight.analytics.workbook import write_workbook
from leadlight.web import formats, wording
from leadlight.web.addresses import leads_address
from leadlight.web.choices import chosen_names
from leadlight.web.entrance import ReaderRequest, signed_in
from leadlight.web.views.errors import refused
from leadlight.web.views.report_lists import Place, asked_list, list_title
from leadlight.web.views.reports import answered, known_report, query_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
STYLES: dict[str, Style] = {"csv": PLAIN, "csv-excel": FRENCH_EXCEL}


@signed_in
@require_safe
def report_export(request: ReaderRequest, key: str, kind: str) -> HttpResponseBase:
    asked, write = known_report(key), known_writer(kind)
    try:
        answer = answered(request, asked)
    except BadFilter as bad:
        return refused(request, wording.say(bad.phrase))
    result = answer.result
    title = _(asked.title)
    sheet = result_sheet(
        result,
        wording.say,
        _about(request, title, result.filters, answer.address),
        wording.row_label if is_for_people(kind) else None,
    )
    return write(sheet, f"{key}_{_days(result.filters)}")


@signed_in
@require_safe
def report_leads_export(request: ReaderRequest, key: str, kind: str) -> HttpResponseBase:
    report, query, write = known_report(key), query_of(request), known_writer(kind)
    try:
        place = Place.from_query(query)
        listing = asked_list(request.user, report, query, place)
    except BadFilter as bad:
        return refused(request, wording.say(bad.phrase))
    title = f"{_(report.title)}: {list_title(request.user, listing)}"
    address = leads_address(report, listing.filters, **place.beside(page=1))
    sheet = listing_sheet(
        listing,
        wording.say,
        _about(request, title, listing.filters, address),
        wording.status if is_for_people(kind) else str,
    )
    return write(sheet, f"{key}_{place.column}_{_days(listing.filters)}")


def is_for_people(kind: str) -> bool:
    return kind == "xlsx" or (kind in STYLES and STYLES[kind].is_for_people)


def _about(request: ReaderRequest, title: str, filters: Filters, address: str) -> About:
    """What was asked, for whom to read, and the address that asks it again."""
    return (
        (_("Report"), title),
        (_("Question"), " ".join(wording.described(filters, chosen_names(request.user, filters)))),
        (_("As of"), formats.instant(filters.asked_at)),
        (_("Time zone"), str(filters.zone)),
        (_("Currency"), formats.company().currency),
        (_("Address"), request.build_absolute_uri(address)),
    )


def _days(filters: Filters) -> str:
    return f"{filters.period.first}_{filters.period.last}"


Writer = Callable[[Sheet, str], HttpResponseBase]


def known_writer(kind: str) -> Writer:
    """What makes a file of this kind from a sheet and a name without ending."""
    if kind == "xlsx":
        return _workbook
    if kind not in STYLES:
        raise Http404
    return partial(_csv, style=STYLES[kind])


def _csv(sheet: Sheet, name: str, *, style: Style) -> HttpResponseBase:
    pieces = csv_of(sheet, style)
    response = StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _workbook(sheet: Sheet, name: str) -> HttpResponseBase:
    file = TemporaryFile()  # noqa: SIM115  # the response closes it
    write_workbook(sheet, file, wording.say)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX)

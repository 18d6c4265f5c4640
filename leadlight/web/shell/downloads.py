"""Sheets as files to download: CSV as a stream, and XLSX. Each export is in the audit log."""

from __future__ import annotations

from tempfile import TemporaryFile

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from leadlight.accounts import audit
from leadlight.accounts.models.audit_entries import Kind
from leadlight.analytics.export.results import FRENCH_EXCEL, PLAIN, csv_of
from leadlight.analytics.export.sheets import Sheet
from leadlight.analytics.export.workbook import write_workbook
from leadlight.presentation import labels
from leadlight.sales import access
from leadlight.web.shell.auth import ReaderRequest

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
STYLES = {"csv": PLAIN, "csv-excel": FRENCH_EXCEL}


def kinds() -> list[tuple[str, str]]:
    """Return the kinds of files with their titles."""
    return [("xlsx", "XLSX"), ("csv", "CSV"), ("csv-excel", _("CSV for French Excel"))]


def refuse_unknown_kind(kind: str) -> None:
    """Raise Http404 for a kind of file that does not exist."""
    if kind != "xlsx" and kind not in STYLES:
        raise Http404


def record_export(request: ReaderRequest, action: str, title: str, address: str) -> None:
    """Record who exports a page with this title and this address, which holds its filters.

    The title is the untranslated one: the audit log shows it in the language of its reader. Raises
    PermissionDenied for a user without the right to export.
    """
    if not access.may_export(request.user):
        raise PermissionDenied
    audit.record(Kind.EXPORT, action, by=request.user, subject=title, new=address)


def download(sheet: Sheet, name: str, kind: str) -> HttpResponseBase:
    """Return a sheet as a file; text that a spreadsheet takes for a formula is escaped."""
    return _workbook(sheet, name) if kind == "xlsx" else _csv(sheet, name, kind)


def _csv(sheet: Sheet, name: str, kind: str) -> HttpResponseBase:
    response = StreamingHttpResponse(
        csv_of(sheet, STYLES[kind]), content_type="text/csv; charset=utf-8"
    )
    ending = "_french-excel" if kind == "csv-excel" else ""
    response.headers["Content-Disposition"] = content_disposition_header(
        True, f"{name}{ending}.csv"
    )
    return response


def _workbook(sheet: Sheet, name: str) -> HttpResponseBase:
    file = TemporaryFile()  # noqa: SIM115  # the response closes it
    write_workbook(sheet, file, labels.say)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX)

"""Views of imports. People see their own imports only."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leadlight.sales import access
from leadlight.sales.models import BulkJob, TableImport
from leadlight.sales.refusals import Refused
from leadlight.table_import import jobs, mappings
from leadlight.table_import.files import earlier_imports, note_columns, table_of, upload
from leadlight.tables.encodings import ENCODINGS
from leadlight.web.imports import columns, preview
from leadlight.web.imports.forms import MappingForm, ReadingForm, UploadForm
from leadlight.web.imports.refused_rows import refused_sheet
from leadlight.web.shell.auth import ReaderRequest, View, signed_in
from leadlight.web.shell.downloads import download
from leadlight.web.shell.errors import refused
from leadlight.web.shell.uploads import dropped_files

ON_A_PAGE = 50
BEFORE_START = (BulkJob.State.CHECKING, BulkJob.State.CHECKED)


def of_own_import(view: View) -> View:
    """Pass to a view the user's own import in place of its key; must be inside `signed_in`.

    Responds with 404 for an import of another user, and with 403 if the user may no longer import
    rows of this kind.
    """

    def guarded(request: ReaderRequest, key: str, **kwargs: Any) -> HttpResponseBase:
        own = TableImport.objects.select_related("job__action", "user", "prospecting_list")
        given = get_object_or_404(own, key=key, user=request.user)
        if given.kind != TableImport.Kind.PROSPECTS and not access.may_import(request.user):
            sentence = _("Only admins and managers of a team can import.")
            return refused(request, sentence, status=403)
        return view(request, given, **kwargs)

    return guarded


@signed_in
@require_safe
def imports(request: ReaderRequest) -> HttpResponse:
    """List the imports of the user, newest first."""
    own = TableImport.objects.filter(user=request.user).select_related("job", "prospecting_list")
    page = Paginator(own.order_by("-created_at", "-pk"), ON_A_PAGE).get_page(
        request.GET.get("page")
    )
    rows = [(one, preview.state_title(one)) for one in page]
    context = {"page": page, "rows": rows, "may_import": access.may_import(request.user)}
    return render(request, "imports/list.html", context)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def new_import(request: ReaderRequest) -> HttpResponse:
    """Show the form of a file; a POST stores it and shows its columns."""
    if request.method != "POST":
        chosen = {
            "kind": request.GET.get("kind", ""),
            "prospecting_list": request.GET.get("list", ""),
        }
        form = UploadForm(request.user, initial=chosen)
        return render(request, "imports/new.html", {"form": form})
    form = UploadForm(request.user, request.POST, request.FILES)
    if dropped_files(request):
        form.add_error("file", _("The file is larger than 25 MB."))
    if form.is_valid():
        sent = form.cleaned_data
        file, listed = sent["file"], sent["prospecting_list"]
        try:
            given = upload(
                request.user, sent["kind"], file.name, file.chunks(), prospecting_list=listed
            )
        except Refused as refusal:
            form.add_error("file", str(refusal))
        else:
            return redirect("table_import_columns", given.key)
    return render(request, "imports/new.html", {"form": form}, status=400)


@signed_in
@of_own_import
@require_http_methods(["GET", "HEAD", "POST"])
def import_columns(request: ReaderRequest, given: TableImport) -> HttpResponse:
    """Show the detected format and the columns of a file.

    A POST reads the file again in another format, or saves the mapping and begins the check.
    """
    if given.job is not None and given.job.state not in BEFORE_START:
        return redirect("table_import", given.key)
    if request.method == "POST" and "reading" in request.POST:
        return _read_again(request, given)
    if request.method != "POST":
        return _columns_page(request, given, MappingForm(given, request.user))
    form = MappingForm(given, request.user, request.POST)
    if form.is_valid():
        try:
            mappings.set_mapping(
                given, form.mapping, form.cleaned_data.get("key", ""), form.options
            )
            if form.cleaned_data["name"]:
                mappings.keep(given, form.cleaned_data["name"], request.user)
            jobs.begin_check(given)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("table_import", given.key)
    return _columns_page(request, given, form, 400)


@signed_in
@of_own_import
@require_safe
def table_import(request: ReaderRequest, given: TableImport) -> HttpResponse:
    """Show an import: its check, what it would do, its progress, or its result."""
    if given.job is None:
        return redirect("table_import_columns", given.key)
    context = preview.context(given) | {
        "given": given,
        "job": given.job,
        "earlier": earlier_imports(given) if given.job.state in BEFORE_START else [],
    }
    reasons = preview.reasons(given.job)
    context["page"] = Paginator(reasons, ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "imports/part.html" if request.htmx else "imports/page.html", context)


@signed_in
@of_own_import
@require_POST
def start_import(request: ReaderRequest, given: TableImport) -> HttpResponse:
    """Begin to write the rows of a checked file."""
    try:
        jobs.start(given)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("table_import", given.key)


@signed_in
@of_own_import
@require_safe
def refused_rows(request: ReaderRequest, given: TableImport, kind: str) -> HttpResponseBase:
    """Download the refused rows with their reasons, to be corrected and imported again."""
    preview.refuse_unknown_kind(kind)
    return download(refused_sheet(given), _("refused-rows"), kind)


def _read_again(request: ReaderRequest, given: TableImport) -> HttpResponse:
    try:
        found = table_of(given).found
    except Refused:
        found = None
    form = ReadingForm(found, request.POST)
    if form.is_valid():
        before = given.reading
        given.reading = form.reading
        try:
            table = table_of(given)
            jobs.forget_check(given)
        except Refused as refusal:
            given.reading = before
            messages.error(request, str(refusal))
        else:
            headers = [column["header"] for column in given.columns]
            note_columns(given, table)
            if headers != table.headers:
                mappings.match(given, table)
            given.save()
    else:
        messages.error(request, _("The file cannot be read like this."))
    return redirect("table_import_columns", given.key)


def _columns_page(
    request: ReaderRequest, given: TableImport, form: MappingForm, status: int = 200
) -> HttpResponse:
    try:
        table = table_of(given)
    except Refused as refusal:
        return refused(request, str(refusal), status=400)
    context = {
        "given": given,
        "form": form,
        "found": table.found,
        "encoding": ENCODINGS.get(table.found.encoding, table.found.encoding),
        "reading": ReadingForm(table.found, initial=given.reading),
        "is_asked": table.is_day_order_asked or table.is_decimal_mark_asked,
        "columns": columns.rows_of(given, table, form),
        "options": columns.options_of(form),
        "earlier": earlier_imports(given),
    }
    return render(request, "imports/columns.html", context, status=status)

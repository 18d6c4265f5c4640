"""Pages of prospecting lists: all lists, and a new one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_safe

from leadlight.analytics.query.phrases import BadFilter
from leadlight.presentation import formats
from leadlight.sales.models import Action, PendingRows, ProspectChange, ProspectingList
from leadlight.sales.prospecting.lists import make_list
from leadlight.sales.prospecting.notions import own_fields
from leadlight.sales.prospecting.pending_rows import FIRST_ROWS, make_list_of_table
from leadlight.sales.refusals import Refused
from leadlight.tables import Choices, TableFile
from leadlight.web.prospecting import columns as table_columns
from leadlight.web.prospecting.forms import SEPARATOR_NAMES, ReadingForm, TableForm
from leadlight.web.prospecting.kept_tables import KeptTable, kept
from leadlight.web.prospecting.list_query import STATES, ListQuery
from leadlight.web.prospecting.listing import listing_of
from leadlight.web.shell.auth import ReaderRequest, signed_in
from leadlight.web.shell.changes import act
from leadlight.web.shell.errors import refused_query
from leadlight.web.shell.query_string import params_of
from leadlight.web.shell.uploads import dropped_files

ROWS_SHOWN = 5
PROBLEMS_SHOWN = 5


@signed_in
@require_safe
def prospecting(request: ReaderRequest) -> HttpResponse:
    """Show the prospecting lists that the user may see."""
    params = params_of(request)
    try:
        query = ListQuery.from_params(params)
    except BadFilter as bad:
        return refused_query(request, bad, _("Prospecting"), "prospecting")
    context = {
        "listing": listing_of(request.user, query, "".join(params.get("page", ())) or "1"),
        "query": query,
        "states": list(
            zip(
                STATES,
                (pgettext("lists", "Active"), pgettext("lists", "Archived"), _("All")),
                strict=True,
            )
        ),
    }
    response = render(request, "prospecting/lists.html", context)
    if request.htmx:
        response.headers["HX-Push-Url"] = query.address
    return response


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def new_list(request: ReaderRequest) -> HttpResponse:
    """Show the form of a new list, then the table that was sent, and create the list.

    The first POST sends cells, a file or the columns of an empty list. The second one, with the
    token of the table, reads it in another format or creates the list.
    """
    if request.method != "POST":
        return _first_page(request, TableForm())
    if "table" in request.POST:
        return _table_sent_before(request)
    form = TableForm(request.POST, request.FILES, dropped=bool(dropped_files(request)))
    if not form.is_valid():
        return _first_page(request, form, 400)
    name = form.cleaned_data["name"]
    try:
        if not form.has_table:
            return _make(request, lambda: make_list(request.user, name, form.columns, []))
        table = form.keep(request.user)
        return _second_page(request, table, table.read(Choices()), name)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _first_page(request, form, 400)


def _table_sent_before(request: ReaderRequest) -> HttpResponse:
    """Read a kept table in the chosen format; create the list if the form asks for it."""
    name = request.POST.get("name", "")
    try:
        sent = kept(request.user, request.POST["table"])
    except Refused as refusal:
        return _refused(request, str(refusal))
    form = ReadingForm(None, request.POST)
    if not form.is_valid():
        sentences = [str(sentence) for errors in form.errors.values() for sentence in errors]
        try:
            return _second_page(
                request, sent, sent.read(Choices()), name, sent=request.POST, errors=sentences
            )
        except Refused as refusal:
            return _refused(request, str(refusal))
    try:
        table = sent.read(form.choices)
    except Refused as refusal:
        return _unreadable(request, sent, form, str(refusal))
    is_same = request.POST.get("read_as") == _reading(table)
    chosen = request.POST if is_same else {}
    if "make" not in request.POST or not is_same:
        return _second_page(request, sent, table, name, sent=chosen)
    try:
        return _make_of_table(request, sent, table, form)
    except Refused as refusal:
        return _second_page(request, sent, table, name, sent=chosen, errors=[str(refusal)])


def _make_of_table(
    request: ReaderRequest, sent: KeptTable, table: TableFile, form: ReadingForm
) -> HttpResponse:
    fields = own_fields()
    columns = table_columns.matched_columns(table, fields, request.POST)
    targets = table_columns.targets_of(columns, fields)
    name = form.cleaned_data["name"]
    response = _make(
        request,
        lambda: make_list_of_table(
            request.user, name, table, sent.path, form.choices, targets=targets
        ),
    )
    sent.remove()
    return response


def _make(request: ReaderRequest, make: Callable[[], ProspectingList]) -> HttpResponse:
    """Create a list as one action, and show it; a form sent twice creates one list."""

    def change() -> str:
        made = make()
        if PendingRows.objects.filter(prospecting_list=made).exists():
            return _("List made. Its rows are being added.")
        number = made.prospects.count()
        sentence = ngettext(
            "List made with %(count)s row.", "List made with %(count)s rows.", number
        )
        return sentence % {"count": formats.number(number)}

    made = _list_made_by(act(request, change))
    return redirect("sheet", made.key) if made else redirect("prospecting")


def _list_made_by(action: Action) -> ProspectingList | None:
    """Return the list that an action created, None if it was deleted since."""
    creation = action.prospect_changes.filter(
        subject=ProspectChange.Subject.LIST, attribute=""
    ).first()
    return creation.prospecting_list if creation else None


def _first_page(request: ReaderRequest, form: TableForm, status: int = 200) -> HttpResponse:
    return render(request, "prospecting/new.html", {"form": form}, status=status)


def _refused(request: ReaderRequest, sentence: str) -> HttpResponse:
    form = TableForm()
    return render(request, "prospecting/new.html", {"form": form, "refusal": sentence}, status=400)


def _unreadable(
    request: ReaderRequest, sent: KeptTable, form: ReadingForm, sentence: str
) -> HttpResponse:
    """Show the table in its detected format, and the reason why the chosen one does not work."""
    try:
        table = sent.read(Choices())
    except Refused:
        return _refused(request, sentence)
    name = form.cleaned_data["name"]
    return _second_page(request, sent, table, name, errors=[sentence])


def _second_page(
    request: ReaderRequest,
    kept_table: KeptTable,
    table: TableFile,
    name: str,
    *,
    sent: Mapping[str, str] | None = None,
    errors: list[str] | None = None,
) -> HttpResponse:
    """Show the format of a table, its columns with their fields, and its first rows."""
    fields = own_fields()
    rows = [row for row in table.sample if not row.problem]
    problems = [row for row in table.sample if row.problem]
    context: dict[str, Any] = {
        "form": ReadingForm.of(table, name),
        "token": kept_table.token,
        "file_name": kept_table.name,
        "read_as": _reading(table),
        "table": table,
        "found": table.found,
        "separator_name": SEPARATOR_NAMES.get(table.found.separator, ""),
        "columns": table_columns.matched_columns(table, fields, sent or {}),
        "choices": table_columns.choices(fields),
        "rows": rows[:ROWS_SHOWN],
        "usable_count": table.found.row_count - table.found.problem_count,
        "is_long": table.found.row_count > FIRST_ROWS,
        "problems": problems[:PROBLEMS_SHOWN],
        "errors": errors or [],
    }
    status = 400 if errors else 200
    return render(request, "prospecting/table.html", context, status=status)


def _reading(table: TableFile) -> str:
    """Return a text that is equal for tables that are read in the same way."""
    found = table.found
    return "\x1f".join([found.encoding, found.separator, found.sheet, str(found.header_row)])

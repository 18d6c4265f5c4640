"""Changes that the script of a sheet sends: cells, rows, columns, and their undo."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from leadlight.accounts.keys import new_key
from leadlight.sales import access
from leadlight.sales.models import Action, ProspectColumn
from leadlight.sales.models.actions import AlreadyDone, acting
from leadlight.sales.prospecting import columns, rows
from leadlight.sales.prospecting.cells import CellChange, Outcome, set_cells
from leadlight.sales.prospecting.notions import NOTHING, Notion, Target, own_fields
from leadlight.sales.refusals import Refused
from leadlight.sales.undo import undo
from leadlight.web.sheet.query import NOBODY, Sheet
from leadlight.web.shell.auth import ReaderRequest, signed_in
from leadlight.web.shell.changes import KEY

MOST_BYTES = 8_000_000


@signed_in
@require_POST
def change_cells(request: ReaderRequest, key: str) -> HttpResponse:
    """Save cells, given as JSON: `action` and `cells`, lists of row, column, text and text before.

    The response has the saved cells and the refused ones, each with the reason and its text.
    """
    sheet = Sheet.of(request.user, key)
    try:
        sent = _sent(request)
        cells = [_cell(each) for each in sent["cells"]]
    except (ValueError, KeyError, TypeError):
        return _problem(_("The cells could not be read."))
    outcome = Outcome(version=sheet.prospecting_list.version)

    def change() -> None:
        nonlocal outcome
        outcome = set_cells(sheet.prospecting_list, cells, request.user)

    return _acted(
        request,
        str(sent.get("action", "")),
        change,
        lambda: {
            "version": outcome.version,
            "saved": [[each.row, each.column, each.text] for each in outcome.saved],
            "refused": [
                [each.row, each.column, each.reason, each.text] for each in outcome.refused
            ],
        },
    )


@signed_in
@require_POST
def change_sheet(request: ReaderRequest, what: str, key: str) -> HttpResponse:
    """Change rows or columns, by a form; the answer is JSON with the new version."""
    sheet = Sheet.of(request.user, key)
    if what not in (*ROW_CHANGES, *COLUMN_CHANGES):
        raise Http404
    if not sheet.is_editable:
        return _problem(_("You cannot change this list."), status=403)

    def change() -> None:
        if what in ROW_CHANGES:
            ROW_CHANGES[what](sheet, request)
        else:
            COLUMN_CHANGES[what](sheet, request)

    action = request.POST.get("action", "")
    return _acted(request, action, change, lambda: {"version": sheet.prospecting_list.version})


@signed_in
@require_POST
def undo_in_sheet(request: ReaderRequest, key: str) -> HttpResponse:
    """Undo an action of the user on a list; the answer is JSON."""
    sheet = Sheet.of(request.user, key)
    action = Action.objects.filter(key=request.POST.get("action", ""), user=request.user).first()
    if (
        action is None
        or hasattr(action, "job")  # a bulk job is undone on its own page
        or not action.prospect_changes.filter(prospecting_list=sheet.prospecting_list).exists()
    ):
        return _problem(_("This change can no longer be undone."))
    try:
        undo(action, by=request.user)
    except Refused as refusal:
        return _problem(str(refusal))
    sheet.prospecting_list.refresh_from_db()
    return JsonResponse({"version": sheet.prospecting_list.version})


def _acted(
    request: ReaderRequest,
    sent_key: str,
    change: Callable[[], None],
    answer: Callable[[], dict[str, Any]],
) -> HttpResponse:
    """Call `change` as one action; respond with the action's key and `answer()` as JSON."""
    try:
        key = sent_key if KEY.fullmatch(sent_key) else new_key()
        with acting(key, request.user) as action:
            change()
    except AlreadyDone as done:
        return JsonResponse({"action": done.action.key, "again": True})
    except Refused as refusal:
        return _problem(str(refusal))
    return JsonResponse({"action": action.key, **answer()})


def _problem(sentence: str, status: int = 400) -> HttpResponse:
    return JsonResponse({"problem": sentence}, status=status)


def _sent(request: ReaderRequest) -> dict[str, Any]:
    if len(request.body) > MOST_BYTES:
        raise ValueError("too long")
    sent = json.loads(request.body)
    if not isinstance(sent, dict):
        raise TypeError("no object")
    return sent


def _cell(each: Any) -> CellChange:
    row, column, text, before = each
    numbers = all(isinstance(one, int) and 0 <= one < 2**62 for one in (row, column))
    if not (numbers and isinstance(text, str) and isinstance(before, str | None)):
        raise TypeError("no cell")
    return CellChange(row, column, text, before)


def _ids(request: ReaderRequest) -> list[int]:
    texts = request.POST.get("rows", "").split(",")
    return [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 19]


def _add_rows(sheet: Sheet, request: ReaderRequest) -> None:
    count = request.POST.get("count", "1")
    rows.add_empty_rows(
        sheet.prospecting_list, int(count) if count.isascii() and count.isdigit() else 0
    )


def _assign(sheet: Sheet, request: ReaderRequest) -> None:
    key = request.POST.get("user", "")
    user = access.assignable_users(request.user).filter(key=key).first()
    if user is None and key != NOBODY:
        raise Refused(_("Choose a person."))
    rows.assign_rows(sheet.prospecting_list, _ids(request), user)


def _column(sheet: Sheet, request: ReaderRequest) -> ProspectColumn:
    text = request.POST.get("column", "")
    for column in sheet.columns:
        if str(column.pk) == text:
            column.prospecting_list = sheet.prospecting_list
            return column
    raise Refused(_("This row or column no longer exists."))


def _set_column(sheet: Sheet, request: ReaderRequest) -> None:
    """Rename a column and set its meaning, both from one form."""
    column, target = _column(sheet, request), request.POST.get("target")
    before = f"field:{column.field.key}" if column.field else column.notion
    columns.rename_column(column, request.POST.get("header", column.header))
    if target is not None and target != before:
        columns.match_column(column, _target(target))


def _target(text: str) -> Target:
    if not text:
        return NOTHING
    if text.startswith("field:"):
        for field in own_fields():
            if text == f"field:{field.key}":
                return Target(field=field)
    elif text in Notion.values:
        return Target(notion=text)
    raise Refused(_("Choose one of the meanings in the list."))


Change = Callable[[Sheet, ReaderRequest], object]
ROW_CHANGES: dict[str, Change] = {
    "add-rows": _add_rows,
    "delete-rows": lambda sheet, request: rows.delete_rows(sheet.prospecting_list, _ids(request)),
    "assign-rows": _assign,
}
COLUMN_CHANGES: dict[str, Change] = {
    "add-column": lambda sheet, request: columns.add_column(
        sheet.prospecting_list, request.POST.get("header", "")
    ),
    "set-column": _set_column,
    "move-left": lambda sheet, request: columns.move_column(_column(sheet, request), -1),
    "move-right": lambda sheet, request: columns.move_column(_column(sheet, request), 1),
    "hide-column": lambda sheet, request: columns.hide_column(_column(sheet, request)),
    "show-column": lambda sheet, request: columns.hide_column(
        _column(sheet, request), is_hidden=False
    ),
    "delete-column": lambda sheet, request: columns.delete_column(_column(sheet, request)),
}

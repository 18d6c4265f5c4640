"""Page of a sheet, and the rows that its script requests."""

from __future__ import annotations

import json
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leadlight.sales import access
from leadlight.sales.models import PendingRows, Prospect
from leadlight.sales.prospecting.duplicate_marks import marks
from leadlight.sales.prospecting.notions import Notion, own_fields
from leadlight.web.sheet.query import MOST_ROWS, Sheet
from leadlight.web.shell.auth import ReaderRequest, signed_in

CARDS = 30
LARGEST = 10**9


@signed_in
@require_safe
def sheet(request: ReaderRequest, key: str) -> HttpResponse:
    """Show the sheet of a list; its first rows as cards, for phones and without scripts."""
    shown = Sheet.of(request.user, key)
    rows = shown.rows(request.GET).select_related("user", "prospecting_list")
    cards = Paginator(rows, CARDS).get_page(request.GET.get("page", "1"))
    found = marks(list(cards), shown.columns, request.user)
    texts: dict[str, Any] = _texts()
    texts["states"] = {state.value: str(state.label) for state in Prospect.State}
    context = {
        "sheet": shown,
        "list": shown.prospecting_list,
        "pending": PendingRows.objects.filter(prospecting_list=shown.prospecting_list).first(),
        "columns_json": json.dumps(shown.described_columns()),
        "states": [{"key": state.value, "name": str(state.label)} for state in Prospect.State],
        "state": request.GET.get("state", ""),
        "cards": cards,
        "marked_cards": [(row, found.get(row.pk, ())) for row in cards],
        "query": _without_page(request.GET),
        "users": access.assignable_users(request.user) if shown.is_editable else (),
        "notions": Notion.choices,
        "fields": own_fields(),
        "texts_json": json.dumps(texts),
    }
    return render(request, "sheet/page.html", context)


@signed_in
@require_safe
def rows(request: ReaderRequest, key: str) -> HttpResponse:
    """Return `limit` rows from `offset` on, the number of all rows, and the columns."""
    shown = Sheet.of(request.user, key)
    offset = _number(request.GET, "offset")
    limit = min(_number(request.GET, "limit"), MOST_ROWS)
    matching = shown.rows(request.GET)
    # The ids come from an index; reading the rows before the offset would take long.
    ids = list(matching.values_list("pk", flat=True)[offset : offset + limit])
    found = Prospect.objects.filter(pk__in=ids).select_related("user").order_by("pk")
    return JsonResponse(
        {
            "version": shown.prospecting_list.version,
            "layout": shown.prospecting_list.layout_version,
            "total": matching.count(),
            "columns": shown.described_columns(),
            "rows": shown.described(list(found)),
        }
    )


@signed_in
@require_safe
def news(request: ReaderRequest, key: str) -> HttpResponse:
    """Return the rows that changed after the version `since`.

    `reload` is true if there are too many of them, or if rows or columns were added, removed or
    moved.
    """
    shown = Sheet.of(request.user, key)
    since = _number(request.GET, "since")
    changed: list[Prospect] = []
    reload = shown.prospecting_list.layout_version > since
    if shown.prospecting_list.version > since and not reload:
        newer = shown.visible_rows.filter(version__gt=since).select_related("user")
        changed = list(newer.order_by("version", "pk")[: MOST_ROWS + 1])
        reload = len(changed) > MOST_ROWS
    return JsonResponse(
        {
            "version": shown.prospecting_list.version,
            "reload": reload,
            "rows": [] if reload else shown.described(changed),
        }
    )


def _number(params: QueryDict, name: str) -> int:
    text = params.get(name, "0")
    is_number = text.isascii() and text.isdigit() and len(text) < 10
    return min(int(text), LARGEST) if is_number else 0


def _without_page(params: QueryDict) -> str:
    kept = params.copy()
    kept.pop("page", None)
    return kept.urlencode()


def _texts() -> dict[str, str]:
    """Return the texts that the script of the sheet shows, by key."""
    return {
        "saved": _("Saved."),
        "saving": _("Saving…"),
        "offline": _("Not saved yet: the connection is lost. The sheet tries again."),
        "refused": _("Refused"),
        "undone": _("Undone."),
        "nothing": _("Nothing to undo."),
        "readonly": _("You cannot change this row."),
        "duplicate": _("Probably a duplicate of:"),
        "filter": _("Filter"),
        "state": _("State"),
        "owner": _("Owner"),
        "delete": _("Delete the selected rows?"),
        "open": _("Open"),
        "many": _("This selection is too large for one change."),
        "unread": _("Scroll through the selection once before you copy it."),
        "before": _("Value in the list:"),
    }

"""Rows of settings lists: order, deactivation, and their table on a page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from leadlight.sales.models import ActivityType, Category, Outcome, Tag
from leadlight.sales.models.listed_rows import LONGEST_ROW_NAME, ListedRow
from leadlight.web.settings.audited import change_row
from leadlight.web.shell.auth import ReaderRequest, for_admins, signed_in
from leadlight.web.shell.errors import refused

PLACES = {"up": -1, "down": 1}


class RowForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=LONGEST_ROW_NAME,
        error_messages={"required": gettext_lazy("Enter a name.")},
    )


@dataclass(frozen=True)
class RowKind:
    """Kind of rows: its model, and the pages that edit and list a row.

    `edit` is the name of a URL pattern; `list_page` returns the address for a row.
    """

    model: type[ListedRow]
    edit: str
    list_page: Callable[[Any], str]


# Kind in addresses and action in the audit log → its rows.
KINDS: dict[str, RowKind] = {
    "activity_type": RowKind(
        ActivityType, "activity_type_edit", lambda _row: reverse("activity_types")
    ),
    "outcome": RowKind(
        Outcome,
        "outcome_edit",
        lambda row: reverse("activity_type_edit", args=[row.activity_type.key]),
    ),
    "category": RowKind(Category, "category_edit", lambda _row: reverse("categories")),
    "tag": RowKind(Tag, "tag_edit", lambda row: page_of_tags(row.category)),
}


def page_of_tags(category: Category | None) -> str:
    """Return the address of the page of the tags of a category, or of those without one."""
    return reverse("category_edit", args=[category.key]) if category else reverse("loose_tags")


@dataclass(frozen=True)
class ShownRow:
    """Row of a table of settings with its addresses; `note` is a short remark on it."""

    row: ListedRow
    kind: str
    note: str

    @property
    def edit_address(self) -> str:
        return reverse(KINDS[self.kind].edit, args=[self.row.key])


def shown_rows(
    kind: str, rows: Iterable[Any], note: Callable[[Any], str] = lambda _row: ""
) -> list[ShownRow]:
    """Return the rows of a table, the active ones first."""
    ordered = sorted(rows, key=lambda row: not row.is_active)
    return [ShownRow(row, kind, note(row)) for row in ordered]


@signed_in
@for_admins
@require_POST
def move(request: ReaderRequest, kind: str, key: str) -> HttpResponse:
    """Move a row one place up or down in its list."""
    row, to = _found(kind, key), request.POST.get("to", "")
    if to not in PLACES:
        return refused(request, _("It can only be moved up or down."))
    sentence = _("“%(name)s” moved.") % {"name": row}
    change_row(request, kind, row, lambda: row.move(PLACES[to]), sentence)
    return redirect(KINDS[kind].list_page(row))


@signed_in
@for_admins
@require_POST
def deactivate(request: ReaderRequest, kind: str, key: str) -> HttpResponse:
    """Deactivate a row: it stays where it was used, and is not offered any more."""
    return _switched(request, kind, key, False)


@signed_in
@for_admins
@require_POST
def reactivate(request: ReaderRequest, kind: str, key: str) -> HttpResponse:
    return _switched(request, kind, key, True)


def _switched(request: ReaderRequest, kind: str, key: str, is_active: bool) -> HttpResponse:
    row = _found(kind, key)
    sentence = _("“%(name)s” reactivated.") if is_active else _("“%(name)s” deactivated.")
    switch = partial(row.set_active, is_active)
    change_row(request, kind, row, switch, sentence % {"name": row})
    return redirect(KINDS[kind].list_page(row))


def _found(kind: str, key: str) -> Any:
    if kind not in KINDS:
        raise Http404
    return get_object_or_404(KINDS[kind].model, key=key)

"""Settings pages of custom fields, for admins: the list by subject, and the page of one field."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from leadlight.sales.models import CustomField
from leadlight.sales.refusals import Refused
from leadlight.sales.settings_in_words import field_in_words
from leadlight.web.settings.audited import audited, change_row
from leadlight.web.settings.fields_form import FieldForm, NewFieldForm
from leadlight.web.shell.auth import ReaderRequest, for_admins, signed_in
from leadlight.web.shell.errors import refused

PLACES = {"up": -1, "down": 1}


@dataclass(frozen=True)
class Section:
    """Custom fields of one subject; `shown` are those that are not archived, in their order."""

    subject: str
    title: str
    shown: list[CustomField]
    archived: list[CustomField]


@signed_in
@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def fields(request: ReaderRequest) -> HttpResponse:
    """Show the fields with a form for a new one; a POST creates it."""
    if request.method != "POST":
        return _page(request, NewFieldForm())
    form = NewFieldForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=400)
    named = {name: form.cleaned_data[name] for name in ("subject", "name")}
    with audited(request, "field", lambda: _described(**named)):
        is_defined = form.define()
    if not is_defined:
        return _page(request, form, status=400)
    messages.success(request, _("Field added."))
    return redirect("fields")


@signed_in
@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: ReaderRequest, key: str) -> HttpResponse:
    """Edit the name, the choices and the use as duplicate key of one field."""
    field = get_object_or_404(CustomField, key=key)
    given = request.POST if request.method == "POST" else None
    form = FieldForm(given, field=field)
    if given is not None and form.is_valid():
        with suppress(Refused):  # the form has the errors
            change_row(request, "field", field, form.save, _("Field saved."))
            return redirect("fields")
    context = {"field": get_object_or_404(CustomField, key=key), "form": form}
    status = 200 if given is None else 400
    return render(request, "settings/field.html", context, status=status)


@signed_in
@for_admins
@require_POST
def move(request: ReaderRequest, key: str) -> HttpResponse:
    """Move a field one place up or down."""
    field = get_object_or_404(CustomField, key=key, is_archived=False)
    to = request.POST.get("to", "")
    if to not in PLACES:
        return refused(request, _("A field can only be moved up or down."))
    try:
        sentence = _("“%(name)s” moved.") % {"name": field}
        change_row(request, "field", field, lambda: field.move(PLACES[to]), sentence)
    except Refused as refusal:
        return refused(request, str(refusal))
    return redirect("fields")


@signed_in
@for_admins
@require_POST
def archive(request: ReaderRequest, key: str) -> HttpResponse:
    """Archive a field; its values are kept."""
    field = get_object_or_404(CustomField, key=key)
    sentence = _("Field archived. Its values are kept.")
    change_row(request, "field", field, field.archive, sentence)
    return redirect("fields")


@signed_in
@for_admins
@require_POST
def restore(request: ReaderRequest, key: str) -> HttpResponse:
    field = get_object_or_404(CustomField, key=key)
    change_row(request, "field", field, field.restore, _("Field restored."))
    return redirect("fields")


def _described(**named: str) -> str:
    """Return a field in words, for the audit log; "" if there is none."""
    field = CustomField.objects.filter(**named).first()
    return field_in_words(field) if field else ""


def _page(request: ReaderRequest, form: NewFieldForm, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "sections": list(_sections())}
    return render(request, "settings/fields.html", context, status=status)


def _sections() -> Iterator[Section]:
    titles = {"lead": _("Leads"), "client": _("Clients"), "prospect": _("Prospects")}
    fields = list(CustomField.objects.all())
    for subject, title in titles.items():
        of_subject = [field for field in fields if field.subject == subject]
        shown = [field for field in of_subject if not field.is_archived]
        archived = [field for field in of_subject if field.is_archived]
        yield Section(subject, title, shown, archived)

"""Settings pages of activity types and their outcomes, for admins."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from leadlight.sales.models import ActivityType, Outcome
from leadlight.sales.refusals import Refused
from leadlight.sales.settings_in_words import note_on, rows_in_words
from leadlight.web.settings.audited import audited, change_row
from leadlight.web.settings.rows import RowForm, shown_rows
from leadlight.web.shell.auth import ReaderRequest, for_admins, signed_in


class TypeForm(RowForm):
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind of activity"),
        choices=ActivityType.Kind.choices,
        error_messages={"invalid_choice": gettext_lazy("Choose one of the options.")},
        help_text=gettext_lazy(
            "Reports count activities by kind. The kind cannot be changed once there are "
            "activities of this type."
        ),
    )


class OutcomeForm(RowForm):
    is_reached = forms.BooleanField(
        label=gettext_lazy("The contact was reached"),
        required=False,
        help_text=gettext_lazy(
            "Reports use this to calculate the reach rate. It cannot be changed once there are "
            "activities with this result."
        ),
    )


@signed_in
@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def types(request: ReaderRequest) -> HttpResponse:
    """Show the types with a form for a new one; a POST creates it and shows it."""
    form = TypeForm(request.POST if request.method == "POST" else None, label_suffix="")
    if form.is_valid():
        given = form.cleaned_data
        try:
            with audited(
                request, "activity_type", lambda: rows_in_words(ActivityType.objects.all())
            ):
                made = ActivityType.define(given["name"], kind=given["kind"])
        except Refused as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, _("Activity type added. Add its results."))
            return redirect("activity_type_edit", made.key)
    number = Count("outcomes", filter=Q(outcomes__is_active=True))
    rows = ActivityType.objects.annotate(number=number)
    context = {"form": form, "rows": shown_rows("activity_type", rows, _with_results)}
    status = 400 if form.is_bound else 200
    return render(request, "settings/activity_types.html", context, status=status)


def _with_results(row: ActivityType) -> str:
    number: int = row.number  # type: ignore[attr-defined]
    results = ngettext("%(count)s result", "%(count)s results", number) % {"count": number}
    return f"{row.get_kind_display()} · {results}"


@signed_in
@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: ReaderRequest, key: str) -> HttpResponse:
    """Show a type with its outcomes; a POST changes its name and kind."""
    found = get_object_or_404(ActivityType, key=key)
    given = request.POST if request.method == "POST" else None
    form = TypeForm(given, initial={"name": found.name, "kind": found.kind}, label_suffix="")
    if form.is_valid():
        sent = form.cleaned_data

        def change() -> None:
            found.rename(sent["name"])
            found.set_kind(sent["kind"])

        try:
            change_row(request, "activity_type", found, change, _("Activity type saved."))
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("activity_type_edit", key)
    return _page(request, key, form=form, status=400 if form.is_bound else 200)


@signed_in
@for_admins
@require_POST
def add(request: ReaderRequest, key: str) -> HttpResponse:
    """Add an outcome to a type."""
    found = get_object_or_404(ActivityType, key=key)
    form = OutcomeForm(request.POST, label_suffix="", auto_id="new-%s")
    if form.is_valid():
        given = form.cleaned_data
        try:
            with audited(
                request, "outcome", lambda: rows_in_words(found.outcomes.all()), subject=found
            ):
                Outcome.define(given["name"], activity_type=found, is_reached=given["is_reached"])
        except Refused as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, _("Result added."))
            return redirect("activity_type_edit", key)
    return _page(request, key, new_form=form, status=400)


@signed_in
@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def outcome(request: ReaderRequest, key: str) -> HttpResponse:
    """Show an outcome; a POST changes it."""
    found = get_object_or_404(Outcome.objects.select_related("activity_type"), key=key)
    of_type = found.activity_type
    initial = {"name": found.name, "is_reached": found.is_reached}
    given = request.POST if request.method == "POST" else None
    form = OutcomeForm(given, initial=initial, label_suffix="")
    if form.is_valid():
        sent = form.cleaned_data

        def change() -> None:
            found.rename(sent["name"])
            found.set_reached(sent["is_reached"])

        try:
            change_row(request, "outcome", found, change, _("Result saved."))
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("activity_type_edit", of_type.key)
    context = {"row": Outcome.objects.get(pk=found.pk), "type": of_type, "form": form}
    status = 400 if form.is_bound else 200
    return render(request, "settings/outcome.html", context, status=status)


def _page(
    request: ReaderRequest,
    key: str,
    *,
    form: TypeForm | None = None,
    new_form: OutcomeForm | None = None,
    status: int = 200,
) -> HttpResponse:
    found = get_object_or_404(ActivityType, key=key)
    initial = {"name": found.name, "kind": found.kind}
    context = {
        "type": found,
        "rows": shown_rows("outcome", found.outcomes.all(), note_on),
        "form": form or TypeForm(initial=initial, label_suffix=""),
        "new_form": new_form or OutcomeForm(label_suffix="", auto_id="new-%s"),
    }
    return render(request, "settings/activity_type.html", context, status=status)

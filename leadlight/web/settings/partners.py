"""Settings page of partners, for admins: their forms, addresses and number of leads."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from leadlight.accounts import secret_addresses
from leadlight.sales import lead_forms as verbs
from leadlight.sales.models import LeadForm, Partner
from leadlight.sales.models.lead_forms import LONGEST_FORM_NAME
from leadlight.web.shell.addresses import secret_url
from leadlight.web.shell.auth import ReaderRequest, for_admins, signed_in
from leadlight.web.shell.form_values import is_saved


class PartnerForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=LONGEST_FORM_NAME,
        error_messages={"required": gettext_lazy("Enter a name.")},
    )
    form: Any = forms.ModelChoiceField(
        None,
        label=gettext_lazy("Form"),
        to_field_name="key",
        error_messages={"required": gettext_lazy("Choose a form.")},
    )

    def __init__(self, given: Any, one: Partner) -> None:
        initial = {"name": one.name, "form": one.form.key if one.form_id else None}
        super().__init__(given, initial=initial, label_suffix="", auto_id="partner-%s")
        field: Any = self.fields["form"]
        field.queryset = LeadForm.objects.filter(Q(is_active=True) | Q(pk=one.form_id))


@signed_in
@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def partners(request: ReaderRequest) -> HttpResponse:
    """Show the partners with a form for a new one; a POST adds it."""
    one = Partner()
    form = PartnerForm(request.POST if request.method == "POST" else None, one)
    if is_saved(form, lambda: verbs.save_partner(one, by=request.user, **form.cleaned_data)):
        messages.success(request, _("Partner added."))
        return redirect("partner", one.key)
    rows = Partner.objects.select_related("form").annotate(sent=Count("entries"))
    context = {"form": form, "partners": rows, "has_forms": LeadForm.objects.exists()}
    return render(request, "settings/partners.html", context, status=400 if form.errors else 200)


@signed_in
@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: ReaderRequest, key: str) -> HttpResponse:
    """Show a partner with their two addresses; a POST changes them."""
    one = get_object_or_404(Partner.objects.select_related("form", "address", "page"), key=key)
    form = PartnerForm(request.POST if request.method == "POST" else None, one)
    if is_saved(form, lambda: verbs.save_partner(one, by=request.user, **form.cleaned_data)):
        messages.success(request, _("Partner saved."))
        return redirect("partner", one.key)
    context = {
        "form": form,
        "one": one,
        "addresses": [
            ("address", _("Form of the partner"), secret_url(request, "public_form", one.address)),
            ("page", _("Page about their leads"), secret_url(request, "partner_page", one.page)),
        ],
    }
    return render(request, "settings/partner.html", context, status=400 if form.errors else 200)


@signed_in
@for_admins
@require_POST
def switch(request: ReaderRequest, key: str) -> HttpResponse:
    """Switch a partner on or off, or replace one of their addresses."""
    one = get_object_or_404(Partner.objects.select_related("address", "page"), key=key)
    do, name = request.POST.get("do"), request.POST.get("renew")
    address = {"address": one.address, "page": one.page}.get(name or "")
    if address:
        secret_addresses.renew(address, by=request.user, subject=one.name)
        messages.success(request, _("New address made. The earlier one no longer works."))
    elif do in ("on", "off"):
        verbs.set_active(one, by=request.user, is_active=do == "on")
        messages.success(
            request, _("Partner switched on.") if do == "on" else _("Partner switched off.")
        )
    return redirect("partner", one.key)

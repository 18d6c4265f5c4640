"""Settings page of the mail addresses that get no mails, for admins."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from leadlight.presentation import formats
from leadlight.sales import refused_addresses as verbs
from leadlight.sales.contact_lines import LONGEST_EMAIL
from leadlight.sales.models import RefusedAddress
from leadlight.tables.values import is_email
from leadlight.web.shell.auth import ReaderRequest, for_admins, signed_in

SHOWN = 200


class AddressForm(forms.Form):
    address = forms.CharField(
        label=gettext_lazy("Email"),
        max_length=LONGEST_EMAIL,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Enter an address.")},
    )

    def clean_address(self) -> str:
        address = str(self.cleaned_data["address"])
        if not is_email(address):
            raise forms.ValidationError(_("This is not an email address."))
        return address


@signed_in
@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def refused_addresses(request: ReaderRequest) -> HttpResponse:
    """Show the refused addresses, newest first or those with a text; a POST adds one."""
    form = AddressForm(request.POST if request.method == "POST" else None, label_suffix="")
    if form.is_valid():
        refusal = verbs.note_opt_out(form.cleaned_data["address"], by=request.user)
        sentence = _("Rules send no more mails to %(address)s.") % {"address": refusal}
        messages.success(request, sentence)
        return redirect("refused_addresses")
    searched = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_EMAIL]
    found = RefusedAddress.objects.filter(address__contains=verbs.normalized(searched))
    lines = [
        (one, one.get_reason_display(), formats.instant(one.noted_at), str(one.noted_by or ""))
        for one in found.select_related("noted_by")[: SHOWN + 1]
    ]
    context: dict[str, Any] = {
        "form": form,
        "lines": lines[:SHOWN],
        "searched": searched,
        "limit": SHOWN if len(lines) > SHOWN else 0,
    }
    status = 400 if form.errors else 200
    return render(request, "settings/refused_addresses.html", context, status=status)


@signed_in
@for_admins
@require_POST
def lift(request: ReaderRequest, key: str) -> HttpResponse:
    """Allow mails to an address again."""
    refusal = get_object_or_404(RefusedAddress, key=key)
    verbs.lift(refusal, by=request.user)
    messages.success(request, _("Rules send mails to %(address)s again.") % {"address": refusal})
    return redirect("refused_addresses")

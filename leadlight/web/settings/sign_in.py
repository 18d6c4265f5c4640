"""Settings page of signing in, for admins: required second factor, and single sign-on."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from leadlight.accounts import second_factor
from leadlight.accounts.models import IdentityProvider, Organization
from leadlight.sales import organization_settings
from leadlight.web.shell.auth import ReaderRequest, for_admins, signed_in
from leadlight.web.shell.changes import act


class SecondFactorForm(forms.Form):
    """People who must have a second factor."""

    second_factor = forms.ChoiceField(
        label=gettext_lazy("Second factor required of"),
        choices=Organization.RequiredOf.choices,
        show_hidden_initial=True,
        error_messages={"invalid_choice": gettext_lazy("Choose one of the options.")},
        help_text=gettext_lazy(
            "People enter a code from an app on their phone after the password. Those who have "
            "not set this up must do so before anything else, including people who are signed "
            "in now."
        ),
    )

    def __init__(self, request: ReaderRequest, given: Any = None) -> None:
        self.request = request
        initial = {"second_factor": Organization.current().second_factor}
        super().__init__(given, initial=initial, label_suffix="")

    def clean_second_factor(self) -> str:
        chosen: str = self.cleaned_data["second_factor"]
        is_required = chosen != Organization.RequiredOf.NOBODY
        if is_required and not second_factor.has_one(self.request, self.request.user):
            raise ValidationError(
                _(
                    "Set up your own second factor first: “Two-step sign-in” in the menu of your "
                    "account."
                )
            )
        return chosen


@signed_in
@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: ReaderRequest) -> HttpResponse:
    """Show the settings; a POST saves who must have a second factor, and offers to undo it."""
    form = SecondFactorForm(request, request.POST if request.method == "POST" else None)
    if form.is_valid():
        act(request, lambda: _saved(request, form))
        return redirect("sign_in_settings")
    context = {"form": form, "provider": IdentityProvider.current()}
    status = 400 if form.is_bound else 200
    return render(request, "settings/sign_in.html", context, status=status)


def _saved(request: ReaderRequest, form: SecondFactorForm) -> str:
    if not form.has_changed():
        return str(_("Nothing has changed."))
    organization_settings.change(form.cleaned_data, by=request.user)
    return str(_("Sign-in settings saved."))

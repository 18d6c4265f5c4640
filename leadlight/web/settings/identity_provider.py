"""Settings page of the identity provider, for admins, with a test of the connection."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from leadlight.accounts import identity_provider as settings
from leadlight.accounts.models import IdentityProvider
from leadlight.accounts.openid.discovery import WELL_KNOWN, an_issuer, read
from leadlight.accounts.refusals import Refused
from leadlight.accounts.second_factor import has_signed_in_at
from leadlight.web.shell.auth import ReaderRequest, for_admins, signed_in
from leadlight.web.shell.changes import act
from leadlight.web.shell.sign_in import redirect_uri

TEST = "test"  # name of the button that saves nothing


class ProviderForm(forms.Form):
    """Settings of the identity provider; only what the user changed is saved."""

    issuer = forms.CharField(
        label=gettext_lazy("Issuer"),
        required=False,
        max_length=300,
        show_hidden_initial=True,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
        help_text=gettext_lazy(
            "Address of the provider, such as https://login.example.com/realms/company. Empty: no "
            "single sign-on."
        ),
    )
    client_id = forms.CharField(
        label=gettext_lazy("Client ID"),
        required=False,
        max_length=300,
        show_hidden_initial=True,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    secret = forms.CharField(
        label=gettext_lazy("Client secret"),
        required=False,
        max_length=1000,
        strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy(
            "Stored encrypted and never shown again. Empty: the stored one stays. Another issuer "
            "needs its own."
        ),
    )
    name = forms.CharField(
        label=gettext_lazy("Name on the button"),
        required=False,
        max_length=60,
        show_hidden_initial=True,
        help_text=gettext_lazy("“Sign in with …” on the sign-in page."),
    )
    has_second_factor = forms.BooleanField(
        label=gettext_lazy("The provider asks for a second factor"),
        required=False,
        show_hidden_initial=True,
        help_text=gettext_lazy(
            "Choose this only if the provider asks everybody for a second factor. No code is "
            "then requested here after single sign-on."
        ),
    )
    domains = forms.CharField(
        label=gettext_lazy("Email domains of new accounts"),
        required=False,
        max_length=1000,
        show_hidden_initial=True,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy(
            "People who sign in with a confirmed address in these domains, such as "
            "example.com, get an account with the role User and no team. If this is empty, "
            "only people added by an admin can sign in."
        ),
    )
    allows_passwords = forms.BooleanField(
        label=gettext_lazy("Passwords stay allowed"),
        required=False,
        show_hidden_initial=True,
        help_text=gettext_lazy(
            "Without passwords, everybody signs in at the provider. If it fails, the command "
            "“leadlight user allow-passwords” on the server allows them again."
        ),
    )

    def __init__(
        self, provider: IdentityProvider, request: ReaderRequest, given: Any = None
    ) -> None:
        self.provider, self.request = provider, request
        initial = {name: getattr(provider, name) for name in self.base_fields if name != "secret"}
        super().__init__(given, initial=initial, label_suffix="")

    def clean_issuer(self) -> str:
        """Return the issuer; the address of its discovery document is accepted too."""
        issuer: str = self.cleaned_data["issuer"].removesuffix(WELL_KNOWN)
        if issuer:
            an_issuer(issuer)
        return issuer

    def clean_domains(self) -> str:
        words = re.split(r"[\s,;]+", self.cleaned_data["domains"].lower())
        return " ".join(dict.fromkeys(word.removeprefix("@") for word in words if word))

    def clean(self) -> dict[str, Any]:
        """Refuse to forbid passwords unless this admin has signed in through this provider."""
        given = super().clean() or self.cleaned_data
        issuer = given.get("issuer", "")
        is_sure = has_signed_in_at(self.request, issuer)
        if issuer and not given.get("allows_passwords") and self._changes_sign_in and not is_sure:
            self.add_error(
                "allows_passwords",
                _("Sign in through this provider yourself before you forbid passwords."),
            )
        return given

    @property
    def _changes_sign_in(self) -> bool:
        return bool({"issuer", "client_id", "allows_passwords"} & set(self.changed_data))

    @property
    def changes(self) -> dict[str, Any]:
        """Setting → new value, of the settings that the user changed."""
        return {name: self.cleaned_data[name] for name in self.changed_data}

    def add_errors(self, wrong: ValidationError) -> None:
        for name, errors in wrong.error_dict.items():
            self.add_error(name if name in self.fields else None, errors)


@signed_in
@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def identity_provider(request: ReaderRequest) -> HttpResponse:
    """Show the settings; a POST saves them and offers to undo it, or tests the connection."""
    provider = IdentityProvider.current()
    form = ProviderForm(provider, request, request.POST if request.method == "POST" else None)
    tested = ""
    if form.is_valid():
        if TEST in request.POST:
            tested = _tested(form)
        else:
            try:
                act(request, lambda: _saved(request, form))
            except ValidationError as wrong:
                form.add_errors(wrong)
            else:
                return redirect("identity_provider")
    context = {
        "form": form,
        "provider": provider,
        "redirect_uri": redirect_uri(request),
        "tested": tested,
    }
    status = 400 if form.errors else 200
    return render(request, "settings/identity_provider.html", context, status=status)


def _tested(form: ProviderForm) -> str:
    """Read the discovery document of the issuer in the form; return a sentence, or add an error."""
    issuer = form.cleaned_data["issuer"]
    if not issuer:
        form.add_error("issuer", _("Enter the issuer first."))
        return ""
    try:
        read(issuer)
    except Refused as refusal:
        form.add_error("issuer", str(refusal))
        return ""
    return str(
        _(
            "The provider answers, and its addresses are valid. The client ID and the secret are "
            "tested by the first sign-in. Nothing was saved."
        )
    )


def _saved(request: ReaderRequest, form: ProviderForm) -> str:
    if not form.changes:
        return str(_("Nothing has changed."))
    settings.change(form.changes, by=request.user)
    return str(_("Single sign-on saved."))

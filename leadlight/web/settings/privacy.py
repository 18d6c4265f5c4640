"""Settings page of privacy and rights, for admins. `sales.access` applies the settings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from leadlight.accounts.models import Organization
from leadlight.sales import organization_settings
from leadlight.web.shell.auth import ReaderRequest, for_admins, signed_in
from leadlight.web.shell.changes import act

INVALID = {"invalid_choice": gettext_lazy("Choose one of the options.")}


class PrivacyForm(forms.Form):
    """Privacy and rights; only what the user changed is saved."""

    privacy = forms.ChoiceField(
        label=gettext_lazy("Leads of others"),
        choices=Organization.Privacy.choices,
        show_hidden_initial=True,
        error_messages=INVALID,
        help_text=gettext_lazy(
            "A person sees the clients, the figures and the names of the leads that they can "
            "see. Reports as of a past date use today's rights."
        ),
    )
    team_privacy = forms.ChoiceField(
        label=gettext_lazy("Inside a team, the leads of others are seen by"),
        choices=Organization.TeamPrivacy.choices,
        show_hidden_initial=True,
        error_messages=INVALID,
        help_text=gettext_lazy(
            "This applies if not everyone sees all leads. Members who see the leads of their team "
            "change only their own and those without an owner."
        ),
    )
    may_assign = forms.ChoiceField(
        label=gettext_lazy("Leads may be assigned by"),
        choices=Organization.Holders.choices,
        show_hidden_initial=True,
        error_messages=INVALID,
        help_text=gettext_lazy(
            "Others create leads for themselves or without an owner, and take leads without an "
            "owner."
        ),
    )
    may_export = forms.ChoiceField(
        label=gettext_lazy("Lists and reports may be exported by"),
        choices=Organization.Holders.choices,
        show_hidden_initial=True,
        error_messages=INVALID,
        help_text=gettext_lazy("Each export is in the audit log."),
    )

    def __init__(self, organization: Organization, given: Any = None) -> None:
        initial = {name: getattr(organization, name) for name in self.base_fields}
        super().__init__(given, initial=initial, label_suffix="")

    @property
    def changes(self) -> dict[str, str]:
        """Setting → new value, of the settings that the user changed."""
        return {name: self.cleaned_data[name] for name in self.changed_data}


@signed_in
@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def privacy(request: ReaderRequest) -> HttpResponse:
    """Show the settings; a POST saves those that the user changed, and offers to undo it."""
    form = PrivacyForm(Organization.current(), request.POST if request.method == "POST" else None)
    if form.is_valid():
        act(request, lambda: _saved(request, form))
        return redirect("privacy")
    status = 400 if form.is_bound else 200
    return render(request, "settings/privacy.html", {"form": form}, status=status)


def _saved(request: ReaderRequest, form: PrivacyForm) -> str:
    if not form.changes:
        return str(_("Nothing has changed."))
    organization_settings.change(form.changes, by=request.user)
    return str(_("Privacy and rights saved."))

"""Pages that copy a lead, or split it in two."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from leadlight.sales import access
from leadlight.sales.conflicts import Conflicting
from leadlight.sales.copying import copy_lead, split_lead
from leadlight.sales.models import Client, Lead
from leadlight.sales.models.client_names import LONGEST_NAME as LONGEST_CLIENT
from leadlight.sales.models.event_log import Kind
from leadlight.sales.models.lead_changes import locked
from leadlight.sales.models.lead_row import LONGEST_TITLE
from leadlight.sales.refusals import Refused
from leadlight.web.leads.forms.amount_field import AmountField
from leadlight.web.leads.forms.change import ChangeForm
from leadlight.web.leads.forms.values import client_named
from leadlight.web.leads.lead_page import shown_conflicts, visible_lead
from leadlight.web.shell.auth import ReaderRequest, signed_in
from leadlight.web.shell.changes import act
from leadlight.web.shell.errors import refused


class _NewLeadForm(ChangeForm):
    """Form that creates a lead from another one: `explanation` says what the new lead gets."""

    explanation: ClassVar[Any] = ""
    name = forms.CharField(label=_("Title of the new lead"), max_length=LONGEST_TITLE)

    def current(self) -> dict[str, Any]:
        return {"name": self.lead.title}


class CopyForm(_NewLeadForm):
    title = _("Duplicate the lead")
    button = title
    explanation = _(
        "The new lead is yours. It gets the description, the tags and the fields of this lead, but "
        "not its history and amount."
    )
    client = forms.CharField(
        label=_("Client"),
        required=False,
        max_length=LONGEST_CLIENT,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_(
            "The client groups both leads. A name that does not exist yet creates a new client."
        ),
    )

    def current(self) -> dict[str, Any]:
        client = self.lead.client.name if self.lead.client else self.lead.title
        return super().current() | {"client": client}

    def save(self) -> str:
        client = self._client()
        copy = copy_lead(self.lead, title=self.cleaned_data["name"], client=client, by=self.user)
        return gettext("“%(lead)s” created.") % {"lead": copy}

    def _client(self) -> Client | None:
        name = self.cleaned_data["client"].strip()
        if self.lead.client and self.lead.client.name == name:
            return self.lead.client
        return client_named(self.user, name)


class SplitForm(_NewLeadForm):
    title = _("Split the lead")
    button = title
    explanation = _(
        "The new lead has the same client, contacts, owner and step. Its amount is taken off this "
        "lead."
    )
    names = (Kind.AMOUNT,)
    amount = AmountField(label=_("Amount of the new lead"))

    def save(self) -> str:
        amount = self.cleaned_data["amount"]
        if amount is None:
            raise Refused(gettext("Enter an amount between 0 and the amount of the lead."))
        part = split_lead(self.lead, title=self.cleaned_data["name"], amount=amount, by=self.user)
        return gettext("“%(lead)s” created.") % {"lead": part}


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def copy(request: ReaderRequest, key: str) -> HttpResponse:
    """Show the form that duplicates a lead; a POST creates the copy and shows it."""
    return _created(request, key, CopyForm)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def split(request: ReaderRequest, key: str) -> HttpResponse:
    """Show the form that splits a lead; a POST creates the second lead and shows it."""
    return _created(request, key, SplitForm)


def _created(
    request: ReaderRequest, key: str, make_form: Callable[..., _NewLeadForm]
) -> HttpResponse:
    user, lead = request.user, visible_lead(request.user, key)
    if not access.may_edit(user, lead):
        return refused(request, gettext("You can see this lead, but not change it."), status=403)
    form = make_form(lead, user, request.POST if request.method == "POST" else None)
    if not form.is_bound:
        return _page(request, lead, form)
    if not form.is_valid():
        return _page(request, lead, form, 400)
    try:
        with locked(lead):
            action = act(request, form.apply)
    except Conflicting as conflict:
        form.conflicts = conflict.conflicts
        return _page(request, lead, form, 409)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _page(request, lead, form, 400)
    created: Any = action.events.filter(kind=Kind.CREATED).first()
    return redirect("lead", created.lead.key if created else lead.key)


def _page(
    request: ReaderRequest, lead: Lead, form: _NewLeadForm, status: int = 200
) -> HttpResponse:
    form.focus()
    conflicts = list(shown_conflicts(form.conflicts))
    context = {"lead": lead, "form": form, "conflicts": conflicts}
    return render(request, "leads/copy.html", context, status=status)

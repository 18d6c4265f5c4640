"""Page that creates a lead. Only the title is required."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from leadlight.accounts.models import User
from leadlight.sales import access, duplicates
from leadlight.sales.models import Client, Lead, Pipeline, Step
from leadlight.sales.models.client_names import LONGEST_NAME as LONGEST_CLIENT
from leadlight.sales.models.event_log import Kind
from leadlight.sales.models.lead_row import LONGEST_TITLE
from leadlight.sales.models.valid_values import LONGEST_TEXT
from leadlight.sales.refusals import Refused
from leadlight.web.leads.forms.amount_field import AmountField
from leadlight.web.leads.forms.values import client_named
from leadlight.web.leads.signature import with_signature
from leadlight.web.shell.auth import ReaderRequest, signed_in
from leadlight.web.shell.changes import act
from leadlight.web.shell.people import PersonField
from leadlight.web.shell.steps import offer_steps


class NewLeadForm(forms.Form):
    title = forms.CharField(
        label=_("Title"),
        max_length=LONGEST_TITLE,
        widget=forms.TextInput(attrs={"autofocus": "", "data-draft": "", "autocomplete": "off"}),
        error_messages={"required": _("Enter a title for the lead.")},
    )
    description = forms.CharField(
        label=_("Description"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 6, "data-draft": ""}),
        help_text=_("Paste an email or a signature. Phone numbers and addresses become links."),
    )
    client = forms.CharField(label=_("Client"), required=False, max_length=LONGEST_CLIENT)
    # Key of the client from whose page the form was opened: clients can share a name.
    client_key = forms.CharField(required=False, widget=forms.HiddenInput)
    amount = AmountField(label=_("Amount"))
    step = forms.ModelChoiceField(Step.offered(), label=_("Step"), to_field_name="key")
    owner = PersonField("owners", label=_("Owner"), required=False, empty_label=_("Unassigned"))

    def __init__(self, user: User, data: Any = None, **more: Any) -> None:
        super().__init__(data, auto_id="lead-%s", label_suffix="", **more)
        fields: Any = self.fields
        fields["owner"].offer(user)
        offer_steps(fields["step"])

    def create(self, user: User) -> Lead:
        given = self.cleaned_data
        return Lead.create(
            title=given["title"],
            description=given["description"].replace("\r\n", "\n").strip(),
            client=self._client(user),
            amount=given["amount"],
            step=given["step"],
            owner=given["owner"],
            by=user,
        )

    def _client(self, user: User) -> Client | None:
        name, key = self.cleaned_data["client"].strip(), self.cleaned_data["client_key"]
        same = access.visible_clients(user).filter(key=key, name=name).first() if key else None
        return same or client_named(user, name)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def new_lead(request: ReaderRequest) -> HttpResponse:
    """Show the form of a new lead; a POST creates the lead and shows it."""
    user = request.user
    if request.method != "POST":
        return _page(request, NewLeadForm(user, initial=_initial(request)))
    if "add" in request.POST:
        return _page(request, NewLeadForm(user, initial=with_signature(request.POST)))
    form = NewLeadForm(user, request.POST)

    def create() -> str:
        form.create(user)
        return gettext("Lead created.")

    if not form.is_valid():
        return _page(request, form, 400)
    try:
        action = act(request, create)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _page(request, form, 400)
    return redirect("lead", action.events.get(kind=Kind.CREATED).lead.key)


@signed_in
@require_POST
def typed_duplicates(request: ReaderRequest) -> HttpResponse:
    """Show the probable duplicates of the lead that is being typed, as a part of the page."""
    texts = [
        request.POST.get(name, "").replace("\0", " ")[:longest]
        for name, longest in (
            ("title", LONGEST_TITLE),
            ("client", LONGEST_CLIENT),
            ("description", LONGEST_TEXT),
        )
    ]
    found = duplicates.of_text(request.user, *texts)
    context = {"duplicates": found, "is_typing": True}
    return render(request, "duplicates/banner.html", context)


def _initial(request: ReaderRequest) -> dict[str, Any]:
    client = access.visible_clients(request.user).filter(key=request.GET.get("client", ""))
    named: Client | None = client.first()
    shared = {
        name: request.GET.get(name, "").replace("\0", "")[:longest]
        for name, longest in (("title", LONGEST_TITLE), ("description", LONGEST_TEXT))
    }
    return shared | {
        "step": Pipeline.default().first_step.key,
        "owner": request.user.key,
        "client": named.name if named else "",
        "client_key": named.key if named else "",
    }


def _page(request: ReaderRequest, form: NewLeadForm, status: int = 200) -> HttpResponse:
    # A draft would replace what was shared.
    is_shared = request.method != "POST" and bool(request.GET.get("description"))
    context = {"form": form, "is_shared": is_shared}
    return render(request, "leads/new.html", context, status=status)

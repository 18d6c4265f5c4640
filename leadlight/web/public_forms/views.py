"""Public form at a secret address, and the page that shows a partner what became of their leads.

The pages set no cookie, so that a form works in a frame on another site. A signed time and nonce in
the form takes the place of the CSRF token.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from allauth.account.adapter import get_adapter
from django.core import signing
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from leadlight.presentation import formats
from leadlight.presentation.typed_numbers import plain_number
from leadlight.sales import form_entries, lead_forms
from leadlight.sales.form_entries import Reason, Submission
from leadlight.sales.models import FormEntry, Lead, LeadForm, Partner
from leadlight.sales.models import lead_forms as names
from leadlight.sales.models.field_texts import MEASURED, FieldKind
from leadlight.web.shell.security import policy

SIGNER = signing.Signer(salt="time of a form")
SOONEST = timedelta(seconds=3)  # a person needs longer to fill in a form
LATEST = timedelta(hours=24)
TRAP = "checkword"  # name of the field that is hidden from people
ENTRIES_ON_A_PAGE = 50
INPUT_TYPES = {
    names.EMAIL: "email",
    names.PHONE: "tel",
    FieldKind.EMAIL: "email",
    FieldKind.PHONE: "tel",
    FieldKind.LINK: "url",
    FieldKind.DAY: "date",
}
AUTOCOMPLETE = {
    names.NAME: "name",
    names.COMPANY: "organization",
    names.EMAIL: "email",
    names.PHONE: "tel",
}


@dataclass(frozen=True)
class Field:
    """Field of a form as the page shows it. `input` is a type of input, "textarea" or "select"."""

    name: str
    label: str
    input: str
    is_required: bool
    value: str
    error: str
    choices: tuple[str, ...] = ()
    autocomplete: str = ""


@csrf_exempt  # a form in a frame gets no cookies; the signed time is checked instead
@xframe_options_exempt  # the content security policy names the sites that may show the form
@require_http_methods(["GET", "HEAD", "POST"])
def form(request: HttpRequest, token: str) -> HttpResponse:
    """Show a form; a valid POST stores what was sent, and thanks.

    A refused POST shows the form again with everything that was typed.
    """
    found = lead_forms.found(token)
    if found is None:
        raise Http404
    one, partner = found
    with _language_of(one):
        if request.method == "POST":
            response = _received(request, one, partner)
        else:
            response = _page(request, one, Submission({}), "")
    sites = " ".join(one.sites) or "'none'"
    response.headers["Content-Security-Policy"] = policy(sites, _form_action(one))
    return response


@require_safe
def partner(request: HttpRequest, token: str) -> HttpResponse:
    """Show a partner the leads that they sent: day, name and outcome, nothing else."""
    one = lead_forms.partner_at(token)
    if one is None:
        raise Http404
    with _language_of(one.form):
        entries = one.entries.select_related("lead").order_by("-received_at", "-pk")
        page = Paginator(entries, ENTRIES_ON_A_PAGE).get_page(request.GET.get("page"))
        rows = [(formats.day(_day(entry)), entry.subject, _outcome(entry.lead)) for entry in page]
        context = {"partner": one, "page": page, "rows": rows}
        return render(request, "public/partner.html", context)


def _received(request: HttpRequest, one: LeadForm, partner: Partner | None) -> HttpResponse:
    given = {name: str(text).replace("\0", "") for name, text in request.POST.items()}
    for name, definition in lead_forms.own_fields().items():
        if definition.kind in MEASURED and name in given:
            given[name] = plain_number(given[name])
    submission = form_entries.check(one, given)
    sender = form_entries.sender_of(_client_of(request))
    nonce, refusal = _checked_time(one, given.get("t", ""))
    reason = ""
    if given.get(TRAP):
        reason, refusal = Reason.TRAP, _("Please wait a few seconds, then send the form once more.")
    elif refusal:
        reason = Reason.TIME
    elif submission.errors:
        reason, refusal = Reason.INVALID, _("Something is missing or wrong. Please check below.")
    elif form_entries.is_limited(one, sender):
        reason, refusal = Reason.RATE, _("Too much was sent in a short time. Try again in an hour.")
    if reason:
        form_entries.count_refusal(one, reason)
        status = 429 if reason == Reason.RATE else 400
        return _page(request, one, submission, refusal, status=status)
    form_entries.receive(one, partner, submission.valid, nonce=nonce, sender=sender)
    if one.continue_at:
        return HttpResponseRedirect(one.continue_at)
    return render(request, "public/thanks.html", {"form": one})


def _page(
    request: HttpRequest, one: LeadForm, submission: Submission, refusal: str, status: int = 200
) -> HttpResponse:
    context = {
        "form": one,
        "fields": _fields(one, submission),
        "refusal": refusal,
        "time": SIGNER.sign_object([one.pk, get_random_string(22), timezone.now().timestamp()]),
        "trap": TRAP,
    }
    return render(request, "public/form.html", context, status=status)


def _fields(one: LeadForm, submission: Submission) -> list[Field]:
    own = lead_forms.own_fields()
    shown = []
    for each in one.fields:
        name = each["name"]
        definition = own.get(name)
        if definition is None and name not in names.STANDARD_FIELDS:
            continue  # the company has archived its field
        kind = definition.kind if definition else name
        is_long = kind in (names.MESSAGE, FieldKind.ADDRESS)
        choices = tuple(definition.choices) if definition and kind == FieldKind.CHOICE else ()
        shown.append(
            Field(
                name=name,
                label=definition.name if definition else str(names.STANDARD_FIELDS[name]),
                input="textarea" if is_long else "select" if choices else _input(kind),
                is_required=each["required"],
                value=submission.values.get(name, ""),
                error=submission.errors.get(name, ""),
                choices=choices,
                autocomplete=AUTOCOMPLETE.get(name, ""),
            )
        )
    return shown


def _input(kind: str) -> str:
    return INPUT_TYPES.get(kind, "text")


def _checked_time(one: LeadForm, sent: str) -> tuple[str, str]:
    """Return the nonce of a sent form, and a sentence if it was not shown in the allowed time."""
    try:
        form_pk, nonce, shown_at = SIGNER.unsign_object(sent)
    except (signing.BadSignature, ValueError):
        form_pk, nonce, shown_at = None, "", 0.0
    age = timezone.now() - datetime.fromtimestamp(shown_at, UTC)
    if form_pk == one.pk and SOONEST <= age <= LATEST:
        return nonce, ""
    return "", _("Please wait a few seconds, then send the form once more.")


def _form_action(one: LeadForm) -> str:
    """Return where the form may lead: browsers apply this to the redirect after it, too."""
    if not one.continue_at:
        return "'self'"
    scheme, _colon, rest = one.continue_at.partition("://")
    return f"'self' {scheme}://{rest.partition('/')[0]}"


def _client_of(request: HttpRequest) -> str:
    try:
        return str(get_adapter().get_client_ip(request))
    except (ImproperlyConfigured, PermissionDenied):  # a proxy that does not say who asks
        return ""


def _day(entry: FormEntry) -> date:
    return entry.received_at.astimezone(formats.company().zone).date()


def _outcome(lead: Lead) -> str:
    if lead.is_deleted or lead.status == Lead.Status.CANCELLED:
        return pgettext("outcome of a partner's lead", "Not pursued")
    if lead.status == Lead.Status.WON:
        return pgettext("outcome of a partner's lead", "Won")
    if lead.status == Lead.Status.LOST:
        return pgettext("outcome of a partner's lead", "Lost")
    return pgettext("outcome of a partner's lead", "In progress")


def _language_of(one: LeadForm) -> AbstractContextManager[Any]:
    return translation.override(one.language) if one.language else nullcontext()

"""Settings pages of people, for admins: the list, and the invitation of new ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from leadlight.accounts import invitations, people, teams
from leadlight.accounts.models import Identity, IdentityProvider, User
from leadlight.accounts.refusals import Refused
from leadlight.presentation import formats
from leadlight.web.settings.people_form import Address, InvitationForm
from leadlight.web.shell.auth import ReaderRequest, for_admins, signed_in
from leadlight.web.shell.changes import act

PEOPLE_ON_A_PAGE = 50
LONGEST_SEARCH = 100
ACTIVE, INACTIVE, ALL = "active", "inactive", "all"


@dataclass(frozen=True)
class Invited:
    """Outcome for one address: the link, or the reason why there is none."""

    email: str
    link: str = ""
    reason: str = ""


def found(searched: str) -> QuerySet[User]:
    """Return the people whose name or email address contains all the words."""
    users = User.objects.all()
    for word in searched.split():
        names = Q(first_name__icontains=word) | Q(last_name__icontains=word)
        users = users.filter(names | Q(email__icontains=word))
    return users


def searched_for(text: str) -> str:
    return text.replace("\0", " ").strip()[:LONGEST_SEARCH]


@signed_in
@for_admins
@require_safe
def people_list(request: ReaderRequest) -> HttpResponse:
    """Show the people, found by words and by the state of their account."""
    searched = searched_for(request.GET.get("q", ""))
    state = request.GET.get("state", ACTIVE)
    users = found(searched)
    if state != ALL:
        users = users.filter(is_active=state != INACTIVE)
    factors = Authenticator.objects.filter(user=OuterRef("pk"), type=Authenticator.Type.TOTP)
    linked = Exists(Identity.objects.filter(user=OuterRef("pk")))
    rows = users.annotate(has_factor=Exists(factors), is_linked=linked).prefetch_related("teams")
    states = [(ACTIVE, _("Active accounts")), (INACTIVE, _("Closed accounts")), (ALL, _("All"))]
    context = {
        "page": Paginator(rows, PEOPLE_ON_A_PAGE).get_page(request.GET.get("page")),
        "searched": searched,
        "state": state,
        "states": states,
    }
    return render(request, "settings/people.html", context)


@signed_in
@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: ReaderRequest) -> HttpResponse:
    """Show the form of an invitation; a POST creates the accounts and mails the links.

    Without a mail server, the response shows the links; they are not shown again.
    """
    form = InvitationForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        context = {"form": form, "has_mail": invitations.is_mail_configured()}
        status = 400 if form.is_bound else 200
        return render(request, "settings/invite.html", context, status=status)
    outcomes: list[Invited] = []

    def change() -> str:
        outcomes.extend(_invited(request, form.cleaned_data, one) for one in _addresses(form))
        return ""

    act(request, change)
    return shown_links(request, outcomes)


def shown_links(request: ReaderRequest, outcomes: list[Invited]) -> HttpResponse:
    """Show the links and refusals of invitations; return to the list if there are none to show."""
    number = sum(bool(one.link) for one in outcomes)
    has_mail = invitations.is_mail_configured()
    if has_mail and number == len(outcomes):
        if number:
            sentence = ngettext("%(count)s person invited.", "%(count)s people invited.", number)
            messages.success(request, sentence % {"count": formats.number(number)})
        return redirect("people")
    context = {
        "outcomes": outcomes,
        "number": number,
        "has_mail": has_mail,
        "days": invitations.days_valid(),
        "works_once": not IdentityProvider.current().refuses_passwords,
    }
    return render(request, "settings/invited.html", context)


def _addresses(form: InvitationForm) -> list[Address]:
    addresses: list[Address] = form.cleaned_data["emails"]
    return addresses


def _invited(request: ReaderRequest, given: dict[str, Any], address: Address) -> Invited:
    by = request.user
    user = User(
        email=address.email,
        first_name=address.first_name,
        last_name=address.last_name,
        role=given["role"],
        language=given["language"],
    )
    try:
        people.add(user, by=by)
        for team in given["teams"]:
            teams.set_place(team, user, teams.MEMBER, by=by)
        return Invited(user.email, link=invitations.invite(user, request, by=by))
    except Refused as refusal:
        return Invited(address.email, reason=str(refusal))

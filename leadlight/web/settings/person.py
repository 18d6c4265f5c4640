"""Settings page of one person, for admins."""

from __future__ import annotations

from collections.abc import Callable

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from leadlight.accounts import identities, invitations, people
from leadlight.accounts.models import Identity, User
from leadlight.accounts.refusals import Refused
from leadlight.sales.models import Lead
from leadlight.sales.models.event_log import OPEN
from leadlight.web.settings.people import Invited, shown_links
from leadlight.web.settings.people_form import PersonForm
from leadlight.web.shell.auth import ReaderRequest, for_admins, signed_in
from leadlight.web.shell.changes import act

ANYWAY = "anyway"


class _NotSaved(Exception):
    """Error that rolls back the transaction of a form with errors."""


@signed_in
@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: ReaderRequest, key: str) -> HttpResponse:
    """Show the account of a person; a POST saves what the user changed."""
    user = get_object_or_404(User, key=key)
    if request.method != "POST":
        return _page(request, user, PersonForm(user, request.user))
    form = PersonForm(user, request.user, request.POST)

    def change() -> str:
        if not form.save():
            raise _NotSaved
        return str(_("Account saved."))

    if form.is_valid():
        try:
            act(request, change)
        except _NotSaved:
            pass
        else:
            return redirect("person", key)
    return _page(request, get_object_or_404(User, key=key), form, status=400)


@signed_in
@for_admins
@require_POST
def invite(request: ReaderRequest, key: str) -> HttpResponse:
    """Send another link to choose a password."""
    user = get_object_or_404(User, key=key)
    try:
        with transaction.atomic():
            link = invitations.invite(user, request, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("person", key)
    return shown_links(request, [Invited(user.email, link=link)])


@signed_in
@for_admins
@require_POST
def deactivate(request: ReaderRequest, key: str) -> HttpResponse:
    """Close the account; with open leads only if the form says “anyway”."""
    user = get_object_or_404(User, key=key)
    if ANYWAY not in request.POST and _open_leads(user):
        messages.error(request, _("There are open leads. Hand them over first."))
        return redirect("person", key)
    return _done(
        request, user, lambda: people.deactivate(user, by=request.user), _("Account deactivated.")
    )


@signed_in
@for_admins
@require_POST
def reactivate(request: ReaderRequest, key: str) -> HttpResponse:
    """Open a closed account again."""
    user = get_object_or_404(User, key=key)
    return _done(
        request, user, lambda: people.reactivate(user, by=request.user), _("Account reactivated.")
    )


@signed_in
@for_admins
@require_POST
def reset_second_factor(request: ReaderRequest, key: str) -> HttpResponse:
    """Remove the second factor of a person who lost their phone."""
    user = get_object_or_404(User, key=key)
    return _done(
        request,
        user,
        lambda: people.reset_second_factor(user, by=request.user),
        _("Second factor removed."),
    )


@signed_in
@for_admins
@require_POST
def unlink(request: ReaderRequest, key: str) -> HttpResponse:
    """Remove the link of the account to the identity provider."""
    user = get_object_or_404(User, key=key)
    return _done(
        request, user, lambda: identities.unlink(user, by=request.user), _("Link removed.")
    )


def _done(
    request: ReaderRequest, user: User, verb: Callable[[], bool], sentence: str
) -> HttpResponse:
    try:
        if verb():
            messages.success(request, sentence)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("person", user.key)


def _open_leads(user: User) -> int:
    return Lead.objects.filter(owner=user, is_deleted=False, status__in=OPEN).count()


def _page(request: ReaderRequest, user: User, form: PersonForm, status: int = 200) -> HttpResponse:
    context = {
        "person": user,
        "form": form,
        "open_leads": _open_leads(user),
        "is_waiting": invitations.is_waiting(user),
        "has_factor": Authenticator.objects.filter(user=user).exists(),
        "is_linked": Identity.objects.filter(user=user).exists(),
        "is_self": user == request.user,
    }
    return render(request, "settings/person.html", context, status=status)

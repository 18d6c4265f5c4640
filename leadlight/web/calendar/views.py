"""Calendar feed of a person at a secret address, and the page that makes the address."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.http import parse_etags
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from leadlight import __version__
from leadlight.accounts import secret_addresses
from leadlight.accounts.invitations import is_mail_configured
from leadlight.accounts.models import User
from leadlight.accounts.organization import organization
from leadlight.accounts.origin import absolute
from leadlight.accounts.secret_addresses import Kind
from leadlight.automation import notifications
from leadlight.presentation.ical import calendar_file
from leadlight.sales import calendar
from leadlight.sales.models import CalendarEntry
from leadlight.web.shell.addresses import secret_url
from leadlight.web.shell.auth import ReaderRequest, signed_in
from leadlight.web.shell.security import REVALIDATED

TYPE = "text/calendar; charset=utf-8"


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """Return the calendar of the person with this address, without signing in.

    For an unknown address, the response is 404 without a page: nothing tells what is wrong with it.
    """
    address = secret_addresses.find(Kind.CALENDAR, token)
    if address is None or address.user is None:
        return HttpResponse(status=404)
    user, company = address.user, organization()
    with translation.override(user.language or company.locale):
        name = _("Leadlight: %(person)s") % {"person": user}
        entries = calendar.published(user, timezone.now())
        etag = _etag(entries, name, absolute("/"), company.zone.key, __version__)
        if etag in parse_etags(request.headers.get("If-None-Match", "")):
            content = b""
        else:
            content = calendar_file(entries, name, company.zone)
    headers = {"ETag": etag, "Cache-Control": REVALIDATED}
    if not content:
        return HttpResponseNotModified(headers=headers)
    return HttpResponse(content, content_type=TYPE, headers=headers)


def _etag(entries: Iterable[CalendarEntry], *texts: str) -> str:
    """Return the tag of a file, which is quicker to compute than the file."""
    digest = sha256("\n".join(texts).encode())
    for entry in entries:
        digest.update(f"\n{entry.key} {entry.sequence} {entry.modified_at}".encode())
    return f'"{digest.hexdigest()[:32]}"'


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def own_calendar(request: ReaderRequest) -> HttpResponse:
    """Show the address of the user's calendar; a POST makes, replaces or revokes it (`do`)."""
    user = request.user
    if request.method == "POST":
        messages.success(request, _change(user, request.POST.get("do", "")))
        return redirect("own_calendar")
    address = secret_addresses.of_person(Kind.CALENDAR, user)
    context = {
        "has_address": address is not None,
        "address": secret_url(request, "calendar_feed", address),
        "is_mailed": notifications.choice_of(user).same_day,
    }
    return render(request, "calendar/own.html", context)


def _change(user: User, do: str) -> str:
    """Revoke the address, or make a new one; return the sentence about it.

    With the first address, plans for the same day are mailed too: programs read the address hours
    later.
    """
    address = secret_addresses.of_person(Kind.CALENDAR, user)
    if do == "stop":
        if address is not None:
            secret_addresses.revoke(address, by=user)
            calendar.forget(user)
        return _("The calendar address no longer works.")
    secret_addresses.create(Kind.CALENDAR, by=user, user=user)
    if address is not None or not is_mail_configured():
        return _("New calendar address made.")
    notifications.mail_same_day(user)
    return _("New calendar address made. You also get a mail about what you plan for the same day.")

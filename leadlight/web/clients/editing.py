"""Edit of one part of a client in place, deactivation and reactivation.

Two users may edit one client at once. The form of a part carries the value that its user started
from: only if another user has changed this value meanwhile, the user chooses between the two.
"""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from leadlight.sales import access
from leadlight.sales.models import Client
from leadlight.sales.refusals import Refused
from leadlight.web.clients.page import (
    DEACTIVATED,
    REACTIVATED,
    client_page,
    visible_client,
)
from leadlight.web.clients.parts import Form, Part, parts_of
from leadlight.web.shell.auth import ReaderRequest, signed_in
from leadlight.web.shell.errors import refused


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: ReaderRequest, key: str) -> HttpResponse:
    """Show the form of a part, named by `part` in the query string; a POST saves it.

    For htmx, the response is the part alone; without scripts it is the page with the form in it.
    """
    client = visible_client(request.user, key)
    if not access.may_edit_client(request.user, client):
        return refused(request, _("You cannot change this client."), status=403)
    part = _part(client, request.GET.get("part", ""))
    if request.method != "POST":
        is_cancelled = "cancel" in request.GET
        form = None if is_cancelled else Form(part.text, part.text)
        return _response(request, replace(part, form=form, is_fresh=True))
    saved = _saved(
        part, _lines(request.POST.get("text", "")), _lines(request.POST.get("before", ""))
    )
    if saved.form is not None:
        return _response(request, saved, status=409 if saved.form.is_conflict else 400)
    if request.htmx:
        return _response(request, replace(saved, is_fresh=True))
    messages.success(request, _("Saved."))
    return redirect("client", key)


def _saved(part: Part, text: str, before: str) -> Part:
    """Save a part; return it with the form if the value is invalid or was changed meanwhile."""
    client = part.client
    try:
        with client.locked():
            now = _part(client, part.key)
            if _lines(now.text) not in (before, text.strip()):
                return replace(now, form=Form(text, before, theirs=now.text))
            now.save(text)
            return _part(client, part.key)
    except Refused as refusal:
        return replace(part, form=Form(text, before, error=str(refusal)))


def _response(request: ReaderRequest, part: Part, status: int = 200) -> HttpResponse:
    if request.htmx:
        return render(request, "clients/part.html", {"part": part}, status=status)
    return client_page(request, part.client, editing=part, status=status)


@signed_in
@require_POST
def deactivate(request: ReaderRequest, key: str) -> HttpResponse:
    """Deactivate a client; the next page offers to undo it."""
    return _switched(request, key, is_active=False)


@signed_in
@require_POST
def reactivate(request: ReaderRequest, key: str) -> HttpResponse:
    return _switched(request, key, is_active=True)


def _switched(request: ReaderRequest, key: str, *, is_active: bool) -> HttpResponse:
    client = visible_client(request.user, key)
    if not access.may_deactivate_clients(request.user):
        return refused(request, _("Only admins can deactivate and reactivate clients."), status=403)
    try:
        client.reactivate() if is_active else client.deactivate()
    except Refused as refusal:
        messages.info(request, str(refusal))
        return redirect("client", key)
    done = REACTIVATED if is_active else DEACTIVATED
    return redirect(f"{reverse('client', args=[key])}?done={done}")


def _part(client: Client, key: str) -> Part:
    part = parts_of(client, may_edit=True).get(key)
    if part is None:
        raise Http404
    return part


def _lines(text: str) -> str:
    r"""Return a text with the line ends `\n`; browsers send `\r\n`."""
    return text.replace("\r\n", "\n").replace("\r", "\n")

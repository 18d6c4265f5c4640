"""Views that choose, compare and merge two clients, or mark them as not duplicates."""

from __future__ import annotations

from urllib.parse import urlencode

from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from leadlight.accounts.models import User
from leadlight.sales import access, client_merging
from leadlight.sales.client_duplicates import keep_apart
from leadlight.sales.models import Client
from leadlight.sales.refusals import Refused
from leadlight.sales.similar_clients import matching, similar_clients
from leadlight.web.duplicates.client_comparison import ClientComparison, comparison
from leadlight.web.duplicates.views import MOST_OTHERS, Stale
from leadlight.web.shell.addresses import page_to_return_to
from leadlight.web.shell.auth import ReaderRequest, signed_in
from leadlight.web.shell.changes import act
from leadlight.web.shell.errors import refused

LONGEST_SEARCH = 200
MOST_SHOWN = 20
MOST_SIMILAR = 6


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def merge_client(request: ReaderRequest, key: str) -> HttpResponse:
    """Show a client beside the one in `with`; a POST merges the latter into the former.

    Without the parameter `with`, the page offers clients to merge with. It proposes which client to
    keep, unless the parameter `chosen` is set.
    """
    user = request.user
    sent = request.POST if request.method == "POST" else request.GET
    other_key = sent.get("with", "").replace("\0", "")
    if request.method == "POST" and _is_merged(user, key, other_key):
        return redirect("client", key)
    kept = _client(user, key)
    other = _client(user, other_key) if other_key or request.method == "POST" else None
    if other == kept:
        return refused(request, _("A client cannot be merged with itself."))
    if not all(access.may_edit_client(user, one) for one in (kept, other) if one):
        return refused(request, _("You can see these clients, but not change both."), status=403)
    if other is None:
        return _choice(request, kept)
    if request.method != "POST":
        if "chosen" not in request.GET:
            kept, other = client_merging.preferred(kept, other)
        return _page(request, comparison(user, kept, other, {}))
    try:
        act(request, lambda: _merge(request, kept, other))
    except Stale as refusal:
        compared = comparison(user, kept, other, request.POST.dict())
        return _page(request, compared, 409, str(refusal))
    except Refused as refusal:
        compared = comparison(user, kept, other, request.POST.dict())
        return _page(request, compared, 400, str(refusal))
    return redirect("client", kept.key)


@signed_in
@require_POST
def different_clients(request: ReaderRequest, key: str) -> HttpResponse:
    """Record that a client is no duplicate of those in the parameters `other`."""
    user, client = request.user, _client(request.user, key)
    keys = [key.replace("\0", "") for key in request.POST.getlist("other")[:MOST_OTHERS]]
    others = [_client(user, key) for key in keys]
    if not others:
        raise Http404
    if not all(access.may_edit_client(user, one) for one in (client, *others)):
        return refused(request, _("You can see these clients, but not change both."), status=403)

    def change() -> str:
        keep_apart(client, others, by=user)
        return _("These clients will no longer be shown as duplicates.")

    act(request, change)
    page = page_to_return_to(request)
    return redirect("client", client.key) if page == "/" else redirect(page)


def _merge(request: ReaderRequest, kept: Client, other: Client) -> str:
    """Merge two clients by the choices of the form, unless they have changed since."""
    with transaction.atomic():
        client_merging.lock(kept, other)
        compared = comparison(request.user, kept, other, request.POST.dict())
        if compared.has_changed:
            raise Stale(_("Someone else changed one of the clients. Check the marked values."))
        client_merging.merge(
            kept,
            other,
            taken=compared.taken,
            by=request.user,
            description=compared.description,
        )
    return _("“%(other)s” was merged into “%(client)s”.") % {"other": other, "client": kept}


def _is_merged(user: User, key: str, other_key: str) -> bool:
    """Return whether the other client is already merged into this one, by a form sent twice."""
    other = Client.objects.filter(key=other_key, merged_into__isnull=False).first()
    kept = client_merging.kept_client_of(other) if other else None
    return kept is not None and kept.key == key and access.may_see_client(user, kept)


def _client(user: User, key: str) -> Client:
    client = Client.objects.filter(key=key).first()
    if client is None or not access.may_see_client(user, client):
        raise Http404
    return client


def _choice(request: ReaderRequest, client: Client) -> HttpResponse:
    """Show the clients that one can be merged with: similar ones, or those that a search finds."""
    searched = " ".join(request.GET.get("q", "").replace("\0", "").split())[:LONGEST_SEARCH]
    if searched:
        found = matching(access.editable_clients(request.user), searched).exclude(pk=client.pk)
        clients = list(found.order_by("sort_name", "pk")[:MOST_SHOWN])
    else:
        similar = similar_clients(request.user, client.name, MOST_SIMILAR)
        clients = [
            one
            for one in similar
            if one.pk != client.pk and access.may_edit_client(request.user, one)
        ]
    context = {"client": client, "clients": clients, "searched": searched}
    return render(request, "duplicates/choose_client.html", context)


def _page(
    request: ReaderRequest, compared: ClientComparison, status: int = 200, error: str = ""
) -> HttpResponse:
    query = urlencode({"with": compared.kept.key, "chosen": "1"})
    swapped = f"{reverse('merge_client', args=[compared.other.key])}?{query}"
    context = {"compared": compared, "error": error, "swapped": swapped}
    return render(request, "duplicates/merge_clients.html", context, status=status)

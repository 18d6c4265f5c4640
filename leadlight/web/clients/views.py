"""Pages of clients: the list with a form for a new one, the page of one, and the export."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from leadlight.accounts.models import User
from leadlight.analytics.query.phrases import BadFilter
from leadlight.sales import access, client_merging
from leadlight.sales.models import Client
from leadlight.sales.refusals import Refused
from leadlight.web.clients.form import NewClientForm
from leadlight.web.clients.list_query import STATES, ClientQuery
from leadlight.web.clients.listing import listing_of
from leadlight.web.clients.page import client_page, visible_client
from leadlight.web.shell.auth import ReaderRequest, signed_in
from leadlight.web.shell.downloads import kinds
from leadlight.web.shell.errors import refused_query
from leadlight.web.shell.field_columns import controls
from leadlight.web.shell.query_string import params_of


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def clients(request: ReaderRequest) -> HttpResponse:
    """Show the list of clients with a form for a new one; a POST creates it."""
    if request.method != "POST":
        return _list(request, NewClientForm(request.user))
    form = NewClientForm(request.user, request.POST)
    client = form.create() if form.is_valid() else None
    if client is None:
        return _list(request, form, status=400)
    messages.success(request, _("Client added."))
    return redirect("client", client.key)


@signed_in
@require_safe
def client(request: ReaderRequest, key: str) -> HttpResponse:
    """Show a client; respond with 404 for one that the user may not see, as for a missing one.

    The address of a merged client redirects to the kept one.
    """
    try:
        shown = visible_client(request.user, key)
    except Http404:
        kept = _kept(request.user, key)
        if kept is None:
            raise
        return redirect("client", kept.key)
    return client_page(request, shown)


def _kept(user: User, key: str) -> Client | None:
    """Return the client that a merged client is part of, None if the user may not see it."""
    merged = Client.objects.filter(key=key, merged_into__isnull=False).first()
    kept = client_merging.kept_client_of(merged) if merged else None
    return kept if kept and access.may_see_client(user, kept) else None


def _list(request: ReaderRequest, form: NewClientForm, status: int = 200) -> HttpResponse:
    params = params_of(request)
    try:
        query = ClientQuery.from_params(params)
    except (BadFilter, Refused) as bad:
        return refused_query(request, bad, _("Clients"), "clients")
    if request.method != "POST" and not request.htmx and _has_empty(params):
        return redirect(query.address)  # without the parameters of empty form controls
    listing = listing_of(request.user, query, "".join(params.get("page", ())) or "1")
    context = {
        "listing": listing,
        "query": query,
        "states": list(zip(STATES, (_("Active"), _("Inactive"), _("All")), strict=True)),
        "form": form,
        "filters": query.field_filters,
        "controls": controls(query.fields, query.columns, query.field_filters),
        "exports": [(query.export_address(kind), title) for kind, title in kinds()],
    }
    response = render(request, "clients/list.html", context, status=status)
    if request.htmx:
        response.headers["HX-Push-Url"] = query.address
    return response


def _has_empty(params: dict[str, list[str]]) -> bool:
    return any("" in values for values in params.values())

"""Saved views of the list of leads: shortcuts with the query of the list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import parse_qs

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from leadlight.analytics.query.phrases import BadFilter
from leadlight.reporting import shortcuts as rules
from leadlight.sales.models import Shortcut
from leadlight.sales.models.shortcuts import LEADS
from leadlight.sales.refusals import Refused
from leadlight.web.leads.list_query import ListQuery
from leadlight.web.shell.auth import ReaderRequest, signed_in
from leadlight.web.shell.errors import refused, refused_query
from leadlight.web.shell.shortcut_form import SaveForm

# In characters; servers and browsers accept addresses of this length.
LONGEST_ADDRESS = 8_000


@dataclass(frozen=True)
class OpenView:
    """Saved view that the list was opened with.

    `is_changed` says whether the filters, the sort or the columns differ from it now.
    """

    shortcut: Shortcut
    is_changed: bool
    may_update: bool
    address: str


def open_view(request: ReaderRequest, query: ListQuery) -> OpenView | None:
    """Return the saved view of a query; None without one, or if the user may not see it."""
    if not query.saved:
        return None
    shortcut = rules.visible(request.user).filter(report=LEADS, key=query.saved).first()
    if shortcut is None:
        return None
    saved = query_of(parse_qs(shortcut.query))
    is_changed = saved is None or saved.query_string != own_query(query).query_string
    return OpenView(
        shortcut,
        is_changed,
        shortcut.owner_id == request.user.pk,
        reverse("shortcut", args=[shortcut.key]),
    )


def own_query(query: ListQuery) -> ListQuery:
    """Return a query without the saved view that it started from."""
    return replace(query, saved="")


def query_of(params: Mapping[str, list[str]]) -> ListQuery | None:
    """Return the query in parameters; None if it is no longer valid."""
    try:
        return own_query(ListQuery.from_params(params, ()))
    except (BadFilter, Refused):
        return None


@signed_in
@require_POST
def save_view(request: ReaderRequest) -> HttpResponse:
    """Save the query of the list as a new view; render the form again if it is invalid."""
    try:
        query = _sent_query(request)
    except (BadFilter, Refused) as bad:
        return refused_query(request, bad, _("Leads"), "leads")
    form = SaveForm(request.user, request.POST)
    shortcut = Shortcut(owner=request.user, report=LEADS, query=query.query_string)
    if not (form.is_valid() and form.save_to(shortcut)):
        context = {"form": form, "query": query.query_string, "back": query.address}
        return render(request, "leads/new_view.html", context, status=400)
    if form.cleaned_data["is_pinned"]:
        rules.pin(request.user, shortcut)
    if form.cleaned_data["is_default"]:
        rules.make_default(request.user, shortcut)
    messages.success(request, _("Saved as the view “%(name)s”.") % {"name": shortcut.name})
    return redirect(replace(query, saved=shortcut.key).address)


@signed_in
@require_POST
def update_view(request: ReaderRequest, key: str) -> HttpResponse:
    """Replace the query of a saved view; only its owner may."""
    seen = rules.visible(request.user).filter(report=LEADS)
    shortcut = get_object_or_404(seen, key=key)
    if shortcut.owner_id != request.user.pk:
        return refused(request, _("Only the owner of a view can change it."), status=403)
    try:
        query = _sent_query(request)
    except (BadFilter, Refused) as bad:
        return refused_query(request, bad, _("Leads"), "leads")
    Shortcut.objects.filter(pk=shortcut.pk).update(query=query.query_string)
    messages.success(request, _("View “%(name)s” changed.") % {"name": shortcut.name})
    return redirect(replace(query, saved=shortcut.key).address)


def _sent_query(request: ReaderRequest) -> ListQuery:
    """Return the query in the field `query` of a form.

    Raises BadFilter or Refused for an invalid one, and for one too long for an address.
    """
    text = request.POST.get("query", "").replace("\0", "\N{REPLACEMENT CHARACTER}")
    query = own_query(ListQuery.from_params(parse_qs(text), ())).read_by(request.user)
    if len(query.address) > LONGEST_ADDRESS:
        raise Refused(_("This list has too many filters for a view. Remove some of them."))
    return query

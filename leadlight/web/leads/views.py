"""Pages of leads: the list with filters and search, and the page of one lead."""

from __future__ import annotations

from dataclasses import replace

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leadlight.accounts.models import User
from leadlight.analytics.query import query_params
from leadlight.analytics.query.phrases import BadFilter
from leadlight.presentation.lead_choices import may_choose, searched_choices
from leadlight.sales import access, merging
from leadlight.sales.models import Lead
from leadlight.sales.refusals import Refused
from leadlight.web.leads.board.page import board
from leadlight.web.leads.filter_bar import filter_bar
from leadlight.web.leads.forms.after_sale import ASK, FOLLOW_UP
from leadlight.web.leads.lead_page import lead_page, visible_lead
from leadlight.web.leads.list_export import exports_of
from leadlight.web.leads.list_panel import panel_of, quick_filters, view_links
from leadlight.web.leads.list_query import BOARD, LONGEST_SEARCH, PAGE_PARAMS, VIEWS, ListQuery
from leadlight.web.leads.listing import PagePlace, listing_of
from leadlight.web.leads.saved_views import open_view
from leadlight.web.leads.work_filter import note_on_dragging
from leadlight.web.shell.auth import ReaderRequest, signed_in
from leadlight.web.shell.errors import refused_query
from leadlight.web.shell.query_string import params_of
from leadlight.web.shell.shortcut_form import SaveForm
from leadlight.web.shell.unread_mentions import mark_read

# Session key of the view of the list that the user chose last.
VIEW = "leads_view"


@signed_in
@require_safe
def leads(request: ReaderRequest) -> HttpResponse:
    """Show the list of leads that match the filters and the search."""
    try:
        query = ListQuery.from_request(request, PAGE_PARAMS).read_by(request.user)
        place = PagePlace.from_params(params_of(request), query.sort)
    except (BadFilter, Refused) as bad:
        return refused_query(request, bad, _("Leads"), "leads")
    if not request.htmx and any("" in values for _name, values in request.GET.lists()):
        return redirect(query.address)  # without the parameters of empty form controls
    query = _in_view(request, query)
    if query.view == BOARD:
        return board(request, query)
    listing = listing_of(request.user, query, place, timezone.now())
    context = {
        "listing": listing,
        "page": listing.leads,
        "query": query,
        "quick": quick_filters(query),
        "views": view_links(query),
        "panel": panel_of(query),
        "saved": open_view(request, query),
        "save_form": SaveForm(request.user),
        "exports": exports_of(query),
        "searched": query.searched,
        "bar": filter_bar(request.user, query),
        "note": note_on_dragging() if query.work.drags_on else "",
        "without_search": replace(query, searched="").address,
    }
    response = render(request, "leads/list.html", context)
    if request.htmx:
        response.headers["HX-Push-Url"] = query.address_with(*listing.place.pairs)
    return response


def _in_view(request: ReaderRequest, query: ListQuery) -> ListQuery:
    """Return the query in the view of the address, or else in the one that was chosen last."""
    if request.GET.get("view"):
        if request.session.get(VIEW, "") != query.view:
            request.session[VIEW] = query.view
        return query
    view = request.session.get(VIEW)
    return replace(query, view=view) if view in VIEWS else query


@signed_in
@require_safe
def lead_choices(request: ReaderRequest, dimension: str) -> HttpResponse:
    """Show the choices of a filter whose names contain the words searched for."""
    if not may_choose(request.user, dimension):
        raise Http404
    params = params_of(request)
    searched = "".join(params.get("search", ()))[:LONGEST_SEARCH]
    chosen = query_params.values(params, dimension)
    choices = searched_choices(request.user, dimension, chosen, searched)
    return render(request, "filters/choices.html", {"choices": choices})


@signed_in
@require_safe
def lead(request: ReaderRequest, key: str) -> HttpResponse:
    """Show a lead; respond with 404 for a lead that the user may not see, as for a missing one.

    The address of a merged lead redirects to the kept one.
    """
    try:
        shown = visible_lead(request.user, key)
    except Http404:
        kept = _kept(request.user, key)
        if kept is None:
            raise
        return redirect("lead", kept.key)
    mark_read(request, shown)
    what = FOLLOW_UP if request.GET.get(ASK) == FOLLOW_UP else ""
    return lead_page(request, shown, what=what)


def _kept(user: User, key: str) -> Lead | None:
    """Return the lead that a merged lead is part of, None if the user may not see it."""
    merged = Lead.objects.filter(key=key, is_deleted=True).first()
    kept = merging.kept_lead_of(merged) if merged else None
    return kept if kept and access.visible_leads(user).filter(pk=kept.pk).exists() else None

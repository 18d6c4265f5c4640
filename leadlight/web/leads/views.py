"""Pages of leads: the list with filters and search, and the page of one lead."""

from __future__ import annotations

from dataclasses import replace

from django.core.paginator import InvalidPage, Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leadlight.analytics.query import query_params
from leadlight.analytics.query.phrases import BadFilter
from leadlight.presentation import labels
from leadlight.sales import access, merging
from leadlight.sales.models import Lead
from leadlight.sales.refusals import Refused
from leadlight.web.leads.field_columns import rows_of
from leadlight.web.leads.filter_bar import (
    filter_bar,
    list_choices,
    may_choose,
)
from leadlight.web.leads.lead_page import lead_page, visible_lead
from leadlight.web.leads.list_query import LONGEST_SEARCH, ListQuery
from leadlight.web.shell.auth import ReaderRequest, signed_in
from leadlight.web.shell.errors import refused
from leadlight.web.shell.field_columns import controls
from leadlight.web.shell.query_string import params_of

LEADS_ON_A_PAGE = 50
PAGE_PARAMS = ("page",)
SHOWN_IN_LIST = ("client", "owner", "step")


@signed_in
def leads(request: ReaderRequest) -> HttpResponse:
    """Show the list of leads that match the filters and the search."""
    try:
        query = ListQuery.from_request(request, PAGE_PARAMS).read_by(request.user)
    except BadFilter as bad:
        return refused(request, labels.say(bad.phrase), back=(_("Leads"), reverse("leads")))
    except Refused as refusal:
        return refused(request, str(refusal), back=(_("Leads"), reverse("leads")))
    if not request.htmx and any("" in values for _name, values in request.GET.lists()):
        return redirect(query.address)  # without the parameters of empty form controls
    found = query.found(request.user).order_by("-created_at", "-pk")
    page = _page(found.select_related(*SHOWN_IN_LIST), request.GET.get("page", "1"))
    context = {
        "page": page,
        "rows": rows_of(page, query.columns),
        "columns": query.columns,
        "query": query,
        "filters": query.field_filters,
        "controls": controls(query.fields, query.columns, query.field_filters),
        "searched": query.searched,
        "bar": filter_bar(request.user, query),
        "without_search": replace(query, searched="").address,
    }
    response = render(request, "leads/list.html", context)
    if request.htmx:
        response.headers["HX-Push-Url"] = query.address
    return response


@signed_in
@require_safe
def lead_choices(request: ReaderRequest, dimension: str) -> HttpResponse:
    """Show the choices of a filter whose names contain the words searched for."""
    if not may_choose(request.user, dimension):
        raise Http404
    params = params_of(request)
    searched = "".join(params.get("search", ()))[:LONGEST_SEARCH]
    chosen = query_params.values(params, dimension)
    choices = list_choices(request.user, dimension, chosen, searched)
    return render(request, "filters/choices.html", {"choices": choices})


@signed_in
@require_safe
def lead(request: ReaderRequest, key: str) -> HttpResponse:
    """Show a lead; respond with 404 for a lead that the user may not see, as for a missing one.

    The address of a merged lead leads to the kept one.
    """
    merged = Lead.objects.filter(key=key, is_deleted=True).first()
    kept = merging.kept_lead_of(merged) if merged else None
    if kept is not None and access.visible_leads(request.user).filter(pk=kept.pk).exists():
        return redirect("lead", kept.key)
    return lead_page(request, visible_lead(request.user, key))


def _page(leads: QuerySet[Lead], number: str) -> Page:
    try:
        return Paginator(leads, LEADS_ON_A_PAGE).page(number)
    except InvalidPage as error:
        raise Http404 from error

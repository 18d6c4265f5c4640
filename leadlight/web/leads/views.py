"""Leads: the list with its search, and the page of one with all that happened to it."""

from __future__ import annotations

from django.core.paginator import InvalidPage, Page, Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from leadlight.sales import access, field_filter
from leadlight.sales.models import Lead
from leadlight.sales.refusals import Refused
from leadlight.web.leads.field_columns import chosen, controls, rows_of, shown_fields
from leadlight.web.leads.timeline import timeline_of
from leadlight.web.shell.auth import ReaderRequest, signed_in
from leadlight.web.shell.errors import refused

LEADS_ON_A_PAGE = 50
LONGEST_SEARCH = 200
SHOWN_IN_LIST = ("client", "owner", "step")
SHOWN_ON_PAGE = (*SHOWN_IN_LIST, "created_by", "pipeline", "prospect__prospecting_list", "team")


@signed_in
def leads(request: ReaderRequest) -> HttpResponse:
    searched = request.GET.get("q", "").replace("\0", " ").strip()[:LONGEST_SEARCH]
    fields = shown_fields()
    try:
        filters = field_filter.parsed(dict(request.GET.lists()), fields)
        columns = chosen(request.GET.getlist("columns"), fields)
    except Refused as refusal:
        return refused(request, str(refusal), back=(_("Leads"), reverse("leads")))
    found = matching(access.visible_leads(request.user), searched)
    found = field_filter.narrowed(found, filters).select_related(*SHOWN_IN_LIST)
    page = _page(found, request.GET.get("page", "1"))
    context = {
        "page": page,
        "rows": rows_of(page, columns),
        "searched": searched,
        "columns": columns,
        "filters": filters,
        "controls": controls(fields, columns, filters),
    }
    return render(request, "leads/list.html", context)


@signed_in
def lead(request: ReaderRequest, key: str) -> HttpResponse:
    """A lead of others is not found, as one that does not exist."""
    visible = access.visible_leads(request.user).select_related(*SHOWN_ON_PAGE)
    shown = get_object_or_404(visible.prefetch_related("tags__category"), key=key)
    values = shown.field_values.filter(field__is_archived=False).select_related("field")
    context = {
        "lead": shown,
        "timeline": timeline_of(shown),
        "field_values": values.order_by("field__position", "field"),
    }
    return render(request, "leads/lead.html", context)


def matching(leads: QuerySet[Lead], searched: str) -> QuerySet[Lead]:
    """The newest leads first that have every word in their title, key or client's name."""
    for word in searched.split():
        having = Q()
        for spelling in _spellings(word):
            having |= Q(title__icontains=spelling) | Q(client__name__icontains=spelling)
        leads = leads.filter(having | Q(key__icontains=word))
    return leads.order_by("-created_at", "-pk")


def _spellings(word: str) -> set[str]:
    """SQLite tells É from é, though not E from e."""
    if word.isascii():
        return {word}
    return {word, word.lower(), word.upper(), word.capitalize()}


def _page(leads: QuerySet[Lead], number: str) -> Page:
    try:
        return Paginator(leads, LEADS_ON_A_PAGE).page(number)
    except InvalidPage as error:
        raise Http404 from error

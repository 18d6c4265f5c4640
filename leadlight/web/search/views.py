"""Results of the search, as a page and below the search box while a person types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from leadlight.accounts.models import User
from leadlight.presentation.links import path_of
from leadlight.sales import access
from leadlight.sales.contact_lines import EMAIL, PHONE
from leadlight.sales.models import ContactPoint, Lead, Prospect
from leadlight.sales.search import finding
from leadlight.sales.search.finding import Search
from leadlight.sales.search.words import SHORTEST
from leadlight.web.shell.auth import ReaderRequest, signed_in

MOST_CONTACTS = 2  # of one lead


@signed_in
@require_safe
def search(request: ReaderRequest) -> HttpResponse:
    """Show the best results of each kind; an htmx request of the search box gets only these."""
    parsed = Search.of(request.GET.get("q", ""))
    context = {"searched": parsed.text, "search": parsed, "shortest": SHORTEST}
    if parsed.words:
        context |= _found(request, parsed)
    if not request.htmx:
        return render(request, "search/page.html", context)
    if parsed.is_empty and not _is_on_page(request):
        return HttpResponse("")
    response = render(request, "search/results.html", context)
    if _is_on_page(request):
        query = urlencode({"q": parsed.text}) if parsed.text else ""
        response.headers["HX-Replace-Url"] = reverse("search") + f"?{query}" * bool(query)
    return response


def _found(request: ReaderRequest, parsed: Search) -> dict[str, Any]:
    leads = finding.leads(request.user, parsed)
    clients = finding.clients(request.user, parsed)
    prospects = finding.prospects(request.user, parsed)
    contacts = _contacts_of(leads.rows)
    addresses = _addresses_of(request.user, prospects.rows)
    return {
        "leads": leads,
        "lead_rows": [(lead, contacts.get(lead.pk, ())) for lead in leads.rows],
        "clients": clients,
        "prospects": prospects,
        "prospect_rows": [(prospect, addresses[prospect.pk]) for prospect in prospects.rows],
        "count": len(leads.rows) + len(clients.rows) + len(prospects.rows),
    }


def _contacts_of(leads: Sequence[Lead]) -> dict[int, list[ContactPoint]]:
    """Return the first phone numbers and e-mail addresses of leads, by lead id."""
    contacts: dict[int, list[ContactPoint]] = {}
    points = ContactPoint.objects.filter(lead__in=leads, kind__in=(PHONE, EMAIL))
    for point in points.order_by("lead", "position") if leads else ():
        kept = contacts.setdefault(point.lead_id, [])
        if len(kept) < MOST_CONTACTS:
            kept.append(point)
    return contacts


def _addresses_of(user: User, prospects: Sequence[Prospect]) -> dict[int, str]:
    """Return the addresses of prospects by id: their visible lead, or their own page."""
    visible = access.visible_leads(user).filter(prospect__in=prospects)
    leads = dict(visible.values_list("prospect_id", "key")) if prospects else {}
    return {
        one.pk: path_of("lead", leads[one.pk]) if one.pk in leads else path_of("prospect", one.key)
        for one in prospects
    }


def _is_on_page(request: ReaderRequest) -> bool:
    path = request.htmx.current_url_abs_path or ""
    return path.partition("?")[0] == reverse("search")

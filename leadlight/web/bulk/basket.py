"""Basket of open leads without an owner: take one, or assign and distribute many."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from leadlight.sales import access
from leadlight.sales.models import Lead
from leadlight.sales.refusals import Refused
from leadlight.sales.unassigned import take, was_just_taken
from leadlight.web.bulk.selection import UNASSIGNED
from leadlight.web.shell.auth import ReaderRequest, signed_in
from leadlight.web.shell.changes import act

LEADS_ON_A_PAGE = 50


@signed_in
@require_safe
def basket(request: ReaderRequest) -> HttpResponse:
    """Show the open leads without an owner that the user may take, newest first."""
    leads = access.unassigned_leads(request.user).order_by("-created_at", "-pk")
    leads = leads.select_related("client", "team", "step")
    page = Paginator(leads, LEADS_ON_A_PAGE).get_page(request.GET.get("page"))
    ids = [lead.pk for lead in page]
    visible = access.visible_leads(request.user).filter(pk__in=ids)
    editable = access.editable_leads(request.user).filter(pk__in=ids)
    context = {
        "page": page,
        "visible": set(visible.values_list("pk", flat=True)),
        "editable": set(editable.values_list("pk", flat=True)),
        "may_distribute": access.may_distribute(request.user),
        "scope": UNASSIGNED,
    }
    return render(request, "bulk/basket.html", context)


@signed_in
@require_POST
def take_lead(request: ReaderRequest, key: str) -> HttpResponse:
    """Assign a lead of the basket to the user; if another user was first, a message names them."""
    lead: Lead = get_object_or_404(access.basket_leads(request.user), key=key)
    if lead.owner_id is not None and not was_just_taken(lead):
        raise Http404

    def change() -> str:
        take(lead, by=request.user)
        return _("“%(lead)s” is yours.") % {"lead": lead}

    try:
        act(request, change)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("basket")

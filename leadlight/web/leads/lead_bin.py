"""The bin: deleted leads, each of which can be restored."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import OuterRef, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from leadlight.sales import access
from leadlight.sales.models import LeadEvent
from leadlight.sales.models.event_log import Kind
from leadlight.web.shell.auth import ReaderRequest, signed_in
from leadlight.web.shell.changes import act

LEADS_ON_A_PAGE = 50


@signed_in
@require_safe
def lead_bin(request: ReaderRequest) -> HttpResponse:
    """Show the leads in the bin that the user may restore, the last deleted first."""
    deletions = LeadEvent.objects.filter(lead=OuterRef("pk"), kind=Kind.DELETED)
    last = deletions.order_by("-occurred_at", "-pk").values("occurred_at")[:1]
    leads = access.restorable_leads(request.user).annotate(deleted_at=Subquery(last))
    leads = leads.select_related("client", "owner").order_by("-updated_at", "-pk")
    page = Paginator(leads, LEADS_ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "leads/bin.html", {"page": page})


@signed_in
@require_POST
def restore(request: ReaderRequest, key: str) -> HttpResponse:
    """Restore a lead and show its page, or the bin if the user no longer sees the lead."""
    lead = get_object_or_404(access.restorable_leads(request.user), key=key)

    def take_out() -> str:
        lead.restore(by=request.user)
        return _("“%(lead)s” restored.") % {"lead": lead}

    act(request, take_out)
    return redirect("lead", lead.key)

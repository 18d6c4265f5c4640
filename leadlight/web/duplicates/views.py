"""Views that compare and merge two leads, or mark them as not duplicates."""

from __future__ import annotations

from urllib.parse import urlencode

from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from leadlight.accounts.models import User
from leadlight.sales import access, merging
from leadlight.sales.models import Lead, Relation
from leadlight.sales.models.relations import relate
from leadlight.sales.refusals import Refused
from leadlight.web.duplicates.comparison import Comparison, comparison
from leadlight.web.shell.addresses import page_to_return_to
from leadlight.web.shell.auth import ReaderRequest, signed_in
from leadlight.web.shell.changes import act
from leadlight.web.shell.errors import refused

MOST_OTHERS = 50  # rows that one request can mark as no duplicates of another
SHOWN = ("client", "owner", "team", "step", "pipeline", "reminder_activity", "prospect")


class Stale(Refused):
    """Merge refused because one of the leads has changed since the page was shown."""


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: ReaderRequest, key: str) -> HttpResponse:
    """Show a lead beside the one in the parameter `with`; a POST merges the latter into the former.

    The page proposes which lead to keep, unless the parameter `chosen` is set.
    """
    user = request.user
    sent = request.POST if request.method == "POST" else request.GET
    other_key = sent.get("with", "").replace("\0", "")
    if request.method == "POST" and _is_merged(user, key, other_key):
        return redirect("lead", key)
    kept, other = _lead(user, key), _lead(user, other_key)
    if kept.pk == other.pk:
        return refused(request, _("A lead cannot be merged with itself."))
    if access.editable_leads(user).filter(pk__in=(kept.pk, other.pk)).count() < 2:
        return refused(request, _("You can see these leads, but not change both."), status=403)
    if request.method != "POST":
        if "chosen" not in request.GET:
            kept, other = merging.preferred(kept, other)
        return _page(request, comparison(kept, other, {}, by=user))
    try:
        act(request, lambda: _merge(request, kept, other))
    except Stale as refusal:
        return _page(request, _compared(request, kept, other), 409, str(refusal))
    except Refused as refusal:
        return _page(request, _compared(request, kept, other), 400, str(refusal))
    return redirect("lead", kept.key)


def _merge(request: ReaderRequest, kept: Lead, other: Lead) -> str:
    """Merge two leads by the choices of the form, unless they have changed since."""
    with transaction.atomic():
        merging.lock(kept, other)
        compared = _compared(request, kept, other)
        if compared.has_changed:
            raise Stale(_("Someone else changed one of the leads. Check the marked values."))
        merging.merge(
            kept,
            other,
            taken=compared.taken,
            by=request.user,
            description=compared.description,
        )
    return _("“%(other)s” was merged into “%(lead)s”.") % {"other": other, "lead": kept}


def _compared(request: ReaderRequest, kept: Lead, other: Lead) -> Comparison:
    """Return the comparison of two leads with the choices of the form."""
    return comparison(kept, other, request.POST.dict(), by=request.user)


def _is_merged(user: User, key: str, other_key: str) -> bool:
    """Return whether the other lead is already merged into this one, by a form sent twice."""
    other = Lead.objects.filter(key=other_key, is_deleted=True).first()
    kept = merging.kept_lead_of(other) if other else None
    visible = access.visible_leads(user)
    return kept is not None and kept.key == key and visible.filter(pk=kept.pk).exists()


def _lead(user: User, key: str) -> Lead:
    leads = access.visible_leads(user).select_related(*SHOWN)
    lead: Lead = get_object_or_404(leads.prefetch_related("tags"), key=key)
    return lead


def _page(
    request: ReaderRequest, compared: Comparison, status: int = 200, error: str = ""
) -> HttpResponse:
    query = urlencode({"with": compared.kept.key, "chosen": "1"})
    swapped = f"{reverse('merge', args=[compared.other.key])}?{query}"
    context = {"compared": compared, "error": error, "swapped": swapped}
    return render(request, "duplicates/merge.html", context, status=status)


@signed_in
@require_POST
def not_duplicate(request: ReaderRequest, key: str) -> HttpResponse:
    """Record that a lead is no duplicate of those in the parameters `other`."""
    user = request.user
    lead = get_object_or_404(access.visible_leads(user), key=key)
    if not access.may_edit(user, lead):
        return refused(request, _("You can see this lead, but not change it."), status=403)
    keys = [key.replace("\0", "") for key in request.POST.getlist("other")[:MOST_OTHERS]]
    others = list(access.visible_leads(user).filter(key__in=keys))
    if not others:
        raise Http404

    def keep_apart() -> str:
        for other in others:
            if other.pk != lead.pk:
                relate(lead, other.key, Relation.NOT_DUPLICATE, by=user)
        return _("These leads will no longer be shown as duplicates.")

    act(request, keep_apart)
    page = page_to_return_to(request)
    return redirect("lead", lead.key) if page == "/" else redirect(page)

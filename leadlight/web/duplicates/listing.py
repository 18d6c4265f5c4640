"""Pages on which admins see the groups of probable duplicates: of leads, and of clients."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from leadlight.sales.client_duplicates import MOST_COMPARED, client_groups
from leadlight.sales.duplicate_groups import page_before
from leadlight.web.shell.auth import ReaderRequest, for_admins, signed_in


@signed_in
@for_admins
@require_safe
def duplicate_groups(request: ReaderRequest) -> HttpResponse:
    """Show groups of probable duplicates, newest first; `before` is the position of the page."""
    before = request.GET.get("before", "")
    if before and not (before.isascii() and before.isdecimal() and len(before) < 19):
        raise Http404
    page = page_before(int(before) if before else None)
    context = {"page": page, "is_first": not before}
    return render(request, "duplicates/groups.html", context)


@signed_in
@for_admins
@require_safe
def client_duplicate_groups(request: ReaderRequest) -> HttpResponse:
    """Show groups of clients that are probably one, newest first."""
    context = {"page": client_groups(), "most_compared": MOST_COMPARED}
    return render(request, "duplicates/client_groups.html", context)

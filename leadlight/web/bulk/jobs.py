"""Page of a bulk job: its progress, its changed and unchanged rows, and its undo."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from leadlight.sales import access
from leadlight.sales.bulk import counts
from leadlight.sales.bulk_cleanup import ITEMS_KEPT_FOR
from leadlight.sales.models import BulkItem, BulkJob, TableImport
from leadlight.sales.models.bulk import IMPORT
from leadlight.web.bulk.phrases import facts, title_of
from leadlight.web.shell.auth import ReaderRequest, signed_in

ITEMS_ON_A_PAGE = 50
State = BulkItem.State
# States that the page lists row by row, with the reason.
LISTED = (State.REFUSED, State.KEPT)


@signed_in
@require_safe
def bulk_job(request: ReaderRequest, key: str) -> HttpResponse:
    """Show a bulk job of the user; while it runs, the page polls its progress."""
    jobs = BulkJob.objects.select_related("action")
    job = get_object_or_404(jobs, action__key=key, action__user=request.user)
    if job.verb == IMPORT:
        return redirect("table_import", TableImport.objects.get(job=job).key)
    numbers = counts(job)
    left = numbers[State.DONE if job.state == BulkJob.State.UNDOING else State.PENDING]
    items = job.items.filter(state__in=LISTED).order_by("pk")
    items = items.select_related("lead", "prospect", "prospecting_list")
    page = Paginator(items, ITEMS_ON_A_PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "job": job,
        "title": title_of(job),
        "facts": facts(job, numbers),
        "done": job.total - left,
        "can_undo": _can_undo(job, numbers),
        "page": page,
        "days_kept": ITEMS_KEPT_FOR.days if job.counts is not None else 0,
        "visible": _visible_ids(request, page),
        "address": reverse("bulk_job", args=[key]),
    }
    return render(request, "bulk/progress.html" if request.htmx else "bulk/job.html", context)


def _can_undo(job: BulkJob, numbers: dict[str, int]) -> bool:
    if job.state == BulkJob.State.UNDOING or not job.action.is_undoable:
        return False
    return bool(numbers[State.DONE] + numbers[State.KEPT] + numbers[State.PENDING])


def _visible_ids(request: ReaderRequest, items: Any) -> set[int]:
    ids = [item.lead_id for item in items if item.lead_id is not None]
    return set(access.visible_leads(request.user).filter(pk__in=ids).values_list("pk", flat=True))

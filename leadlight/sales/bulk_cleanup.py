"""Removal of the rows of old bulk jobs, and checks of jobs.

The rows of a job are needed for its undo, and to list the refused ones. `ITEMS_KEPT_FOR` after the
start of a job, only the number of rows in each state is left. The rows of an import stay, because
they show that a file was imported. The rows of an import that was checked but never started are
removed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from leadlight.sales.bulk import counts
from leadlight.sales.models import BulkItem, BulkJob
from leadlight.sales.models.bulk import FINISHED, IMPORT

ITEMS_KEPT_FOR = timedelta(days=30)  # longer than an action can be undone
ITEMS_AT_ONCE = 2_000  # rows of a transaction, during which other writers wait on SQLite


def remove_old_items(*, is_stopped: Callable[[], bool] = lambda: False) -> int:
    """Remove the rows of finished jobs that are older than `ITEMS_KEPT_FOR`; return their number.

    A process that is killed leaves rows behind, which the next call removes.
    """
    before = timezone.now() - ITEMS_KEPT_FOR
    items = BulkItem.objects.filter(job=OuterRef("pk"))
    removed_with = Q(state=BulkJob.State.CHECKED) | Q(state__in=FINISHED) & ~Q(verb=IMPORT)
    old = BulkJob.objects.filter(Exists(items), removed_with, action__at__lt=before)
    removed = 0
    for job in old.order_by("pk"):
        if job.counts is None:
            job.counts = counts(job)
            job.save(update_fields=["counts"])
        while not is_stopped() and (number := _remove_some(job)):
            removed += number
    return removed


def _remove_some(job: BulkJob) -> int:
    with transaction.atomic():
        ids = list(job.items.order_by("pk").values_list("pk", flat=True)[:ITEMS_AT_ONCE])
        BulkItem.objects.filter(pk__in=ids).delete()
    return len(ids)


def differences() -> Iterator[str]:
    """Yield a sentence for each finished job with pending rows or numbers that do not add up."""
    jobs = BulkJob.objects.filter(state__in=FINISHED).select_related("action")
    pending = BulkItem.objects.filter(job=OuterRef("pk"), state=BulkItem.State.PENDING)
    for job in jobs.filter(Exists(pending)):
        yield _("Bulk change %(key)s is finished, but some of its leads are pending.") % {
            "key": job.action.key
        }
    for job in jobs.exclude(counts=None):
        if sum((job.counts or {}).values()) != job.total:
            yield _("The numbers of bulk change %(key)s do not add up.") % {"key": job.action.key}

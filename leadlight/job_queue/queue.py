"""Adding, taking and finishing of jobs.

Every function is safe with several workers at once, and after a worker was killed at any instant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from leadlight.job_queue.models import LONGEST_ERROR, LONGEST_SUBJECT, QueuedJob

State = QueuedJob.State

LEASE = timedelta(minutes=2)  # a worker prolongs it several times while it is valid
DONE_KEPT_FOR = timedelta(days=14)
FAILED_KEPT_FOR = timedelta(days=90)
REMOVED_AT_ONCE = 1_000  # rows of a transaction, during which other writers wait on SQLite
UNFINISHED = (State.WAITING, State.RUNNING)


def add(
    kind: str,
    arguments: dict[str, Any] | None = None,
    *,
    due_at: datetime | None = None,
    key: str = "",
    sequence: str = "",
    subject: str = "",
) -> None:
    """Add a job in the current transaction, unless there is one with its kind and key.

    `due_at` is the earliest instant to run it, now by default. The other parameters are fields of
    `QueuedJob`.
    """
    job = QueuedJob(
        kind=kind,
        arguments=arguments or {},
        due_at=due_at or timezone.now(),
        key=key,
        sequence=sequence,
        subject=subject.replace("\0", "")[:LONGEST_SUBJECT],
    )
    # Without `ignore_conflicts`, a conflict would abort the transaction of the caller.
    QueuedJob.objects.bulk_create([job], ignore_conflicts=bool(key))


def take(worker: str, kinds: Iterable[str], now: datetime | None = None) -> QueuedJob | None:
    """Give a worker the job that has been due for longest, or None if there is none.

    Only jobs of these kinds. A job of a sequence waits until the earlier ones are finished.
    """
    now = now or timezone.now()
    candidates = _due(now).filter(kind__in=list(kinds))
    if not candidates.exists():  # most calls end here, without a lock
        return None
    with transaction.atomic():
        rows = candidates.order_by("due_at", "pk")
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True, of=("self",))
        job = rows.first()
        if job is None:
            return None
        job.state, job.worker = State.RUNNING, worker
        job.attempts += 1
        job.taken_until = now + LEASE
        job.save(update_fields=["state", "worker", "attempts", "taken_until"])
    return job


def prolong(job: QueuedJob, now: datetime | None = None) -> bool:
    """Keep a job for its worker for another `LEASE`; return False if it has another worker."""
    taken_until = (now or timezone.now()) + LEASE
    return bool(_own(job).update(taken_until=taken_until))


def finish(job: QueuedJob) -> bool:
    """Mark a job as done; return False if another worker has taken it in the meantime.

    Its arguments are deleted: nobody needs them again, and they may be large or private.
    """
    return _close(job, state=State.DONE, last_error="", arguments={})


def retry(job: QueuedJob, error: str, at: datetime) -> bool:
    """Run a job again at an instant, after an error."""
    return bool(
        _own(job).update(
            state=State.WAITING,
            due_at=at,
            last_error=_error(error),
            worker="",
            taken_until=None,
        )
    )


def postpone(job: QueuedJob, at: datetime) -> bool:
    """Run a job again at an instant; this attempt does not count."""
    return bool(
        _own(job).update(
            state=State.WAITING,
            due_at=at,
            attempts=F("attempts") - 1,
            worker="",
            taken_until=None,
        )
    )


def fail(job: QueuedJob, error: str) -> bool:
    """Give a job up. The later jobs of its sequence run."""
    return _close(job, state=State.FAILED, last_error=_error(error))


def run_again(pk: int) -> bool:
    """Make a failed job due now, as if it had never run; return False if it is not failed."""
    return bool(
        QueuedJob.objects.filter(pk=pk, state=State.FAILED).update(
            state=State.WAITING, due_at=timezone.now(), attempts=0, finished_at=None
        )
    )


def next_due_at() -> datetime | None:
    """Return the earliest instant at which a waiting job is due, or None."""
    waiting = QueuedJob.objects.filter(state=State.WAITING).order_by("due_at")
    return waiting.values_list("due_at", flat=True).first()


def remove_old(*, is_stopped: Callable[[], bool] = lambda: False) -> int:
    """Delete the jobs that were finished long ago; return their number."""
    now = timezone.now()
    old = Q(state=State.DONE, finished_at__lt=now - DONE_KEPT_FOR)
    old |= Q(state=State.FAILED, finished_at__lt=now - FAILED_KEPT_FOR)
    removed = 0
    while not is_stopped():
        pks = list(QueuedJob.objects.filter(old).values_list("pk", flat=True)[:REMOVED_AT_ONCE])
        if not pks:
            break
        removed += QueuedJob.objects.filter(pk__in=pks).delete()[0]
    return removed


def _due(now: datetime) -> QuerySet[QueuedJob]:
    """Return the jobs that may run now, those of killed workers included."""
    earlier = QueuedJob.objects.filter(
        sequence=OuterRef("sequence"), pk__lt=OuterRef("pk"), state__in=UNFINISHED
    ).exclude(sequence="")
    is_due = Q(state=State.WAITING, due_at__lte=now)
    is_abandoned = Q(state=State.RUNNING, taken_until__lte=now)
    return QueuedJob.objects.filter(is_due | is_abandoned).exclude(
        ~Q(sequence="") & Exists(earlier)
    )


def _own(job: QueuedJob) -> QuerySet[QueuedJob]:
    """Return the job as long as it runs in the attempt of its worker."""
    return QueuedJob.objects.filter(
        pk=job.pk, state=State.RUNNING, worker=job.worker, attempts=job.attempts
    )


def _close(job: QueuedJob, **values: Any) -> bool:
    return bool(_own(job).update(finished_at=timezone.now(), worker="", taken_until=None, **values))


def _error(error: str) -> str:
    return error.replace("\0", "")[:LONGEST_ERROR]

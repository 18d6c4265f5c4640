"""Adding, taking and finishing of jobs.

Every function is safe with several workers at once, and after a worker was killed at any instant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet
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
    due_at = due_at or timezone.now()
    if sequence:
        latest = _waiting_of(sequence).aggregate(latest=Max("due_at"))["latest"]
        due_at = max(due_at, latest or due_at)
    job = QueuedJob(
        kind=kind,
        arguments=arguments or {},
        due_at=due_at,
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
    now, kinds = now or timezone.now(), list(kinds)
    if _first(_abandoned(now, kinds)) is None and _first(_due(now, kinds)) is None:
        return None  # most calls end here, without a lock
    with transaction.atomic():
        job = _first(_abandoned(now, kinds), lock=True) or _first(_due(now, kinds), lock=True)
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
    return _wait(job, at, last_error=_error(error))


def postpone(job: QueuedJob, at: datetime) -> bool:
    """Run a job again at an instant; this attempt does not count."""
    return _wait(job, at, attempts=F("attempts") - 1)


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


def _due(now: datetime, kinds: list[str]) -> QuerySet[QueuedJob]:
    """Return the waiting jobs that may run now, the one that has been due for longest first."""
    earlier = QueuedJob.objects.filter(
        sequence=OuterRef("sequence"), pk__lt=OuterRef("pk"), state__in=UNFINISHED
    )
    due = QueuedJob.objects.filter(state=State.WAITING, due_at__lte=now, kind__in=kinds)
    return due.filter(Q(sequence="") | ~Exists(earlier)).order_by("due_at", "pk")


def _abandoned(now: datetime, kinds: list[str]) -> QuerySet[QueuedJob]:
    """Return the jobs of killed workers."""
    running = QueuedJob.objects.filter(state=State.RUNNING, taken_until__lte=now, kind__in=kinds)
    return running.order_by("taken_until", "pk")


def _first(jobs: QuerySet[QueuedJob], *, lock: bool = False) -> QueuedJob | None:
    """Return the first job that no other transaction has locked, and lock it if asked to."""
    if lock and connection.features.has_select_for_update_skip_locked:
        jobs = jobs.select_for_update(skip_locked=True, of=("self",))
    return jobs.first()


def _waiting_of(sequence: str) -> QuerySet[QueuedJob]:
    return QueuedJob.objects.filter(sequence=sequence, state=State.WAITING)


def _wait(job: QueuedJob, at: datetime, **values: Any) -> bool:
    """Let a job wait until an instant, and the later jobs of its sequence with it.

    Those could not run earlier anyway; as due jobs, each look at the queue would read them all.
    """
    with transaction.atomic():
        is_own = bool(
            _own(job).update(state=State.WAITING, due_at=at, worker="", taken_until=None, **values)
        )
        if is_own and job.sequence:
            _waiting_of(job.sequence).filter(pk__gt=job.pk, due_at__lt=at).update(due_at=at)
    return is_own


def _own(job: QueuedJob) -> QuerySet[QueuedJob]:
    """Return the job as long as it runs in the attempt of its worker."""
    return QueuedJob.objects.filter(
        pk=job.pk, state=State.RUNNING, worker=job.worker, attempts=job.attempts
    )


def _close(job: QueuedJob, **values: Any) -> bool:
    return bool(_own(job).update(finished_at=timezone.now(), worker="", taken_until=None, **values))


def _error(error: str) -> str:
    return error.replace("\0", "")[:LONGEST_ERROR]

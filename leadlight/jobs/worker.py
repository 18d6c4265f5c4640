"""Worker: runs the jobs of the queue that are due, one after the other."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta

from django.db import connections, transaction
from django.utils import timezone

from leadlight.busy import is_busy
from leadlight.job_queue import queue
from leadlight.job_queue.models import QueuedJob
from leadlight.job_queue.outcomes import Hopeless, Postponed
from leadlight.jobs.handlers import HANDLERS, Handler

logger = logging.getLogger(__name__)

PROLONGED_EVERY_S = queue.LEASE.total_seconds() / 4
BUSY_PAUSE = timedelta(seconds=5)


def run_due(
    handlers: Mapping[str, Handler] = HANDLERS, *, is_stopped: Callable[[], bool] = lambda: False
) -> int:
    """Run the due jobs until there is none, or until `is_stopped`; return the number of attempts.

    Several workers may run at once. An error of a job is logged and stored in the job, which is
    tried again after the pauses of its handler, then failed.
    """
    name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
    attempts = 0
    while job := queue.take(name, handlers):
        _run(job, handlers[job.kind])
        attempts += 1
        if is_stopped():
            break
    return attempts


def _run(job: QueuedJob, handler: Handler) -> None:
    if job.attempts > len(handler.pauses) + 1:
        _fail(job, handler, job.last_error or "The process that ran this job was killed each time.")
        return
    try:
        with _prolonged(job):
            handler.work(job.arguments)
    except Postponed as later:
        queue.postpone(job, later.at)
    except Hopeless as error:
        _fail(job, handler, str(error))
    except Exception as error:
        if is_busy(error):
            queue.postpone(job, timezone.now() + BUSY_PAUSE)
            return
        logger.exception("Attempt %d of job %s failed.", job.attempts, job)
        _try_again(job, handler, f"{type(error).__name__}: {error}")
    else:
        queue.finish(job)


def _try_again(job: QueuedJob, handler: Handler, error: str) -> None:
    """Plan the next attempt after an error, or fail the job after the last one."""
    if job.attempts > len(handler.pauses):
        _fail(job, handler, error)
    else:
        queue.retry(job, error, timezone.now() + handler.pauses[job.attempts - 1])


def _fail(job: QueuedJob, handler: Handler, error: str) -> None:
    with transaction.atomic():
        if queue.fail(job, error) and handler.after_failure is not None:
            handler.after_failure(job.arguments)


@contextmanager
def _prolonged(job: QueuedJob) -> Iterator[None]:
    """Prolong the lease of a job in another thread for as long as the `with` block runs."""
    is_over = threading.Event()

    def prolong() -> None:
        try:
            while not is_over.wait(PROLONGED_EVERY_S):
                queue.prolong(job)
        except Exception:
            # The job goes on; if it outlives its lease, another worker runs it too.
            logger.exception("The lease of job %s could not be prolonged.", job)
        finally:
            connections.close_all()

    thread = threading.Thread(target=prolong, name=f"lease of job {job.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()

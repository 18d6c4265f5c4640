"""Page of the jobs in the queue, for admins."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from leadlight.job_queue import queue
from leadlight.job_queue.kinds import JobKind
from leadlight.job_queue.models import QueuedJob
from leadlight.presentation import formats
from leadlight.web.shell.auth import ReaderRequest, for_admins, signed_in

JOBS_ON_A_PAGE = 50
State = QueuedJob.State
TITLES = dict(JobKind.choices)
# States in the order of the page: those that an admin must look at come first.
STATES = (State.FAILED, State.RUNNING, State.WAITING, State.DONE)


@dataclass(frozen=True)
class Line:
    """Job as texts in the reader's language. `instant` is that of its end, else its due instant."""

    pk: int
    title: str
    subject: str
    instant: str
    attempts: int
    last_error: str
    may_run_again: bool

    @classmethod
    def of(cls, job: QueuedJob) -> Line:
        return cls(
            job.pk,
            str(TITLES.get(job.kind, job.kind)),
            job.subject,
            formats.instant(job.finished_at or job.due_at),
            job.attempts,
            _(job.last_error) if job.last_error else "",
            job.state == State.FAILED,
        )


@signed_in
@for_admins
@require_safe
def background_jobs(request: ReaderRequest) -> HttpResponse:
    """Show the jobs of one state, newest first; by default, of the first state that has jobs."""
    counts = dict(QueuedJob.objects.values_list("state").annotate(Count("pk")))
    default = next((state for state in STATES if counts.get(state)), State.FAILED)
    state = request.GET.get("state", default)
    before = request.GET.get("before", "")
    if state not in STATES or not re.fullmatch(r"[0-9]{0,18}", before):
        raise Http404
    jobs = QueuedJob.objects.filter(state=state).order_by("-pk")
    if before:
        jobs = jobs.filter(pk__lt=int(before))
    found = list(jobs[: JOBS_ON_A_PAGE + 1])
    shown = found[:JOBS_ON_A_PAGE]
    context: dict[str, Any] = {
        "state": state,
        "states": [(one.value, one.label, counts.get(one, 0)) for one in STATES],
        "lines": [Line.of(job) for job in shown],
        "older": shown[-1].pk if len(found) > JOBS_ON_A_PAGE else None,
        "before": before,
    }
    return render(request, "settings/background_jobs.html", context)


@signed_in
@for_admins
@require_POST
def run_again(request: ReaderRequest, pk: int) -> HttpResponse:
    """Make a failed job due now."""
    if queue.run_again(pk):
        messages.success(request, _("The job runs again within a few seconds."))
    else:
        messages.info(request, _("This job has not failed, or is no longer there."))
    return redirect("background_jobs")

"""Jobs in the queue."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

LONGEST_ERROR = 2_000
LONGEST_SUBJECT = 300


class QueuedJob(models.Model):
    """Job that a worker runs at or after `due_at`, again after an error.

    `kind` is a `JobKind`, whose handler gets `arguments`. Of two jobs with
    the same `kind` and `key`, the second is not added; without a key there is no such check. Jobs
    with the same `sequence` run one after the other, in the order in which they were added.

    A running job belongs to a worker until `taken_until`, which the worker prolongs; after that,
    the worker counts as killed, and another one runs the job again.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", pgettext_lazy("state of a job", "Done")
        FAILED = "failed", _("Failed")

    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=200, blank=True)
    sequence = models.CharField(max_length=200, blank=True)
    arguments = models.JSONField(default=dict)
    # The subject of the job in words, for the admins: a lead, a mail address, a report.
    subject = models.CharField(max_length=LONGEST_SUBJECT, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    due_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveIntegerField(default=0)
    worker = models.CharField(max_length=100, blank=True)
    taken_until = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=LONGEST_ERROR, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "key"], condition=~models.Q(key=""), name="one_job_per_key"
            )
        ]
        # Not partial ones: SQLite uses those only for conditions that are written into the query.
        indexes: ClassVar = [
            models.Index(fields=["state", "due_at", "id"], name="queue_by_due_instant"),
            models.Index(fields=["state", "taken_until"], name="queue_by_lease"),
            models.Index(fields=["sequence", "state", "id"], name="queue_sequences"),
            models.Index(fields=["state", "id"], name="queue_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

"""Bulk jobs: one action on many rows, done in batches.

`leadlight.sales.bulk` does them, `leadlight.sales.bulk_undo` undoes them. `leadlight.table_import`
does those whose rows come from a file.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from leadlight.sales.models.actions import Action
from leadlight.sales.models.activities import Activity
from leadlight.sales.models.clients import Client
from leadlight.sales.models.leads import Lead
from leadlight.sales.models.prospecting import Prospect, ProspectingList

IMPORT = "import"  # verb of the jobs whose rows come from a file


class BulkJob(models.Model):
    """One verb for many rows, which are fixed when the job starts.

    `arguments` are those of the verb, with ids of rows; those of an import are the ids of the
    columns that it added to a list. `skipped` counts the chosen leads that the user could not
    change; the job has no item for them. `counts` are the numbers of items in each state once the
    items were removed (`sales.bulk_cleanup`), None before. `language` is the language of the
    reasons in its items. `undone` is a second action, because an action is undone as a whole, but a
    job lead by lead: it holds the events of the leads on which the job was undone, and the events
    of that undo. Only imports are checked; a checked import waits until it is started.
    """

    class State(models.TextChoices):
        CHECKING = "checking"
        CHECKED = "checked"
        RUNNING = "running"
        DONE = "done"
        UNDOING = "undoing"
        UNDONE = "undone"

    action = models.OneToOneField(Action, models.CASCADE, related_name="job", primary_key=True)
    verb = models.CharField(max_length=20)
    arguments = models.JSONField(default=dict, blank=True)
    language = models.CharField(max_length=10)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    total = models.PositiveIntegerField()
    skipped = models.PositiveIntegerField(default=0)
    counts = models.JSONField(null=True, blank=True)
    undone = models.OneToOneField(
        Action, models.SET_NULL, null=True, blank=True, related_name="undone_job"
    )

    class Meta:
        indexes: ClassVar = [models.Index(fields=["state"], name="jobs_by_state")]

    def __str__(self) -> str:
        return f"{self.verb} · {self.total} · {self.state}"

    @property
    def is_finished(self) -> bool:
        return self.state in FINISHED

    @property
    def is_unfinished(self) -> bool:
        return self.state in UNFINISHED

    @property
    def is_of_a_file(self) -> bool:
        """Whether the job is an import in progress; an import being undone needs no file."""
        return self.verb == IMPORT and self.state == self.State.RUNNING


FINISHED = (BulkJob.State.DONE, BulkJob.State.UNDONE)
UNFINISHED = (BulkJob.State.RUNNING, BulkJob.State.UNDOING)


class BulkItem(models.Model):
    """Row of a bulk job: a lead, a prospect or list that is handed over, or a row of a file.

    `place` is its place among the rows of its kind, from 0, which decides whose turn it is when
    rows are distributed. `reason` is the sentence that explains why the row was refused or not
    undone. `before` is the id of the user of a prospect or list before the job, or of the first
    step in the history of a lead before its steps were imported.

    In an import, `place` is the number of the row in the file and `cells` are its texts; `lead`,
    `client`, `activity` or `prospect` is the row that was created (`is_new`) or changed.
    `client_before` and `client_after` are the values of the client (`sales.client_values`), null
    before it was created. A row is skipped if an earlier import of the same file wrote it.
    """

    class State(models.TextChoices):
        PENDING = "pending"
        DONE = "done"
        UNCHANGED = "unchanged"
        REFUSED = "refused"
        SKIPPED = "skipped"
        STOPPED = "stopped"
        UNDONE = "undone"
        KEPT = "kept"

    job = models.ForeignKey(BulkJob, models.CASCADE, related_name="items", db_index=False)
    place = models.PositiveIntegerField()
    lead = models.ForeignKey(Lead, models.CASCADE, null=True, related_name="+")
    prospect = models.ForeignKey(Prospect, models.CASCADE, null=True, related_name="+")
    prospecting_list = models.ForeignKey(
        ProspectingList, models.CASCADE, null=True, related_name="+"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    reason = models.TextField(blank=True, default="")
    before = models.PositiveBigIntegerField(null=True)
    is_new = models.BooleanField(default=False, db_default=False)
    cells = models.JSONField(null=True)
    client = models.ForeignKey(Client, models.SET_NULL, null=True, related_name="+", db_index=False)
    client_before = models.JSONField(null=True)
    client_after = models.JSONField(null=True)
    activity = models.ForeignKey(
        Activity, models.CASCADE, null=True, related_name="+", db_index=False
    )

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["job", "state", "id"], name="items_of_a_job"),
            models.Index(
                fields=["activity"],
                name="items_of_activities",
                condition=models.Q(activity__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.job_id} · {self.place} · {self.state}"

"""Bulk jobs: one action on many rows, done in batches.

`leadlight.sales.bulk` does them, `leadlight.sales.bulk_undo` undoes them.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from leadlight.sales.models.actions import Action
from leadlight.sales.models.leads import Lead
from leadlight.sales.models.prospecting import Prospect, ProspectingList


class BulkJob(models.Model):
    """One verb for many rows, which are fixed when the job starts.

    `arguments` are those of the verb, with the ids of rows. `skipped` counts the chosen leads that
    the user could not change; the job has no item for them. `counts` are the numbers of items in
    each state once the items were removed (`sales.bulk_cleanup`), None before. `language` is that
    of the reasons in its items. `undone` is the action that holds the events of leads whose part of
    the job was undone, and those that undid it: an action is undone or not as a whole, a job lead
    by lead.
    """

    class State(models.TextChoices):
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
        return self.state in (self.State.DONE, self.State.UNDONE)


class BulkItem(models.Model):
    """Row of a bulk job: a lead, or a prospect or prospecting list that is handed over.

    `place` is its place among the rows of its kind, from 0; round robin goes by it. `reason` is the
    sentence why the row was refused, or why its part of the job was not undone. `before` is the id
    of the user of a prospect or list before the job.
    """

    class State(models.TextChoices):
        PENDING = "pending"
        DONE = "done"
        UNCHANGED = "unchanged"
        REFUSED = "refused"
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

    class Meta:
        indexes: ClassVar = [models.Index(fields=["job", "state", "id"], name="items_of_a_job")]

    def __str__(self) -> str:
        return f"{self.job_id} · {self.place} · {self.state}"

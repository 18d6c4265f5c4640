"""Rows of a long table that are still to be added to a prospecting list."""

from __future__ import annotations

from django.db import models

from leadlight.sales.models.attachments import LONGEST_FILE_NAME
from leadlight.sales.models.prospecting import ProspectingList


class PendingRows(models.Model):
    """Table whose first rows were added to a prospecting list, and whose other rows will be.

    `file` is the name of its file in `sales.prospecting.pending_rows.folder`; `file_name` is the
    name that the user's file had, "" for pasted cells. `reading` holds the choices for reading it
    (`tables.Choices`), `columns` the ids of the columns of the list in the order of the table.
    `read` counts the rows that were taken from the table, out of `total`. `failure` is the sentence
    that explains why no more rows are added, "" without a failure.
    """

    prospecting_list = models.OneToOneField(
        ProspectingList, models.CASCADE, related_name="pending_rows"
    )
    file = models.CharField(max_length=40)
    file_name = models.CharField(max_length=LONGEST_FILE_NAME, blank=True)
    reading = models.JSONField(default=dict)
    columns = models.JSONField(default=list)
    language = models.CharField(max_length=10)
    total = models.PositiveIntegerField()
    read = models.PositiveIntegerField()
    failure = models.TextField(blank=True, default="")

    def __str__(self) -> str:
        return f"{self.prospecting_list}: {self.read} / {self.total}"

"""Change log of prospecting lists, from which an action on them is undone."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from leadlight.sales.models.actions import Action
from leadlight.sales.models.prospecting import ProspectingList


class ProspectChange(models.Model):
    """Change of one value of a list, a column or a row, for the undo of its action.

    `changed_id` is the id of the list, column or row. `attribute` is the name of the changed
    attribute, the key of a cell, or "" for a creation or a deletion. Of a creation, `old` is None
    and `new` holds the version of the list; of a deletion, `old` holds the values of the deleted
    row by database column, and `new` is None.
    """

    class Subject(models.TextChoices):
        LIST = "list"
        COLUMN = "column"
        ROW = "row"
        CELL = "cell"

    action = models.ForeignKey(Action, models.CASCADE, related_name="prospect_changes")
    prospecting_list = models.ForeignKey(
        ProspectingList, models.CASCADE, related_name="+", db_index=False
    )
    subject = models.CharField(max_length=10, choices=Subject.choices)
    changed_id = models.PositiveBigIntegerField()
    attribute = models.CharField(max_length=30, blank=True)
    old = models.JSONField(null=True)
    new = models.JSONField(null=True)

    class Meta:
        ordering: ClassVar = ["pk"]
        indexes: ClassVar = [
            models.Index(fields=["prospecting_list", "changed_id"], name="changes_of_a_prospect")
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.changed_id} {self.attribute}"

"""Changes of rows of settings, such as steps and tags, for the undo of their action."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from leadlight.sales.models.actions import Action


class SettingChange(models.Model):
    """Change of a row of settings, for the undo of its action.

    `kind` is a key of `sales.setting_changes.KINDS`, `row_id` the id of the row. `old` and `new`
    are the values that changed, by attribute.
    """

    action = models.ForeignKey(Action, models.CASCADE, related_name="setting_changes")
    kind = models.CharField(max_length=20)
    row_id = models.PositiveBigIntegerField()
    old = models.JSONField()
    new = models.JSONField()

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.row_id}: {self.old} → {self.new}"

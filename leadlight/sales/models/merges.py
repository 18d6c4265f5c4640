"""Merges of leads: the rows that were re-pointed, for the undo."""

from __future__ import annotations

from django.db import models

from leadlight.sales.models.actions import Action


class Merge(models.Model):
    """Rows that a merge re-pointed from the lead `merged` to the lead `kept`.

    `moved` holds their ids by relation, as `sales.merging.REPOINTED` names them. That a lead was
    merged is told by its events (`Relation`): this row serves the undo only.
    """

    kept = models.ForeignKey("sales.Lead", models.CASCADE, related_name="+", db_index=False)
    merged = models.ForeignKey("sales.Lead", models.CASCADE, related_name="merges")
    action = models.ForeignKey(Action, models.CASCADE, related_name="merges")
    moved = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.merged} → {self.kept}"

"""Merges of leads and of clients: what an undo needs to set both back."""

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


class ClientMerge(models.Model):
    """Merge of the client `merged` into the client `kept`.

    `before` and `after` are the values of the kept client around the merge, as
    `sales.client_merging.values_of` returns them. `shortcuts` holds the query strings before and
    after, by the id of each shortcut that named the merged client. That a client was merged is told
    by the client itself (`Client.merged_into`): this row serves the undo only.
    """

    kept = models.ForeignKey("sales.Client", models.CASCADE, related_name="+", db_index=False)
    merged = models.ForeignKey("sales.Client", models.CASCADE, related_name="merges")
    action = models.ForeignKey(Action, models.CASCADE, related_name="client_merges")
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    shortcuts = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.merged} → {self.kept}"

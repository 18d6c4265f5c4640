"""Merges of leads and of clients: the data that an undo needs."""

from __future__ import annotations

from django.db import models

from leadlight.sales.models.actions import Action


class Merge(models.Model):
    """Merge of the lead `merged` into the lead `kept`, with the rows that it moved.

    `moved` holds their ids by relation, as `sales.merging.REPOINTED` names them. The events of a
    lead (`Relation`) record that it was merged; this row serves only the undo.
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
    after, by the id of each shortcut that named the merged client. `Client.merged_into`
    records that a client was merged; this row serves only the undo.
    """

    kept = models.ForeignKey("sales.Client", models.CASCADE, related_name="+", db_index=False)
    merged = models.ForeignKey("sales.Client", models.CASCADE, related_name="merges")
    action = models.ForeignKey(Action, models.CASCADE, related_name="client_merges")
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    shortcuts = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.merged} → {self.kept}"

"""Pairs of clients that users marked as not duplicates."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from leadlight.sales.models.actions import Action
from leadlight.sales.models.clients import Client


class ClientDifference(models.Model):
    """Statement that `client` and `other`, in either order, are two clients.

    Lists of probable duplicates leave the pair out.
    """

    client = models.ForeignKey(Client, models.CASCADE, related_name="+", db_index=False)
    other = models.ForeignKey(Client, models.CASCADE, related_name="+")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    action = models.ForeignKey(
        Action, models.SET_NULL, null=True, related_name="client_differences"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["client", "other"], name="one_client_difference"),
        )

    def __str__(self) -> str:
        return f"{self.client} ≠ {self.other}"

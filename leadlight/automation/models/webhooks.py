"""Webhooks with their deliveries, and changes that are not dispatched yet."""

from __future__ import annotations

from typing import ClassVar

from cryptography.fernet import InvalidToken
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from leadlight.accounts.encryption import WEBHOOK, decrypted, encrypted
from leadlight.accounts.keys import Keyed

LONGEST_ADDRESS = 1_000
LONGEST_ANSWER = 1_000


class Webhook(Keyed):
    """Address of another program that gets a message about each event of some names.

    `events` are names of `automation.events.EVENTS`. Messages are signed with a secret.
    """

    name = models.CharField(_("name"), max_length=100)
    url = models.CharField(_("address"), max_length=LONGEST_ADDRESS)
    events = models.JSONField(default=list)
    includes_imports = models.BooleanField(_("also for imported data"), default=False)
    is_active = models.BooleanField(default=True)
    encrypted_secret = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def secret(self) -> str:
        """The secret; "" if it cannot be decrypted because SECRET_KEY has changed."""
        try:
            return decrypted(self.encrypted_secret, WEBHOOK)
        except InvalidToken:
            return ""

    @secret.setter
    def secret(self, text: str) -> None:
        self.encrypted_secret = encrypted(text, WEBHOOK)


class PendingChange(models.Model):
    """New row of a table that is not dispatched yet, inserted by a trigger.

    `row_id` is the id of the lead event, activity, client or prospect. Changes of one lead have
    ascending ids in the order in which they happened, since every change locks the lead.
    """

    class Source(models.TextChoices):
        EVENT = "event"
        ACTIVITY = "activity"
        CLIENT = "client"
        PROSPECT = "prospect"

    source = models.CharField(max_length=10, choices=Source)
    row_id = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.source} {self.row_id}"


class Delivery(Keyed):
    """Message to a webhook, with the result of sending it.

    `key` is the id of the message: all attempts have the same one. `about` is the key of the lead,
    client or prospect.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DELIVERED = "delivered", _("Delivered")
        FAILED = "failed", _("Failed")

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries", db_index=False)
    body = models.JSONField()
    about = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    # Status code of HTTP of the last answer, None without one; the beginning of its text, or why
    # there was none.
    answered_with = models.PositiveSmallIntegerField(null=True)
    answer = models.CharField(max_length=LONGEST_ANSWER, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["webhook", "-id"], name="deliveries_of_a_webhook"),
            models.Index(fields=["created_at"], name="deliveries_by_age"),
        ]

    def __str__(self) -> str:
        return self.key

"""Mail addresses that get no mail from the company."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from leadlight.accounts.keys import Keyed
from leadlight.accounts.models import User
from leadlight.sales.contact_lines import LONGEST_EMAIL


class RefusedAddress(Keyed):
    """Address outside of the company that no mail is sent to, until an admin lifts it.

    `address` is in lower case. `noted_by` is None for a bounce, which no person notes.
    """

    class Reason(models.TextChoices):
        OPTED_OUT = "opted_out", _("Does not want mails")
        BOUNCED = "bounced", _("Mails come back")

    address = models.CharField(max_length=LONGEST_EMAIL, unique=True)
    reason = models.CharField(max_length=10, choices=Reason)
    noted_at = models.DateTimeField(default=timezone.now)
    noted_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        ordering: ClassVar = ["-noted_at", "-pk"]

    def __str__(self) -> str:
        return self.address

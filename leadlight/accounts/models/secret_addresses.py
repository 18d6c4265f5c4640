"""Secret addresses, with which programs and visitors read or send data without signing in."""

from __future__ import annotations

from typing import ClassVar

from cryptography.fernet import InvalidToken
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from leadlight.accounts.encryption import SECRET_ADDRESS, decrypted, encrypted
from leadlight.accounts.models.people import User
from leadlight.accounts.tokens import digest_of


class SecretAddress(models.Model):
    """Unguessable token in an address that works without signing in, until it is revoked.

    Rows are found by the digest of the token. The token itself is stored encrypted, so that its
    owner can read the address again; a copy of the database alone does not reveal it.
    """

    class Kind(models.TextChoices):
        CALENDAR = "calendar", _("Calendar address")
        MAIL = "mail", _("Mail address of a person")
        FORM = "form", _("Form address")
        PARTNER = "partner", _("Partner address")

    kind = models.CharField(max_length=20, choices=Kind)
    # The person whose data it reads or in whose name it acts; None for an address of the company.
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="secret_addresses")
    digest = models.CharField(max_length=64, unique=True)
    encrypted_token = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "kind"],
                condition=models.Q(user__isnull=False),
                name="one_address_of_a_kind_per_person",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"

    @property
    def token(self) -> str:
        """The token; "" if it cannot be decrypted because SECRET_KEY has changed."""
        try:
            return decrypted(self.encrypted_token, SECRET_ADDRESS)
        except InvalidToken:
            return ""

    def set_token(self, token: str) -> None:
        """Replace the token; the address with the earlier one stops working when it is saved."""
        self.digest = digest_of(token)
        self.encrypted_token = encrypted(token, SECRET_ADDRESS)
        self.created_at = timezone.now()

"""Identity provider of the company, and the identities of people at it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from leadlight.accounts.encryption import CLIENT_SECRET, decrypted, encrypted
from leadlight.accounts.models.people import User
from leadlight.accounts.openid.discovery import an_issuer

DOMAIN = r"[a-z0-9-]+(\.[a-z0-9-]+)+"
DOMAINS = rf"^{DOMAIN}( {DOMAIN})*\Z"


class IdentityProvider(models.Model):
    """Settings of the single sign-on by OpenID Connect; there is one row, or none."""

    # "" without single sign-on.
    issuer = models.CharField(_("issuer"), max_length=300, blank=True, validators=[an_issuer])
    client_id = models.CharField(_("client ID"), max_length=300, blank=True)
    encrypted_secret = models.TextField(blank=True)
    name = models.CharField(_("name on the button"), max_length=60, blank=True)
    has_second_factor = models.BooleanField(
        _("the provider asks for a second factor"), default=False
    )
    # Domains in lower case, separated by spaces; "" if nobody gets an account by signing in.
    domains = models.CharField(
        _("email domains of new accounts"),
        max_length=1000,
        blank=True,
        validators=[RegexValidator(DOMAINS, _("Enter domains such as example.com."))],
    )
    allows_passwords = models.BooleanField(_("passwords stay allowed"), default=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(pk=1), name="one_identity_provider")
        ]

    def __str__(self) -> str:
        return self.name or self.issuer

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.pk = 1
        super().save(*args, **kwargs)

    def clean(self) -> None:
        super().clean()
        if not self.issuer:
            return
        for name in ("client_id", "name"):
            if not getattr(self, name):
                raise ValidationError({name: _("This field is required.")})
        if not self.encrypted_secret:
            raise ValidationError({"secret": _("Enter the client secret of this issuer.")})

    @classmethod
    def current(cls) -> IdentityProvider:
        """Return the settings; without single sign-on, an unsaved row with default settings."""
        return cls.objects.first() or cls(pk=1)

    @property
    def is_on(self) -> bool:
        return bool(self.issuer)

    @property
    def refuses_passwords(self) -> bool:
        """Whether people can sign in through the provider only."""
        return self.is_on and not self.allows_passwords

    @property
    def secret(self) -> str:
        """Client secret, stored encrypted. Raises InvalidToken after a change of SECRET_KEY."""
        return decrypted(self.encrypted_secret, CLIENT_SECRET) if self.encrypted_secret else ""

    @secret.setter
    def secret(self, text: str) -> None:
        self.encrypted_secret = encrypted(text, CLIENT_SECRET) if text else ""


class Identity(models.Model):
    """Account at an identity provider that a person signs in with."""

    user = models.ForeignKey(User, models.CASCADE, related_name="identities")
    issuer = models.CharField(max_length=300)
    subject = models.CharField(max_length=255)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="one_user_per_identity"),
            models.UniqueConstraint(fields=["issuer", "user"], name="one_identity_per_issuer"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} · {self.issuer}"

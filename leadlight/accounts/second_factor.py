"""Second factor: the users who must have one, and the encryption of its secrets.

If a secret cannot be decrypted because SECRET_KEY has changed, every code is refused until the
second factor is reset (`leadlight user reset-second-factor`).
"""

from __future__ import annotations

import logging
import time
from datetime import timedelta

from allauth.account import app_settings
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.totp.internal.auth import generate_totp_secret
from cryptography.fernet import InvalidToken
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.utils import timezone

from leadlight.accounts import encryption
from leadlight.accounts.models import IdentityProvider, Organization, User
from leadlight.accounts.organization import organization

log = logging.getLogger(__name__)

# Method of a sign-in at the identity provider, in allauth's records of a session.
OPENID = "openid"


def is_required_of(user: User) -> bool:
    """Return whether the organisation requires a second factor of this person."""
    return _is_among(user, organization().second_factor)


def is_missing(request: HttpRequest) -> bool:
    """Return whether the signed-in person must set up a second factor before anything else."""
    user = request.user
    return isinstance(user, User) and is_required_of(user) and not has_one(request, user)


def has_one(request: HttpRequest, user: User) -> bool:
    """Return whether a person has a second factor, of their own or of the identity provider."""
    own = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP)
    return own.exists() or is_of_provider(request, user)


def is_of_provider(request: HttpRequest, user: AbstractBaseUser | None) -> bool:
    """Return whether this session began at an identity provider that asks for a second factor."""
    issuer = _issuer(request, user)
    if not issuer:
        return False
    provider = IdentityProvider.current()
    return provider.has_second_factor and provider.issuer == issuer


def has_signed_in_at(request: HttpRequest, issuer: str) -> bool:
    """Return whether this session began at the identity provider with this issuer."""
    return bool(issuer) and _issuer(request, request.user) == issuer  # type: ignore[arg-type]


def is_being_set_up(request: HttpRequest) -> bool:
    """Return whether the signed-in person must set up a second factor, or has just done so."""
    user = request.user
    if not isinstance(user, User) or not is_required_of(user):
        return False
    recently = timezone.now() - timedelta(seconds=app_settings.REAUTHENTICATION_TIMEOUT)
    own = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP)
    return not own.filter(created_at__lt=recently).exists()


def has_just_signed_in(request: HttpRequest) -> bool:
    """Return whether the person signed in so recently that the password is not asked again."""
    records = get_authentication_records(request, request.user)  # type: ignore[arg-type]
    latest = max((one["at"] for one in records), default=0.0)
    return bool(time.time() - latest < app_settings.REAUTHENTICATION_TIMEOUT)


def encrypted(text: str) -> str:
    """Encrypt a secret of a second factor."""
    return encryption.encrypted(text, encryption.SECOND_FACTOR)


def decrypted(token: str) -> str:
    """Decrypt a secret of a second factor. Raises InvalidToken."""
    return encryption.decrypted(token, encryption.SECOND_FACTOR)


class EncryptedSecrets(DefaultMFAAdapter):
    """Adapter that stores TOTP secrets and seeds of recovery codes encrypted."""

    def encrypt(self, text: str) -> str:
        return encrypted(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Return the secret; if it cannot be decrypted, a random one, which matches no code."""
        try:
            return decrypted(encrypted_text)
        except InvalidToken:
            log.error(
                "A second factor was encrypted with another secret key: its codes are refused. "
                "`leadlight user reset-second-factor` removes it."
            )
            return generate_totp_secret()


class CodeUnlessOfProvider(AuthenticateStage):
    """Stage of the sign-in that asks for a code, unless the identity provider asked for one."""

    def handle(self) -> tuple:
        if is_of_provider(self.request, self.login.user):
            return None, True
        return super().handle()


def _is_among(user: User, required: str) -> bool:
    if required == Organization.RequiredOf.ADMINS:
        return user.is_admin
    return required == Organization.RequiredOf.EVERYBODY


def _issuer(request: HttpRequest, user: AbstractBaseUser | None) -> str:
    """Return the issuer of the provider that this session began at; "" after a password."""
    records = get_authentication_records(request, user)
    return next((one["issuer"] for one in reversed(records) if one["method"] == OPENID), "")

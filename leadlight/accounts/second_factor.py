"""Encryption of the second factor's secrets in the database.

The encryption key is derived from SECRET_KEY. After a change of SECRET_KEY the secrets cannot be
decrypted: every code is refused until the second factor is reset
(`leadlight user reset-second-factor`).
"""

from __future__ import annotations

import logging
from base64 import urlsafe_b64encode

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.totp.internal.auth import generate_totp_secret
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.encoding import force_bytes

log = logging.getLogger(__name__)


def encrypted(text: str) -> str:
    """Encrypt with SECRET_KEY."""
    return _ciphers().encrypt(text.encode()).decode()


def decrypted(token: str) -> str:
    """Decrypt with SECRET_KEY or one of SECRET_KEY_FALLBACKS. Raises InvalidToken."""
    return _ciphers().decrypt(token.encode()).decode()


def _ciphers() -> MultiFernet:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(secret_key: str | bytes) -> bytes:
    derivation = HKDF(SHA256(), length=32, salt=None, info=b"leadlight second factor")
    return urlsafe_b64encode(derivation.derive(force_bytes(secret_key)))


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

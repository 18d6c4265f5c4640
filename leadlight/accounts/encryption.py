"""Encryption of secrets in the database.

The encryption key is derived from SECRET_KEY and the purpose of the secret. After a change of
SECRET_KEY the secrets cannot be decrypted.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.encoding import force_bytes

SECOND_FACTOR = "leadlight second factor"
CLIENT_SECRET = "leadlight client secret"  # noqa: S105 - a purpose, not a secret
MAIL = "leadlight mail"
WEBHOOK = "leadlight webhook"
SECRET_ADDRESS = "leadlight secret address"  # noqa: S105


def encrypted(text: str, purpose: str) -> str:
    """Encrypt with the key derived from SECRET_KEY and the purpose."""
    return _ciphers(purpose).encrypt(text.encode()).decode()


def decrypted(token: str, purpose: str) -> str:
    """Decrypt with a key derived from SECRET_KEY or SECRET_KEY_FALLBACKS. Raises InvalidToken."""
    return _ciphers(purpose).decrypt(token.encode()).decode()


def _ciphers(purpose: str) -> MultiFernet:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet([Fernet(_derived(key, purpose)) for key in keys])


def _derived(secret_key: str | bytes, purpose: str) -> bytes:
    derivation = HKDF(SHA256(), length=32, salt=None, info=purpose.encode())
    return urlsafe_b64encode(derivation.derive(force_bytes(secret_key)))

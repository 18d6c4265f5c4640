"""Tokens of secret addresses: unguessable, and recognisable in any text.

Logging uses this module, which therefore imports nothing of Django.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from base64 import b32encode

# By the prefix, logs recognise a token and leave it out. Lower case, because a token may be part
# of a mail address, which some mail servers write in lower case.
PREFIX = "ll"
RANDOM_BYTES = 20
TOKEN = re.compile(rf"{PREFIX}[a-z2-7]{{32}}")


def new_token() -> str:
    """Return an unguessable token: the prefix, then 160 random bits in 32 letters and digits."""
    return PREFIX + b32encode(secrets.token_bytes(RANDOM_BYTES)).decode().lower()


def digest_of(token: str) -> str:
    """Return the SHA-256 digest of a token, in hexadecimal."""
    return hashlib.sha256(token.encode()).hexdigest()

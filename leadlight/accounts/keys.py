"""External keys: identifiers of rows in files, addresses and the API."""

import secrets
import time
from typing import Any

from django.db import models

KEY_LENGTH = 200


def new_key() -> str:
    """Return a unique key: milliseconds since 1970, then 64 random bits, in hexadecimal.

    Later keys sort after earlier ones, which keeps their index compact.
    """
    return f"{time.time_ns() // 1_000_000:011x}{secrets.token_hex(8)}"


class Keyed(models.Model):
    """Abstract model with an external key, taken from the file in an import, else generated."""

    key = models.CharField(max_length=KEY_LENGTH, unique=True, default=new_key, editable=False)

    class Meta:
        abstract = True

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.key}>"

    def natural_key(self) -> tuple[Any, ...]:
        return (self.key,)

"""External keys: the text by which a row is known outside this database."""

import secrets
import time
from typing import Any

from django.db import models

KEY_LENGTH = 200


def new_key() -> str:
    """A key that no other row has: milliseconds since 1970, then 64 bits of chance, in hexadecimal.

    Keys of later milliseconds sort after those of earlier ones, which keeps their index compact.
    """
    return f"{time.time_ns() // 1_000_000:011x}{secrets.token_hex(8)}"


class Keyed(models.Model):
    """A row that a company folder can name: imported rows keep their key, others are given one."""

    key = models.CharField(max_length=KEY_LENGTH, unique=True, default=new_key, editable=False)

    class Meta:
        abstract = True

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.key}>"

    def natural_key(self) -> tuple[Any, ...]:
        return (self.key,)

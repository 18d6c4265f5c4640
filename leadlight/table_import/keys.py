"""Keys that a file gives its rows."""

from __future__ import annotations

from leadlight.accounts.keys import KEY_LENGTH
from leadlight.sales.models.valid_values import valid_line


def valid_key(text: str) -> str:
    """Return an external key: one line. Raises `Refused` for any other text."""
    return valid_line(text, KEY_LENGTH)

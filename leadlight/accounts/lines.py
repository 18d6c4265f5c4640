"""Normalisation of text to one line."""

from __future__ import annotations

import re

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def one_line(text: str) -> str:
    """Return a text without control characters and with single spaces between its words."""
    return " ".join(CONTROL.sub(" ", text).split())

"""Detection of the kind of values in a column: email, phone, link or another kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from leadlight.tables.formats import DAY
from leadlight.tables.values import DAY_WITH_NAME, SERIAL

CELLS_COMPARED = 200
# Least share of cells that look like a kind, to match a column by content and to confirm a header.
DECIDING, CONFIRMING = 0.8, 0.5
EMAIL_LIKE = re.compile(
    r"(?:mailto:)?[^\s@<>]+@[^\s@<>]+\.[^\W\d_]{2,}|[^@<>]*<[^\s@<>]+@[^\s@<>]+>"
)
LINK_LIKE = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
PHONE_LIKE = re.compile(r"(?:\+|\(|0)[\d ().\u00a0\u202f/-]+", re.ASCII)
DIGITS_OF_A_PHONE = range(9, 16)


def share_of(kind: str, cells: Sequence[str]) -> float:
    """Return the share of cells that look like a kind: email, phone or link."""
    return _share(LOOKS_LIKE[kind], cells)


def kind_of(cells: Sequence[str]) -> str:
    """Return the kind that `DECIDING` of the cells look like: email, phone or link; else ""."""
    return next((kind for kind in LOOKS_LIKE if share_of(kind, cells) >= DECIDING), "")


def contradicts(kind: str, cells: Sequence[str]) -> bool:
    """Return whether there are cells, and none of them can be a value of the kind."""
    possible = CAN_BE.get(kind)
    return possible is not None and bool(cells) and not any(map(possible, cells))


def _share(test: Callable[[str], bool], cells: Sequence[str]) -> float:
    return sum(map(test, cells)) / len(cells) if cells else 0.0


def _is_email(text: str) -> bool:
    return bool(EMAIL_LIKE.fullmatch(text))


def _is_link(text: str) -> bool:
    return bool(LINK_LIKE.fullmatch(text))


def _is_phone(text: str) -> bool:
    digits = sum(map(str.isdigit, text))
    return bool(PHONE_LIKE.fullmatch(text)) and digits in DIGITS_OF_A_PHONE and not _is_day(text)


def _is_day(text: str) -> bool:
    return bool(DAY.fullmatch(text) or DAY_WITH_NAME.search(text) or SERIAL.fullmatch(text))


def _has_digits(text: str) -> bool:
    return any(map(str.isdigit, text))


LOOKS_LIKE = {"email": _is_email, "link": _is_link, "phone": _is_phone}
CAN_BE: dict[str, Callable[[str], bool]] = {
    "email": lambda text: "@" in text,
    "phone": lambda text: sum(map(str.isdigit, text)) >= 3 and "@" not in text,
    "link": lambda text: "." in text and "@" not in text,
    "day": lambda text: _is_day(text) or _has_digits(text),
    "instant": lambda text: _is_day(text) or _has_digits(text),
    "number": _has_digits,
    "amount": _has_digits,
}

"""Values of custom fields as canonical text: validation, formatting and parsing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Protocol
from urllib.parse import urlsplit

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leadlight.sales.models.plain_values import plain_decimal
from leadlight.sales.models.valid_values import day_of, valid_amount, valid_text
from leadlight.sales.refusals import Refused
from leadlight.tables.values import is_email

LONGEST_VALUE = 2_000
LONGEST_EMAIL = 254
LONGEST_PHONE = 50
LONGEST_SORT_TEXT = 100
# SQLite stores decimals as binary floats, which are exact up to 15 significant digits.
MOST_DIGITS, MOST_DECIMALS = 15, 6
PLAIN_NUMBER = re.compile(r"-?\d{1,40}(\.\d{1,40})?", re.ASCII)
PHONE = re.compile(r"[+(]?\d[\d ().,/+#*x-]*", re.ASCII)
DIGITS_OF_A_PHONE = range(3, 31)


class FieldKind(models.TextChoices):
    """Kinds of values that a custom field may have."""

    TEXT = "text", gettext_lazy("Text")
    NUMBER = "number", gettext_lazy("Number")
    AMOUNT = "amount", gettext_lazy("Amount")
    DAY = "day", gettext_lazy("Day")
    CHOICE = "choice", gettext_lazy("Choice")
    EMAIL = "email", gettext_lazy("Email")
    PHONE = "phone", gettext_lazy("Phone")
    ADDRESS = "address", gettext_lazy("Address")
    LINK = "link", gettext_lazy("Link")


MEASURED = (FieldKind.NUMBER, FieldKind.AMOUNT)


class Definition(Protocol):
    """Attributes of a custom field that determine its valid values."""

    kind: Any
    choices: Any


def canonical(field: Definition, text: str) -> str:
    """Return the canonical text of a value, "" for no value; raise `Refused` if it is invalid."""
    valid = valid_text(text, LONGEST_VALUE)
    if valid and field.kind == FieldKind.CHOICE:
        return _choice(valid, field.choices)
    return CANONICAL[field.kind](valid) if valid else ""


def canonical_past(field: Definition, text: str) -> str:
    """Return the canonical text of a past value. A choice may have been removed since then."""
    if field.kind == FieldKind.CHOICE:
        return valid_text(text, LONGEST_VALUE)
    return canonical(field, text)


def value_of(field: Definition, text: str) -> Decimal | date | str | None:
    """Parse a canonical text to a decimal, a day or a text; None for ""."""
    if not text:
        return None
    if field.kind in MEASURED:
        return Decimal(text)
    return date.fromisoformat(text) if field.kind == FieldKind.DAY else text


def number_of(field: Definition, text: str) -> Decimal | None:
    """Parse the canonical text of a number or an amount; None for "" and for other kinds."""
    return Decimal(text) if text and field.kind in MEASURED else None


def sort_text(field: Definition, text: str) -> str:
    """Return the text by which values are filtered and ordered, cut to `LONGEST_SORT_TEXT`.

    It is case-folded; phone numbers are reduced to their digits. ISO days sort correctly as text.
    """
    if field.kind == FieldKind.PHONE:
        return re.sub(r"\D", "", text, flags=re.ASCII)[:LONGEST_SORT_TEXT]
    return text.casefold()[:LONGEST_SORT_TEXT]


# Canonical text for each kind


def _choice(text: str, choices: Sequence[str]) -> str:
    if text not in choices:
        raise Refused(_("Choose one of: %(choices)s.") % {"choices": ", ".join(choices)})
    return text


def _number(text: str) -> str:
    if PLAIN_NUMBER.fullmatch(text):
        integer, _point, decimals = text.lstrip("-").partition(".")
        integer, decimals = integer.lstrip("0") or "0", decimals.rstrip("0")
        if len(integer) + len(decimals) <= MOST_DIGITS and len(decimals) <= MOST_DECIMALS:
            number = integer + (f".{decimals}" if decimals else "")
            return f"-{number}" if text.startswith("-") and number != "0" else number
    raise Refused(
        _(
            "Write a number as -1234.5, with at most %(digits)d digits, of which at "
            "most %(decimals)d after the point."
        )
        % {"digits": MOST_DIGITS, "decimals": MOST_DECIMALS}
    )


def _amount(text: str) -> str:
    if not PLAIN_NUMBER.fullmatch(text):
        raise Refused(_("Write an amount as 1234.50."))
    return plain_decimal(valid_amount(Decimal(text) + 0))


def _day(text: str) -> str:
    return str(day_of(text))


def _email(text: str) -> str:
    if not is_email(text) or len(text) > LONGEST_EMAIL:
        raise Refused(_("This is not an email address."))
    return text


def _phone(text: str) -> str:
    digits = sum(character.isdigit() for character in text)
    if not (PHONE.fullmatch(text) and digits in DIGITS_OF_A_PHONE and len(text) <= LONGEST_PHONE):
        raise Refused(
            _(
                "A phone number has 3 to 30 digits. It can also contain spaces and the signs "
                "+ ( ) . , / # * x -."
            )
        )
    return text


def _link(text: str) -> str:
    """Return the URL; refuse white space, control and format characters such as bidi marks."""
    hidden = any(
        character.isspace() or unicodedata.category(character) in ("Cc", "Cf", "Cs")
        for character in text
    )
    try:
        parts = urlsplit(text)
        is_link = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_link = False
    if hidden or not is_link:
        raise Refused(_("A link must begin with http:// or https:// and contain no spaces."))
    return text


CANONICAL: dict[str, Callable[[str], str]] = {
    FieldKind.TEXT: str,
    FieldKind.ADDRESS: str,
    FieldKind.NUMBER: _number,
    FieldKind.AMOUNT: _amount,
    FieldKind.DAY: _day,
    FieldKind.EMAIL: _email,
    FieldKind.PHONE: _phone,
    FieldKind.LINK: _link,
}

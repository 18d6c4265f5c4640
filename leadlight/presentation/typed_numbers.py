"""Numbers as people type them: with separators of their language, a currency or “k”."""

from __future__ import annotations

import re
from decimal import Decimal

from leadlight.presentation import formats

SPACES = re.compile(r"[\s\u00a0\u2009\u202f'’]")
GROUPED = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?")
NUMBER = re.compile(r"(?P<digits>-?\d+(?:\.\d+)?)(?P<scale>[km]?)", re.ASCII)
SCALES = {"": 1, "k": 1_000, "m": 1_000_000}


def amount_of(text: str) -> Decimal | None:
    """Parse an amount in the company's currency; None for an empty text.

    Accepts `1 234,50`, `1,234.50`, `€ 12k` and `12 k€`. In English, `1,234` is one thousand; in
    French, a comma always precedes decimals. Raises ValueError for anything else.
    """
    company = formats.company()
    plain = SPACES.sub("", text).replace(formats.MINUS, "-").casefold()
    for word in (company.currency, formats.currency_symbol(company.currency)):
        plain = plain.replace(word.casefold(), "")
    if not plain:
        return None
    if formats.language() == "en" and GROUPED.fullmatch(plain.rstrip("km")):
        plain = plain.replace(",", "")
    found = NUMBER.fullmatch(plain.replace(",", "."))
    if found is None:
        raise ValueError(text)
    return Decimal(found["digits"]) * SCALES[found["scale"]]


def plain_number(text: str) -> str:
    """Return a typed number without separators; an unreadable one stays as it is, to be refused."""
    try:
        number = amount_of(text)
    except ValueError:
        return text
    return "" if number is None else f"{number:f}"

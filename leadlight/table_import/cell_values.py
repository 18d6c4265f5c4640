"""Values of cells: text in the formats of a column → values that sales accepts."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from leadlight.sales.lead_values import Moment
from leadlight.sales.models import CustomField
from leadlight.sales.models.field_texts import FieldKind
from leadlight.sales.refusals import Refused
from leadlight.tables import Column, values

LETTERS = re.compile(r"[^\W\d_]+")
SHORT_CURRENCIES = {"kr", "zł", "fr", "kč", "ft", "rs", "r", "us", "ca", "a"}
TIME_OF_DAY = re.compile(r"\d[:hH]\d|\d ?[ap]m\b|\d{5}[.,]\d", re.IGNORECASE)


def moment(text: str, column: Column, zone: ZoneInfo) -> Moment:
    """Return an instant; a day without a time is its start in the zone."""
    if TIME_OF_DAY.search(text):
        return Moment(values.instant(text, column.day_order, zone), is_day=False)
    start = datetime.combine(values.day(text, column.day_order), time.min, zone)
    return Moment(start, is_day=True)


def day(text: str, column: Column) -> date:
    return values.day(text, column.day_order)


def amount(text: str, column: Column) -> Decimal:
    """Return an amount without its currency. Raises `Refused` for another unit, such as in 12k."""
    words = LETTERS.findall(text)
    if any(len(word) < 3 and word.casefold() not in SHORT_CURRENCIES for word in words):
        raise Refused(_("This is not an amount."))
    return values.amount(text, column.decimal_mark)


def percent(text: str, column: Column) -> int:
    """Return a probability in per cent. Raises `Refused` for one with decimals."""
    found = values.number(text, column.decimal_mark)
    if found != int(found):
        raise Refused(_("Enter a probability without decimals."))
    return int(found)


def field_text(field: CustomField, text: str, column: Column) -> str:
    """Return the text of a cell as `canonical` expects it for the kind of a custom field."""
    if field.kind == FieldKind.AMOUNT:
        return f"{amount(text, column):f}"
    if field.kind == FieldKind.NUMBER:
        return f"{values.number(text, column.decimal_mark):f}"
    if field.kind == FieldKind.DAY:
        return str(values.day(text, column.day_order))
    if field.kind == FieldKind.EMAIL:
        return values.email(text)
    if field.kind == FieldKind.LINK:
        return values.link(text)
    return text

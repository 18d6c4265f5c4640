"""Values written as text: each function parses one kind, or raises `Refused` with a sentence.

`order` and `mark` are the formats of the column (`table_file.Column`). An empty text is refused;
callers handle it before.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from phonenumbers import (
    NumberParseException,
    PhoneNumberFormat,
    format_number,
    is_possible_number,
    parse,
)

from leadlight.accounts.refusals import Refused
from leadlight.bounds import FIRST_DAY, LAST_DAY, holds_day, holds_instant
from leadlight.tables.formats import FormatFinder
from leadlight.tables.table_file import AMBIGUOUS, COMMA, DAY_FIRST, MONTH_FIRST, POINT

LONGEST_NUMBER, LONGEST_PHONE, LONGEST_EMAIL, LONGEST_LINK = 60, 40, 254, 2_000
NUMERIC_DAY = re.compile(r"(\d{1,4})([-/. ])(\d{1,2})\2(\d{1,4})", re.ASCII)
DAY_WITH_NAME = re.compile(
    r"(?:(\d{1,2})(?:er|st|nd|rd|th)?[ -]([^\W\d_]{3,9})"
    r"|([^\W\d_]{3,9})[ -](\d{1,2})(?:st|nd|rd|th)?,?)[ -](\d{4}|\d\d)"
)
TIME = re.compile(
    r"(\d{1,2})(?:[:hH](\d\d))?(?::(\d\d)(?:[.,]\d{1,6})?)? ?([ap]m)?"
    r"(Z| ?UTC| ?[+-]\d\d:?\d\d)?",
    re.ASCII | re.IGNORECASE,
)
# Day numbers of Excel: 1 is the first of January 1900, and 60 is a day that did not exist. From 61
# on, a number counts the days since `DAY_ZERO`.
SERIAL = re.compile(r"(\d{5})(?:[.,](\d{1,12}))?", re.ASCII)
DAY_ZERO = date(1899, 12, 30)
MONTHS = (
    "jan janv january janvier",
    "feb fev fevr february fevrier",
    "mar mars march",
    "apr avr april avril",
    "may mai",
    "jun juin june",
    "jul juil july juillet",
    "aug aou aout august",
    "sep sept september septembre",
    "oct october octobre",
    "nov november novembre",
    "dec december decembre",
)
MONTH_OF = {name: number for number, names in enumerate(MONTHS, 1) for name in names.split()}
YES = frozenset(["yes", "y", "true", "1", "oui", "o", "vrai", "x", "✓", "✔", "on"])
NO = frozenset(["no", "n", "false", "0", "non", "faux", "off", "-"])
SPACES = re.compile(r"[\s\u00a0\u2009\u202f]+")
_CURRENCY = r"(?:(?:US|CA|AU|NZ|HK|SG|[ACR])?\$|[€£¥₹₽₩₪₫₴₺₦]|[A-Z]{3}|kr|fr\.?)"
CURRENCY = re.compile(
    rf"(?P<before>^[(+−-]?) ?{_CURRENCY} ?|(?<=\d) ?{_CURRENCY}(?P<after>[)−-]?$)", re.IGNORECASE
)
MARKUP = re.compile(r"(?:[^<>@]*<)?(?:mailto:)?([^<>]+?)>?")
HOST = re.compile(r"[\w-]+(?:\.[\w-]+)*\.[^\W\d_]{2,63}(?::\d{1,5})?(?:[/?#]\S*)?")


def day(text: str, order: str = "") -> date:
    """Parse a day: `2026-05-12`, `12/05/2026`, `12 mai 2026`, or a serial number of Excel.

    Years of two digits lie between 1969 and 2068.
    """
    plain = _plain(text)
    serial = SERIAL.fullmatch(plain)
    if serial:
        return _within(DAY_ZERO + timedelta(days=int(serial[1])))
    written, _separator, rest = _divided(plain)
    if rest and not _time(rest):
        raise Refused(_not_a_day(order))
    return _day(written, order)


def instant(text: str, order: str, zone: ZoneInfo) -> datetime:
    """Parse a day with a time of day, in the given zone unless it has an offset from UTC.

    A day without a time is its midnight.
    """
    plain = _plain(text)
    serial = SERIAL.fullmatch(plain)
    if serial:
        of_day = timedelta(seconds=round(float(f"0.{serial[2] or 0}") * 86_400))
        return _valid(
            datetime.combine(day(serial[1], order), time.min, zone).replace(tzinfo=None) + of_day,
            zone,
        )
    written, _separator, rest = _divided(plain)
    at = _time(rest) if rest else time.min
    if at is None:
        raise Refused(_("Write a date and time as 2026-01-31 14:05."))
    return _valid(datetime.combine(_day(written, order), at), zone)


def number(text: str, mark: str = "") -> Decimal:
    """Parse a number; thousands may be grouped: `1.234,56`, `1 234.5`, `(12)`, `20 %`."""
    return _number(_plain(text).removesuffix("%"), mark)


def amount(text: str, mark: str = "") -> Decimal:
    """Parse a number with a currency before or after it: `1 234,56 €`, `USD 12`, `(£5.00)`."""
    return _number(CURRENCY.sub(r"\g<before>\g<after>", _plain(text), count=1), mark)


def yes_no(text: str) -> bool:
    """Parse yes or no, in English or French, or a mark such as x."""
    plain = _plain(text).casefold()
    if plain in YES:
        return True
    if plain in NO:
        return False
    raise Refused(_("Write yes or no."))


def email(text: str) -> str:
    """Return an e-mail address, also of `Name <address>` and of a `mailto:` link."""
    found = MARKUP.fullmatch(_plain(text))
    address = found[1] if found else ""
    if len(address) > LONGEST_EMAIL or not is_email(address):
        raise Refused(_("This is not an email address."))
    return address


def is_email(text: str) -> bool:
    """Return whether a text is an email address without quotes; these could contain markup."""
    try:
        validate_email(text)
    except ValidationError:
        return False
    return '"' not in text


def phone(text: str, country: str) -> str:
    """Return a phone number as E.164; one without a country code is a number of `country`."""
    value = phone_number(_plain(text).removeprefix("tel:"), country)
    if not value:
        raise Refused(_("This is not a phone number."))
    return value


def phone_number(text: str, country: str) -> str:
    """Return a phone number as E.164, "" if the text is not a possible number."""
    try:
        found = parse(text[:LONGEST_PHONE], country)
    except NumberParseException:
        return ""
    return format_number(found, PhoneNumberFormat.E164) if is_possible_number(found) else ""


def link(text: str) -> str:
    """Return a web address with its scheme; `https://` is added to a host name."""
    plain = _plain(text)
    scheme, _colon, rest = plain.partition("://")
    host = rest if rest and scheme.casefold() in ("http", "https") else plain
    if len(plain) > LONGEST_LINK or not HOST.fullmatch(host):
        raise Refused(_("This is not a web address."))
    return plain if host == rest else f"https://{plain}"


# Days


def _divided(text: str) -> tuple[str, str, str]:
    """Divide a text into a day and a time of day."""
    found = re.match(r"(.*?\d{2,4})(T|,? +)(\d{1,2}(?:[:hH]| ?[ap]m).*)", text, re.IGNORECASE)
    return (found[1], found[2], found[3]) if found else (text, "", "")


def _day(text: str, order: str) -> date:
    numeric = NUMERIC_DAY.fullmatch(text)
    if numeric:
        return _numeric_day(numeric[1], numeric[3], numeric[4], order)
    named = DAY_WITH_NAME.fullmatch(_without_accents(text).replace(".", ""))
    month = MONTH_OF.get((named[2] or named[3]).casefold()) if named else None
    if named is None or month is None:
        raise Refused(_not_a_day(order))
    return _existing(_year(named[5]), month, int(named[1] or named[4]))


def _numeric_day(first: str, second: str, third: str, order: str) -> date:
    if len(first) == 4 and len(third) <= 2:
        return _existing(int(first), int(second), int(third))
    if len(first) > 2 or len(third) not in (2, 4):
        raise Refused(_not_a_day(order))
    if order == MONTH_FIRST:
        return _existing(_year(third), int(first), int(second))
    if order == DAY_FIRST or first == second:
        return _existing(_year(third), int(second), int(first))
    raise Refused(_("Choose whether the day or the month comes first in the dates of this column."))


def _year(text: str) -> int:
    year = int(text)
    if len(text) == 4:
        return year
    return year + (2000 if year <= 68 else 1900)


def _existing(year: int, month: int, day_of_month: int) -> date:
    try:
        return _within(date(year, month, day_of_month))
    except ValueError as error:
        raise Refused(_("This date does not exist.")) from error


def _within(found: date) -> date:
    if not holds_day(found):
        raise Refused(
            _("Enter a date from %(first)s to %(last)s.") % {"first": FIRST_DAY, "last": LAST_DAY}
        )
    return found


def _not_a_day(order: str) -> str:
    example = {DAY_FIRST: "31/01/2026", MONTH_FIRST: "01/31/2026"}.get(order, "2026-01-31")
    return _("Write a date as %(example)s.") % {"example": example}


def _time(text: str) -> time | None:
    """Return a time of day, with its offset from UTC if it has one; None for another text."""
    found = TIME.fullmatch(text)
    if not found:
        return None
    hour, minute, second = (int(part or 0) for part in found.group(1, 2, 3))
    half = (found[4] or "").casefold()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    return time(hour, minute, second, tzinfo=_offset((found[5] or "").strip()))


def _offset(text: str) -> timezone | None:
    if not text:
        return None
    if text[0] not in "+-":
        return UTC
    digits = text[1:].replace(":", "")
    ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    if ahead >= timedelta(days=1):
        return None
    return timezone(ahead if text[0] == "+" else -ahead)


def _valid(at: datetime, zone: ZoneInfo) -> datetime:
    aware = at if at.tzinfo else at.replace(tzinfo=zone)
    if not holds_instant(aware):
        raise Refused(
            _("Enter a date from %(first)s to %(last)s.") % {"first": FIRST_DAY, "last": LAST_DAY}
        )
    return aware.astimezone(UTC)


# Numbers


def _number(text: str, mark: str) -> Decimal:
    plain = text.strip().replace("−", "-")
    is_negative = plain.startswith("(") and plain.endswith(")")
    if is_negative:
        plain = plain[1:-1].strip()
    for sign in "-+":
        if plain.startswith(sign) or plain.endswith(sign):
            plain = plain.removeprefix(sign).removesuffix(sign).strip()
            is_negative ^= sign == "-"
            break
    digits = _digits(plain, _mark(plain, mark)) if len(plain) <= LONGEST_NUMBER else ""
    if not digits:
        raise Refused(_("This is not a number."))
    return -Decimal(digits) if is_negative and Decimal(digits) else Decimal(digits)


def _mark(text: str, mark: str) -> str:
    """Return the decimal mark of a number, from the number itself if its column has none."""
    if mark in (COMMA, POINT):
        return mark
    finder = FormatFinder()
    finder.add(text)
    found = finder.decimal_mark()
    if found == AMBIGUOUS:
        raise Refused(_("Choose the decimal mark of this column: comma or point."))
    return found or POINT


def _digits(text: str, mark: str) -> str:
    """Return a number with a decimal point and without groups; "" if it is not one."""
    group = POINT if mark == COMMA else COMMA
    whole, found, decimals = text.partition(mark)
    if found and not (decimals.isascii() and decimals.isdigit()):
        return ""
    if not re.fullmatch(rf"\d*|\d{{1,3}}(?:([{group} '’])\d{{3}})(?:\1\d{{3}})*", whole, re.ASCII):
        return ""
    digits = re.sub(r"\D", "", whole)
    if not digits and not decimals:
        return ""
    return f"{digits or 0}.{decimals}" if decimals else digits


def _plain(text: str) -> str:
    return SPACES.sub(" ", text).strip()


def _without_accents(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))

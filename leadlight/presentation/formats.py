"""Formats of numbers, amounts, dates and instants in the active language.

Separators and words come from Babel. Python formats the digits, which is fifty times faster than
Babel: a table has thousands of figures. Amounts are in the company's currency and instants in its
time zone; both are read once per request.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from math import copysign

from babel import Locale
from babel.dates import format_date, format_interval
from babel.lists import format_list
from babel.numbers import get_currency_symbol
from babel.units import format_unit
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from leadlight.accounts.models import Organization
from leadlight.accounts.organization import organization
from leadlight.analytics.query.periods import Bucket, Calendar, Period, bucket_of

NONE = "–"
MINUS = "\N{MINUS SIGN}"
NARROW_SPACE = "\N{NARROW NO-BREAK SPACE}"
COMPACT_FROM = 10_000  # smaller numbers are written out, on cards and axes alike
COMPACT: dict[str, tuple[tuple[int, str], ...]] = {
    "fr": ((10**9, "Md"), (10**6, "M"), (10**3, "k")),
    "en": ((10**9, "bn"), (10**6, "M"), (10**3, "k")),
}
LOCALES = {"fr": "fr_FR", "en": "en_GB"}
# Day 1 before the name of a month or before the last day of a range: 1 janv., 1–31 janv.
FIRST = re.compile(r"(?<!\d)1(?=\s[^\W\d]|\s?[–-]\s?\d)")

Number = int | float | Decimal


def company() -> Organization:
    """Return the company, whose currency and time zone apply; read once per request."""
    return organization()


# Separators and symbols


@dataclass(frozen=True)
class Signs:
    """Separators and symbols of a language.

    `between` maps "," and "." to the group and decimal separators, for `str.translate`.
    """

    between: dict[int, str]
    percent: str
    is_money_first: bool

    def number(self, value: Number, decimals: int = 0) -> str:
        text = f"{abs(value):,.{decimals}f}".translate(self.between)
        return MINUS + text if value < 0 and text.strip("0.,") else text

    def share(self, value: float, decimals: int) -> str:
        """Format a number from 0 to 1 in per cent."""
        return self.number(value * 100, decimals) + self.percent

    def money(self, value: Number, symbol: str, decimals: int) -> str:
        digits = self.number(value, decimals)
        sign, digits = (MINUS, digits[1:]) if digits.startswith(MINUS) else ("", digits)
        return sign + (symbol + digits if self.is_money_first else digits + symbol)


def language() -> str:
    return (get_language() or "en").split("-")[0]


def locale() -> Locale:
    return _locale(language())


@lru_cache
def _locale(code: str) -> Locale:
    return Locale.parse(LOCALES.get(code, LOCALES["en"]))


def signs() -> Signs:
    return _signs(language())


@lru_cache
def _signs(code: str) -> Signs:
    known = _locale(code)
    symbols = known.number_symbols["latn"]
    return Signs(
        between={ord(","): symbols["group"], ord("."): symbols["decimal"]},
        percent=_narrow(known.percent_formats[None].suffix[0]),
        is_money_first="¤" in known.currency_formats["standard"].prefix[0],
    )


def _narrow(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", NARROW_SPACE)


def currency_symbol(currency: str) -> str:
    """Return the currency symbol with the space between it and the digits, if there is one."""
    return _currency_symbol(currency, language())


@lru_cache
def _currency_symbol(currency: str, code: str) -> str:
    symbol = get_currency_symbol(currency, locale=_locale(code))
    if not _signs(code).is_money_first:
        return NARROW_SPACE + symbol
    return symbol + NARROW_SPACE if symbol[-1].isalpha() else symbol


def around_amount(currency: str) -> tuple[str, str]:
    """Return the text before and the text after the digits of an amount."""
    symbol = currency_symbol(currency)
    return (symbol, "") if signs().is_money_first else ("", symbol)


# Values


def number(value: Number | None, decimals: int = 0) -> str:
    return NONE if value is None else signs().number(value, decimals)


def up_to(count: int, most: int) -> str:
    """Format a count of rows; one above `most`, at which counting stopped, as “1,000+”."""
    return f"{number(most)}+" if count > most else number(count)


def money(value: Number | None, decimals: int | None = None, currency: str = "") -> str:
    """Format an amount, by default in the company's currency and with cents if it has any."""
    if value is None:
        return NONE
    symbol = currency_symbol(currency or company().currency)
    return signs().money(value, symbol, cents(value) if decimals is None else decimals)


def cents(*values: Number | None) -> int:
    """Return the number of decimals that shows all these amounts exactly: 0 or 2."""
    return 2 if any(value is not None and value % 1 for value in values) else 0


def cents_at_a_glance(*values: Number | None) -> int:
    """Return the number of decimals for amounts side by side: 0 if one reaches 1000."""
    is_large = any(value is not None and not -1000 < value < 1000 for value in values)
    return 0 if is_large else cents(*values)


def decimals_of_ratios(*values: float | None) -> int:
    """Return the number of decimals for ratios side by side: 1 if one reaches 10, else 2."""
    return 1 if any(value is not None and abs(value) >= 10 for value in values) else 2


def scales() -> tuple[tuple[int, str], ...]:
    """Return the divisors of large numbers and their signs in the active language."""
    return COMPACT.get(language(), COMPACT["en"])


def compact_number(value: Number | None) -> str:
    """Format a number with three digits from 10,000 on: 12.3k, 4.34M."""
    if value is None:
        return NONE
    digits, sign = _compact(value)
    return f"{digits}{sign}"


def compact_money(value: Number | None, currency: str = "") -> str:
    """Format an amount, by default in the company's currency, with three digits from 10,000 on."""
    if value is None:
        return NONE
    if abs(float(value)) < COMPACT_FROM:
        return money(value, cents_at_a_glance(value), currency)
    digits, sign = _compact(value)
    before, after = around_amount(currency or company().currency)
    minus, digits = (MINUS, digits[1:]) if digits.startswith(MINUS) else ("", digits)
    return f"{minus}{before}{digits}{sign}{after}"


def _compact(value: Number) -> tuple[str, str]:
    """Return the digits of a number, and the sign of its scale with the space before it."""
    size = abs(float(value))
    if size < COMPACT_FROM:
        return number(value), ""
    space = NARROW_SPACE if not signs().is_money_first else ""
    for divisor, sign in scales():
        scaled = size / divisor
        if scaled >= 0.9995:  # 999,500 is 1.00M: it would have four digits in thousands
            rounded = float(f"{scaled:.3g}")
            decimals = 2 if rounded < 10 else 1 if rounded < 100 else 0
            return number(copysign(rounded, value), decimals), space + sign
    raise AssertionError("the smallest scale is below COMPACT_FROM")


def percent(value: float | None, decimals: int = 1) -> str:
    """Format a share between 0 and 1 in per cent."""
    return NONE if value is None else signs().share(value, decimals)


def probability(per_cent: int | None) -> str:
    """Format a probability given in per cent: 60 → "60 %"."""
    return percent(None if per_cent is None else per_cent / 100, 0)


def days(value: float | None) -> str:
    """Format a duration in days, with its unit."""
    if value is None:
        return NONE
    # A decimal, so that Babel sees the digit after the point: 1.0 days, but 1,0 jour.
    text = format_unit(Decimal(f"{value:.1f}"), "duration-day", format="#,##0.0", locale=locale())
    return _narrow(text)


def day(value: date | None) -> str:
    """Format a day; an instant is the day in its own time zone."""
    if value is None:
        return NONE
    return _day(value.date() if isinstance(value, datetime) else value, language())


@lru_cache(maxsize=4096)
def _day(value: date, code: str) -> str:
    # The cache must have no instants: equal instants can be on different days of two time zones.
    return _ordinal(format_date(value, "medium", locale=_locale(code)), code)


def _ordinal(dated: str, code: str) -> str:
    """Write day 1 of a month as “1er” in French. CLDR has no pattern for it."""
    return FIRST.sub("1er", dated) if code == "fr" else dated


def instant(value: datetime | None) -> str:
    """Format an instant as day and time in the company's time zone."""
    if value is None:
        return NONE
    return f"{day(value.astimezone(company().zone))}, {time_of_day(value)}"


def time_of_day(value: datetime) -> str:
    """Format the hour and minute of an instant in the company's time zone."""
    return f"{value.astimezone(company().zone):%H:%M}"


def weekday_and_day(value: date) -> str:
    """Format a day with its weekday: “Fri 27 Nov 2026”."""
    return bucket(bucket_of(value, "day", Calendar()))


def span(first: date, last: date) -> str:
    """Format a range of days, without repeating a common month or year."""
    if first == last:
        return day(first)
    return _ordinal(str(format_interval(first, last, "yMMMd", locale=locale())), language())


def period(value: Period) -> str:
    """Format a period of whole months as months (“Nov 2026 – Feb 2027”), any other as days."""
    if not value.is_of_whole_months:
        return span(value.first, value.last)
    return str(format_interval(value.first, value.last, "yMMM", locale=locale()))


def listed(names: list[str]) -> str:
    """Format a list of names: “a, b and c”."""
    return format_list(names, locale=locale())


# Buckets


def bucket(value: Bucket, *, is_short: bool = False) -> str:
    """Format a bucket: “January 2012”, or “Jan 2012” if `is_short`."""
    return _bucket(value, is_short, language())


@lru_cache(maxsize=4096)
def _bucket(value: Bucket, is_short: bool, code: str) -> str:
    known, first = _locale(code), value.first
    if value.unit == "day":
        text = format_date(first, "d MMM" if is_short else "EEE d MMM y", locale=known)
        return _ordinal(text, code)
    if value.unit == "month":
        text = format_date(first, "MMM y" if is_short else "MMMM y", locale=known)
        return text if is_short else text[:1].upper() + text[1:]
    if value.unit == "week":
        week = _("W%(number)s") % {"number": value.key[-2:]}
        return f"{week} {value.key[:4]}" if is_short else f"{week} · {span(first, value.last)}"
    year = str(first.year) if value.calendar.fiscal_year_start_month == 1 else _fiscal_year(value)
    if value.unit == "year":
        return year
    return _("Q%(number)s %(year)s") % {"number": value.number % 4 + 1, "year": year}


def _fiscal_year(value: Bucket) -> str:
    begins = value.number if value.unit == "year" else value.number // 4
    return f"{begins}–{(begins + 1) % 100:02}"

"""Cell types of the CSV files: parse the text of a cell, and format a value as text.

`read` parses non-empty text and raises `Wrong` with a message; `empty` is the value of an empty
cell. Each value has exactly one text form, so that equal data gives equal files.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from leadlight.bounds import (
    FIRST_INSTANT,
    LAST_INSTANT,
    holds_instant,
)
from leadlight.sales.file_store import DIGEST
from leadlight.sales.models import Lead
from leadlight.sales.models.plain_values import plain_decimal
from leadlight.sales.models.tasks import checked_state
from leadlight.sales.models.valid_values import CONTROL, SEPARATOR, day_of
from leadlight.sales.refusals import Refused
from leadlight.tables.values import is_email

LIST_SEPARATOR = SEPARATOR
INSTANT = re.compile(
    r"\d{4}-\d\d-\d\d[T ]([01]\d|2[0-3]):\d\d(:\d\d([.,]\d{1,6})?)?"
    r"(?P<offset>Z|[+-]\d\d(:?\d\d(:\d\d)?)?)?",
    re.ASCII,
)
AMOUNT = re.compile(r"-?\d{1,12}(\.\d{1,2})?", re.ASCII)
WHOLE = re.compile(r"-?\d{1,10}", re.ASCII)


class Wrong(Exception):
    """A cell that cannot be parsed; the message gives the reason."""


class Cell(Protocol):
    @property
    def empty(self) -> Any: ...

    def read(self, text: str) -> Any: ...


@dataclass(frozen=True)
class Text:
    most: int | None = None
    empty: str = ""

    def read(self, text: str) -> str:
        if "\0" in text:
            raise Wrong(_("This text contains a NUL character. Remove it."))
        if self.most is not None and len(text) > self.most:
            raise Wrong(
                _("This text has %(length)d characters. At most %(most)d are allowed.")
                % {"length": len(text), "most": self.most}
            )
        return text


@dataclass(frozen=True)
class Name(Text):
    """A single-line text: the name of a person or an object."""

    def read(self, text: str) -> str:
        text = super().read(text)
        if CONTROL.search(text):
            raise Wrong(_("A name cannot contain line breaks, tabs or other control characters."))
        return text


@dataclass(frozen=True)
class Key(Text):
    """The key that identifies a row; `reserved` keys are refused: they have a meaning in filters.

    Keys with `stands_in_lists` cannot contain the separator of lists.
    """

    reserved: frozenset[str] = frozenset()
    stands_in_lists: bool = False

    def read(self, text: str) -> str:
        if text in self.reserved:
            raise Wrong(_("This key is reserved for filters. Choose another."))
        if self.stands_in_lists and LIST_SEPARATOR in text:
            raise Wrong(_("A key used in lists cannot contain “;”, which separates the items."))
        return super().read(text)


@dataclass(frozen=True)
class Digest(Text):
    """The SHA-256 of a content in hexadecimal."""

    def read(self, text: str) -> str:
        if not DIGEST.fullmatch(text):
            raise Wrong(_("This is not a SHA-256 digest: 64 digits from 0 to 9 and a to f."))
        return text


@dataclass(frozen=True)
class Email(Text):
    def read(self, text: str) -> str:
        if not is_email(text):
            raise Wrong(_("This is not an email address."))
        return super().read(text)


@dataclass(frozen=True)
class Flag:
    empty: bool = False

    def read(self, text: str) -> bool:
        if text not in ("true", "false"):
            raise Wrong(_("Use true or false."))
        return text == "true"


@dataclass(frozen=True)
class Choice:
    choices: tuple[str, ...]
    empty: str = ""

    def read(self, text: str) -> str:
        if text not in self.choices:
            raise Wrong(_("Use one of: %(choices)s.") % {"choices": ", ".join(self.choices)})
        return sys.intern(text)


@dataclass(frozen=True)
class WholeNumber:
    least: int
    most: int
    empty: int | None = None

    def read(self, text: str) -> int:
        if not WHOLE.fullmatch(text) or not self.least <= int(text) <= self.most:
            raise Wrong(
                _("Enter a whole number from %(least)d to %(most)d.")
                % {"least": self.least, "most": self.most}
            )
        return int(text)


@dataclass(frozen=True)
class Amount:
    is_negative_allowed: bool = True
    empty: None = None

    def read(self, text: str) -> Decimal:
        if not AMOUNT.fullmatch(text):
            raise Wrong(
                _(
                    "Write an amount as 1234.50: at most twelve digits, a point and two "
                    "decimals. Other characters are not allowed."
                )
            )
        amount = Decimal(text) + 0  # “-0” is 0
        if amount < 0 and not self.is_negative_allowed:
            raise Wrong(_("The value cannot be negative."))
        return amount


@dataclass(frozen=True)
class Day:
    empty: None = None

    def read(self, text: str) -> date:
        try:
            return day_of(text)
        except Refused as refused:
            raise Wrong(str(refused)) from refused


@dataclass(frozen=True)
class Instant:
    empty: None = None

    def read(self, text: str) -> datetime:
        return _instant(text)


@lru_cache(maxsize=4096)
def _instant(text: str) -> datetime:
    match = INSTANT.fullmatch(text)
    if not match:
        raise Wrong(_("Write a date and time as 2026-01-31T14:05:00+01:00."))
    if not match["offset"]:
        raise Wrong(_("Add the offset from UTC after the time, such as +01:00 or Z."))
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise Wrong(_("This date or time does not exist.")) from error
    if not holds_instant(instant):
        raise Wrong(
            _("Enter a date and time from %(first)s to %(last)s.")
            % {"first": _shown(FIRST_INSTANT), "last": _shown(LAST_INSTANT)}
        )
    return instant.astimezone(UTC)


def _shown(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class Reference:
    """The key of a row of another file."""

    file: str
    empty: str = ""

    def read(self, text: str) -> str:
        return sys.intern(text)


@dataclass(frozen=True)
class References:
    """Keys of rows of another file, sorted and without duplicates."""

    file: str
    empty: tuple[str, ...] = ()

    def read(self, text: str) -> tuple[str, ...]:
        return tuple(sorted({sys.intern(key) for key in text.split(LIST_SEPARATOR)}))


@dataclass(frozen=True)
class Texts:
    """A list of texts in the order of the file."""

    empty: tuple[str, ...] = ()

    def read(self, text: str) -> tuple[str, ...]:
        return tuple(Text().read(text).split(LIST_SEPARATOR))


@dataclass(frozen=True)
class TaskState(Text):
    """State of a task in an event, as `sales.models.tasks` formats it."""

    def read(self, text: str) -> str:
        try:
            checked_state(super().read(text))
        except ValueError as error:
            raise Wrong(_("This is not the state of a task.")) from error
        return text


@dataclass(frozen=True)
class LinkText(Text):
    """Link to another lead in an event: `upsell:KEY` or `renewal:KEY`."""

    def read(self, text: str) -> str:
        link, _colon, key = super().read(text).partition(":")
        if link not in Lead.Link.values or not key:
            raise Wrong(_("Write a link to another lead as upsell:KEY or renewal:KEY."))
        return text


def format_value(value: Any, zone: ZoneInfo) -> str:
    """Format a value as a CSV cell; instants in the given zone, with their UTC offset."""
    return FORMATS[type(value)](value, zone)


def _format_instant(value: datetime, zone: ZoneInfo) -> str:
    if value.microsecond == 0:
        precision = "seconds"
    elif value.microsecond % 1000 == 0:
        precision = "milliseconds"
    else:
        precision = "microseconds"
    return value.astimezone(zone).isoformat(timespec=precision)


FORMATS: dict[type, Callable[[Any, ZoneInfo], str]] = {
    type(None): lambda value, zone: "",
    str: lambda value, zone: value,
    bool: lambda value, zone: "true" if value else "false",
    int: lambda value, zone: str(value),
    Decimal: lambda value, zone: plain_decimal(value),
    date: lambda value, zone: value.isoformat(),
    datetime: _format_instant,
    tuple: lambda value, zone: LIST_SEPARATOR.join(value),
}

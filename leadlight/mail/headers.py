"""Values of header fields: decoded texts, addresses, message ids and dates, each bounded."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from leadlight.mail.charsets import decoded
from leadlight.mail.received import Address

LONGEST_VALUE = 20_000  # characters of a field that are read
LONGEST_SUBJECT = 1_000
LONGEST_NAME = 200
LONGEST_ADDRESS = 254
MOST_ADDRESSES = 100
MOST_COMMENTS = 50  # brackets in the value of a field with addresses
MOST_REFERENCES = 50
MESSAGE_ID = re.compile(r"<([^<>\s]{1,500})>")
ADDRESS = re.compile(r"[^\s@<>\"(),;:]+@[^\s@<>\"(),;:]+")


def values(message: Message, name: str) -> list[str]:
    """Return the values of all fields with a name, decoded, each in one line."""
    found = []
    for key, raw in message.raw_items():
        if key.lower() == name.lower():
            found.append(_decoded(str(raw)[:LONGEST_VALUE]))
    return found


def value(message: Message, name: str) -> str:
    """Return the value of the first field with a name, "" if there is none."""
    return next(iter(values(message, name)), "")


def subject_of(message: Message) -> str:
    return value(message, "Subject")[:LONGEST_SUBJECT]


def addresses(texts: Iterable[str]) -> tuple[Address, ...]:
    """Return the valid addresses in the values of fields, each once, in their order."""
    found: dict[str, Address] = {}
    # The parser of the standard library reads nested comments by recursion.
    readable = [text[:LONGEST_VALUE] for text in texts if text.count("(") <= MOST_COMMENTS]
    for name, address in getaddresses(readable):
        plain = address.strip().lower()
        if ADDRESS.fullmatch(plain) and len(plain) <= LONGEST_ADDRESS:
            found.setdefault(plain, Address(plain, " ".join(name.split())[:LONGEST_NAME]))
        if len(found) == MOST_ADDRESSES:
            break
    return tuple(found.values())


def message_ids(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the message ids in the values of fields, each once, in their order."""
    return tuple(dict.fromkeys(one for text in texts for one in MESSAGE_ID.findall(text)))


def references_of(message: Message) -> tuple[str, ...]:
    """Return the ids of the messages that a message answers, the latest first."""
    answered = message_ids(values(message, "In-Reply-To"))
    earlier = message_ids(values(message, "References"))[::-1]
    return tuple(dict.fromkeys((*answered, *earlier)))[:MOST_REFERENCES]


def instant_of(message: Message) -> datetime | None:
    """Return the instant of the Date field in UTC, None if it is missing or invalid."""
    try:
        instant = parsedate_to_datetime(value(message, "Date"))
        # A time without a zone is one of UTC (RFC 5322, -0000).
        return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _decoded(raw: str) -> str:
    """Decode encoded words (RFC 2047) and plain bytes; line breaks become spaces."""
    raw = decoded(raw.encode("utf-8", "surrogateescape"), "")
    try:
        parts = decode_header(raw)
    except (ValueError, LookupError, HeaderParseError):  # a broken encoded word is shown as it is
        parts = [(raw, None)]
    text = "".join(
        part if isinstance(part, str) else decoded(part, charset or "") for part, charset in parts
    )
    return " ".join(text.replace("\0", "").split())

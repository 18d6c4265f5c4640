"""E-mail message as Leadlight files it."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime


class Kind(enum.StrEnum):
    """Kinds of messages. Only personal ones may make a lead, and nothing answers the others.

    A message of a list is marked as such, because people write to known addresses through lists and
    newsletter programs too: whoever files it decides.
    """

    PERSONAL = "personal"
    OWN = "own"  # sent by this instance itself
    LOOP = "loop"  # passed between servers too often
    BOUNCE = "bounce"  # report that a message was not delivered
    AUTOMATIC = "automatic"  # out of office, read receipt, ticket system
    LIST = "list"  # mailing list or newsletter
    NO_REPLY = "no reply"  # from an address that reads no answers


@dataclass(frozen=True)
class Address:
    """E-mail address in lower case, with the name before it, "" for none."""

    address: str
    name: str = ""


@dataclass(frozen=True)
class File:
    """Attached file. `is_inline` is True for a picture that the text shows."""

    name: str
    content_type: str
    content: bytes
    is_inline: bool = False


@dataclass(frozen=True)
class ReceivedMail:
    """Message with what its headers and its text say.

    `recipients` are those of To, Cc and of the headers that mail servers add for blind copies.
    `references` are the ids of the messages that it answers, the latest first. `text` is the whole
    text, `new_text` that without quoted messages and signature. `first_sender` is the author of the
    forwarded message, None if none is forwarded. `bounced` are the addresses that a bounce is
    about. `problems` are sentences in English about what could not be read.
    """

    kind: Kind
    reason: str
    message_id: str
    references: tuple[str, ...]
    sender: Address | None
    recipients: tuple[Address, ...]
    subject: str
    sent_at: datetime | None
    text: str
    new_text: str
    files: tuple[File, ...] = ()
    first_sender: Address | None = None
    bounced: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

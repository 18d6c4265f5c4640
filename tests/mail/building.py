"""Builders of mails, and the form in which the corpus states what must be read from one."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from email.header import Header

OWN_ID = "0123456789abcdef01234567"
HELLO = "Hello,\n\ncould you send us an offer for two windows?"
ZOE = "Zoé Vitrail <zoe@client.example>"


@dataclass(frozen=True)
class Case:
    """A mail, and the values that it must have by the names of `ReceivedMail`.

    `files` are the names of its files. Values that are not given are not compared.
    """

    name: str
    content: bytes
    kind: str = "personal"
    values: dict[str, object] = field(default_factory=dict)


def mail(
    text: str = HELLO, *more: str, sender: str = ZOE, subject: str = "Offer", **fields
) -> bytes:
    """Return a mail of plain text in UTF-8; `fields` are header fields, `_` for a hyphen."""
    given = {
        "From": sender,
        "To": "sales@company.example",
        "Subject": subject,
        "Date": "Wed, 25 Nov 2026 10:15:00 +0100",
        "Message-ID": "<one@client.example>",
    }
    given |= {name.replace("_", "-"): value for name, value in fields.items()}
    if "Content-Type" not in given:
        given["Content-Type"] = "text/plain; charset=utf-8"
    lines = [f"{name}: {_word(value)}" for name, value in given.items() if value is not None]
    return ("\n".join([*lines, *more]) + f"\n\n{text}\n").encode("utf-8", "surrogateescape")


def _word(value: str) -> str:
    return value if value.isascii() else Header(value, "utf-8", maxlinelen=1_000).encode()


def parts(*bodies: str, kind: str = "mixed", boundary: str = "b1", **fields) -> bytes:
    """Return a mail of several parts; each body begins with its own header fields."""
    text = "".join(f"--{boundary}\n{body}\n" for body in bodies) + f"--{boundary}--"
    return mail(text, Content_Type=f'multipart/{kind}; boundary="{boundary}"', **fields)


def plain(text: str) -> str:
    return f"Content-Type: text/plain; charset=utf-8\n\n{text}"


def html(text: str) -> str:
    return f"Content-Type: text/html; charset=utf-8\n\n{text}"


def attached(name: str, content: bytes = b"x", kind: str = "application/pdf") -> str:
    return (
        f'Content-Type: {kind}; name="{name}"\nContent-Transfer-Encoding: base64\n'
        f'Content-Disposition: attachment; filename="{name}"\n\n'
        f"{base64.encodebytes(content).decode()}"
    )

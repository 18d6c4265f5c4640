"""Contacts in vCard files (RFC 6350, RFC 2426 and version 2.1), as labelled lines of text.

The lines are those that a pasted signature has, so that the same reader recognises them.
"""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from leadlight.sales.refusals import Refused

LONGEST_FILE = 200_000  # bytes; pictures in cards are left out, but make files large
MOST_LINES = 60
FOLDED = re.compile(r"\r?\n[ \t]")
SOFT_BREAK = re.compile(r"=\r?\n")
ESCAPED = re.compile(r"\\([nN,;:\\])")


def text_of(content: bytes) -> str:
    """Return the contact lines of the first card in a file. Raises `Refused` for other files."""
    if len(content) > LONGEST_FILE:
        raise Refused(_("This contact file is too large."))
    text = _decoded(content).replace("\0", "")
    if "BEGIN:VCARD" not in text.upper():
        raise Refused(_("This is not a contact file (vCard)."))
    lines = list(dict.fromkeys(_lines(text)))[:MOST_LINES]
    if not lines:
        raise Refused(_("This contact file has no contact."))
    return "\n".join(lines)


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _lines(text: str) -> Iterator[str]:
    labels = {
        "TEL": _("Phone"),
        "EMAIL": _("Email"),
        "URL": _("Website"),
        "ADR": _("Address"),
        "ORG": _("Company"),
        "TITLE": _("Job title"),
    }
    has_name = False
    for name, value in _properties(text):
        if name == "END":
            return
        if name in ("FN", "N") and not has_name:
            parts = value.split(";")
            given = f"{parts[1]} {parts[0]}" if name == "N" and len(parts) > 1 else parts[0]
            if given.strip():
                has_name = True
                yield " ".join(given.split())
        elif name in labels:
            shown = ", ".join(filter(None, map(str.strip, value.split(";"))))
            shown = shown.removeprefix("tel:").removeprefix("mailto:")
            if shown:
                yield f"{labels[name]}: {shown}"
        elif name == "NOTE" and value.strip():
            yield " ".join(value.split())


def _properties(text: str) -> Iterator[tuple[str, str]]:
    """Yield the names of properties, without group and parameters, and their values."""
    if "QUOTED-PRINTABLE" in text.upper():
        text = SOFT_BREAK.sub("", text)
    for line in FOLDED.sub("", text).splitlines():
        head, _colon, value = line.partition(":")
        parameters = head.upper().split(";")
        if "QUOTED-PRINTABLE" in head.upper():
            value = _decoded(quopri.decodestring(value.encode()))
        # An escaped semicolon is part of a value, others separate its parts.
        plain = ESCAPED.sub(lambda found: " " if found[1] in "nN;" else found[1], value)
        yield parameters[0].rpartition(".")[2], plain

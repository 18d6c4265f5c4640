"""Author of a forwarded message, as the usual programs write it, in English and French."""

from __future__ import annotations

import re
from email.utils import parseaddr

from leadlight.mail.headers import ADDRESS, LONGEST_NAME
from leadlight.mail.received import Address

LONGEST_READ = 100_000
PREFIX = re.compile(r"\s*(?:fwd?|fw|tr)[ \u00a0]?:", re.IGNORECASE)
# Gmail, Thunderbird, Apple Mail and Outlook.
MARK = re.compile(
    r"^[> ]*(?:-{5,}[ ]?(?:forwarded message|message transféré|original message|"
    r"message d[’']origine|message original)[ ]?-{5,}"
    r"|(?:begin forwarded message|début du message (?:réexpédié|transféré))[ \u00a0]?:)[ ]*$",
    re.MULTILINE | re.IGNORECASE,
)
FROM = re.compile(
    r"^[> ]*\*?(?:From|De)[ \u00a0\u202f]?:\*?[ \u00a0]*([^\n]{1,400})$", re.MULTILINE
)
BRACKETS = re.compile(r"\[mailto:([^\]\s]+)\]", re.IGNORECASE)
WITHIN = 600  # characters after a mark in which the author stands


def first_sender(subject: str, text: str) -> Address | None:
    """Return the author of the message that was forwarded first; None if none was forwarded.

    A mark of a program shows that a message was forwarded. Outlook writes none: there the subject
    does, together with the block that begins with “From:”.
    """
    read = text[:LONGEST_READ]
    found = None
    for mark in MARK.finditer(read):
        is_original = "origin" in mark[0].lower()  # replies of Outlook have that mark too
        if is_original and not PREFIX.match(subject):
            continue
        found = _author(read[mark.end() : mark.end() + WITHIN]) or found
    if found is None and PREFIX.match(subject):
        found = _author(read)
    return found


def _author(text: str) -> Address | None:
    line = FROM.search(text)
    if line is None:
        return None
    written = BRACKETS.sub(r"<\1>", line[1].strip().strip("*")).replace("<mailto:", "<")
    name, address = parseaddr(written)
    if not ADDRESS.fullmatch(address):
        inside = ADDRESS.search(written)
        if inside is None:
            return None
        name, address = written[: inside.start()], inside[0]
    return Address(address.lower(), " ".join(name.strip(" <\"'").split())[:LONGEST_NAME])

"""Reading of a message: never fails, whatever the bytes, in bounded time and memory."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import Message
from email.parser import BytesHeaderParser

from leadlight.mail.charsets import decoded
from leadlight.mail.classification import classified
from leadlight.mail.forwarding import first_sender
from leadlight.mail.headers import (
    addresses,
    instant_of,
    message_ids,
    references_of,
    subject_of,
    value,
    values,
)
from leadlight.mail.html_text import text_of
from leadlight.mail.quoting import new_part
from leadlight.mail.received import Address, File, ReceivedMail

MOST_BYTES = 30_000_000
LONGEST_HEADERS = 500_000  # bytes of all header fields of a message
MOST_CONTAINERS = 60  # parts with parts: each level of them costs time for each line below it
MOST_BOUNDARIES = 20_000  # lines that may begin a part
MOST_FILES = 100
LONGEST_TEXT = 500_000  # characters
LONGEST_FILE_NAME = 150
CONTAINER = re.compile(rb"multipart/|message/rfc822", re.IGNORECASE)
HEADERS_END = re.compile(rb"\r?\n\r?\n")
RECIPIENTS = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Forwarded-To")
FAILED_RECIPIENT = re.compile(
    r"^(?:Final-Recipient|Original-Recipient):[ \t]*rfc822;[ \t]*<?([^\s<>]{3,254})>?",
    re.MULTILINE | re.IGNORECASE,
)
POLICY = policy.compat32.clone(max_line_length=None)


@dataclass
class _Parts:
    """Texts, files and other contents that were collected from the parts of a message."""

    texts: list[str] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    senders: list[Address] = field(default_factory=list)  # of attached messages
    problems: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)  # of returned messages


def read(content: bytes, *, own_id: str = "") -> ReceivedMail:
    """Return what a message says; `own_id` marks the mails of this instance."""
    message, problems = _parsed(content)
    parts = _Parts(problems=problems)
    _collect(message, parts)
    text = "\n\n".join(filter(None, parts.texts))[:LONGEST_TEXT]
    sender = next(iter(addresses(values(message, "From"))), None)
    kind, reason = classified(message, sender, own_id)
    subject = subject_of(message)
    references = (*references_of(message), *parts.ids)
    forwarded = first_sender(subject, text) or next(iter(parts.senders), None)
    return ReceivedMail(
        kind=kind,
        reason=reason,
        message_id=next(iter(message_ids(values(message, "Message-ID"))), ""),
        references=tuple(dict.fromkeys(references)),
        sender=sender,
        recipients=addresses(one for name in RECIPIENTS for one in values(message, name)),
        subject=subject,
        sent_at=instant_of(message),
        text=text,
        new_text=new_part(text),
        files=tuple(parts.files),
        first_sender=forwarded,
        bounced=tuple(dict.fromkeys(parts.failed)),
        problems=tuple(dict.fromkeys(parts.problems)),
    )


def _parsed(content: bytes) -> tuple[Message, list[str]]:
    """Parse a message; one that is built to be costly is read by its headers alone."""
    end = HEADERS_END.search(content, 0, LONGEST_HEADERS)
    problem = ""
    if end is None and len(content) > LONGEST_HEADERS:
        problem = "The headers are too long."
    elif len(content) > MOST_BYTES:
        problem = "The message is too large."
    elif sum(1 for _one in CONTAINER.finditer(content)) > MOST_CONTAINERS:
        problem = "The message has too many nested parts."
    elif content.count(b"\n--") > MOST_BOUNDARIES:
        problem = "The message has too many parts."
    if not problem:
        return message_from_bytes(content, policy=POLICY), []
    headers = content[: end.start() if end else LONGEST_HEADERS]
    return BytesHeaderParser(policy=POLICY).parsebytes(headers), [problem]


def _collect(part: Message, parts: _Parts) -> None:
    kind = part.get_content_type()
    if parts.problems and not part.is_multipart() and not part.get_payload():
        return  # only the headers were read
    if kind == "multipart/alternative" and part.is_multipart():
        _collect_alternative(part, parts)
    elif kind == "message/rfc822":
        _collect_message(part, parts)
    elif kind == "message/delivery-status":
        status = "\n".join(str(one) for one in part.get_payload() or ())
        parts.failed += [one.lower() for one in FAILED_RECIPIENT.findall(status)]
    elif kind == "text/rfc822-headers":
        parts.ids += message_ids([_text(part)[:LONGEST_TEXT]])[:1]
    elif part.is_multipart():
        if kind == "multipart/encrypted":
            parts.problems.append("The message is encrypted.")
        for one in part.get_payload():
            if isinstance(one, Message):
                _collect(one, parts)
    elif kind in ("text/plain", "text/html") and not _is_file(part):
        text = _text(part)
        parts.texts.append(text_of(text) if kind == "text/html" else _plain(text))
    else:
        _add_file(part, parts)


def _collect_alternative(part: Message, parts: _Parts) -> None:
    """Collect the text of the simplest version of a message, and the files of the others."""
    children = list(part.get_payload())
    found = {"text/plain": "", "text/html": ""}
    for one in children:
        kind = one.get_content_type()
        if kind in found and not one.is_multipart() and not _is_file(one):
            found[kind] = found[kind] or _text(one)
        else:
            inner = _Parts()
            _collect(one, inner)
            parts.files += inner.files
            parts.senders += inner.senders
            parts.problems += inner.problems
            found["text/html"] = found["text/html"] or "".join(inner.texts)
    plain = _plain(found["text/plain"])
    parts.texts.append(plain if plain.strip() else text_of(found["text/html"]))


def _collect_message(part: Message, parts: _Parts) -> None:
    """Add an attached message as a file, with its sender and id."""
    payload = part.get_payload()
    inner = payload[0] if isinstance(payload, list) and payload else None
    if not isinstance(inner, Message):
        return
    parts.senders += addresses(values(inner, "From"))[:1]
    parts.ids += message_ids(values(inner, "Message-ID"))[:1]
    name = subject_of(inner)[:80] or "message"
    try:
        content = inner.as_bytes()
    except (ValueError, LookupError, UnicodeError):
        parts.problems.append("An attached message could not be read.")
        return
    _append(File(_safe(f"{name}.eml"), "message/rfc822", content), parts)


def _add_file(part: Message, parts: _Parts) -> None:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return
    kind = part.get_content_type()
    is_shown = bool(value(part, "Content-ID")) and kind.startswith("image/")
    name = _file_name(part) or ("invitation.ics" if kind == "text/calendar" else "file")
    is_inline = is_shown and part.get_content_disposition() != "attachment"
    _append(File(_safe(name), kind, content, is_inline), parts)


def _append(file: File, parts: _Parts) -> None:
    if len(parts.files) < MOST_FILES:
        parts.files.append(file)
    else:
        parts.problems.append(f"Only the first {MOST_FILES} files were read.")


def _is_file(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or bool(_file_name(part))


def _file_name(part: Message) -> str:
    """Return the name of a file (RFC 2231 or encoded words), "" if it has none."""
    try:
        name = part.get_filename("")
    except (ValueError, LookupError, UnicodeError, AttributeError):
        return "file"
    if not name:
        return ""
    holder = Message()
    holder["X"] = name.replace("\n", " ").replace("\r", " ")
    return value(holder, "X")


def _safe(name: str) -> str:
    """Return a file name without folders and control characters, with its end kept."""
    plain = "".join(one for one in re.split(r"[/\\]", name)[-1] if one.isprintable()).strip(". ")
    return (plain[-LONGEST_FILE_NAME:] or "file").strip()


def _text(part: Message) -> str:
    content = part.get_payload(decode=True)
    charset = part.get_param("charset") or ""
    name = charset[2] if isinstance(charset, tuple) else str(charset)
    return decoded(content, name).replace("\0", "") if isinstance(content, bytes) else ""


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\ufeff", "").strip()

"""Kind of a message, with the header or text that shows it."""

from __future__ import annotations

import re
from email.message import Message

from leadlight.accounts.mails import INSTANCE_HEADER
from leadlight.mail.headers import subject_of, value, values
from leadlight.mail.received import Address, Kind

MOST_SERVERS = 30  # servers that a message passes; more mean a loop
NO_REPLY = re.compile(
    r"(?:no[-_.]?reply|do[-_.]?not[-_.]?reply|ne[-_.]?pas[-_.]?repondre|noreponse|"
    r"notifications?|bounces?|auto[-_.]?confirm)(?:[-_.+].*)?",
    re.IGNORECASE,
)
POSTMASTERS = ("mailer-daemon", "postmaster")
AUTOMATIC_SUBJECT = re.compile(
    r"(?:automatic reply|auto(?:matic)?[- ]?reply|out of (?:the )?office|réponse automatique|"
    r"absence du bureau|message d[’']absence)\b",
    re.IGNORECASE,
)
AUTOMATIC_HEADERS = ("X-Autoreply", "X-Autorespond", "X-Autoresponder")
LIST_HEADERS = ("List-Id", "List-Unsubscribe", "List-Post", "Feedback-ID")


def classified(message: Message, sender: Address | None, own_id: str) -> tuple[Kind, str]:
    """Return the kind of a message, and the header or address that shows it.

    `own_id` is the value of `INSTANCE_HEADER` in the mails of this instance.
    """
    if own_id and own_id in values(message, INSTANCE_HEADER):
        return Kind.OWN, INSTANCE_HEADER
    if len(values(message, "Received")) > MOST_SERVERS:
        return Kind.LOOP, "Received"
    delivered = [one.lower() for one in values(message, "Delivered-To")]
    if len(delivered) != len(set(delivered)):
        return Kind.LOOP, "Delivered-To"
    if reason := _bounce(message, sender):
        return Kind.BOUNCE, reason
    if reason := _automatic(message):
        return Kind.AUTOMATIC, reason
    for name in LIST_HEADERS:
        if value(message, name):
            return Kind.LIST, name
    if value(message, "Precedence").lower() in ("bulk", "list", "junk"):
        return Kind.LIST, "Precedence"
    if sender is None:
        return Kind.NO_REPLY, "From"
    if NO_REPLY.fullmatch(sender.address.partition("@")[0]):
        return Kind.NO_REPLY, sender.address
    return Kind.PERSONAL, ""


def _bounce(message: Message, sender: Address | None) -> str:
    if _report(message) == "delivery-status":
        return "Content-Type"
    if value(message, "X-Failed-Recipients"):
        return "X-Failed-Recipients"
    if sender and sender.address.partition("@")[0] in POSTMASTERS:
        return sender.address
    return ""


def _automatic(message: Message) -> str:
    """Return the header that shows an automatic message (RFC 3834), "" if it is none."""
    submitted = value(message, "Auto-Submitted").partition(";")[0].strip().lower()
    if submitted and submitted != "no":
        return "Auto-Submitted"
    if _report(message):
        return "Content-Type"
    if any(one.strip() == "<>" for one in values(message, "Return-Path")):
        return "Return-Path"
    for name in AUTOMATIC_HEADERS:
        if value(message, name):
            return name
    if value(message, "Precedence").lower() == "auto_reply":
        return "Precedence"
    if AUTOMATIC_SUBJECT.match(subject_of(message)):
        return "Subject"
    return ""


def _report(message: Message) -> str:
    """Return the type of a report, such as “delivery-status”; "" for other messages."""
    if message.get_content_type() != "multipart/report":
        return ""
    return str(message.get_param("report-type") or "unknown").lower()

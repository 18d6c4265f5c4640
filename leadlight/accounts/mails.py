"""Mails about accounts: invitations and new passwords, sent by the worker.

A request that waited for the mail server would reveal by its duration whether an account exists,
and would fail with the mail server. A job keeps the mail encrypted, since it contains a link that
gives access to an account, and only until it is sent.
"""

from __future__ import annotations

import json
from email.utils import make_msgid
from typing import Any

from cryptography.fernet import InvalidToken
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.utils.translation import gettext_noop

from leadlight.accounts.encryption import MAIL, decrypted, encrypted
from leadlight.job_queue import queue
from leadlight.job_queue.kinds import JobKind
from leadlight.job_queue.outcomes import Hopeless

FIELDS = ("subject", "body", "from_email", "to", "reply_to", "extra_headers")


def send_later(message: EmailMessage) -> None:
    """Add a job that sends a rendered mail without attachments."""
    # Two attempts at sending one mail have one Message-ID, by which its receiver tells them apart.
    message.extra_headers.setdefault("Message-ID", make_msgid(domain="leadlight"))
    fields = {name: getattr(message, name) for name in FIELDS}
    alternatives = [tuple(one) for one in getattr(message, "alternatives", [])]
    text = json.dumps({"fields": fields, "alternatives": alternatives})
    queue.add(
        JobKind.ACCOUNT_MAIL, {"encrypted": encrypted(text, MAIL)}, subject=", ".join(message.to)
    )


def send(arguments: dict[str, Any]) -> None:
    """Send the mail of a job. Raises the errors of the mail server."""
    try:
        mail = json.loads(decrypted(arguments["encrypted"], MAIL))
    except InvalidToken as error:
        raise Hopeless(gettext_noop("The secret key of this instance has changed.")) from error
    fields = {name: mail["fields"][name] for name in FIELDS if name != "extra_headers"}
    message = EmailMultiAlternatives(**fields, headers=mail["fields"]["extra_headers"])
    for content, mimetype in mail["alternatives"]:
        message.attach_alternative(content, mimetype)
    message.send()

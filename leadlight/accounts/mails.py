"""Mails about accounts: invitations and new passwords, sent by the worker.

A request that waited for the mail server would reveal by its duration whether an account exists,
and would fail with the mail server. A job keeps the mail encrypted, since it contains a link that
gives access to an account, and only until it is sent.
"""

from __future__ import annotations

import json
from email.utils import parseaddr
from typing import Any

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.utils.crypto import get_random_string, salted_hmac
from django.utils.translation import gettext_noop

from leadlight.accounts.encryption import MAIL, decrypted, encrypted
from leadlight.job_queue import queue
from leadlight.job_queue.kinds import JobKind
from leadlight.job_queue.outcomes import Hopeless

INSTANCE_HEADER = "X-Leadlight-Instance"
FIELDS = ("subject", "body", "from_email", "to", "reply_to", "extra_headers")


def instance_id() -> str:
    """Return the identifier of this instance in its mails, which others cannot guess."""
    return salted_hmac("instance of a mail", "", secret=settings.SECRET_KEY).hexdigest()[:24]


def headers(about: str) -> dict[str, str]:
    """Return the headers of a mail that Leadlight sends by itself.

    `about` names the mail. It is the same in every attempt to send it, and so is the Message-ID, by
    which programs recognise a mail that they have already. Programs do not reply to such a mail
    (RFC 3834), and an instance recognises its own.
    """
    digest = salted_hmac("mail", about, secret=settings.SECRET_KEY).hexdigest()[:32]
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return {
        "Message-ID": f"<{digest}@{domain}>",
        "Auto-Submitted": "auto-generated",
        INSTANCE_HEADER: instance_id(),
    }


def send_later(message: EmailMessage) -> None:
    """Add a job that sends a rendered mail without attachments."""
    message.extra_headers = headers(get_random_string(22)) | message.extra_headers
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

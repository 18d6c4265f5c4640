"""Message of a mail: its text and HTML, picture, files, and the link that stops such mails."""

from __future__ import annotations

from email.mime.image import MIMEImage

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from leadlight.accounts.mails import headers
from leadlight.accounts.models import User
from leadlight.accounts.organization import organization
from leadlight.accounts.origin import absolute
from leadlight.jobs.scheduled_mails.composed import Composed

CHART = "chart@leadlight"  # Content-ID of the picture in a mail


def message_of(user: User, composed: Composed, token: str, about: str) -> EmailMultiAlternatives:
    """Return the message to a person; `token` is that of the link that stops such mails.

    `about` names the mail in every attempt to send it (`accounts.mails.headers`).
    """
    stop = absolute(reverse("stop_mail", args=[token]))
    context = composed.context | {
        "subject": composed.subject,
        "company": organization().name,
        "settings": absolute(reverse("own_mails")),
        "stop": stop,
        "chart": CHART if composed.chart else "",
        "language": translation.get_language(),
    }
    message = EmailMultiAlternatives(
        " ".join(composed.subject.split()),  # a header has one line
        render_to_string(f"mails/{composed.template}.txt", context),
        to=[user.email],
        headers=headers(about)
        | {
            # RFC 8058: mail programs stop a mail by a POST to this address.
            "List-Unsubscribe": f"<{stop}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )
    html = render_to_string(f"mails/{composed.template}.html", context)
    message.attach_alternative(html, "text/html")
    if composed.chart:
        picture = MIMEImage(composed.chart, "png")
        picture.add_header("Content-ID", f"<{CHART}>")
        picture.add_header("Content-Disposition", "inline", filename="chart.png")
        message.attach(picture)
    for name, content, mimetype in composed.attachments:
        message.attach(name, content, mimetype)
    return message

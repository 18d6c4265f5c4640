"""Handler of scheduled mails: composes one for its receiver, and sends it."""

from __future__ import annotations

from email.mime.image import MIMEImage
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from leadlight.accounts.organization import organization
from leadlight.accounts.origin import absolute
from leadlight.automation.models import ScheduledMail
from leadlight.automation.scheduled_mails import stop_token
from leadlight.jobs.scheduled_mails import morning, shortcuts
from leadlight.jobs.scheduled_mails.composed import Composed

CHART = "chart@leadlight"  # Content-ID of the picture in a mail


def send_scheduled(arguments: dict[str, Any]) -> None:
    """Send the scheduled mail of a job, in the language of its receiver.

    A mail that was stopped in the meantime, or whose receiver has left, is not sent.
    """
    mails = ScheduledMail.objects.select_related("user", "shortcut")
    mail = mails.filter(pk=arguments["mail"]).first()
    if mail is None or not mail.is_on or not mail.user.is_active:
        return
    with translation.override(mail.user.language or organization().locale):
        composed = shortcuts.compose(mail) if mail.shortcut else morning.compose(mail.user)
        if composed is not None:
            _message(mail, composed).send()
            ScheduledMail.objects.filter(pk=mail.pk).update(last_sent_at=timezone.now())


def _message(mail: ScheduledMail, composed: Composed) -> EmailMultiAlternatives:
    stop = absolute(reverse("stop_mail", args=[stop_token(mail)]))
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
        to=[mail.user.email],
        headers={
            # RFC 8058: mail programs stop a mail by a POST to this address.
            "List-Unsubscribe": f"<{stop}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",
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

"""Handler of scheduled mails: composes one for its receiver, and sends it."""

from __future__ import annotations

from typing import Any

from django.utils import timezone, translation

from leadlight.accounts.organization import organization
from leadlight.automation.models import ScheduledMail
from leadlight.automation.scheduled_mails import stop_token
from leadlight.jobs.scheduled_mails import morning, shortcuts
from leadlight.jobs.scheduled_mails.message import message_of


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
            about = f"scheduled mail {mail.key} {arguments['due_at']}"
            message_of(mail.user, composed, stop_token(mail), about).send()
            ScheduledMail.objects.filter(pk=mail.pk).update(last_sent_at=timezone.now())

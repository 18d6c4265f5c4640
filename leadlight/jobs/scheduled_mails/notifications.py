"""Mail about changes of leads that a person wants to be told of."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leadlight.accounts.models import User
from leadlight.accounts.organization import organization
from leadlight.accounts.origin import absolute
from leadlight.automation import notifications
from leadlight.automation.models import Notification
from leadlight.jobs.scheduled_mails import same_day
from leadlight.jobs.scheduled_mails.composed import Composed
from leadlight.jobs.scheduled_mails.message import message_of
from leadlight.presentation import formats
from leadlight.sales import access
from leadlight.sales.models import CalendarEntry

MOST_LINES = 20
LONGEST_COMMENT = 500
Reason = Notification.Reason


def send_notifications(arguments: dict[str, Any]) -> None:
    """Send a person one mail about all changes they were not told of yet.

    Changes of leads that they may not see, or no longer, are left out.
    """
    user = User.objects.filter(pk=arguments["user"], is_active=True).first()
    found = notifications.unsent(user) if user else []
    if not user or not found:
        return
    leads = {one.event.lead_id for one in found}
    seen = set(access.visible_leads(user).filter(pk__in=leads).values_list("pk", flat=True))
    told = [one for one in found if one.event.lead_id in seen]
    planned = {one.event.lead_id: one.event.lead for one in told if one.reason == Reason.SAME_DAY}
    entries = []
    if planned:
        entries = same_day.appointments_to_mail(user, planned.values(), timezone.now())
    changes = [one for one in told if one.reason != Reason.SAME_DAY]
    with translation.override(user.language or organization().locale):
        if changes or entries:
            composed = _composed(changes, entries)
            # With later changes it is another mail: a program must not drop it as known.
            about = f"notifications {user.key} {found[0].pk} {found[-1].pk}"
            message_of(user, composed, notifications.stop_token(user), about).send()
    same_day.mark_mailed(entries)
    notifications.mark_sent(found)


def _composed(changes: list[Notification], entries: list[CalendarEntry]) -> Composed:
    lines = [same_day.line(entry) for entry in entries[:MOST_LINES]]
    lines += [_line(one) for one in changes[: MOST_LINES - len(lines)]]
    count = len(changes) + len(entries)
    subject = lines[0][0]
    if count > 1:
        subject = ngettext("%(count)d change of leads", "%(count)d changes of leads", count) % {
            "count": count
        }
    context = {"lines": lines, "more": count - len(lines)}
    return Composed(subject, "notifications", context, attachments=same_day.files(entries))


def _line(one: Notification) -> tuple[str, str, str]:
    """Return the sentence about a change, the address of its lead, and the text of a comment."""
    event, lead = one.event, one.event.lead
    named = {"person": str(event.actor or "Leadlight"), "title": lead.title}
    text = ""
    if one.reason == Reason.MENTION:
        sentence = _("%(person)s mentions you on “%(title)s”") % named
        text = event.value[:LONGEST_COMMENT]
    elif one.reason == Reason.ASSIGNMENT:
        sentence = _("%(person)s assigns “%(title)s” to you") % named
    elif lead.amount is None:
        sentence = _("%(person)s has won “%(title)s”") % named
    else:
        named["amount"] = formats.money(lead.amount)
        sentence = _("%(person)s has won “%(title)s” (%(amount)s)") % named
    return sentence, absolute(reverse("lead", args=[lead.key])), text

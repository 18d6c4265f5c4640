"""Appointments of today in a mail, because calendar programs read a calendar hours late."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from leadlight.accounts.models import User
from leadlight.accounts.organization import organization
from leadlight.accounts.origin import absolute
from leadlight.presentation import formats
from leadlight.presentation.ical import calendar_file
from leadlight.sales import calendar
from leadlight.sales.models import CalendarEntry, Lead

FILE, CANCELLED_FILE = "leadlight.ics", "leadlight-cancelled.ics"


def appointments_to_mail(user: User, leads: Iterable[Lead], now: datetime) -> list[CalendarEntry]:
    """Return the appointments of leads that are today and not over.

    An appointment that was mailed before, and was moved to another day or cancelled, counts too.
    """
    entries = calendar.published(user, now)
    found = [calendar.of_lead(entries, lead) for lead in leads]
    return [one for one in found if one and (_is_coming_today(one, now) or one.is_mailed)]


def line(entry: CalendarEntry) -> tuple[str, str, str]:
    """Return the sentence about an appointment, the address of its lead, and its note."""
    named = {"title": entry.title, "instant": _time(entry)}
    if entry.cancelled_at:
        sentence = _("Cancelled: “%(title)s”, %(instant)s") % named
    else:
        sentence = _("“%(title)s”, %(instant)s") % named
    return sentence, absolute(reverse("lead", args=[entry.subject_key])), entry.note


def files(entries: list[CalendarEntry]) -> list[tuple[str, bytes, str]]:
    """Return the calendar files to attach, as name, content and type."""
    zone, name = organization().zone, organization().name
    attached = []
    for file, method in ((FILE, "PUBLISH"), (CANCELLED_FILE, "CANCEL")):
        of_file = [one for one in entries if (method == "CANCEL") == bool(one.cancelled_at)]
        if of_file:
            content = calendar_file(of_file, name, zone, method)
            attached.append((file, content, "text/calendar"))
    return attached


def mark_mailed(entries: Iterable[CalendarEntry]) -> None:
    pks = [entry.pk for entry in entries if not entry.cancelled_at]
    CalendarEntry.objects.filter(pk__in=pks).update(is_mailed=True)


def _is_coming_today(entry: CalendarEntry, now: datetime) -> bool:
    zone = organization().zone
    is_today = entry.starts_at.astimezone(zone).date() == now.astimezone(zone).date()
    return is_today and not entry.cancelled_at and calendar.ends_at(entry, zone) > now


def _time(entry: CalendarEntry) -> str:
    if entry.is_all_day:
        return formats.day(entry.starts_at.astimezone(organization().zone).date())
    return formats.instant(entry.starts_at)

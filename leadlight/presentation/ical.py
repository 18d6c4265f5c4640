"""Appointments as an iCalendar file (RFC 5545), as calendar programs read it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

from django.urls import reverse
from icalendar import Calendar, Event
from icalendar.prop import vDuration, vText

from leadlight.accounts.origin import absolute
from leadlight.sales import calendar
from leadlight.sales.models import CalendarEntry

REFRESH = timedelta(hours=1)  # between two reads by a program
LONGEST_TITLE, LONGEST_NOTE = 500, 2_000  # characters; longer texts are cut off
PAGES: dict[str, str] = {CalendarEntry.Subject.REMINDER: "lead", CalendarEntry.Subject.TASK: "task"}
# Characters that RFC 5545 does not allow in texts.
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def calendar_file(
    entries: Iterable[CalendarEntry], name: str, zone: ZoneInfo, method: str = "PUBLISH"
) -> bytes:
    """Return the file. Days without a time are those of `zone`; instants are in UTC.

    `method` is PUBLISH or, for a mail about cancelled appointments, CANCEL (RFC 5546).
    """
    file = Calendar()
    file.add("prodid", "-//Leadlight//Leadlight//EN")
    file.add("version", "2.0")
    file.add("calscale", "GREGORIAN")
    file.add("method", method)
    file.add("x-wr-calname", _text(name, LONGEST_TITLE))
    file.add("refresh-interval", vDuration(REFRESH), parameters={"value": "DURATION"})
    file.add("x-published-ttl", vDuration(REFRESH))
    for entry in entries:
        file.add_component(_event(entry, zone))
    return file.to_ical()


def _event(entry: CalendarEntry, zone: ZoneInfo) -> Event:
    event = Event()
    event.add("uid", f"{entry.key}@leadlight")
    event.add("dtstamp", entry.modified_at.astimezone(UTC))
    event.add("last-modified", entry.modified_at.astimezone(UTC))
    event.add("sequence", entry.sequence)
    event.add("summary", vText(_text(entry.title, LONGEST_TITLE)))
    address = absolute(reverse(PAGES[entry.subject], args=[entry.subject_key]))
    note = _text(entry.note, LONGEST_NOTE)
    event.add("description", vText(f"{note}\n{address}" if note else address))
    event.add("url", address)
    event.add("status", "CANCELLED" if entry.cancelled_at else "CONFIRMED")
    event.add("transp", "OPAQUE" if entry.minutes and not entry.is_all_day else "TRANSPARENT")
    event.add("class", "PRIVATE")
    if entry.is_all_day:
        event.add("dtstart", entry.starts_at.astimezone(zone).date())
        event.add("dtend", calendar.ends_at(entry, zone).astimezone(zone).date())
    else:
        event.add("dtstart", entry.starts_at.astimezone(UTC))
        event.add("dtend", calendar.ends_at(entry, zone).astimezone(UTC))
    return event


def _text(text: str, longest: int) -> str:
    clean = CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return clean if len(clean) <= longest else clean[: longest - 1] + "…"

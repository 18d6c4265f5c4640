"""Calendar of a person: their reminders and tasks as appointments, and how these have changed.

Calendar programs need a UID that stays, a SEQUENCE that rises, and a cancelled appointment instead
of a missing one. `published` therefore compares the reminders and tasks of an instant with the
appointments that were published before, and stores the differences.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q, QuerySet

from leadlight.accounts.models import User
from leadlight.accounts.organization import organization
from leadlight.sales import access
from leadlight.sales.follow_ups import open_tasks_of
from leadlight.sales.models import CalendarEntry, Lead, Task
from leadlight.sales.models.event_log import OPEN

PAST = timedelta(days=90)  # how long an appointment is published after its end or cancellation
FUTURE = timedelta(days=730)
MOST = 3_000  # reminders of a calendar, and tasks; the earliest ones
SHORTEST = timedelta(minutes=15)  # duration shown for an appointment whose duration is not set

Subject = CalendarEntry.Subject


@dataclass(frozen=True)
class Appointment:
    """Reminder of a lead, or task, of one person.

    With `is_all_day`, `starts_at` is the start of a local day. `minutes` is None if the duration is
    not set.
    """

    subject: str
    subject_key: str
    title: str
    note: str
    starts_at: datetime
    is_all_day: bool
    minutes: int | None = None


# Fields whose change makes a new version of a published appointment.
CHANGING = ("title", "note", "starts_at", "is_all_day", "minutes")


@dataclass
class _Changes:
    """Differences between the appointments that were published and those of an instant."""

    new: list[CalendarEntry] = field(default_factory=list)
    changed: list[CalendarEntry] = field(default_factory=list)


def published(user: User, now: datetime) -> list[CalendarEntry]:
    """Return the appointments of a person's calendar by time, after storing what has changed.

    An appointment whose reminder or task is done, gone, or another person's stays as it was if it
    has begun, else it is cancelled. One whose time has passed stays when the reminder is moved, and
    the reminder becomes another appointment.
    """
    entries = _entries(user, now)
    changes = _changes(user, entries, now)
    if not changes.new and not changes.changed:
        return entries
    with transaction.atomic():
        # Two programs that read at once must not publish one appointment twice.
        User.objects.select_for_update().get(pk=user.pk)
        entries = _entries(user, now)
        changes = _changes(user, entries, now)
        columns = (*CHANGING, "sequence", "modified_at", "cancelled_at", "is_over")
        _old_entries(user, now).delete()
        CalendarEntry.objects.bulk_update(changes.changed, columns, batch_size=500)
        CalendarEntry.objects.bulk_create(changes.new, batch_size=500)
    return sorted((*entries, *changes.new), key=lambda entry: (entry.starts_at, entry.key))


def of_lead(entries: list[CalendarEntry], lead: Lead) -> CalendarEntry | None:
    """Return the appointment of the reminder that a lead has or had last; None without one."""
    of_reminder = [
        entry
        for entry in entries
        if entry.subject == Subject.REMINDER
        if entry.subject_key == lead.key and not entry.is_over
    ]
    return of_reminder[-1] if of_reminder else None


def forget(user: User) -> None:
    """Delete what was published of a person."""
    CalendarEntry.objects.filter(user=user).delete()


def ends_at(one: Appointment | CalendarEntry, zone: ZoneInfo) -> datetime:
    """Return the end of an appointment: the end of its local day, or after its duration."""
    if one.is_all_day:
        return _start_of(one.starts_at.astimezone(zone).date() + timedelta(days=1), zone)
    return one.starts_at + (timedelta(minutes=one.minutes) if one.minutes else SHORTEST)


def _entries(user: User, now: datetime) -> list[CalendarEntry]:
    """Return the appointments that were published and are neither old nor cancelled long ago."""
    entries = CalendarEntry.objects.filter(user=user, starts_at__gte=now - PAST)
    entries = entries.filter(Q(cancelled_at=None) | Q(cancelled_at__gte=now - PAST))
    return list(entries.order_by("starts_at", "key"))


def _old_entries(user: User, now: datetime) -> QuerySet[CalendarEntry]:
    """Return the appointments that `_entries` leaves out."""
    is_old = Q(starts_at__lt=now - PAST) | Q(cancelled_at__lt=now - PAST)
    return CalendarEntry.objects.filter(is_old, user=user)


def _changes(user: User, entries: list[CalendarEntry], now: datetime) -> _Changes:
    """Change the entries to the appointments of this instant, in memory."""
    zone = organization().zone
    coming = {(one.subject, one.subject_key): one for one in entries if not one.is_over}
    changes = _Changes()
    for one in _appointments(user, now, zone):
        entry = coming.pop((one.subject, one.subject_key), None)
        if entry is not None and entry.starts_at != one.starts_at and _has_passed(entry, now, zone):
            entry.is_over = True
            changes.changed.append(entry)
            entry = None
        if entry is None:
            values = {each.name: getattr(one, each.name) for each in fields(one)}
            changes.new.append(CalendarEntry(user=user, modified_at=now, **values))
        elif _differs(entry, one):
            for name in CHANGING:
                setattr(entry, name, getattr(one, name))
            _modify(entry, now, cancelled_at=None)
            changes.changed.append(entry)
    for entry in coming.values():
        if entry.starts_at <= now:
            entry.is_over = True
            changes.changed.append(entry)
        elif entry.cancelled_at is None:
            _modify(entry, now, cancelled_at=now)
            changes.changed.append(entry)
    return changes


def _has_passed(entry: CalendarEntry, now: datetime, zone: ZoneInfo) -> bool:
    """Return whether an appointment has begun or, without a time of day, its day is over."""
    return (ends_at(entry, zone) if entry.is_all_day else entry.starts_at) <= now


def _differs(entry: CalendarEntry, one: Appointment) -> bool:
    is_changed = any(getattr(entry, name) != getattr(one, name) for name in CHANGING)
    return is_changed or entry.cancelled_at is not None


def _modify(entry: CalendarEntry, now: datetime, *, cancelled_at: datetime | None) -> None:
    entry.cancelled_at = cancelled_at
    entry.modified_at = now
    entry.sequence += 1


def _appointments(user: User, now: datetime, zone: ZoneInfo) -> Iterator[Appointment]:
    """Yield the coming and the overdue reminders and tasks of a person."""
    first, last = now - PAST, now + FUTURE
    leads = access.visible_leads(user).filter(
        owner=user, status__in=OPEN, reminder_at__gte=first, reminder_at__lte=last
    )
    leads = leads.select_related("reminder_activity").order_by("reminder_at", "pk")
    for lead in leads[:MOST]:
        yield _of_lead(lead)
    tasks = open_tasks_of(user).filter(due_on__gte=first.date(), due_on__lte=last.date())
    for task in tasks[:MOST]:
        yield _of_task(task, zone)


def _of_lead(lead: Lead) -> Appointment:
    starts_at: datetime = lead.reminder_at  # type: ignore[assignment]  # by the filter
    plan = lead.reminder_activity
    return Appointment(
        subject=Subject.REMINDER,
        subject_key=lead.key,
        title=f"{plan} · {lead.title}" if plan else lead.title,
        note=lead.reminder_note,
        starts_at=starts_at,
        is_all_day=lead.reminder_is_all_day,
        minutes=lead.reminder_minutes,
    )


def _of_task(task: Task, zone: ZoneInfo) -> Appointment:
    return Appointment(
        subject=Subject.TASK,
        subject_key=task.key,
        title=f"{task.title} · {task.lead.title}",
        note=task.note,
        starts_at=_start_of(task.due_on, zone),
        is_all_day=True,
    )


def _start_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)

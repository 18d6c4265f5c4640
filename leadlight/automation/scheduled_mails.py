"""Schedules of mails: the next instant of each, changes by the person who gets it, and stops."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.core import signing
from django.db import transaction
from django.utils import timezone

from leadlight.accounts.models import User
from leadlight.accounts.organization import organization
from leadlight.automation.models import ScheduledMail
from leadlight.job_queue import queue
from leadlight.job_queue.kinds import JobKind
from leadlight.sales.models import Shortcut
from leadlight.sales.working_calendar import WorkingCalendar

Rhythm, Stop, Format = ScheduledMail.Rhythm, ScheduledMail.Stop, ScheduledMail.Format

STOP_SALT = "stop of a scheduled mail"
A_DAY = timedelta(days=1)
LONGEST_PAUSE = 366  # days without a working day before any day counts as one


def next_instant(
    mail: ScheduledMail, after: datetime, zone: ZoneInfo, calendar: WorkingCalendar
) -> datetime:
    """Return the first instant after `after` at which a mail is due, in UTC.

    A weekly mail leaves on holidays too. A time that a change of clocks skips is an hour later.
    """
    day = after.astimezone(zone).date()
    for _day in range(LONGEST_PAUSE):
        if mail.rhythm == Rhythm.WEEKLY:
            is_due = day.isoweekday() == mail.weekday
        elif mail.rhythm == Rhythm.MONTHLY:
            is_due = day == calendar.after(day.replace(day=1), 0)
        else:
            is_due = calendar.is_working(day)
        instant = datetime.combine(day, mail.at, zone).astimezone(UTC)
        if is_due and instant > after:
            return instant
        day += A_DAY
    return after + A_DAY


def of_person(user: User, shortcut: Shortcut | None) -> ScheduledMail:
    """Return the mail of a person with a shortcut, or their morning mail; unsaved if there is none.

    A new one is stopped.
    """
    found = ScheduledMail.objects.filter(user=user, shortcut=shortcut).first()
    return found or ScheduledMail(user=user, shortcut=shortcut)


def start(
    mail: ScheduledMail, *, rhythm: str, weekday: int, at: time, formats: Iterable[str]
) -> None:
    """Send a mail on this schedule from now on."""
    mail.rhythm, mail.weekday, mail.at = rhythm, weekday, at
    mail.formats = [one.value for one in Format if one.value in set(formats)]
    mail.next_at = _next_of(mail, timezone.now())
    mail.stopped_because = ""
    mail.save()


def stop(mail: ScheduledMail, because: str) -> None:
    """Send a mail no more, until its receiver starts it again."""
    mail.next_at, mail.stopped_because = None, because
    mail.save(update_fields=["next_at", "stopped_because"])


def stop_token(mail: ScheduledMail) -> str:
    """Return the token of the link that stops a mail, which needs no sign-in."""
    return signing.dumps(mail.key, salt=STOP_SALT)


def stopped_by(token: str) -> ScheduledMail | None:
    """Return the mail that the link with a token stops, or None."""
    try:
        key = signing.loads(token, salt=STOP_SALT)
    except signing.BadSignature:
        return None
    mails = ScheduledMail.objects.select_related("user", "shortcut")
    return mails.filter(key=key).first()


def add_due(*, is_stopped: Callable[[], bool] = lambda: False) -> int:
    """Add a job for each mail that is due, and set its next instant; return their number.

    After a pause of the server, a mail is sent once, not once for each time that it missed.
    """
    now = timezone.now()
    due = ScheduledMail.objects.filter(next_at__lte=now).order_by("next_at")
    added = 0
    for pk in list(due.values_list("pk", flat=True)):
        if is_stopped():
            break
        with transaction.atomic():
            rows = ScheduledMail.objects.select_for_update(of=("self",)).select_related("user")
            mail = rows.filter(pk=pk, next_at__lte=now).first()
            if mail is None or mail.next_at is None:  # another process was faster
                continue
            queue.add(
                JobKind.SCHEDULED_MAIL,
                {"mail": mail.pk, "due_at": mail.next_at.isoformat()},
                key=f"{mail.key} {mail.next_at.isoformat()}",
                subject=mail.user.email,
            )
            mail.next_at = _next_of(mail, now)
            mail.save(update_fields=["next_at"])
            added += 1
    return added


def _next_of(mail: ScheduledMail, after: datetime) -> datetime:
    return next_instant(mail, after, organization().zone, WorkingCalendar.current())

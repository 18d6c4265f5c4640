"""Morning mail: what is due today, what came in, goals, and what happened since the last mail.

The figures are those of the reports, for the days since the last working day: a seller's own, a
manager's teams, an admin's company.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leadlight.accounts.models import User
from leadlight.accounts.origin import absolute
from leadlight.analytics.query.lead_filter import ME
from leadlight.analytics.reports import company
from leadlight.jobs.scheduled_mails.composed import Composed
from leadlight.presentation import formats
from leadlight.presentation.cards import cards
from leadlight.presentation.goal_progress import Params, progress
from leadlight.reporting.reader import ReportReader, report_reader
from leadlight.sales import access, task_access
from leadlight.sales.models import Lead
from leadlight.sales.work_queue import Group, coming, due_tasks, work_queue
from leadlight.sales.working_calendar import WorkingCalendar

# Figures of the report on the company that tell whether anything happened.
HAPPENED = ("created_leads", "won_leads", "lost_leads", "cancelled_leads")
MOST_LINES = 10  # of each part; the page has them all
A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Line:
    """Lead, task or comment: its title, the address of its page, and a note such as a time."""

    title: str
    address: str
    note: str = ""


@dataclass(frozen=True)
class Part:
    """Part of the mail: its first lines, and how many more there are."""

    title: str
    lines: list[Line]
    more: int = 0


def compose(user: User) -> Composed | None:
    """Return the morning mail of a person; None if there is nothing to tell."""
    reader = report_reader(user)
    today = reader.clock.day_of(reader.clock.now)
    first = _last_working_day(today)
    due = _due(user, reader, today)
    parts = [part for part in (due, _assigned(user, reader, today), _mentions(user)) if part.lines]
    figures = _figures(reader, _narrowing(user), first, today - A_DAY)
    if not (parts or figures):
        return None
    context = {
        "parts": parts,
        "figures": figures,
        "days": formats.span(first, today - A_DAY),
        "goals": [
            (goal, absolute(goal.address))
            for goal in progress(reader, user, _narrowing(user)).lines
        ],
        "address": absolute(reverse("today")),
    }
    return Composed(_subject(today, len(due.lines) + due.more), "morning", context)


def _subject(today: date, count: int) -> str:
    day = formats.weekday_and_day(today)
    if not count:
        return _("%(day)s: nothing due") % {"day": day}
    subject = ngettext("%(day)s: %(count)d to do", "%(day)s: %(count)d to do", count)
    return subject % {"day": day, "count": count}


def _narrowing(user: User) -> Params:
    """Return the parameters of reports for a person's own figures, or those of their teams."""
    if user.role == User.Role.USER:
        return {"user": [ME]}
    teams = access.filterable_teams(user) if user.role == User.Role.MANAGER else ()
    return {"team": [team.key for team in teams]} if teams else {}


def _last_working_day(today: date) -> date:
    calendar = WorkingCalendar.current()
    days = (today - number * A_DAY for number in range(1, 15))
    return next((day for day in days if calendar.is_working(day)), today - A_DAY)


def _figures(
    reader: ReportReader, narrowing: Params, first: date, last: date
) -> list[tuple[str, str, str]]:
    """Return title, value and address of the headlines of these days; none if nothing happened."""
    days = {"from": [first.isoformat()], "to": [last.isoformat()]}
    result = reader.run(company.REPORT, narrowing | days)
    if not any(result.totals[key] for key in HAPPENED):
        return []
    return [(card.title, card.value, absolute(card.address)) for card in cards(result)]


def _due(user: User, reader: ReportReader, today: date) -> Part:
    """Return the reminders and expected closings up to the end of today, and the tasks due."""
    leads, now = access.visible_leads(user), reader.clock.now
    queue = work_queue(leads, user, now, today)
    groups = (Group.REMINDER, Group.EXPECTED)
    of_leads = [
        *queue.filter(group__in=groups),
        *coming(leads, user, now).filter(reminder_at__lt=_start_of(today + A_DAY, reader)),
    ]
    tasks = due_tasks(task_access.visible_tasks(user), user, today)
    lines = [
        *(_line(lead, _why(lead, today)) for lead in of_leads),
        *(
            Line(task.title, absolute(reverse("task", args=[task.key])), formats.day(task.due_on))
            for task in tasks
        ),
    ]
    return _part(_("To do today"), lines)


def _assigned(user: User, reader: ReportReader, today: date) -> Part:
    queue = work_queue(access.visible_leads(user), user, reader.clock.now, today)
    lines = [_line(lead) for lead in queue.filter(group=Group.ASSIGNED)]
    return _part(_("Newly assigned to you"), lines)


def _mentions(user: User) -> Part:
    mentions = access.unread_mentions(user).select_related("comment__lead", "comment__actor")
    lines = [
        _line(mention.comment.lead, str(mention.comment.actor or ""))
        for mention in mentions.order_by("-recorded_at")
    ]
    return _part(_("Comments that mention you"), lines)


def _part(title: str, lines: list[Line]) -> Part:
    return Part(title, lines[:MOST_LINES], max(0, len(lines) - MOST_LINES))


def _line(lead: Lead, note: str = "") -> Line:
    return Line(lead.title, absolute(reverse("lead", args=[lead.key])), note)


def _why(lead: Lead, today: date) -> str:
    """Return why a lead is due: its reminder with the planned activity, or its expected day."""
    if lead.reminder_at is None:
        return _("expected to close on %(day)s") % {"day": formats.day(lead.estimated_closing_on)}
    local = lead.reminder_at.astimezone(formats.company().zone)
    when = "" if local.date() == today else formats.day(local.date())
    time = "" if lead.reminder_is_all_day else formats.time_of_day(lead.reminder_at)
    what = str(lead.reminder_activity or "")
    return ", ".join(part for part in (when, time, what, lead.reminder_note) if part)


def _start_of(day: date, reader: ReportReader) -> datetime:
    return datetime.combine(day, datetime.min.time(), reader.clock.zone)

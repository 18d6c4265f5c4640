"""Queue of a person as the list beside the lead: groups of rows, each with its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.core.paginator import Page, Paginator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leadlight.accounts.models import User
from leadlight.presentation import formats
from leadlight.sales import access, task_access
from leadlight.sales.models import Lead, Task
from leadlight.sales.work_queue import Group, assigned_by, due_tasks, places, work_queue
from leadlight.web.today.place import Item, Place

ROWS_ON_A_PAGE = 50
# Columns of leads that rows show. The others are not loaded, because eight of them are instants,
# which take long to convert.
SHOWN = (
    *("key", "title", "amount", "client__name", "step__name", "estimated_closing_on"),
    *("reminder_at", "reminder_is_all_day", "reminder_activity__name", "reminder_note"),
    *("status_since", "step_since"),
)


@dataclass(frozen=True)
class Row:
    """Lead or task of the queue; `why` is the reason for its place in it.

    The row of a task has the lead of the task, None if the reader does not see it.
    """

    item: Item
    title: str
    lead: Lead | None
    why: str
    in_step: str
    address: str
    is_late: bool = False


@dataclass(frozen=True)
class RowGroup:
    """Group with its rows on the page; `count` is the number of all its leads or tasks."""

    title: str
    count: int
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Queue:
    """Page of the queue; `leads` and `tasks` are the numbers of those on all pages."""

    leads: int
    tasks: int
    page: Page
    groups: tuple[RowGroup, ...]

    @property
    def count(self) -> int:
        return self.leads + self.tasks

    @property
    def items(self) -> list[Item]:
        """Leads and tasks on the page, in order."""
        return [row.item for group in self.groups for row in group.rows]

    def following(self, item: Item) -> Item:
        """Return the item after a given one.

        This is the first item after the last one, and for an item that is not on the page. The
        result is an empty item if there is no other one.
        """
        items = self.items
        if item not in items:
            return items[0] if items else Item()
        after = items[items.index(item) + 1 :] or items[:1]
        return after[0] if after[0] != item else Item()

    def preceding(self, item: Item) -> Item:
        """Return the item before a given one; an empty item if there is none on the page."""
        items = self.items
        place = items.index(item) if item in items else 0
        return items[place - 1] if place else Item()


def queue_at(reader: User, place: Place) -> Queue:
    """Return the queue of a place, of the leads and tasks that the reader may see."""
    visible = access.visible_leads(reader)
    of_leads = work_queue(visible, place.user, place.now, place.today)
    of_tasks = due_tasks(task_access.visible_tasks(reader), place.user, place.today)
    found = places(of_leads, of_tasks)
    page = Paginator(found, ROWS_ON_A_PAGE).get_page(place.page or 1)
    of_group = Counter(group for group, _pk in found)
    shown = [pk for group, pk in page if group == Group.TASK]
    tasks = Task.objects.in_bulk(shown) if shown else {}
    ids = {pk for group, pk in page if group != Group.TASK}
    # A lead of a task may be hidden from the owner of the task.
    ids |= {task.lead_id for task in tasks.values()}
    related = visible.filter(pk__in=ids).select_related("client", "step", "reminder_activity")
    leads = {lead.pk: lead for lead in related.only(*SHOWN)}
    entries = [
        (Group(group), tasks[pk] if group == Group.TASK else leads[pk])
        for group, pk in page
        if pk in (tasks if group == Group.TASK else leads)
    ]
    groups = tuple(_groups(entries, leads, place, of_group))
    count = of_group[Group.TASK]
    return Queue(len(found) - count, count, page, groups)


def _groups(
    entries: list[tuple[Group, Lead | Task]],
    leads: dict[int, Lead],
    place: Place,
    of_group: Counter[int],
) -> Iterator[RowGroup]:
    assigned = [one for group, one in entries if group == Group.ASSIGNED and isinstance(one, Lead)]
    by = assigned_by(assigned) if assigned else {}
    for group, members in groupby(entries, lambda entry: entry[0]):
        rows = tuple(
            _task_row(one, leads.get(one.lead_id), place)
            if isinstance(one, Task)
            else _lead_row(one, why(one, group, place.now, by.get(one.pk)), place)
            for _group, one in members
        )
        yield RowGroup(str(group.label), of_group[group], rows)


def _lead_row(lead: Lead, why: str, place: Place) -> Row:
    item = Item(lead=lead.key)
    return Row(item, lead.title, lead, why, _in_step(lead, place.now), place.at(item).address)


def _task_row(task: Task, lead: Lead | None, place: Place) -> Row:
    item, is_late = Item(task=task.key), task.is_late(place.today)
    due = formats.day(task.due_on) if is_late else _("today")
    says = (_("late, due on %(day)s") if is_late else _("due %(day)s")) % {"day": due}
    return Row(item, task.title, lead, says, "", place.at(item).address, is_late)


def why(lead: Lead, group: Group, now: datetime, assigned_by: User | None) -> str:
    """Return the reason for which a lead is in a group of the queue."""
    if group == Group.REMINDER:
        parts = [_reminded(lead, now), lead.reminder_activity, lead.reminder_note]
        return " · ".join(str(part) for part in parts if part)
    if group == Group.EXPECTED:
        return _("expected on %(day)s") % {"day": formats.day(lead.estimated_closing_on)}
    if group == Group.ASSIGNED:
        if assigned_by is None:
            return _("newly assigned")
        return _("assigned by %(user)s") % {"user": assigned_by}
    days = max(0, (now - lead.status_since).days)
    texts = {"count": formats.number(days)}
    return ngettext("in “To do” for %(count)s day", "in “To do” for %(count)s days", days) % texts


def _reminded(lead: Lead, now: datetime) -> str:
    """Return the instant of a lead's reminder as text: its time if it is today, else its day too.

    A reminder for all day has no time. Empty without a reminder.
    """
    at = lead.reminder_at
    if at is None:
        return ""
    zone = formats.company().zone
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    if lead.reminder_is_all_day:
        return _("today") if local.date() == today else formats.day(local.date())
    return f"{local:%H:%M}" if local.date() == today else formats.instant(at)


def _in_step(lead: Lead, now: datetime) -> str:
    days = max(0, (now - lead.step_since).days)
    return ngettext("%(count)s day", "%(count)s days", days) % {"count": formats.number(days)}

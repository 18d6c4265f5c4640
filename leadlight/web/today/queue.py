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
from leadlight.sales import access
from leadlight.sales.models import Lead
from leadlight.sales.work_queue import Group, assigned_by, work_queue
from leadlight.web.today.place import Place

ROWS_ON_A_PAGE = 50


@dataclass(frozen=True)
class Row:
    """Lead of the queue; `why` is the reason for its place in it."""

    lead: Lead
    why: str
    in_step: str
    address: str


@dataclass(frozen=True)
class RowGroup:
    """Group with its rows on the page; `count` is the number of all its leads."""

    title: str
    count: int
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Queue:
    """Page of the queue; `leads` are its leads, `count` is the number of leads on all pages."""

    count: int
    page: Page
    leads: tuple[Lead, ...]
    groups: tuple[RowGroup, ...]

    def following(self, key: str) -> str:
        """Return the key of the lead after the one with a key, of the first one at the end."""
        keys = [lead.key for lead in self.leads]
        if key not in keys:
            return keys[0] if keys else ""
        after = keys[keys.index(key) + 1 :] or keys[:1]
        return after[0] if after[0] != key else ""

    def preceding(self, key: str) -> str:
        """Return the key of the lead before the one with a key, "" if there is none."""
        keys = [lead.key for lead in self.leads]
        place = keys.index(key) if key in keys else 0
        return keys[place - 1] if place else ""


def queue_at(reader: User, place: Place) -> Queue:
    """Return the queue of a place, of the leads that the reader may see."""
    found = work_queue(access.visible_leads(reader), place.user, place.now, place.today)
    places: list[tuple[int, int]] = list(found.values_list("pk", "group"))
    page = Paginator(places, ROWS_ON_A_PAGE).get_page(place.page or 1)
    related = Lead.objects.select_related("client", "step", "reminder_activity")
    leads = related.defer("description").in_bulk([pk for pk, _group in page])
    entries = [(leads[pk], Group(group)) for pk, group in page if pk in leads]
    of_group = Counter(group for _pk, group in places)
    groups = tuple(_groups(entries, place, of_group))
    return Queue(len(places), page, tuple(lead for lead, _group in entries), groups)


def _groups(
    entries: list[tuple[Lead, Group]], place: Place, of_group: Counter[int]
) -> Iterator[RowGroup]:
    assigned = [lead for lead, group in entries if group == Group.ASSIGNED]
    by = assigned_by(assigned) if assigned else {}
    for group, members in groupby(entries, lambda entry: entry[1]):
        rows = tuple(
            Row(
                lead,
                why(lead, group, place.now, by.get(lead.pk)),
                _in_step(lead, place.now),
                place.at(lead.key).address,
            )
            for lead, _group in members
        )
        yield RowGroup(str(group.label), of_group[group], rows)


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
    return ngettext("to do for %(count)s day", "to do for %(count)s days", days) % texts


def _reminded(lead: Lead, now: datetime) -> str:
    """Return when the reminder of a lead came: a time for today, else a day with its time."""
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

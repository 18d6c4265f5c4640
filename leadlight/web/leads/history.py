"""History of a lead on its page: its entries by kind, in parts of a hundred, newest first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from leadlight.accounts.models import User
from leadlight.presentation.lead_entries import (
    Comment,
    Entry,
    activity_entry,
    comment_of,
    event_entries,
    lookups_for,
)
from leadlight.sales.models import Activity, Lead, LeadEvent
from leadlight.sales.models.comments import PINNED
from leadlight.sales.models.event_log import FIELDS, Kind
from leadlight.web.leads.timeline import activities_of, with_undo
from leadlight.web.shell.addresses import current_page
from leadlight.web.shell.auth import ReaderRequest

ENTRIES_AT_A_TIME = 100
KIND, ENTRY = "history", "entry"
COMMENTS, ACTIVITIES, STEPS, AMOUNTS = ("comments", "activities", "steps", "amounts")
TASKS, FILES, OTHER = ("tasks", "files", "fields")
TITLES: dict[str, str | Promise] = {
    "": _("Everything"),
    COMMENTS: _("Comments"),
    ACTIVITIES: _("Activities"),
    STEPS: _("Step, status and owner"),
    AMOUNTS: _("Amounts and dates"),
    TASKS: _("Tasks"),
    FILES: _("Files"),
    OTHER: _("Other changes"),
}
STEP_KINDS = (Kind.CREATED, Kind.PIPELINE, Kind.STEP, Kind.STATUS, Kind.OWNER, Kind.TEAM)
AMOUNT_KINDS = (
    *(Kind.AMOUNT, Kind.PROBABILITY, Kind.ESTIMATED_CLOSING),
    *(Kind.CREATED_AT, Kind.CLOSED_AT),
)
# Kind of event → kind of entry; the others make no entry by themselves.
KIND_OF: dict[str, str] = {
    **dict.fromkeys((*FIELDS, Kind.FIELD, Kind.FOLLOWS, Kind.RELATED), OTHER),
    **dict.fromkeys(STEP_KINDS, STEPS),
    **dict.fromkeys(AMOUNT_KINDS, AMOUNTS),
    Kind.COMMENT: COMMENTS,
    Kind.TASK: TASKS,
    Kind.FILE: FILES,
}


@dataclass(frozen=True)
class Place:
    """Part of the history that a page shows.

    `kind` is the kind of its entries, "" for all; `entry` is the key of an entry in it, "" for the
    newest ones.
    """

    kind: str = ""
    entry: str = ""

    @classmethod
    def of(cls, request: ReaderRequest) -> Place:
        """Return the place in the address of the lead's page.

        For a request that changes the lead, this is the address of the page that sent it, so that
        the response shows the same part of the history.
        """
        sent = request.GET
        match: Any = request.resolver_match
        if match is not None and match.url_name != "lead":
            sent = QueryDict(urlsplit(current_page(request)).query)
        kind = sent.get(KIND, "")
        return cls(kind if kind in TITLES else "", sent.get(ENTRY, "").replace("\0", ""))

    def address(self, lead: Lead) -> str:
        pairs = [(name, value) for name, value in ((KIND, self.kind), (ENTRY, self.entry)) if value]
        return reverse("lead", args=[lead.key]) + (f"?{urlencode(pairs)}" if pairs else "")


@dataclass(frozen=True)
class KindLink:
    """Kind of entries with their number, and the address of the page that shows only them."""

    title: str
    count: int
    address: str
    is_chosen: bool


@dataclass(frozen=True)
class Pinned:
    """Comment pinned on top of the page."""

    comment: Comment
    happened_at: datetime


@dataclass(frozen=True)
class History:
    """Entries of a part of the history; the addresses of other parts are "" if there are none."""

    entries: Sequence[Entry]
    kinds: Sequence[KindLink]
    pinned: Sequence[Pinned]
    newest_address: str
    more_address: str

    @property
    def pinned_keys(self) -> frozenset[str]:
        return frozenset(one.comment.key for one in self.pinned)


@dataclass(frozen=True)
class _Moment:
    """Entry before its rows are read: events at one instant by one user, or an activity."""

    happened_at: datetime
    kinds: frozenset[str]
    event_ids: tuple[int, ...] = ()
    keys: tuple[str, ...] = ()
    activity: Activity | None = None


def history_of(lead: Lead, reader: User, place: Place) -> History:
    """Return a part of the history of a lead.

    All events are read without their values, to count and find the entries. The number of queries
    does not depend on the number of events.
    """
    edits = lead.events.filter(kind=Kind.COMMENT).exclude(about="").order_by("occurred_at", "pk")
    texts = {edit.about: edit.value for edit in edits}
    moments = _moments(lead, texts)
    shown = [one for one in moments if not place.kind or place.kind in one.kinds]
    start = _start(shown, place.entry)
    end = start + ENTRIES_AT_A_TIME
    entries = list(_entries(lead, reader, shown[start:end], edits))
    more = replace(place, entry=shown[end].keys[0]).address(lead) if end < len(shown) else ""
    newest = replace(place, entry="").address(lead) if start else ""
    kinds, pinned = _links(lead, moments, place), list(_pinned(lead, edits))
    return History(with_undo(entries, reader), kinds, pinned, newest, more)


def _pinned(lead: Lead, edits: QuerySet[LeadEvent]) -> Iterator[Pinned]:
    """Yield the pinned comments, the one that was pinned last first."""
    pins = lead.events.filter(kind=Kind.PIN).order_by("occurred_at", "pk")
    last: dict[str, str] = {}
    for key, value in pins.values_list("about", "value"):
        last.pop(key, None)
        last[key] = value
    keys = [key for key, value in last.items() if value == PINNED]
    comments = lead.events.filter(kind=Kind.COMMENT, about="", key__in=keys)
    found = {event.key: event for event in comments.select_related("actor")} if keys else {}
    lookups = lookups_for(list(found.values()), edits)
    for key in reversed(keys):
        comment = comment_of(found[key], lookups) if key in found else None
        if comment is not None and comment.text:
            yield Pinned(comment, found[key].occurred_at)


def entry_address(lead: Lead, key: str) -> str:
    """Return the permanent address of an entry, by the key of its first event or activity."""
    return f"{Place(entry=key).address(lead)}#entry-{key}"


def _links(lead: Lead, moments: Sequence[_Moment], place: Place) -> list[KindLink]:
    counts = Counter(kind for one in moments for kind in one.kinds)
    counts[""] = len(moments)
    return [
        KindLink(str(title), counts[kind], Place(kind).address(lead), kind == place.kind)
        for kind, title in TITLES.items()
        if counts[kind] or kind == place.kind
    ]


def _start(moments: Sequence[_Moment], key: str) -> int:
    """Return the index of the first entry to show, so that the entry with a key is shown.

    It is 0 if that entry is among the first `ENTRIES_AT_A_TIME` or missing, else the entry's index.
    """
    found = (number for number, one in enumerate(moments) if key and key in one.keys)
    place = next(found, 0)
    return place if place >= ENTRIES_AT_A_TIME else 0


def _moments(lead: Lead, texts: Mapping[str, str]) -> list[_Moment]:
    """Return the entries of a lead, newest first; `texts` are those of edited comments, by key."""
    fields = ("occurred_at", "recorded_at", "actor_id", "pk", "key", "kind", "about")
    rows = lead.events.order_by("occurred_at", "pk").values_list(*fields)
    moments = [*_of_events(rows, texts), *_of_activities(lead)]
    return sorted(moments, key=lambda one: one.happened_at)[::-1]


def _of_events(rows: QuerySet[Any, Any], texts: Mapping[str, str]) -> Iterator[_Moment]:
    for (happened_at, _recorded_at, _actor), group in groupby(rows, lambda row: row[:3]):
        events = list(group)
        kinds = {
            KIND_OF[kind]
            for *_rest, key, kind, about in events
            if kind in KIND_OF and (kind != Kind.COMMENT or (not about and texts.get(key, " ")))
        }
        if kinds:
            ids, keys = zip(*(row[3:5] for row in events), strict=True)
            yield _Moment(happened_at, frozenset(kinds), ids, keys)


def _of_activities(lead: Lead) -> Iterator[_Moment]:
    for activity in activities_of(lead):
        kinds, keys = frozenset({ACTIVITIES}), (activity.key,)
        yield _Moment(activity.occurred_at, kinds, keys=keys, activity=activity)


def _entries(
    lead: Lead, reader: User, moments: Sequence[_Moment], edits: QuerySet[LeadEvent]
) -> Iterator[Entry]:
    ids = [pk for one in moments for pk in one.event_ids]
    events = lead.events.filter(pk__in=ids).select_related("actor").in_bulk()
    lookups = lookups_for(list(events.values()), edits, reader)
    for one in moments:
        if one.activity is not None:
            yield activity_entry(one.activity)
        else:
            yield from event_entries([events[pk] for pk in one.event_ids], lookups)

"""Entries of one page of the feed, grouped by local day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any

from leadlight.analytics.query.query_params import Clock
from leadlight.presentation.lead_entries import (
    Entry,
    FieldChange,
    Lookups,
    activity_entry,
    event_entries,
    lookups_for,
)
from leadlight.sales.models import Activity, Lead, LeadEvent
from leadlight.sales.models.event_log import Channel, Kind
from leadlight.web.feed.jobs import FoldedJob, jobs_of
from leadlight.web.feed.kinds import ACTIVITY, activity_types
from leadlight.web.feed.moments import (
    Found,
    Moment,
    Reach,
    actions_since,
    at_moments,
    count_imported,
    leads_of_jobs,
    moments_before,
)

# An import of more leads than this at one instant is one entry.
MOST_UNFOLDED = 5
MOST_COUNTED = 5_000
# A page with fewer entries, because of folded imports or bulk jobs, is filled with older entries,
# in at most `ROUNDS` rounds of queries.
FEWEST = 10
ROUNDS = 3
# Changes that belong to the sentence about a creation; the others are on the page of the lead.
SHOWN_OF_CREATION = (Kind.AMOUNT, Kind.OWNER)


@dataclass(frozen=True)
class FeedEntry:
    """Line of the feed: an entry of a lead, a bulk job, or an import of `imported` leads.

    `is_more` is True if the import has more leads than were counted.
    """

    at: datetime
    lead: Lead | None = None
    entry: Entry | None = None
    imported: int = 0
    is_more: bool = False
    folded: FoldedJob | None = None

    @property
    def changes(self) -> Sequence[FieldChange]:
        """Changes to show; of a creation, only the most important opening values."""
        if self.entry is None:
            return ()
        if not self.entry.is_creation:
            return self.entry.changes
        return [
            change
            for change in self.entry.changes
            if change.before is not None or change.kind in SHOWN_OF_CREATION
        ]


@dataclass(frozen=True)
class Day:
    day: date
    entries: tuple[FeedEntry, ...]


@dataclass(frozen=True)
class FeedPage:
    """Page of the feed. `end` is the position at which the next page begins; None for the last."""

    days: tuple[Day, ...]
    end: Moment | None
    newest_at: datetime | None


def page_before(reach: Reach, before: Moment | None, clock: Clock) -> FeedPage:
    """Return the page with the newest entries before a position, or of all.

    The number of queries does not depend on the number of entries.
    """
    entries: list[FeedEntry] = []
    newest = before
    for _round in range(ROUNDS):
        found = moments_before(reach, before)
        loaded = _Loaded.of(reach, found.moments, newest)
        more, before = _entries(loaded, found)
        entries += more
        is_folded = before != found.end or bool(loaded.jobs)
        if before is None or not is_folded or len(entries) >= FEWEST:
            break
        left_out = {*reach.without_actions, *loaded.jobs}
        reach = replace(reach, without_actions=tuple(sorted(left_out)))
    days = groupby(entries, lambda one: clock.day_of(one.at))
    return FeedPage(
        tuple(Day(day, tuple(of_day)) for day, of_day in days),
        before,
        entries[0].at if entries else None,
    )


def _entries(loaded: _Loaded, found: Found) -> tuple[list[FeedEntry], Moment | None]:
    """Return the entries of moments, and the position after them."""
    end, entries = found.end, []
    folded: set[int] = set()
    for at, group in groupby(found.moments, lambda moment: moment.recorded_at):
        moments = list(group)
        is_cut = end is not None and end.recorded_at == at
        imported = [moment for moment in moments if loaded.is_imported(moment)]
        count = len(imported)
        if imported and is_cut:
            count = count_imported(loaded.reach, at, MOST_COUNTED + 1)
        if count > MOST_UNFOLDED:
            is_more = count > MOST_COUNTED
            entries.append(FeedEntry(at, imported=count - is_more, is_more=is_more))
            moments = [moment for moment in moments if moment not in imported]
            end = Moment(at, 0) if is_cut else end
        for moment in moments:
            jobs = loaded.jobs_at(moment)
            entries += (FeedEntry(at, folded=jobs[pk]) for pk in jobs if pk not in folded)
            folded.update(jobs)
            entries += loaded.entries_of(moment)
    return [one for one in entries if one.folded is None or one.folded.number], end


@dataclass(frozen=True)
class _Loaded:
    """Events, activities and leads of the moments of a page.

    `jobs` are the bulk jobs of several leads, by the id of the action; those that an earlier page
    shows have the number 0. Their events are not among `events`.
    """

    reach: Reach
    events: dict[Moment, list[LeadEvent]]
    activities: dict[Moment, list[Activity]]
    leads: dict[int, Lead]
    lookups: Lookups
    jobs: dict[int, FoldedJob]
    moments_of_jobs: dict[Moment, list[int]]

    @classmethod
    def of(cls, reach: Reach, moments: Sequence[Moment], page: Moment | None) -> _Loaded:
        """Load the rows of moments; `page` is the position at which the page begins."""
        events = list(_events(reach, moments))
        jobs = _jobs(reach, events, page)
        of_jobs: dict[Moment, list[int]] = {}
        for event in events:
            if event.action_id in jobs:
                ids = of_jobs.setdefault(_moment_of(event), [])
                ids += [] if event.action_id in ids else [event.action_id]
        events = [one for one in events if one.action_id not in jobs]
        leads = Lead.objects.select_related("client").in_bulk({one.lead_id for one in moments})
        return cls(
            reach,
            _by_moment(events),
            _by_moment(_activities(reach, moments)),
            leads,
            lookups_for(events, _edits(events)),
            jobs,
            of_jobs,
        )

    def jobs_at(self, moment: Moment) -> dict[int, FoldedJob]:
        return {pk: self.jobs[pk] for pk in self.moments_of_jobs.get(moment, ())}

    def is_imported(self, moment: Moment) -> bool:
        return any(event.channel == Channel.IMPORT for event in self.events.get(moment, ()))

    def entries_of(self, moment: Moment) -> Iterator[FeedEntry]:
        """Yield the entries of a moment, newest first by when they happened."""
        entries = [
            *event_entries(self.events.get(moment, ()), self.lookups),
            *map(activity_entry, self.activities.get(moment, ())),
        ]
        ids = self.reach.user_ids
        for entry in sorted(entries, key=lambda entry: entry.happened_at)[::-1]:
            is_chosen = ids is None or (entry.who is not None and entry.who.pk in ids)
            if is_chosen and moment.lead_id in self.leads:
                yield FeedEntry(moment.recorded_at, self.leads[moment.lead_id], entry)


def _jobs(reach: Reach, events: Iterable[LeadEvent], page: Moment | None) -> dict[int, FoldedJob]:
    """Return the bulk jobs of several leads among events, by the id of the action."""
    if reach.comment_ids is not None:
        return {}
    ids = {one.action_id for one in events if one.action_id} - {*reach.without_actions}
    jobs = jobs_of(ids)
    if not jobs:
        return {}
    numbers = leads_of_jobs(reach, jobs)
    shown = actions_since(reach, jobs, page) if page is not None else set()
    return {
        pk: FoldedJob(*jobs[pk], number=0 if pk in shown else number)
        for pk, number in numbers.items()
        if number > 1
    }


def _events(reach: Reach, moments: Sequence[Moment]) -> Iterable[LeadEvent]:
    if not reach.shows_events:
        return ()
    events = LeadEvent.objects.filter(at_moments(moments)).select_related("actor")
    return events.order_by("occurred_at", "pk")


def _activities(reach: Reach, moments: Sequence[Moment]) -> Iterable[Activity]:
    if not reach.shows_activities:
        return ()
    # With a join to the activity types, SQLite would read all activities of each type.
    activities = Activity.objects.filter(at_moments(moments)).order_by("occurred_at", "pk")
    loaded = activities.prefetch_related("activity_type", "outcome", "user")
    if not reach.kinds or ACTIVITY in reach.kinds:
        return loaded
    types = activity_types(reach.kinds)
    return [one for one in loaded if one.activity_type.key in types]


def _edits(events: Iterable[LeadEvent]) -> Iterable[LeadEvent]:
    """Return the events that edit the comments among these events, in order."""
    comments = [event for event in events if event.kind == Kind.COMMENT]
    if not comments:
        return ()
    leads, keys = {one.lead_id for one in comments}, {one.key for one in comments}
    edits = LeadEvent.objects.filter(lead__in=leads, kind=Kind.COMMENT, about__in=keys)
    return edits.order_by("occurred_at", "pk")


def _by_moment(rows: Iterable[Any]) -> dict[Moment, list[Any]]:
    found: dict[Moment, list[Any]] = {}
    for row in rows:
        found.setdefault(_moment_of(row), []).append(row)
    return found


def _moment_of(row: Any) -> Moment:
    return Moment(row.recorded_at.astimezone(UTC), row.lead_id)

"""Moments of the feed: instants at which something was recorded on a lead.

The feed is ordered by the instant of recording, not by that of the event: an event that is entered
days later stands first when it is entered, so that nobody misses it. A moment holds all that was
recorded on one lead at one instant.

Every query reads an index in the order of the feed and stops after `ON_A_PAGE` moments. A condition
that no index contains is computed for at most `MOST_CANDIDATES` events: older events are left to
the next page.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Value, When

from leadlight.accounts.models import User
from leadlight.sales import access
from leadlight.sales.lead_filter import narrow
from leadlight.sales.models import Activity, ActivityType, LeadEvent
from leadlight.sales.models.event_log import Kind
from leadlight.web.feed.jobs import jobs_of
from leadlight.web.feed.kinds import ACTIVITY, activity_types, event_sources

ON_A_PAGE = 50
MOST_CANDIDATES = 1000
FIRST_CANDIDATES = 150
MOMENT = ("recorded_at", "lead_id")
NEWEST_FIRST = ("-recorded_at", "-lead_id")
# Up to this number of leads, their events are read lead by lead; for more, by instant.
MOST_LEADS_BY_ID = 1000
# Largest number of mentions of a user that the feed shows: the latest ones.
MOST_MENTIONS = 500


class Moment(NamedTuple):
    """All that was recorded on one lead at one instant; the feed is sorted by moments."""

    recorded_at: datetime
    lead_id: int


@dataclass(frozen=True)
class Found:
    """Moments, newest first. `end` is the last moment that was read; None if there are no more."""

    moments: tuple[Moment, ...]
    end: Moment | None


@dataclass(frozen=True)
class Reach:
    """Rows that a feed covers: `leads` is a condition on rows of events and of activities.

    `has_few_leads` is True if the condition is a list of ids. `user_ids` are the users who did
    something, None for all of them; `kinds` is empty for all kinds of entries. `comment_ids`
    are the only comments to show, None for everything. With `leaves_edits_out`, events that edit
    or pin a comment are left out. The events of `without_actions` are left out too.
    """

    leads: Q
    has_few_leads: bool
    user_ids: tuple[int, ...] | None = None
    kinds: tuple[str, ...] = ()
    instants: tuple[datetime, datetime] | None = None
    leaves_edits_out: bool = False
    comment_ids: tuple[int, ...] | None = None
    without_actions: tuple[int, ...] = ()

    @property
    def shows_events(self) -> bool:
        return not self.kinds or bool(event_sources(self.kinds))

    @property
    def shows_activities(self) -> bool:
        if self.comment_ids is not None:
            return False
        return not self.kinds or ACTIVITY in self.kinds or bool(activity_types(self.kinds))

    def events(self) -> QuerySet[LeadEvent]:
        events = LeadEvent.objects.filter(self.leads, self._within)
        # Edits and pins of comments make no entry. Pages drop them after the query, because no
        # index covers this condition.
        if self.comment_ids is not None:
            events = events.filter(pk__in=self.comment_ids)
        if self.without_actions:
            events = events.exclude(action__in=self.without_actions)
        if not self.leaves_edits_out:
            return events
        return events.exclude(kind=Kind.COMMENT, about__gt="").exclude(kind=Kind.PIN)

    def activities(self) -> QuerySet[Activity]:
        """Return activities on leads; those on a prospect alone are not part of the feed."""
        return Activity.objects.filter(self.leads, self._within, lead__isnull=False)

    @property
    def _within(self) -> Q:
        if self.instants is None:
            return Q()
        return Q(recorded_at__gte=self.instants[0], recorded_at__lt=self.instants[1])


def reach_of(
    user: User,
    team_keys: tuple[str, ...] = (),
    user_keys: tuple[str, ...] = (),
    kinds: tuple[str, ...] = (),
    instants: tuple[datetime, datetime] | None = None,
    *,
    mentions_user: bool = False,
) -> Reach:
    """Return the rows on the leads that a user may see, and that match the filters.

    With `mentions_user`, these are the last comments that mention the user.
    """
    condition, has_few = _of_leads(user, team_keys)
    user_ids = None
    if user_keys:
        user_ids = tuple(User.objects.filter(key__in=user_keys).values_list("pk", flat=True))
    comment_ids = None
    if mentions_user:
        last = user.mentions.order_by("-recorded_at", "-pk")[:MOST_MENTIONS]
        comment_ids, has_few = tuple(last.values_list("comment_id", flat=True)), True
    return Reach(condition, has_few, user_ids, kinds, instants, comment_ids=comment_ids)


def _of_leads(user: User, team_keys: tuple[str, ...]) -> tuple[Q, bool]:
    leads = access.visible_leads(user)
    if team_keys:
        leads = narrow(leads, [("team", team_keys)])
    if team_keys or not access.lead_scope(user).sees_all:
        ids = list(leads.order_by().values_list("pk", flat=True)[: MOST_LEADS_BY_ID + 1])
        if len(ids) <= MOST_LEADS_BY_ID:
            return Q(lead_id__in=ids), True
    return Q(Exists(leads.filter(pk=OuterRef("lead_id")))), False


@dataclass(frozen=True)
class _Search:
    """Rows of one index in the order of the feed; those that fulfil `fits`, if given, make moments.

    At most `candidates` rows are checked for `fits`, None for all.
    """

    rows: QuerySet[Any]
    fits: Q | None = None
    candidates: int | None = None

    def found(self, limits: Q, most: int) -> tuple[list[Moment], Moment | None]:
        """Return at most `most` moments, and the last one that was read if there may be more."""
        rows = self.rows.filter(limits)
        if self.candidates is None:
            found = self._fitting(rows, most)
            return found, found[-1] if len(found) == most else None
        # A few candidates are enough if most of them fit.
        for number in (min(FIRST_CANDIDATES, self.candidates), self.candidates):
            in_order = rows.order_by(*NEWEST_FIRST)
            last = next(iter(_moments(in_order[number - 1 : number])), None)
            read = in_order.values("pk")[:number]
            found = self._fitting(self.rows.model._default_manager.filter(pk__in=read), most)
            if len(found) == most:
                return found, found[-1]
            if last is None:
                break
        return found, last

    def _fitting(self, rows: QuerySet[Any], most: int) -> list[Moment]:
        if self.fits is not None:
            # Inside CASE, the condition is computed for these rows only: no index is used for it.
            rows = rows.filter(Case(When(self.fits, then=Value(True)), default=Value(False)))
        return _moments(rows.order_by(*NEWEST_FIRST).distinct()[:most])


def _moments(rows: QuerySet[Any]) -> list[Moment]:
    return [Moment(*row) for row in rows.values_list(*MOMENT)]


def moments_before(reach: Reach, before: Moment | None) -> Found:
    """Return the moments of one page: the newest ones before a moment, or of all."""
    limits, ends = _before(before), []
    found: set[Moment] = set()
    for search in _searches(reach):
        moments, last = search.found(limits, ON_A_PAGE + 1)
        found.update(moments)
        if last is not None:
            ends.append(last)
    # Moments older than the last row of a search that was cut off may be missing.
    moments = sorted(found, reverse=True)
    if not ends:
        shown, end = moments, None
    else:
        shown = [moment for moment in moments if moment > max(ends)]
        end = Moment(max(ends).recorded_at, max(ends).lead_id + 1)
    if len(shown) > ON_A_PAGE:
        shown, end = shown[:ON_A_PAGE], shown[ON_A_PAGE - 1]
    return Found(tuple(shown), end)


def count_after(reach: Reach, after: datetime, most: int) -> int:
    """Return the number of moments after an instant, at most `most`."""
    found: set[Moment] = set()
    for search in _searches(replace(reach, leaves_edits_out=True)):
        found.update(search.found(Q(recorded_at__gt=after), most)[0])
    return min(len(found) - _folded(found), most)


def _folded(moments: Collection[Moment]) -> int:
    """Return the number of moments beyond the first one of each bulk job."""
    rows = LeadEvent.objects.filter(at_moments(moments), action__isnull=False)
    actions = {Moment(*row[:2]): row[2] for row in rows.values_list(*MOMENT, "action")}
    jobs = jobs_of(actions.values())
    folded = [actions[one] for one in moments if actions.get(one) in jobs]
    return len(folded) - len(set(folded))


def count_imported(reach: Reach, at: datetime, most: int) -> int:
    """Return the number of leads with events at the instant of an import, at most `most`.

    Only an import has many events at one instant; to check their channel would take too long.
    """
    events = _covered(reach).filter(recorded_at=at)
    return events.order_by().values("lead_id").distinct()[:most].count()


def leads_of_jobs(reach: Reach, action_ids: Collection[int]) -> dict[int, int]:
    """Return the number of leads with events of each action, as far as the feed covers them."""
    events = _covered(reach).filter(action__in=action_ids).order_by()
    numbers = events.values_list("action").annotate(number=Count("lead", distinct=True))
    return dict(numbers)


def actions_since(reach: Reach, action_ids: Collection[int], moment: Moment) -> set[int]:
    """Return the actions among these that have events at a moment of the feed or after it."""
    newer = Q(recorded_at__gt=moment.recorded_at) | Q(
        recorded_at=moment.recorded_at, lead__gte=moment.lead_id
    )
    events = _covered(reach).filter(newer, action__in=action_ids)
    return set(events.order_by().values_list("action", flat=True).distinct())


def _covered(reach: Reach) -> QuerySet[LeadEvent]:
    """Return the events that make entries of the feed."""
    events = reach.events()
    if reach.kinds:
        events = events.filter(_of_sources(reach))
    if reach.user_ids is not None:
        events = events.filter(actor__in=reach.user_ids)
    return events


def at_moments(moments: Iterable[Moment]) -> Q:
    """Return a condition that all rows of the moments fulfil, and few others."""
    instants, lead_ids = zip(*moments, strict=True) if moments else ((), ())
    return Q(recorded_at__in=set(instants), lead_id__in=set(lead_ids))


def has_news(user: User, after: datetime) -> bool:
    """Return whether anything was recorded after an instant, on any lead."""
    events = LeadEvent.objects.filter(recorded_at__gt=after)
    activities = Activity.objects.filter(recorded_at__gt=after)
    return User.objects.filter(Exists(events) | Exists(activities), pk=user.pk).exists()


def _before(before: Moment | None) -> Q:
    if before is None:
        return Q()
    older = Q(recorded_at__lt=before.recorded_at) | Q(lead_id__lt=before.lead_id)
    return Q(recorded_at__lte=before.recorded_at) & older


def _searches(reach: Reach) -> Iterator[_Search]:
    """Yield the searches for the events and activities of a feed, each in one index.

    Each user is a search of their own. With few leads or chosen users, the kind is a condition;
    otherwise each kind is a search of its own.
    """
    is_narrow = reach.has_few_leads or reach.user_ids is not None
    candidates = (
        None if reach.has_few_leads else max(MOST_CANDIDATES // len(reach.user_ids or (1,)), 1)
    )
    if reach.shows_events:
        for events in _by_user(reach.events(), "actor", reach.user_ids):
            if not reach.kinds:
                yield _Search(events)
            elif is_narrow:
                yield _Search(events, _of_sources(reach), candidates)
            else:
                for source in event_sources(reach.kinds):
                    checked = candidates if source.condition else None
                    yield _Search(events.filter(kind=source.kind), source.condition, checked)
    if reach.shows_activities:
        types = () if ACTIVITY in reach.kinds else activity_types(reach.kinds)
        for activities in _by_user(reach.activities(), "user", reach.user_ids):
            if not types:
                yield _Search(activities)
            elif is_narrow:
                yield _Search(activities, Q(activity_type__key__in=types), candidates)
            else:
                for pk in ActivityType.objects.filter(key__in=types).values_list("pk", flat=True):
                    yield _Search(activities.filter(activity_type=pk))


def _by_user(
    rows: QuerySet[Any], field: str, user_ids: tuple[int, ...] | None
) -> list[QuerySet[Any]]:
    """Return the rows of each user, or all rows for all users."""
    if user_ids is None:
        return [rows]
    return [rows.filter(**{field: user_id}) for user_id in user_ids]


def _of_sources(reach: Reach) -> Q:
    """Return the condition that an event makes an entry of the chosen kinds."""
    fits = Q()
    for source in event_sources(reach.kinds):
        fits |= Q(kind=source.kind) & (source.condition or Q())
    return fits

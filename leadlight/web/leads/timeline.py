"""What happened to a lead: the facts of its history and the activities, newest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from leadlight.accounts.models import Team, User
from leadlight.sales.models import Activity, Lead, LeadEvent, Pipeline, Step
from leadlight.sales.models.history import FIELDS, Kind

NAMED: dict[str, type[Pipeline | Step | User | Team]] = {
    Kind.PIPELINE: Pipeline,
    Kind.STEP: Step,
    Kind.OWNER: User,
    Kind.TEAM: Team,
}
AT_ONCE = timedelta(minutes=1)

Names = dict[tuple[str, int], str]


@dataclass(frozen=True)
class FieldChange:
    """One fact: `before` and `after` are a name, a status, an amount, per cent, a day, or None."""

    kind: str
    before: Any
    after: Any

    @property
    def title(self) -> str:
        return str(Kind(self.kind).label)


@dataclass(frozen=True)
class Entry:
    """What one person did at one moment. `recorded_at` is told only when it was later."""

    happened_at: datetime
    recorded_at: datetime | None
    who: User | None
    changes: tuple[FieldChange, ...] = ()
    is_creation: bool = False
    activity: Activity | None = None

    @property
    def status(self) -> str | None:
        """The status that the lead came to, if this is about that."""
        return next((change.after for change in self.changes if change.kind == Kind.STATUS), None)


def timeline_of(lead: Lead) -> list[Entry]:
    entries = [*_entries_of_history(lead), *_entries_of_activities(lead)]
    return sorted(entries, key=lambda entry: entry.happened_at)[::-1]


def _entries_of_history(lead: Lead) -> Iterator[Entry]:
    events = list(lead.events.select_related("actor").order_by("occurred_at", "pk"))
    names = _names(events)
    state: dict[str, Any] = {}
    moments = groupby(events, lambda event: (event.occurred_at, event.recorded_at, event.actor))
    for (happened_at, recorded_at, actor), together in moments:
        facts = list(together)
        yield Entry(
            happened_at,
            _if_later(recorded_at, happened_at),
            actor,
            tuple(_changes(facts, names, state)),
            is_creation=any(fact.kind == Kind.CREATED for fact in facts),
        )


def _changes(facts: list[LeadEvent], names: Names, state: dict[str, Any]) -> Iterator[FieldChange]:
    for fact in facts:
        if fact.kind == Kind.CREATED:
            continue
        after = FIELDS[fact.kind].read(fact.value)
        if fact.kind in NAMED and after is not None:
            after = names.get((fact.kind, after), _("deleted since"))
        yield FieldChange(fact.kind, state.get(fact.kind), after)
        state[fact.kind] = after


def _names(events: Iterable[LeadEvent]) -> Names:
    """The names that the ids of a history stand for, a query for each kind of them."""
    found: Names = {}
    for kind, model in NAMED.items():
        ids = {int(event.value) for event in events if event.kind == kind and event.value}
        for pk, row in model._default_manager.in_bulk(ids).items():
            found[kind, pk] = str(row)
    return found


def _entries_of_activities(lead: Lead) -> Iterator[Entry]:
    """Those on the lead, and those on the prospect that it was before."""
    behind = Q(lead=lead)
    if lead.prospect_id:
        behind |= Q(prospect=lead.prospect_id)
    activities = Activity.objects.filter(behind).order_by("pk")
    for activity in activities.select_related("activity_type", "outcome", "user"):
        later = _if_later(activity.recorded_at, activity.occurred_at)
        yield Entry(activity.occurred_at, later, activity.user, activity=activity)


def _if_later(recorded_at: datetime, happened_at: datetime) -> datetime | None:
    return recorded_at if recorded_at - happened_at >= AT_ONCE else None

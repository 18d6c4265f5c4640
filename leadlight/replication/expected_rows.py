"""Expected rows of the star, computed in plain Python: the oracle of `checks`.

This module shares no code with the SQL that fills the star, and is slow.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models

from leadlight.accounts.models import Membership, Team, User
from leadlight.analytics.star.schema import LEAD
from leadlight.sales.models import (
    Activity,
    ActivityType,
    Category,
    Client,
    Cost,
    CustomField,
    Goal,
    Lead,
    LeadFieldValue,
    Outcome,
    PastPosition,
    PastProbability,
    Pipeline,
    Prospect,
    ProspectingList,
    Step,
    Tag,
)
from leadlight.sales.models.event_log import CLOSED, EventFields, Kind, replay

Row = tuple[Any, ...]
A_DAY = timedelta(1)
Named = ("pk", "key", "name")


@dataclass(frozen=True)
class Rows:
    """Model fields in the order of the columns of a table of the star; the first is the key.

    `x|day` is the local day of the instant x. `finish` converts a row of the model to rows of the
    star. `where` are the conditions on the rows to read.
    """

    model: type[models.Model]
    fields: tuple[str, ...]
    finish: Callable[[Row], Iterable[Row]] = lambda row: (row,)
    where: Mapping[str, Any] = field(default_factory=dict)

    def read(self, first: int | None, last: int | None, zone: ZoneInfo) -> Iterator[Row]:
        """Yield the rows with a key above `first` and at most `last`; None: no limit."""
        key = self.fields[0]
        limits = {**self.where, f"{key}__gt": first, f"{key}__lte": last}
        names = [name.removesuffix("|day") for name in self.fields]
        rows = self.model._default_manager.filter(
            **{limit: value for limit, value in limits.items() if value is not None}
        ).values_list(*names)
        for row in rows:
            yield from self.finish(
                tuple(
                    local_day(value, zone) if name.endswith("|day") else plain(value)
                    for name, value in zip(self.fields, row, strict=True)
                )
            )


def _with_full_name(row: Row) -> Iterator[Row]:
    """Join the parts of a name as the star's SQL does, which trims spaces only."""
    pk, key, first_name, last_name, email, *others = row
    name = " ".join(filter(None, (first_name, last_name))).strip(" ")
    yield (pk, key, name or email, *others)


def _each_choice(row: Row) -> Iterator[Row]:
    """Yield the choices of a field with their positions."""
    pk, choices = row
    for position, choice in enumerate(choices, start=1):
        yield (pk, choice, position)


CHOICE_FIELDS = {"subject": "lead", "kind": "choice"}
SHOWN_FIELDS = {**CHOICE_FIELDS, "is_archived": False}


ROWS: dict[str, Rows] = {
    "lead_titles": Rows(Lead, ("pk", "key", "title")),
    "lead_tags": Rows(Lead.tags.through, ("lead_id", "tag_id")),
    "users": Rows(
        User,
        (
            *("pk", "key", "first_name", "last_name", "email", "is_active"),
            *("created_at", "deactivated_at"),
        ),
        _with_full_name,
    ),
    "teams": Rows(Team, (*Named, "created_at")),
    "memberships": Rows(Membership, ("team_id", "user_id", "is_manager")),
    "pipelines": Rows(Pipeline, (*Named, "created_at")),
    "steps": Rows(Step, ("pk", "key", "pipeline_id", "name", "position", "probability")),
    "past_probabilities": Rows(PastProbability, ("pk", "step_id", "probability", "replaced_at")),
    "past_positions": Rows(PastPosition, ("pk", "step_id", "position", "replaced_at")),
    "categories": Rows(Category, (*Named, "reason_for")),
    "tags": Rows(Tag, (*Named, "category_id", "created_at")),
    "fields": Rows(CustomField, Named, where=SHOWN_FIELDS),
    "choices": Rows(CustomField, ("pk", "choices"), _each_choice, where=SHOWN_FIELDS),
    "lead_choices": Rows(
        LeadFieldValue,
        ("owner_id", "field_id", "text"),
        where={f"field__{name}": value for name, value in CHOICE_FIELDS.items()},
    ),
    "clients": Rows(Client, Named),
    "prospecting_lists": Rows(
        ProspectingList,
        (*Named, "user_id", "created_at|day", "source", "cost", "is_archived"),
    ),
    "costs": Rows(
        Cost,
        (
            *("pk", "name", "amount", "first_on", "last_on"),
            *("prospecting_list_id", "source", "tag_id", "created_at"),
        ),
    ),
    "prospects": Rows(
        Prospect,
        (
            *("pk", "key", "prospecting_list_id", "user_id"),
            *("created_at", "created_at|day", "converted_at", "converted_at|day"),
        ),
    ),
    "activity_types": Rows(ActivityType, (*Named, "kind", "created_at")),
    "outcomes": Rows(Outcome, (*Named, "activity_type_id", "is_reached", "created_at")),
    "activities": Rows(
        Activity,
        (
            *("pk", "occurred_at", "occurred_at|day", "recorded_at", "user_id"),
            *("activity_type_id", "outcome_id", "lead_id", "prospect_id"),
        ),
    ),
    "goals": Rows(
        Goal,
        (
            *("pk", "user_id", "team_id", "measure"),
            *("activity_type_id", "period", "starts_on", "target"),
        ),
    ),
}


def days(
    first: date, last: date, zone: ZoneInfo, weekend: Container[int], holidays: Container[date]
) -> Iterator[Row]:
    """Yield the rows of the table `days` from `first` to `last`.

    Working days are counted from the first day of the table.
    """
    day, before = date(1970, 1, 1), 0
    ends = datetime.combine(day, time(), zone).astimezone(UTC)
    while day <= last:
        starts, ends = ends, datetime.combine(day + A_DAY, time(), zone).astimezone(UTC)
        is_free = day.isoweekday() in weekend or day in holidays or starts == ends
        if day >= first:
            yield (day, plain(starts), before, 0.0 if is_free else A_DAY / (ends - starts))
        before += not is_free
        day += A_DAY


def plain(value: Any) -> Any:
    """Convert a value to the star's form: naive UTC instants, None for an empty text."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None)
    return None if value == "" else value


def local_day(instant: datetime | None, zone: ZoneInfo) -> date | None:
    return None if instant is None else instant.astimezone(zone).date()


@dataclass(frozen=True)
class RecordedEvent(EventFields):
    """An event with the instant at which it was recorded, and its id."""

    recorded_at: datetime
    event_id: int = 0


def versions(lead: Lead, events: Sequence[RecordedEvent], zone: ZoneInfo) -> list[Row]:
    """Return the rows of `lead_versions` of one lead, from its events in order of occurrence."""
    instants = sorted({event.recorded_at for event in events})
    states = [
        (instant, state(lead, [event for event in events if event.recorded_at <= instant], zone))
        for instant in instants
    ]
    changes = [
        (instant, now)
        for (instant, now), before in zip(states, [None, *(s for _, s in states)], strict=False)
        if now != before
    ]
    ends = [*(instant for instant, _ in changes[1:]), None]
    return [
        (*now, plain(instant), plain(end))
        for (instant, now), end in zip(changes, ends, strict=False)
        if now is not None
    ]


def state(lead: Lead, events: Sequence[RecordedEvent], zone: ZoneInfo) -> Row | None:
    """Return the columns of LEAD from the events recorded so far.

    Return None if the lead is not created yet, or deleted.
    """
    replayed = replay(events)
    if replayed.get("created_at") is None or replayed.get("is_deleted"):
        return None
    created_at, closed_at = replayed["created_at"], replayed.get("closed_at")
    # A corrected creation date does not change the attribution: the owner at creation is the owner
    # at the creation event, or nobody if there is no such event.
    creations = [event.occurred_at for event in events if event.kind == Kind.CREATED]
    before = [event for event in events if creations and event.occurred_at <= max(creations)]
    closing = max((i for i, event in enumerate(events) if event.kind == Kind.STATUS), default=0)
    until = events[:closing] if replayed.get("status") in CLOSED else []
    prospect = lead.prospect
    columns = replayed | {
        "lead_id": lead.pk,
        "creator_id": lead.created_by_id,
        "owner_at_creation_id": replay(before).get("owner_id"),
        "team_at_creation_id": replay(before).get("team_id"),
        "owner_at_closing_id": replay(until).get("owner_id"),
        "team_at_closing_id": replay(until).get("team_id"),
        "access_user_id": lead.owner_id,
        "access_team_id": lead.team_id,
        "client_id": lead.client_id,
        "prospect_id": lead.prospect_id,
        "prospecting_list_id": prospect and prospect.prospecting_list_id,
        "source": lead.source,
        "created_on": local_day(created_at, zone),
        "closed_on": local_day(closed_at, zone),
        "seconds_to_close": closed_at and (closed_at - created_at).total_seconds(),
    }
    return tuple(plain(columns.get(column)) for column in LEAD)

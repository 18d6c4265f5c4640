"""Timeline of a lead: its events and its activities, newest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from leadlight.accounts.models import User
from leadlight.presentation import labels, values
from leadlight.sales.models import Action, Activity, CustomField, Lead, LeadEvent
from leadlight.sales.models.event_log import FIELDS, Channel, Kind

AT_ONCE = timedelta(minutes=1)
# Channels that the timeline shows next to the user.
SHOWN_CHANNELS = (Channel.API, Channel.MAIL, Channel.FORM, Channel.RULE, Channel.REMINDER)

# Kind of event → kind of value in `presentation.values`, for values that are not text.
VALUE_KINDS = {
    Kind.STATUS: "status",
    Kind.AMOUNT: "money",
    Kind.PROBABILITY: "probability",
    Kind.ESTIMATED_CLOSING: "day",
    Kind.CREATED_AT: "instant",
    Kind.CLOSED_AT: "instant",
    Kind.REMINDER: "instant",
    Kind.REMINDER_ALL_DAY: "yes_no",
    Kind.STARRED: "yes_no",
    Kind.DELETED: "in_bin",
}

Names = dict[tuple[str, int], str]


@dataclass(frozen=True)
class FieldChange:
    """Change of one field.

    `before` and `after` are the values of the field, with names in place of ids; None for no value.
    The values of a custom field (`field`) are canonical texts.
    """

    kind: str
    before: Any
    after: Any
    field: CustomField | None = None

    @property
    def title(self) -> str:
        if self.field is not None:
            return self.field.name
        return str(Kind(self.kind).label)

    @property
    def value_kind(self) -> str:
        return VALUE_KINDS.get(Kind(self.kind), "text")


@dataclass(frozen=True)
class Comment:
    """Comment with its current text; `key` is the key of its first event."""

    key: str
    text: str
    is_edited: bool
    author: User | None = None


@dataclass(frozen=True)
class Entry:
    """Timeline entry: changes and comments, or an activity, of one user at one instant.

    `recorded_at` is None if the entry was recorded less than `AT_ONCE` after it happened.
    """

    happened_at: datetime
    recorded_at: datetime | None
    who: User | None
    changes: tuple[FieldChange, ...] = ()
    comments: tuple[Comment, ...] = ()
    is_creation: bool = False
    activity: Activity | None = None
    channel: str = ""
    action: Action | None = None

    @property
    def status(self) -> str | None:
        """New status of the lead, None if the entry does not change the status."""
        return next((change.after for change in self.changes if change.kind == Kind.STATUS), None)


def timeline_of(lead: Lead) -> list[Entry]:
    entries = [*_entries_of_events(lead), *_entries_of_activities(lead)]
    return sorted(entries, key=lambda entry: entry.happened_at)[::-1]


def _entries_of_events(lead: Lead) -> Iterator[Entry]:
    events = list(lead.events.select_related("actor", "action").order_by("occurred_at", "pk"))
    names, fields = _names(events), _fields(events)
    edits = {one.about: one.value for one in events if one.kind == Kind.COMMENT and one.about}
    moments = groupby(events, lambda event: (event.occurred_at, event.recorded_at, event.actor))
    for (happened_at, recorded_at, actor), group in moments:
        together = list(group)
        changes = tuple(_changes(together, names, fields))
        comments = tuple(_comments(together, edits))
        is_creation = any(event.kind == Kind.CREATED for event in together)
        if changes or comments or is_creation:
            yield Entry(
                happened_at,
                _if_later(recorded_at, happened_at),
                actor,
                changes,
                comments,
                is_creation=is_creation,
                channel=_shown_channel(together[0].channel),
                action=together[0].action,
            )


def _changes(
    events: Iterable[LeadEvent], names: Names, fields: Mapping[str, CustomField]
) -> Iterator[FieldChange]:
    for event in events:
        if event.kind == Kind.FIELD:
            texts = (event.old_value or None, event.value or None)
            yield FieldChange(event.kind, *texts, fields.get(event.about))
        if event.kind in FIELDS:
            old, new = (_shown(event.kind, text, names) for text in (event.old_value, event.value))
            yield FieldChange(event.kind, old, new)


def value_in_words(kind: str, text: str) -> str | None:
    """Return the value of an event as text, with names in place of ids; None for no value."""
    value = _shown(kind, text, _names([LeadEvent(kind=kind, value=text)]))
    if value is None or isinstance(value, str):
        return labels.status(value) if value and kind == Kind.STATUS else value
    return values.text(VALUE_KINDS.get(Kind(kind), "text"), value)


def _shown(kind: str, text: str, names: Names) -> Any:
    """Return the value of an event with names in place of ids, None for no value."""
    field = FIELDS[kind]
    if field.model is None:
        return field.read(text) if text else None
    unknown = _("deleted since")
    shown = [names.get((kind, int(number)), unknown) for number in text.split()]
    return ", ".join(sorted(shown)) or None


def _comments(events: Iterable[LeadEvent], edits: Mapping[str, str]) -> Iterator[Comment]:
    """Yield the comments made in these events with their latest text, except removed ones."""
    for event in events:
        if event.kind == Kind.COMMENT and not event.about:
            text = edits.get(event.key, event.value)
            if text:
                yield Comment(event.key, text, event.key in edits, event.actor)


def _names(events: Iterable[LeadEvent]) -> Names:
    """Return the names of the rows whose ids events contain, with one query per kind of event."""
    found: Names = {}
    for kind, field in FIELDS.items():
        if field.model is None:
            continue
        texts = [f"{event.old_value} {event.value}" for event in events if event.kind == kind]
        ids = {int(number) for text in texts for number in text.split()}
        for pk, row in field.model._default_manager.in_bulk(ids).items():
            found[kind, pk] = str(row)
    return found


def _fields(events: Iterable[LeadEvent]) -> dict[str, CustomField]:
    """Return the custom fields that events changed, by key."""
    keys = {event.about for event in events if event.kind == Kind.FIELD}
    return {field.key: field for field in CustomField.objects.filter(key__in=keys)} if keys else {}


def _entries_of_activities(lead: Lead) -> Iterator[Entry]:
    """Yield entries for the activities on the lead and on the prospect that became the lead."""
    behind = Q(lead=lead)
    if lead.prospect_id:
        behind |= Q(prospect=lead.prospect_id)
    activities = Activity.objects.filter(behind).order_by("pk")
    for activity in activities.select_related("activity_type", "outcome", "user", "action"):
        later = _if_later(activity.recorded_at, activity.occurred_at)
        yield Entry(
            activity.occurred_at, later, activity.user, activity=activity, action=activity.action
        )


def _if_later(recorded_at: datetime, happened_at: datetime) -> datetime | None:
    return recorded_at if recorded_at - happened_at >= AT_ONCE else None


def _shown_channel(channel: str) -> str:
    return str(Channel(channel).label) if channel in SHOWN_CHANNELS else ""

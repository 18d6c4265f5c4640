"""Entries of the events and activities of leads, for the timeline and the activity feed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from leadlight.accounts.models import User
from leadlight.presentation import labels, values
from leadlight.presentation.event_sentences import (
    EventSentence,
    TaskNames,
    names_for,
    sentences_about,
)
from leadlight.presentation.lead_relations import ShownRelation, relations_in, titles_of_related
from leadlight.sales.models import Activity, CustomField, LeadEvent, Mention
from leadlight.sales.models.event_log import FIELDS, Channel, Kind
from leadlight.sales.past_names import PastNames

AT_ONCE = timedelta(minutes=1)
# Channels that an entry shows next to the user.
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
    """Comment with its current text; `key` is the key of its first event.

    `mentions` are the names and the keys of the people whom the text mentions.
    """

    key: str
    text: str
    is_edited: bool
    author: User | None = None
    mentions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entry:
    """Changes, comments and sentences, or an activity, of one user on one lead at one instant.

    `key` is that of its first event, or of the activity. `recorded_at` is None if the entry was
    recorded less than `AT_ONCE` after it happened. `action_id` is the id of the action that the
    entry belongs to; `undo_key` is the key of that action if the reader can undo it, else "".
    `job_key` is the key of the action if it is a bulk job, whose page has the undo, else "".
    """

    key: str
    happened_at: datetime
    recorded_at: datetime | None
    who: User | None
    changes: tuple[FieldChange, ...] = ()
    comments: tuple[Comment, ...] = ()
    sentences: tuple[EventSentence, ...] = ()
    relations: tuple[ShownRelation, ...] = ()
    is_creation: bool = False
    activity: Activity | None = None
    channel: str = ""
    action_id: int | None = None
    undo_key: str = ""
    job_key: str = ""

    @property
    def status(self) -> str | None:
        """New status of the lead, None if the entry does not change the status."""
        return next((change.after for change in self.changes if change.kind == Kind.STATUS), None)


@dataclass(frozen=True)
class Lookups:
    """Rows that events refer to: names by kind and id, custom fields by key, edited comments, and
    the names in the states of tasks.

    `past_names` are the former names of steps and pipelines, because an event is shown with the
    names at its instant.
    `edits` has the latest text of each edited comment, "" if it was removed, by the comment's key.
    `mentions` has the names and keys of the people whom a comment mentions, by the same key.
    `leads` has the titles of the related leads that may be shown, by key.
    """

    names: Names
    past_names: PastNames
    fields: Mapping[str, CustomField]
    edits: Mapping[str, str]
    mentions: Mapping[str, tuple[str, ...]]
    leads: Mapping[str, str]
    of_tasks: TaskNames


def lookups_for(
    events: Sequence[LeadEvent], edits: Iterable[LeadEvent], reader: User | None = None
) -> Lookups:
    """Return the lookups for events. The number of queries does not depend on the number of events.

    `edits` are events in order; those that edit a comment are used. Without a `reader`, no related
    leads are shown by their titles.
    """
    texts = {one.about: one.value for one in edits if one.kind == Kind.COMMENT and one.about}
    return Lookups(
        _names(events),
        PastNames(*(_ids(kind, events) for kind in (Kind.STEP, Kind.PIPELINE))),
        _fields(events),
        texts,
        mentions_of(events, texts),
        titles_of_related(events, reader),
        names_for(events),
    )


def mentions_of(
    events: Iterable[LeadEvent], edits: Mapping[str, str]
) -> dict[str, tuple[str, ...]]:
    """Return the names and keys of the people whom comments mention, by key of the comment."""
    texts = {event.pk: edits.get(event.key, event.value) for event in events if is_comment(event)}
    ids = [pk for pk, text in texts.items() if "@" in text]
    found: dict[str, tuple[str, ...]] = {}
    mentions = Mention.objects.filter(comment__in=ids).select_related("comment", "user")
    for mention in mentions if ids else ():
        names = (mention.user.full_name, mention.user.key)
        found[mention.comment.key] = (*found.get(mention.comment.key, ()), *names)
    return found


def event_entries(events: Iterable[LeadEvent], lookups: Lookups) -> Iterator[Entry]:
    """Yield an entry for each instant and user of the events of one lead, which must be in order.

    Events that show nothing, such as the edit of a comment, yield no entry.
    """
    moments = groupby(events, lambda event: (event.occurred_at, event.recorded_at, event.actor))
    for (happened_at, recorded_at, actor), group in moments:
        together = list(group)
        changes = tuple(_changes(together, lookups))
        comments = tuple(_comments(together, lookups))
        texts = tuple(sentences_about(together, lookups.of_tasks))
        relations = tuple(relations_in(together, lookups.leads))
        is_creation = any(event.kind == Kind.CREATED for event in together)
        if changes or comments or texts or relations or is_creation:
            yield Entry(
                together[0].key,
                happened_at,
                _if_later(recorded_at, happened_at),
                actor,
                changes,
                comments,
                texts,
                relations,
                is_creation=is_creation,
                channel=_shown_channel(together[0].channel),
                action_id=together[0].action_id,
            )


def activity_entry(activity: Activity) -> Entry:
    later = _if_later(activity.recorded_at, activity.occurred_at)
    return Entry(
        activity.key,
        activity.occurred_at,
        later,
        activity.user,
        activity=activity,
        action_id=activity.action_id,
    )


def value_in_words(kind: str, text: str) -> str | None:
    """Return the value of an event as text, with names in place of ids; None for no value."""
    value = _shown(kind, text, _names([LeadEvent(kind=kind, value=text)]))
    if value is None or isinstance(value, str):
        return labels.status(value) if value and kind == Kind.STATUS else value
    return values.text(VALUE_KINDS.get(Kind(kind), "text"), value)


def _changes(events: Iterable[LeadEvent], lookups: Lookups) -> Iterator[FieldChange]:
    for event in events:
        if event.kind == Kind.FIELD:
            texts = (event.old_value or None, event.value or None)
            yield FieldChange(event.kind, *texts, lookups.fields.get(event.about))
        if event.kind in FIELDS:
            old, new = (
                _shown(event.kind, text, lookups.names, lookups.past_names, event.occurred_at)
                for text in (event.old_value, event.value)
            )
            yield FieldChange(event.kind, old, new)


def _shown(
    kind: str,
    text: str,
    names: Names,
    past: PastNames | None = None,
    instant: datetime | None = None,
) -> Any:
    """Return the value of an event with names in place of ids, None for no value.

    The names are those of an instant, or the current ones.
    """
    field = FIELDS[kind]
    if field.model is None:
        return field.read(text) if text else None
    shown = []
    for number in map(int, text.split()):
        former = past.at(field.model, number, instant) if past and instant else None
        shown.append(former or names.get((kind, number), _("deleted since")))
    return ", ".join(sorted(shown)) or None


def _comments(events: Iterable[LeadEvent], lookups: Lookups) -> Iterator[Comment]:
    """Yield the comments made in these events with their latest text, except removed ones."""
    for event in events:
        if is_comment(event):
            comment = comment_of(event, lookups)
            if comment.text:
                yield comment


def is_comment(event: LeadEvent) -> bool:
    """Return whether an event makes a comment, and not an edit of one."""
    return event.kind == Kind.COMMENT and not event.about


def comment_of(event: LeadEvent, lookups: Lookups) -> Comment:
    """Return the comment that an event made, with its latest text, "" if it was removed."""
    key = event.key
    text = lookups.edits.get(key, event.value)
    return Comment(key, text, key in lookups.edits, event.actor, lookups.mentions.get(key, ()))


def _names(events: Iterable[LeadEvent]) -> Names:
    """Return the names of the rows whose ids events contain, with one query per kind of event."""
    found: Names = {}
    for kind, field in FIELDS.items():
        if field.model is None:
            continue
        for pk, row in field.model._default_manager.in_bulk(_ids(kind, events)).items():
            found[kind, pk] = str(row)
    return found


def _ids(kind: str, events: Iterable[LeadEvent]) -> set[int]:
    """Return the ids in the values of the events of a kind."""
    texts = [f"{event.old_value} {event.value}" for event in events if event.kind == kind]
    return {int(number) for text in texts for number in text.split()}


def _fields(events: Iterable[LeadEvent]) -> dict[str, CustomField]:
    """Return the custom fields that events changed, by key."""
    keys = {event.about for event in events if event.kind == Kind.FIELD}
    return {field.key: field for field in CustomField.objects.filter(key__in=keys)} if keys else {}


def _if_later(recorded_at: datetime, happened_at: datetime) -> datetime | None:
    return recorded_at if recorded_at - happened_at >= AT_ONCE else None


def _shown_channel(channel: str) -> str:
    return str(Channel(channel).label) if channel in SHOWN_CHANNELS else ""

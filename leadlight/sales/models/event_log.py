"""Event log of leads, and the replay of events to the state of a lead.

`FIELDS` declares the fields of a lead that the log keeps, and how their values are formatted as
text. The row of a lead is the state after its last event; `replay` defines how that state results
from the events. The verbs of `Lead` write the row and the events; the import and `leadlight check`
compare the two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from leadlight.accounts.keys import Keyed
from leadlight.accounts.models import Team, User
from leadlight.sales.models.actions import Action
from leadlight.sales.models.activities import ActivityType
from leadlight.sales.models.clients import Client
from leadlight.sales.models.pipelines import Pipeline, Step
from leadlight.sales.models.plain_values import plain_decimal, plain_instant
from leadlight.sales.models.tags import Tag


class Kind(models.TextChoices):
    """Kinds of events: the creation of a lead, and changes of its fields and of its other rows.

    The value of a task is its state (`Task.state`), "" if it was removed. The value of a link to
    the lead that was followed is `upsell:KEY` or `renewal:KEY`.
    """

    CREATED = "created", _("Created")
    PIPELINE = "pipeline", _("Pipeline")
    STEP = "step", _("Step")
    STATUS = "status", _("Status")
    OWNER = "owner", _("Owner")
    TEAM = "team", _("Team")
    AMOUNT = "amount", _("Amount")
    PROBABILITY = "probability", _("Probability")
    ESTIMATED_CLOSING = "estimated_closing", _("Expected close date")
    DELETED = "deleted", _("Deleted")
    CREATED_AT = "created_at", _("Creation date")
    CLOSED_AT = "closed_at", _("Close date")
    TITLE = "title", _("Title")
    DESCRIPTION = "description", _("Description")
    CLIENT = "client", _("Client")
    SOURCE = "source", _("Source")
    TAGS = "tags", _("Tags")
    REMINDER = "reminder", _("Reminder")
    REMINDER_ALL_DAY = "reminder_all_day", _("Reminder without a time")
    REMINDER_MINUTES = "reminder_minutes", _("Duration (minutes)")
    REMINDER_ACTIVITY = "reminder_activity", _("Planned activity")
    REMINDER_NOTE = "reminder_note", _("Note on the reminder")
    STARRED = "starred", _("Starred")
    COMMENT = "comment", _("Comment")
    PIN = "pin", _("Pinned comment")
    FIELD = "field", _("Field")
    FILE = "file", _("File")
    RELATED = "related", _("Related lead")
    TASK = "task", _("Task")
    FOLLOWS = "follows", _("Follows")


class Channel(models.TextChoices):
    """Channels through which changes reach the log."""

    PAGE = "page", _("Page")
    API = "api", _("API")
    MAIL = "mail", _("Email")
    FORM = "form", _("Form")
    IMPORT = "import", _("Import")
    RULE = "rule", _("Rule")
    REMINDER = "reminder", _("Reminder")
    COMMAND = "command", _("Command line")


_channel: ContextVar[Channel] = ContextVar("channel", default=Channel.COMMAND)


def current_channel() -> Channel:
    """Return the channel of changes made now; outside of `through`, it is the command line."""
    return _channel.get()


@contextmanager
def through(channel: Channel) -> Iterator[None]:
    """Log the changes made in the `with` block as coming through a channel."""
    token = _channel.set(channel)
    try:
        yield
    finally:
        _channel.reset(token)


class LeadEvent(Keyed):
    """Event of a lead.

    `value` and `old_value` are the values after and before the event as text (see `FIELDS`), "" for
    no value. Events are ordered by (`occurred_at`, `pk`): of two events at one instant, the one
    saved first happened first. `about` is the key of the edited or pinned comment, of the changed
    custom field or task, of the attached or removed file, or of the related lead, else "".
    `version` is the version of the lead after the event. `action` is the action that the event
    belongs to, or that it undoes; None for an event outside of actions. The events of an undone
    action and those of its undo cancel each other out.
    """

    lead = models.ForeignKey("sales.Lead", models.CASCADE, related_name="events", db_index=False)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    value = models.TextField(blank=True)
    old_value = models.TextField(blank=True, default="", db_default="")
    channel = models.CharField(
        max_length=10,
        choices=Channel.choices,
        default=Channel.IMPORT,
        db_default=Channel.IMPORT,
    )
    about = models.CharField(max_length=200, blank=True, default="", db_default="")
    version = models.PositiveIntegerField(default=1, db_default=1)
    action = models.ForeignKey(
        Action, models.SET_NULL, null=True, blank=True, related_name="events", db_index=False
    )

    class Meta:
        indexes: ClassVar = [
            # With the kind: otherwise SQLite would read all events of a kind to find one lead's.
            models.Index(fields=["lead", "kind", "occurred_at", "id"], name="story"),
            models.Index(
                fields=["action", "lead"],
                name="events_of_an_action",
                condition=models.Q(action__isnull=False),
            ),
            # The activity feed, of all events, of one user, and of one kind.
            models.Index(fields=["recorded_at", "lead"], name="event_feed"),
            models.Index(fields=["actor", "recorded_at", "lead"], name="event_feed_by_actor"),
            models.Index(fields=["kind", "recorded_at", "lead"], name="event_feed_by_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.occurred_at:%Y-%m-%d %H:%M} {self.kind} {self.value}"


# Values as text


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _optional(read: Callable[[str], Any]) -> Callable[[str], Any]:
    return lambda text: read(text) if text else None


def _ids(text: str) -> frozenset[int]:
    return frozenset(int(each) for each in text.split())


def _plain_ids(ids: Iterable[int]) -> str:
    return " ".join(str(each) for each in sorted(ids))


# Fields


@dataclass(frozen=True)
class Field:
    """Field of a lead that the log keeps.

    `attribute` is its name on the lead; `write` and `read` convert its value to text and back.
    `column` is the column in leads.csv, "" for none. `model` is the model that a value refers to by
    id, None for other values; with `is_many`, a value is a set of ids. Reports read the history of
    `is_reported` fields only. Imported events of `is_required` fields must have a value.
    """

    attribute: str
    write: Callable[[Any], str]
    read: Callable[[str], Any]
    column: str
    model: type[models.Model] | None = None
    is_many: bool = False
    is_reported: bool = True
    is_required: bool = False


def _reference(
    attribute: str,
    column: str,
    model: type[models.Model],
    *,
    is_reported: bool = True,
    is_required: bool = False,
) -> Field:
    return Field(
        attribute,
        _text,
        _optional(int),
        column,
        model,
        is_reported=is_reported,
        is_required=is_required,
    )


def _instant(attribute: str, *, is_reported: bool, is_required: bool = False) -> Field:
    read = _optional(datetime.fromisoformat)
    return Field(
        attribute,
        plain_instant,
        read,
        attribute,
        is_reported=is_reported,
        is_required=is_required,
    )


def _yes_or_no(attribute: str) -> Field:
    return Field(attribute, _flag, lambda text: text == "true", attribute, is_reported=False)


FIELDS: dict[str, Field] = {
    Kind.PIPELINE: _reference("pipeline_id", "pipeline", Pipeline, is_required=True),
    Kind.STEP: _reference("step_id", "step", Step, is_required=True),
    Kind.STATUS: Field("status", _text, str, "status", is_required=True),
    Kind.OWNER: _reference("owner_id", "user", User),
    Kind.TEAM: _reference("team_id", "team", Team),
    Kind.AMOUNT: Field("amount", plain_decimal, _optional(Decimal), "amount"),
    Kind.PROBABILITY: Field("probability", _text, _optional(int), "probability"),
    Kind.ESTIMATED_CLOSING: Field(
        "estimated_closing_on", _text, _optional(date.fromisoformat), "estimated_closing_on"
    ),
    Kind.DELETED: Field("is_deleted", _flag, lambda text: text != "false", ""),
    Kind.CREATED_AT: _instant("created_at", is_reported=True, is_required=True),
    Kind.CLOSED_AT: _instant("closed_at", is_reported=True, is_required=True),
    Kind.TITLE: Field("title", str, str, "title", is_reported=False, is_required=True),
    Kind.DESCRIPTION: Field("description", str, str, "description", is_reported=False),
    Kind.CLIENT: _reference("client_id", "client", Client, is_reported=False),
    Kind.SOURCE: Field("source", str, str, "source", is_reported=False),
    Kind.TAGS: Field("tag_ids", _plain_ids, _ids, "tags", Tag, is_many=True, is_reported=False),
    Kind.REMINDER: _instant("reminder_at", is_reported=False),
    Kind.REMINDER_ALL_DAY: _yes_or_no("reminder_is_all_day"),
    Kind.REMINDER_MINUTES: Field(
        "reminder_minutes", _text, _optional(int), "reminder_minutes", is_reported=False
    ),
    Kind.REMINDER_ACTIVITY: _reference(
        "reminder_activity_id", "reminder_activity", ActivityType, is_reported=False
    ),
    Kind.REMINDER_NOTE: Field("reminder_note", str, str, "reminder_note", is_reported=False),
    Kind.STARRED: _yes_or_no("is_starred"),
}
# Kinds of events that are loaded into the replica.
REPORTED = (Kind.CREATED, *(kind for kind, field in FIELDS.items() if field.is_reported))
# Corrections of the instants of creation and closing, which events of other kinds set first.
CORRECTIONS = (Kind.CREATED_AT, Kind.CLOSED_AT)
# Kinds of opening events: the creation of a lead logs one for each of these fields with a value.
OPENING = tuple(
    kind
    for kind, field in FIELDS.items()
    if field.is_reported and kind not in (Kind.DELETED, *CORRECTIONS)
)

# Prefix of the key of a custom field in replayed states, files and query strings.
CUSTOM_FIELD_PREFIX = "field:"

CLOSED = ("won", "lost", "cancelled")
OPEN = ("todo", "standby")


# State


@dataclass(frozen=True)
class EventFields:
    """Fields of an event that `replay` reads."""

    occurred_at: datetime
    kind: str
    value: str
    about: str = field(default="", kw_only=True)


def replay(events: Iterable[EventFields | LeadEvent]) -> dict[str, Any]:
    """Return the state after the events, which must be in order, as lead attribute → value.

    The state holds only attributes that an event changed. The name of a custom field is
    `CUSTOM_FIELD_PREFIX` + its key, and its value is "" if it has none. The last correction of the
    creation overrides the event of creation. A status event sets `closed_at`, to None if the lead
    is open; a correction of `closed_at` applies until the next status event.
    """
    state: dict[str, Any] = {}
    is_creation_corrected = False
    for event in events:
        if event.kind == Kind.CREATED and not is_creation_corrected:
            state["created_at"] = event.occurred_at
        if event.kind == Kind.FIELD:
            state[CUSTOM_FIELD_PREFIX + event.about] = event.value
        field = FIELDS.get(event.kind)
        if field is None or (event.kind == Kind.CLOSED_AT and state.get("status") not in CLOSED):
            continue
        state[field.attribute] = field.read(event.value)
        if event.kind == Kind.STATUS:
            state["closed_at"] = event.occurred_at if event.value in CLOSED else None
        is_creation_corrected |= event.kind == Kind.CREATED_AT
    return state

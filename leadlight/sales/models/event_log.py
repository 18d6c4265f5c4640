"""The event log of leads: everything that happens to a lead, with the state that it leads to.

`FIELDS` declares, once, which fields of a lead the log keeps, and how their values are written as
text. A lead's row is the state in which its events end: `replay` is the one definition of how. The
verbs of `Lead` write both; the import and `leadlight check` compare the one with the other.
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
from leadlight.sales.models.clients import Client
from leadlight.sales.models.pipelines import Pipeline, Step
from leadlight.sales.models.plain_values import plain_decimal, plain_instant
from leadlight.sales.models.tags import Tag


class Kind(models.TextChoices):
    """Kinds of events: a field of the lead that changed, or something that happened beside them."""

    CREATED = "created", _("Created")
    PIPELINE = "pipeline", _("Pipeline")
    STEP = "step", _("Step")
    STATUS = "status", _("Status")
    OWNER = "owner", _("Owner")
    TEAM = "team", _("Team")
    AMOUNT = "amount", _("Amount")
    PROBABILITY = "probability", _("Probability")
    ESTIMATED_CLOSING = "estimated_closing", _("Expected day")
    DELETED = "deleted", _("Deleted")
    CREATED_AT = "created_at", _("Creation day")
    CLOSED_AT = "closed_at", _("Closing day")
    TITLE = "title", _("Title")
    DESCRIPTION = "description", _("Description")
    CLIENT = "client", _("Client")
    SOURCE = "source", _("Source")
    TAGS = "tags", _("Tags")
    REMINDER = "reminder", _("Reminder")
    STARRED = "starred", _("Starred")
    COMMENT = "comment", _("Comment")
    FIELD = "field", _("Field")


class Channel(models.TextChoices):
    """Ways by which a change reaches the log."""

    PAGE = "page", _("Page")
    API = "api", _("API")
    MAIL = "mail", _("E-mail")
    FORM = "form", _("Form")
    IMPORT = "import", _("Import")
    RULE = "rule", _("Rule")
    COMMAND = "command", _("Command line")


_channel: ContextVar[Channel] = ContextVar("channel", default=Channel.COMMAND)


def current_channel() -> Channel:
    """The channel of the changes made here; the command line outside of every `through`."""
    return _channel.get()


@contextmanager
def through(channel: Channel) -> Iterator[None]:
    """Log the changes made within as coming by this channel."""
    token = _channel.set(channel)
    try:
        yield
    finally:
        _channel.reset(token)


class LeadEvent(Keyed):
    """One event of one lead.

    `value` and `old_value` are the values after and before it as text (`FIELDS`), empty for none.
    Order of happening is (`occurred_at`, `pk`): of two events of one instant, the one written first
    happened first. `about` is the key of the comment that an event edits, where that is another
    event, or of the company's own field that it changes. `version` is the version of the lead that
    the event made.
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

    class Meta:
        indexes: ClassVar = [models.Index(fields=["lead", "occurred_at", "id"], name="story")]

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
    """A field of a lead that the log keeps.

    `attribute` holds its value on the lead; `write` and `read` turn that into text and back.
    `column` is its column in leads.csv. Where values are ids, `model` is what they are ids of;
    with `is_many`, a value is a set of them. `is_reported` fields are read by reports, which see
    their past; of these, a lead has an opening event for each value that it is created with.
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
    Kind.STARRED: Field(
        "is_starred", _flag, lambda text: text != "false", "is_starred", is_reported=False
    ),
}
# Kinds of events that the replica reads.
REPORTED = (Kind.CREATED, *(kind for kind, field in FIELDS.items() if field.is_reported))
# The day of creation and of closing, told anew: never the first event of its kind of value.
CORRECTIONS = (Kind.CREATED_AT, Kind.CLOSED_AT)
# Kinds of the events that a lead is created with, one for each value that it has.
OPENING = tuple(
    kind
    for kind, field in FIELDS.items()
    if field.is_reported and kind not in (Kind.DELETED, *CORRECTIONS)
)

# Prefix of a field of the company's own in states, files and addresses; its key follows.
OWN_FIELD = "field:"

CLOSED = ("won", "lost", "cancelled")
OPEN = ("todo", "standby")


# State


@dataclass(frozen=True)
class Fact:
    """The part of an event that `replay` reads."""

    occurred_at: datetime
    kind: str
    value: str
    about: str = field(default="", kw_only=True)


def replay(facts: Iterable[Fact | LeadEvent]) -> dict[str, Any]:
    """Return the state that events, given in order of happening, lead to: lead attribute → value.

    It holds only what an event was about; a field of the company's own stands under `OWN_FIELD` and
    its key, with "" for no value. A corrected day of creation holds for good. `closed_at`
    follows the last status, and a correction of it holds until the next one.
    """
    state: dict[str, Any] = {}
    is_creation_corrected = False
    for fact in facts:
        if fact.kind == Kind.CREATED and not is_creation_corrected:
            state["created_at"] = fact.occurred_at
        if fact.kind == Kind.FIELD:
            state[OWN_FIELD + fact.about] = fact.value
        kept = FIELDS.get(fact.kind)
        if kept is None or (fact.kind == Kind.CLOSED_AT and state.get("status") not in CLOSED):
            continue
        state[kept.attribute] = kept.read(fact.value)
        if fact.kind == Kind.STATUS:
            state["closed_at"] = fact.occurred_at if fact.value in CLOSED else None
        is_creation_corrected |= fact.kind == Kind.CREATED_AT
    return state

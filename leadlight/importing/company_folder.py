"""File format of the company folder: its files, their columns and the type of each column.

Import and export share this table. Unless declared otherwise, a column is the model field of the
same name, and its cell type follows from that field: type, choices, length, and whether it may be
empty. Each file refers only to itself and to files before it in `FILES`. The exception is
`prospects.lead`, which is stored as `leads.prospect`.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from leadlight.accounts.keys import KEY_LENGTH
from leadlight.accounts.models import Holiday, Membership, Team, User
from leadlight.importing.cells import (
    Amount,
    Cell,
    Choice,
    Day,
    Digest,
    Email,
    Flag,
    Instant,
    Key,
    Name,
    Reference,
    References,
    Text,
    Texts,
    WholeNumber,
)
from leadlight.sales.models import (
    Activity,
    ActivityType,
    Attachment,
    Category,
    Client,
    ClientDifference,
    ClientFieldValue,
    Cost,
    CustomField,
    FollowUp,
    FollowUpTemplate,
    Goal,
    Lead,
    LeadEvent,
    LeadFieldValue,
    Outcome,
    PastPosition,
    PastProbability,
    Pipeline,
    Prospect,
    ProspectColumn,
    ProspectingList,
    Step,
    Tag,
    Task,
    TemplateStep,
)
from leadlight.sales.models.attachments import LONGEST_FILE_NAME
from leadlight.sales.models.event_log import CUSTOM_FIELD_PREFIX
from leadlight.sales.models.field_values import ValueModel
from leadlight.sales.models.prospecting import CELL_HEADER
from leadlight.sales.models.valid_values import WITHOUT

COMPANY = "company.toml"
ENDINGS = (".csv", ".csv.gz")
RESERVED = frozenset({WITHOUT})
RESERVED_FOR_USERS = RESERVED | {"me"}  # "me" in a filter is the reader
FILTERABLE = {User, Team, Tag, Pipeline, Client, ProspectingList}
NAMES = {"name", "first_name", "last_name"}
LARGEST_WHOLE = 2_147_483_647


@dataclass(frozen=True)
class Column:
    """One column of a file.

    `attribute` is the name of the model field; `is_derived` columns are read and checked, but never
    written to the database.
    """

    name: str
    attribute: str
    cell: Cell
    is_required: bool = False
    is_derived: bool = False

    @property
    def path(self) -> str:
        """Query path of the value; for a reference, the path of the key of the referenced row."""
        return f"{self.attribute}__key" if isinstance(self.cell, Reference) else self.attribute

    @property
    def stored_attribute(self) -> str:
        return f"{self.attribute}_id" if isinstance(self.cell, Reference) else self.attribute


@dataclass(frozen=True)
class File:
    name: str
    model: type[models.Model]
    header: tuple[str, ...]
    attributes: Mapping[str, str] = field(default_factory=dict)
    """Column name → name of the model field, where the two differ."""
    cells: Mapping[str, Cell] = field(default_factory=dict)
    """Column name → cell type, where it does not follow from the model field."""
    hidden: tuple[str, ...] = ()
    """Model fields without a column, computed from other data."""
    key: tuple[str, ...] = ()
    """Columns of a composite key; empty if the first column is the key."""
    order: tuple[str, ...] = ("pk",)
    prefix: str = ""
    """Prefix of the names of extra columns; a row keeps their texts in `cells`, by unprefixed name.

    Empty if the file has no extra columns.
    """
    values: ValueModel | None = None
    """Model that stores the texts of extra columns; None if the row itself stores them."""

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        return tuple(self._column(name) for name in self.header)

    @cached_property
    def fields(self) -> tuple[Column, ...]:
        """The columns, then the hidden fields: the fields of a row after its line number."""
        hidden = (*self.hidden, *(["cells"] if self.prefix else []))
        return (*self.columns, *(Column(name, name, Text()) for name in hidden))

    @cached_property
    def plain(self) -> tuple[Column, ...]:
        """The fields stored in the model's own table."""
        apart = {*(each.name for each in self.lists), *(["cells"] if self.values else [])}
        return tuple(each for each in self.fields if each.name not in apart)

    @cached_property
    def row(self) -> Any:
        """Named tuple type of a row: its line number, then the value of each field."""
        return namedtuple(self.name, ["line", *(each.name for each in self.fields)])

    @cached_property
    def key_columns(self) -> tuple[str, ...]:
        return self.key or self.header[:1]

    @cached_property
    def key_of(self) -> Any:
        """Getter of the key of a row: a text, or a tuple for a composite key."""
        return attrgetter(*self.key_columns)

    @cached_property
    def lists(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if isinstance(column.cell, References))

    @cached_property
    def references(self) -> tuple[Column, ...]:
        return tuple(
            column for column in self.columns if isinstance(column.cell, (Reference, References))
        )

    def _column(self, name: str) -> Column:
        if name == self.header[0] and not self.key:
            return Column(name, "key", _key_of(self.model), is_required=True)
        attribute = self.attributes.get(name, name)
        model_field = self.model._meta.get_field(attribute)
        cell = self.cells.get(name) or _cell(model_field)
        if not isinstance(model_field, models.Field):
            return Column(name, attribute, cell, is_derived=True)
        return Column(name, attribute, cell, _is_required(model_field))


def _key_of(model: type[models.Model]) -> Key:
    reserved = RESERVED if model in FILTERABLE else frozenset[str]()
    reserved = RESERVED_FOR_USERS if model is User else reserved
    return Key(KEY_LENGTH, reserved=reserved, stands_in_lists=model is Tag)


def _is_required(model_field: models.Field) -> bool:
    if model_field.name == "recorded_at":  # defaults to `occurred_at`
        return False
    if isinstance(model_field, (models.DateTimeField, models.DateField)):
        return not model_field.null
    return not (model_field.null or model_field.blank or model_field.has_default())


def _cell(model_field: Any) -> Cell:
    if model_field.is_relation:
        target = FILE_OF[model_field.related_model]
        return References(target) if model_field.many_to_many else Reference(target)
    if model_field.choices:
        words = tuple(value for value, _label in model_field.choices)
        return Choice(words, model_field.default if model_field.has_default() else "")
    match model_field:
        case models.EmailField():
            return Email(model_field.max_length)
        case models.CharField() if model_field.name in NAMES:
            return Name(model_field.max_length)
        case models.CharField() | models.TextField():
            return Text(model_field.max_length)
        case models.BooleanField():
            return Flag(model_field.default is True)
        case models.DecimalField():
            return Amount(is_negative_allowed=model_field.model is Lead)
        case models.DateTimeField():
            return Instant()
        case models.DateField():
            return Day()
        case models.IntegerField():
            empty = model_field.default if model_field.has_default() else None
            return WholeNumber(*_limits(model_field), empty)
    raise TypeError(f"No cell holds {model_field!r}.")


def _limits(model_field: models.IntegerField) -> tuple[int, int]:
    least, most = 0, LARGEST_WHOLE
    for validator in model_field._validators:  # type: ignore[attr-defined]
        if isinstance(validator, MinValueValidator):
            least = validator.limit_value
        elif isinstance(validator, MaxValueValidator):
            most = validator.limit_value
    return least, most


FILES: tuple[File, ...] = (
    File("users", User, ("user", "first_name", "last_name", "email", "role", "is_active")),
    File("teams", Team, ("team", "name", "is_active")),
    File("memberships", Membership, ("team", "user", "is_manager"), key=("team", "user")),
    File("pipelines", Pipeline, ("pipeline", "name", "is_default", "is_archived")),
    File("steps", Step, ("step", "pipeline", "name", "position", "probability", "is_closed")),
    File(
        "past_probabilities",
        PastProbability,
        ("past_probability", "step", "probability", "replaced_at", "replaced_by"),
        order=("replaced_at", "pk"),
    ),
    File(
        "past_positions",
        PastPosition,
        ("past_position", "step", "position", "replaced_at", "replaced_by"),
        order=("replaced_at", "pk"),
    ),
    File("holidays", Holiday, ("holiday", "day", "name"), order=("day",)),
    File(
        "categories",
        Category,
        ("category", "name", "is_required", "reason_for", "position", "is_active"),
    ),
    File("tags", Tag, ("tag", "name", "category", "position", "is_active")),
    File(
        "activity_types", ActivityType, ("activity_type", "name", "kind", "position", "is_active")
    ),
    File(
        "outcomes",
        Outcome,
        ("outcome", "activity_type", "name", "is_reached", "position", "is_active"),
    ),
    File(
        "fields",
        CustomField,
        ("field", "subject", "name", "kind", "choices", "is_key", "position", "is_archived"),
        cells={"choices": Texts()},
    ),
    File(
        "follow_up_templates",
        FollowUpTemplate,
        ("follow_up_template", "name", "position", "is_archived"),
    ),
    File(
        "follow_up_steps",
        TemplateStep,
        (
            *("follow_up_step", "follow_up_template", "position", "title", "days"),
            *("is_in_working_days", "owner_rule", "person", "note"),
        ),
        attributes={"follow_up_template": "template"},
    ),
    File(
        "clients",
        Client,
        (
            *("client", "name", "description", "is_active", "created_at", "created_by"),
            *("merged_into", "merged_at", "merged_by"),
        ),
        hidden=("sort_name",),
        prefix=CUSTOM_FIELD_PREFIX,
        values=ClientFieldValue,
    ),
    File(
        "client_differences",
        ClientDifference,
        ("client", "other", "created_at", "created_by"),
        key=("client", "other"),
    ),
    File(
        "prospecting_lists",
        ProspectingList,
        ("prospecting_list", "name", "user", "created_at", "source", "cost", "tags", "is_archived"),
    ),
    File(
        "prospect_columns",
        ProspectColumn,
        ("prospecting_list", "header", "position", "notion", "field", "is_hidden"),
        key=("prospecting_list", "header"),
        order=("prospecting_list_id", "position", "pk"),
    ),
    File(
        "costs",
        Cost,
        (
            *("cost", "name", "amount", "first_on", "last_on", "prospecting_list", "source"),
            *("tag", "created_at", "created_by"),
        ),
        order=("first_on", "pk"),
    ),
    File(
        "prospects",
        Prospect,
        (
            *("prospect", "prospecting_list", "created_at", "user", "lead", "converted_at"),
            *("call_back_on", "is_declined"),
        ),
        prefix=CELL_HEADER,
        order=("prospecting_list_id", "pk"),
    ),
    File(
        "leads",
        Lead,
        (
            *("lead", "title", "description", "pipeline", "step", "status", "user", "team"),
            *("client", "amount", "probability", "created_at", "created_by", "closed_at"),
            *("estimated_closing_on", "reminder_at", "tags", "source", "prospect", "is_starred"),
            *("reminder_is_all_day", "reminder_minutes", "reminder_activity", "reminder_note"),
            *("follows", "follows_as"),
        ),
        attributes={"user": "owner"},
        hidden=("is_deleted", "has_history"),
        prefix=CUSTOM_FIELD_PREFIX,
        values=LeadFieldValue,
        order=("created_at", "pk"),
    ),
    File(
        "lead_events",
        LeadEvent,
        (
            *("lead_event", "lead", "occurred_at", "recorded_at", "actor", "kind", "value"),
            *("old_value", "channel", "about"),
        ),
    ),
    File(
        "follow_ups",
        FollowUp,
        ("follow_up", "lead", "follow_up_template", "name", "started_at", "started_by"),
        attributes={"follow_up_template": "template"},
    ),
    File(
        "tasks",
        Task,
        (
            *("task", "lead", "follow_up", "position", "title", "note", "status", "due_on"),
            *("user", "done_at", "done_by", "created_at", "created_by", "is_removed"),
        ),
        attributes={"user": "owner"},
    ),
    File(
        "activities",
        Activity,
        (
            *("activity", "occurred_at", "recorded_at", "user", "activity_type", "outcome"),
            *("lead", "prospect", "content"),
        ),
        order=("occurred_at", "pk"),
    ),
    File(
        "attachments",
        Attachment,
        ("attachment", "lead", "name", "size", "digest", "added_at", "added_by", "is_removed"),
        cells={"name": Name(LONGEST_FILE_NAME), "digest": Digest()},
    ),
    File(
        "goals",
        Goal,
        ("goal", "user", "team", "measure", "activity_type", "period", "starts_on", "target"),
    ),
)
FILE: dict[str, File] = {file.name: file for file in FILES}
FILE_OF: dict[type[models.Model], str] = {file.model: file.name for file in FILES}

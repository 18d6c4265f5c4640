"""The company folder: its files, and what stands in their columns.

One table for both directions. A column is the model's field of the same name unless told
otherwise, and what it may hold follows from that field: its type, choices, length, whether it may
be empty. Files come in an order in which each names only rows of files before it, but for
`prospects.lead`, which is written through `leads.prospect`.
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
    Email,
    Flag,
    Instant,
    Key,
    Name,
    Reference,
    References,
    Text,
    Texts,
    Whole,
)
from leadlight.sales.models import (
    Activity,
    ActivityType,
    Category,
    Client,
    ClientFieldValue,
    CustomField,
    Goal,
    Lead,
    LeadEvent,
    LeadFieldValue,
    Outcome,
    PastProbability,
    Pipeline,
    Prospect,
    ProspectingList,
    Step,
    Tag,
)
from leadlight.sales.models.event_log import OWN_FIELD
from leadlight.sales.models.field_values import ValueModel
from leadlight.sales.models.valid_values import WITHOUT

COMPANY = "company.toml"
ENDINGS = (".csv", ".csv.gz")
# Prefix of the column of a prospect's own cell, whose header follows; for leads and clients, see
# `OWN_FIELD`.
CELL = "cell:"
RESERVED = WITHOUT
FILTERABLE = {User, Team, Tag, Pipeline, Client, ProspectingList}
NAMES = {"name", "first_name", "last_name"}
LARGEST_WHOLE = 2_147_483_647


@dataclass(frozen=True)
class Column:
    """`attribute` is the model's; `is_derived` columns are read and checked, never written."""

    name: str
    attribute: str
    cell: Cell
    is_required: bool = False
    is_derived: bool = False

    @property
    def path(self) -> str:
        """Where a query finds the value: the key of a row that is referred to."""
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
    """Columns whose field of the model has another name."""
    cells: Mapping[str, Cell] = field(default_factory=dict)
    """Columns that hold something else than their field of the model."""
    hidden: tuple[str, ...] = ()
    """Fields of the model that have no column of their own, and follow from something else."""
    key: tuple[str, ...] = ()
    """Where no column alone is the key: those that together are."""
    order: tuple[str, ...] = ("pk",)
    own: str = ""
    """Prefix of the names of further columns; rows have their texts in `cells`, by the rest."""
    values: ValueModel | None = None
    """The model that keeps these texts, where rows do not keep them themselves."""

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        return tuple(self._column(name) for name in self.header)

    @cached_property
    def fields(self) -> tuple[Column, ...]:
        """The columns, and the hidden fields after them: what a row holds behind its line."""
        hidden = (*self.hidden, *(["cells"] if self.own else []))
        return (*self.columns, *(Column(name, name, Text()) for name in hidden))

    @cached_property
    def plain(self) -> tuple[Column, ...]:
        """The fields that no table beside the model's keeps."""
        apart = {*(each.name for each in self.lists), *(["cells"] if self.values else [])}
        return tuple(each for each in self.fields if each.name not in apart)

    @cached_property
    def row(self) -> Any:
        """The type of a row: its line, then the value of each field."""
        return namedtuple(self.name, ["line", *(each.name for each in self.fields)])

    @cached_property
    def key_columns(self) -> tuple[str, ...]:
        return self.key or self.header[:1]

    @cached_property
    def key_of(self) -> Any:
        """The key of a row: a text, or a pair where two columns make it."""
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
    reserved = RESERVED if model in FILTERABLE else None
    return Key(KEY_LENGTH, reserved=reserved, stands_in_lists=model is Tag)


def _is_required(model_field: models.Field) -> bool:
    if model_field.name == "recorded_at":  # empty: when it occurred
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
            return Whole(*_limits(model_field))
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
    File("teams", Team, ("team", "name")),
    File("memberships", Membership, ("team", "user", "is_manager"), key=("team", "user")),
    File("pipelines", Pipeline, ("pipeline", "name", "is_default")),
    File("steps", Step, ("step", "pipeline", "name", "position", "probability")),
    File(
        "past_probabilities",
        PastProbability,
        ("past_probability", "step", "probability", "replaced_at", "replaced_by"),
        order=("replaced_at", "pk"),
    ),
    File("holidays", Holiday, ("holiday", "day", "name"), order=("day",)),
    File("categories", Category, ("category", "name", "is_required", "reason_for")),
    File("tags", Tag, ("tag", "name", "category")),
    File("activity_types", ActivityType, ("activity_type", "name", "kind")),
    File("outcomes", Outcome, ("outcome", "activity_type", "name", "is_reached")),
    File(
        "fields",
        CustomField,
        ("field", "subject", "name", "kind", "choices", "is_key", "position", "is_archived"),
        cells={"choices": Texts()},
    ),
    File(
        "clients",
        Client,
        ("client", "name", "description", "is_active"),
        own=OWN_FIELD,
        values=ClientFieldValue,
    ),
    File(
        "prospecting_lists",
        ProspectingList,
        ("prospecting_list", "name", "user", "created_at", "source", "cost", "tags", "is_archived"),
    ),
    File(
        "prospects",
        Prospect,
        ("prospect", "prospecting_list", "created_at", "user", "lead", "converted_at"),
        own=CELL,
        order=("prospecting_list_id", "pk"),
    ),
    File(
        "leads",
        Lead,
        (
            *("lead", "title", "description", "pipeline", "step", "status", "user", "team"),
            *("client", "amount", "probability", "created_at", "created_by", "closed_at"),
            *("estimated_closing_on", "reminder_at", "tags", "source", "prospect", "is_starred"),
        ),
        attributes={"user": "owner"},
        hidden=("is_deleted", "has_history"),
        own=OWN_FIELD,
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
        "activities",
        Activity,
        (
            *("activity", "occurred_at", "recorded_at", "user", "activity_type", "outcome"),
            *("lead", "prospect", "content"),
        ),
        order=("occurred_at", "pk"),
    ),
    File(
        "goals",
        Goal,
        ("goal", "user", "team", "measure", "activity_type", "period", "starts_on", "target"),
    ),
)
FILE: dict[str, File] = {file.name: file for file in FILES}
FILE_OF: dict[type[models.Model], str] = {file.model: file.name for file in FILES}

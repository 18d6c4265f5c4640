"""Layout of a file of the company folder: its columns, and the type of each column.

Unless declared otherwise, a column is the model field of the same name, and its cell type is
derived from that field: type, choices, length, and whether it may be empty.
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
from leadlight.accounts.models import Team, User
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
    WholeNumber,
)
from leadlight.sales.models import Client, Lead, Pipeline, ProspectingList, Tag
from leadlight.sales.models.field_values import ValueModel
from leadlight.sales.models.valid_values import WITHOUT

RESERVED = frozenset({WITHOUT})
RESERVED_FOR_USERS = RESERVED | {"me"}  # "me" in a filter is the reader
FILTERABLE = {User, Team, Tag, Pipeline, Client, ProspectingList}
NAMES = {"name", "first_name", "last_name"}
LARGEST_WHOLE = 2_147_483_647
# Model → name of its file: each `File` adds itself.
FILE_OF: dict[type[models.Model], str] = {}


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
    """File of the company folder: its name, its columns and the model that stores its rows."""

    name: str
    model: type[models.Model]
    header: tuple[str, ...]
    attributes: Mapping[str, str] = field(default_factory=dict)
    """Column name → name of the model field, where the two differ."""
    cells: Mapping[str, Cell] = field(default_factory=dict)
    """Column name → cell type, where it is not derived from the model field."""
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

    def __post_init__(self) -> None:
        FILE_OF[self.model] = self.name

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
    raise TypeError(f"No cell type is defined for {model_field!r}.")


def _limits(model_field: models.IntegerField) -> tuple[int, int]:
    least, most = 0, LARGEST_WHOLE
    for validator in model_field._validators:  # type: ignore[attr-defined]
        if isinstance(validator, MinValueValidator):
            least = validator.limit_value
        elif isinstance(validator, MaxValueValidator):
            most = validator.limit_value
    return least, most

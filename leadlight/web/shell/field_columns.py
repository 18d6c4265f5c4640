"""Custom fields in a list: the chosen columns and their texts, and the controls of filters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from leadlight.sales.field_filter import FROM, RANGED, TO, FieldFilter
from leadlight.sales.models import CustomField
from leadlight.sales.models.event_log import CUSTOM_FIELD_PREFIX
from leadlight.sales.models.field_texts import FieldKind
from leadlight.sales.models.field_values import VALUES
from leadlight.sales.refusals import Refused

Cells = tuple[tuple[CustomField, str], ...]


@dataclass(frozen=True)
class Control:
    """Form controls of one custom field; `filter` is its current filter."""

    field: CustomField
    is_column: bool
    filter: FieldFilter

    @property
    def word(self) -> str:
        return CUSTOM_FIELD_PREFIX + self.field.key

    @property
    def first_word(self) -> str:
        return self.word + FROM

    @property
    def last_word(self) -> str:
        return self.word + TO

    @property
    def is_choice(self) -> bool:
        return self.field.kind == FieldKind.CHOICE

    @property
    def is_ranged(self) -> bool:
        return self.field.kind in RANGED

    @property
    def input_type(self) -> str:
        return "date" if self.field.kind == FieldKind.DAY else "number"

    @property
    def text(self) -> str:
        return self.filter.texts[0] if self.filter.texts else ""


def shown_fields(subject: str) -> list[CustomField]:
    """Return the fields of a subject that lists may show and filter by."""
    return list(CustomField.objects.filter(subject=subject, is_archived=False))


def chosen(words: Iterable[str], fields: Sequence[CustomField]) -> list[CustomField]:
    """Return the columns named in a query string, in the order of the fields.

    Raises `Refused` for an unknown column.
    """
    chosen_words = {word for word in words if word}
    unknown = chosen_words - {CUSTOM_FIELD_PREFIX + field.key for field in fields}
    if unknown:
        raise Refused(_("Unknown column: “%(column)s”.") % {"column": min(unknown)})
    return [field for field in fields if CUSTOM_FIELD_PREFIX + field.key in chosen_words]


def cells_of(ids: Iterable[int], columns: Sequence[CustomField]) -> Mapping[int, Cells]:
    """Return id → columns with their texts, for leads or clients with these ids."""
    numbers = list(ids)
    texts: dict[tuple[int, int], str] = defaultdict(str)
    if columns:
        every = VALUES[columns[0].subject]._default_manager
        values = every.filter(owner__in=numbers, field__in=columns)
        for owner, field, text in values.values_list("owner_id", "field_id", "text"):
            texts[owner, field] = text
    return {
        number: tuple((field, texts[number, field.pk]) for field in columns) for number in numbers
    }


def controls(
    fields: Iterable[CustomField], columns: Sequence[CustomField], filters: Iterable[FieldFilter]
) -> list[Control]:
    chosen = {one.field: one for one in filters}
    return [
        Control(field, field in columns, chosen.get(field, FieldFilter(field))) for field in fields
    ]

"""Custom fields as columns of files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from leadlight.presentation.datasets.dataset import DataColumn, of_ids
from leadlight.sales.models import CustomField
from leadlight.sales.models.event_log import CUSTOM_FIELD_PREFIX
from leadlight.sales.models.field_texts import FieldKind, value_of
from leadlight.sales.models.field_values import VALUES

# Kinds of the cells of custom fields; others are text.
KINDS = {FieldKind.NUMBER: "part", FieldKind.AMOUNT: "money", FieldKind.DAY: "day"}


def cell_kind(field: CustomField) -> str:
    """Return the kind of the cells of a custom field, as that of a `Heading`."""
    return KINDS.get(FieldKind(field.kind), "text")


def field_columns(subject: str) -> Iterator[DataColumn]:
    """Yield the columns of the custom fields of a subject, archived ones too, by position."""
    for field in CustomField.objects.filter(subject=subject):
        key = CUSTOM_FIELD_PREFIX + field.key
        yield DataColumn(key, field.name, cell_kind(field), "pk", of_ids(_values(field)))


def _values(field: CustomField) -> Callable[[Sequence[int]], Mapping[int, Any]]:
    def values(ids: Sequence[int]) -> Mapping[int, Any]:
        rows = VALUES[field.subject].objects.filter(field=field, owner__in=ids)
        return {pk: value_of(field, text) for pk, text in rows.values_list("owner_id", "text")}

    return values

"""Values of leads and clients in custom fields."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from leadlight.sales.models.field_texts import (
    LONGEST_SORT_TEXT,
    MOST_DECIMALS,
    MOST_DIGITS,
    Definition,
    number_of,
    sort_text,
)
from leadlight.sales.models.fields import CustomField


class FieldValue(models.Model):
    """Value of a lead or a client in one custom field; without a value, there is no row.

    `text` is the whole value as canonical text. `sort_text` and `number` are derived from it, and
    indexed for filtering and ordering.
    """

    field = models.ForeignKey(
        CustomField, models.PROTECT, related_name="%(class)ss", db_index=False
    )
    text = models.TextField()
    sort_text = models.CharField(max_length=LONGEST_SORT_TEXT)
    number = models.DecimalField(
        max_digits=MOST_DIGITS + MOST_DECIMALS, decimal_places=MOST_DECIMALS, null=True
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.text

    @classmethod
    def put(cls, owner: models.Model, field: CustomField, text: str) -> None:
        """Set the value of `owner` in a field to a canonical text; "" deletes it."""
        rows: models.Manager[Any] = cls._default_manager
        values = rows.filter(owner=owner, field=field)
        if text:
            values.update_or_create(
                defaults={"text": text} | derived(field, text),
                create_defaults={"owner": owner, "field": field, "text": text}
                | derived(field, text),
            )
        else:
            values.delete()


def derived(field: Definition, text: str) -> dict[str, Any]:
    """Return the columns of a value that are derived from its text."""
    return {"sort_text": sort_text(field, text), "number": number_of(field, text)}


class LeadFieldValue(FieldValue):
    owner = models.ForeignKey(
        "sales.Lead", models.CASCADE, related_name="field_values", db_index=False
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "field"], name="one_value_of_a_lead")
        ]
        indexes: ClassVar = [
            models.Index(fields=["field", "sort_text"], name="lead_field_text"),
            models.Index(fields=["field", "number"], name="lead_field_number"),
        ]


class ClientFieldValue(FieldValue):
    owner = models.ForeignKey(
        "sales.Client", models.CASCADE, related_name="field_values", db_index=False
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "field"], name="one_value_of_a_client")
        ]
        indexes: ClassVar = [
            models.Index(fields=["field", "sort_text"], name="client_field_text"),
            models.Index(fields=["field", "number"], name="client_field_number"),
        ]


ValueModel = type[LeadFieldValue] | type[ClientFieldValue]
VALUES: dict[str, ValueModel] = {
    CustomField.Subject.LEAD: LeadFieldValue,
    CustomField.Subject.CLIENT: ClientFieldValue,
}


def field_texts(row: Any) -> dict[str, str]:
    """Return the values of a lead or a client as field key → canonical text."""
    values = row.field_values.all()
    if "field_values" not in getattr(row, "_prefetched_objects_cache", {}):
        values = values.select_related("field")
    return {value.field.key: value.text for value in values}

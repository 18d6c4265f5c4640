"""Clients: the companies that leads belong to."""

from __future__ import annotations

from typing import ClassVar

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from leadlight.accounts.keys import Keyed
from leadlight.sales.models.field_values import ClientFieldValue, field_texts
from leadlight.sales.models.fields import CustomField


class Client(Keyed):
    name = models.CharField(_("name"), max_length=300)
    description = models.TextField(_("description"), blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering: ClassVar = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def field_texts(self) -> dict[str, str]:
        return field_texts(self)

    def set_field(self, field: CustomField, text: str) -> None:
        """Set the value of a custom field; "" removes it."""
        with transaction.atomic():
            ClientFieldValue.put(self, field, field.checked(CustomField.Subject.CLIENT, text))

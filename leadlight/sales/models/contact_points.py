"""Contact points of leads: the e-mail addresses, phone numbers and links of their people."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy, pgettext_lazy

from leadlight.accounts.keys import KEY_LENGTH
from leadlight.sales.contact_lines import (
    ADDRESS,
    EMAIL,
    FAX,
    LONGEST_LINK,
    LONGEST_NAME,
    MOBILE,
    PHONE,
    WEB,
)
from leadlight.sales.models.fields import CustomField

LABELS = {
    EMAIL: gettext_lazy("Email"),
    PHONE: gettext_lazy("Phone"),
    MOBILE: gettext_lazy("Mobile"),
    FAX: gettext_lazy("Fax"),
    WEB: gettext_lazy("Website"),
    ADDRESS: gettext_lazy("Address"),
}
FIELD_LABEL = "field:"  # prefix of the key of a custom field as a label


class ContactPoint(models.Model):
    """Way to reach a person about a lead, derived from its description and its custom fields.

    `value` is an address in lower case, an E.164 number, a link or a postal address. `label` is a
    key of `LABELS`, or `FIELD_LABEL` and the key of a custom field. `name` is the name of the
    person; points with the same `block` belong to one person. `sales.search.writing` keeps the rows
    up to date.
    """

    class Kind(models.TextChoices):
        EMAIL = EMAIL, gettext_lazy("Email")
        PHONE = PHONE, gettext_lazy("Phone")
        WEB = WEB, gettext_lazy("Website")
        ADDRESS = ADDRESS, pgettext_lazy("postal", "Address")

    lead = models.ForeignKey(
        "sales.Lead", models.CASCADE, related_name="contact_points", db_index=False
    )
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    value = models.CharField(max_length=LONGEST_LINK)
    label = models.CharField(max_length=len(FIELD_LABEL) + KEY_LENGTH)
    name = models.CharField(max_length=LONGEST_NAME, blank=True)
    block = models.PositiveSmallIntegerField()

    class Meta:
        ordering: ClassVar = ["lead", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["lead", "position"], name="one_contact_at_a_place")
        ]
        indexes: ClassVar = [models.Index(fields=["value", "kind"], name="contact_value")]

    def __str__(self) -> str:
        return self.value

    @property
    def label_text(self) -> str:
        """Label for people, the name of the custom field for its values."""
        if self.label.startswith(FIELD_LABEL):
            key = self.label.removeprefix(FIELD_LABEL)
            return str(CustomField.objects.get(key=key))
        return str(LABELS[self.label])

"""Parts of the page of a client that are edited in place: name, description and custom fields."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from leadlight.presentation.typed_numbers import plain_number
from leadlight.sales.models import Client, ClientFieldValue, CustomField
from leadlight.sales.models.client_names import LONGEST_NAME
from leadlight.sales.models.event_log import CUSTOM_FIELD_PREFIX
from leadlight.sales.models.field_texts import LONGEST_VALUE, FieldKind
from leadlight.sales.models.valid_values import LONGEST_TEXT

NAME, DESCRIPTION = "name", "description"
INPUT_TYPES = {
    FieldKind.DAY: "date",
    FieldKind.EMAIL: "email",
    FieldKind.PHONE: "tel",
    FieldKind.LINK: "url",
}
NUMBERS = (FieldKind.NUMBER, FieldKind.AMOUNT)
LONG = (FieldKind.TEXT, FieldKind.ADDRESS)


@dataclass(frozen=True)
class Form:
    """Form of a part. `text` is what the user typed, `before` the value that they started from.

    `theirs` is the value that another user has saved meanwhile, None if there is no conflict.
    """

    text: str
    before: str
    error: str = ""
    theirs: str | None = None

    @property
    def is_conflict(self) -> bool:
        return self.theirs is not None

    @property
    def next_before(self) -> str:
        """Value that the next attempt starts from."""
        return self.before if self.theirs is None else self.theirs


@dataclass(frozen=True)
class Part:
    """Part of the page; `text` is the current value, `form` is None if it is not being edited.

    `is_fresh`: it replaces a part that had the focus, and takes the focus.
    """

    client: Client
    key: str
    text: str
    field: CustomField | None = None
    may_edit: bool = False
    form: Form | None = None
    is_fresh: bool = False

    @property
    def title(self) -> str:
        if self.field is not None:
            return self.field.name
        return _("Name") if self.key == NAME else _("Description")

    @property
    def anchor(self) -> str:
        """Id of the control, unique on the page."""
        return f"edit-{self.key if self.field is None else f'field-{self.field.pk}'}"

    @property
    def address(self) -> str:
        path = reverse("client_edit", args=[self.client.key])
        return f"{path}?{urlencode({'part': self.key})}"

    @property
    def cancel_address(self) -> str:
        return f"{self.address}&cancel=1"

    @property
    def control(self) -> str:
        """Kind of control: select, textarea or input."""
        if self.field is not None and self.field.kind == FieldKind.CHOICE:
            return "select"
        is_long = self.key == DESCRIPTION or (self.field and self.field.kind in LONG)
        return "textarea" if is_long else "input"

    @property
    def input_type(self) -> str:
        return INPUT_TYPES.get(FieldKind(self.field.kind), "text") if self.field else "text"

    @property
    def is_number(self) -> bool:
        return self.field is not None and self.field.kind in NUMBERS

    @property
    def rows(self) -> int:
        return 8 if self.key == DESCRIPTION else 2

    @property
    def most(self) -> int:
        if self.field is not None:
            return LONGEST_VALUE
        return LONGEST_NAME if self.key == NAME else LONGEST_TEXT

    @property
    def choices(self) -> list[str]:
        """Choices of the field; also the current value and the typed one, so that none is lost."""
        texts = self.field.choices if self.field else []
        typed = self.form.text if self.form else ""
        return list(dict.fromkeys([*texts, *filter(None, [self.text, typed])]))

    def save(self, text: str) -> None:
        """Set the value. Raises `Refused` if it is invalid."""
        if self.field is not None:
            self.client.set_field(self.field, plain_number(text) if self.is_number else text)
        elif self.key == NAME:
            self.client.rename(text)
        else:
            self.client.describe(text)


def parts_of(client: Client, *, may_edit: bool) -> dict[str, Part]:
    """Return key → part of every part, custom fields in their order; archived ones are left out."""
    fields = CustomField.objects.filter(subject=CustomField.Subject.CLIENT, is_archived=False)
    parts = [
        Part(client, NAME, client.name, may_edit=may_edit),
        Part(client, DESCRIPTION, client.description, may_edit=may_edit),
        *_of_fields(client, fields, may_edit),
    ]
    return {part.key: part for part in parts}


def _of_fields(client: Client, fields: Iterable[CustomField], may_edit: bool) -> Iterable[Part]:
    values = ClientFieldValue.objects.filter(owner=client).values_list("field_id", "text")
    texts = dict(values)
    for one in fields:
        key = CUSTOM_FIELD_PREFIX + one.key
        yield Part(client, key, texts.get(one.pk, ""), one, may_edit=may_edit)

"""Form of the value of one custom field of a lead."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext

from leadlight.presentation.typed_numbers import plain_number
from leadlight.sales.models import CustomField, Lead
from leadlight.sales.models.event_log import CUSTOM_FIELD_PREFIX
from leadlight.sales.models.field_texts import FieldKind, canonical
from leadlight.web.leads.forms.change import ChangeForm
from leadlight.web.leads.forms.values import DAY_INPUT, SAVE
from leadlight.web.shell.form_values import value_or_error


class CustomFieldForm(ChangeForm):
    """Value of one custom field; `field` comes from the address."""

    button = SAVE
    text = forms.CharField(required=False)

    def __init__(self, lead: Lead, user: Any, data: Any = None, *, field: CustomField) -> None:
        self.field = field
        self.query = "?" + urlencode({"field": field.key})
        super().__init__(lead, user, data)
        self.fields["text"] = _control(field)

    @property
    def title(self) -> str:
        return self.field.name

    def changed_names(self) -> list[str]:
        return [CUSTOM_FIELD_PREFIX + self.field.key]

    def current(self) -> dict[str, Any]:
        return {"text": self.lead.field_texts.get(self.field.key, "")}

    def clean_text(self) -> str:
        text = self.cleaned_data["text"].replace("\r\n", "\n")
        if self.field.kind in (FieldKind.AMOUNT, FieldKind.NUMBER):
            text = plain_number(text)
        return value_or_error(canonical, self.field, text)

    def save(self) -> str:
        self.lead.set_field(self.field, self.cleaned_data["text"], by=self.user)
        return gettext("“%(field)s” changed.") % {"field": self.field}


def _control(field: CustomField) -> forms.Field:
    label = field.name
    if field.kind == FieldKind.CHOICE:
        choices = [("", "–"), *((choice, choice) for choice in field.choices)]
        return forms.ChoiceField(label=label, required=False, choices=choices)
    if field.kind in (FieldKind.TEXT, FieldKind.ADDRESS):
        widget: forms.Widget = forms.Textarea(attrs={"rows": 3})
    elif field.kind == FieldKind.DAY:
        widget = forms.DateInput(attrs=DAY_INPUT)
    else:
        kinds = {FieldKind.EMAIL: "email", FieldKind.PHONE: "tel", FieldKind.LINK: "url"}
        widget = forms.TextInput(attrs={"type": kinds.get(FieldKind(field.kind), "text")})
    return forms.CharField(label=label, required=False, widget=widget)

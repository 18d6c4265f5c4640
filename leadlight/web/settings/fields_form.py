"""Forms to create and to change a custom field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.db import IntegrityError, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from leadlight.sales.models import CustomField
from leadlight.sales.models.field_texts import FieldKind
from leadlight.sales.models.fields import LONGEST_NAME
from leadlight.sales.models.valid_values import valid_choices, valid_line
from leadlight.sales.refusals import Refused
from leadlight.web.shell.form_values import value_or_error


def _name() -> forms.CharField:
    return forms.CharField(
        label=_("Name"),
        max_length=LONGEST_NAME,
        error_messages={
            "required": _("Enter a name for the field."),
            "max_length": _("This name is too long. Enter a shorter one."),
        },
    )


def _choices() -> forms.CharField:
    return forms.CharField(
        label=_("Choices"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("For the type “Choice”: enter one choice per line, in the order to show them."),
    )


def _is_key() -> forms.BooleanField:
    return forms.BooleanField(
        label=_("Treat rows with the same value as duplicates"), required=False
    )


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


class NewFieldForm(forms.Form):
    subject = forms.ChoiceField(
        label=_("Belongs to"),
        choices=CustomField.Subject.choices,
        error_messages={"invalid_choice": _("Choose leads, clients or prospects.")},
    )
    name = _name()
    kind = forms.ChoiceField(
        label=_("Type"),
        choices=FieldKind.choices,
        error_messages={"invalid_choice": _("Choose one of the field types.")},
    )
    choices = _choices()
    is_key = _is_key()

    def clean_name(self) -> str:
        return value_or_error(valid_line, self.cleaned_data["name"], LONGEST_NAME)

    def clean_choices(self) -> list[str]:
        lines = _lines(self.cleaned_data["choices"])
        if self.cleaned_data.get("kind") != FieldKind.CHOICE:
            return []
        return value_or_error(valid_choices, lines)

    def define(self) -> bool:
        """Create the field; if its name is in use, add an error and return False."""
        given = self.cleaned_data
        try:
            CustomField.define(
                given["subject"],
                given["name"],
                given["kind"],
                choices=given["choices"],
                is_key=given["is_key"],
            )
        except (Refused, IntegrityError):
            self.add_error(
                "name", gettext("A field with this name already exists. Choose another name.")
            )
            return False
        return True


class FieldForm(forms.Form):
    """Form to change a field; only fields of kind choice have a control for choices."""

    name = _name()
    choices = _choices()
    is_key = _is_key()

    def __init__(self, given: Any, *, field: CustomField) -> None:
        initial = {
            "name": field.name,
            "choices": "\n".join(field.choices),
            "is_key": field.is_key,
        }
        super().__init__(given, initial=initial)
        self.field = field
        if field.kind == FieldKind.CHOICE:
            self.fields["choices"].help_text = _(
                "Enter one choice per line, in the order to show them."
            )
        else:
            del self.fields["choices"]

    def save(self) -> None:
        """Change the field; if a value is refused, add errors, change nothing and raise Refused."""
        with transaction.atomic():
            self._change("name", self.field.rename, self.cleaned_data["name"])
            if "choices" in self.fields:
                lines = _lines(self.cleaned_data["choices"])
                self._change("choices", self.field.set_choices, lines)
            if self.errors:
                raise Refused
            self.field.set_is_key(self.cleaned_data["is_key"])

    def _change(self, name: str, verb: Callable[[Any], None], value: Any) -> None:
        try:
            with transaction.atomic():
                verb(value)
        except Refused as refusal:
            self.add_error(name, str(refusal))
        except IntegrityError:
            self.add_error(
                "name", gettext("A field with this name already exists. Choose another name.")
            )

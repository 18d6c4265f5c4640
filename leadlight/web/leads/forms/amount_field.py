"""Form field of an amount."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from leadlight.presentation import formats
from leadlight.presentation.typed_numbers import amount_of
from leadlight.sales.models.valid_values import valid_amount
from leadlight.sales.refusals import Refused

LONGEST = 40  # characters


class AmountField(forms.Field):
    """Amount as people type it; the value is a Decimal, or None."""

    def __init__(self, **more: Any) -> None:
        attributes = {"inputmode": "decimal", "autocomplete": "off", "maxlength": LONGEST}
        super().__init__(required=False, widget=forms.TextInput(attrs=attributes), **more)

    def to_python(self, value: Any) -> Decimal | None:
        try:
            return valid_amount(amount_of(str(value or "")[: LONGEST + 1]))
        except ValueError as error:
            raise ValidationError(
                gettext("This is not an amount. Enter a number, such as 1200.")
            ) from error
        except Refused as refusal:
            raise ValidationError(str(refusal)) from refusal

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, Decimal):
            return formats.number(value, formats.cents(value))
        return value

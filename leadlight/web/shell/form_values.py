"""Validation and saving of form values by the rules of `sales`."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django import forms
from django.core.exceptions import ValidationError

from leadlight.sales.refusals import Refused

Given = ParamSpec("Given")
Value = TypeVar("Value")


def value_or_error(
    check: Callable[Given, Value], *given: Given.args, **named: Given.kwargs
) -> Value:
    """Return the value of a check; a refusal becomes the error of the form field."""
    try:
        return check(*given, **named)
    except Refused as refusal:
        raise ValidationError(str(refusal)) from refusal


def is_saved(form: forms.Form, save: Callable[[], object]) -> bool:
    """Call `save` if the form was sent and is valid; a refusal becomes an error of the form."""
    if not form.is_valid():
        return False
    try:
        save()
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return False
    return True

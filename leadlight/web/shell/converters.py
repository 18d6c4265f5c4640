"""Path converters of addresses."""

from __future__ import annotations

from functools import cache

from django.urls import register_converter
from django.urls.converters import StringConverter

from leadlight.accounts.tokens import TOKEN


class AnyKey(StringConverter):
    """Path converter for external keys: any text without NUL, slashes and line breaks included."""

    regex = r"[^\0]+"


class SecretToken(StringConverter):
    """Path converter for the token of a secret address."""

    regex = TOKEN.pattern


@cache
def register() -> None:
    """Register the converters, once in a process."""
    register_converter(AnyKey, "key")
    register_converter(SecretToken, "secret")

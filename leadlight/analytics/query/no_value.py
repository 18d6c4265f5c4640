"""Placeholder for a value in the shape of a query."""

from __future__ import annotations

from typing import NoReturn


class NoValue(Exception):
    """Attempt to read a value from the shape of a query: the cached SQL would contain it."""


class _NoValue:
    """Placeholder that raises NoValue when any attribute is read."""

    def __getattr__(self, name: str) -> NoReturn:
        raise NoValue(f"a shape has no “{name}”: bind the value instead")


NO_VALUE = _NoValue()

"""The place of a value in the shape of a question, which has none."""

from __future__ import annotations

from typing import NoReturn


class NoValue(Exception):
    """The shape of a question was asked for a value, which would stay in its SQL for ever."""


class _NoValue:
    """In the place of a value."""

    def __getattr__(self, name: str) -> NoReturn:
        raise NoValue(f"a shape has no “{name}”: bind the value instead")


NO_VALUE = _NoValue()

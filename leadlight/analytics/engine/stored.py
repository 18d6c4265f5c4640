"""Compiled values as JSON: statements, and tuples, sets, mappings and dataclasses of them."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, TypeVar

from leadlight.analytics.query.statement import Statement

Kind = TypeVar("Kind", bound=type)
_KINDS: dict[str, type] = {"Statement": Statement}


def storable(kind: Kind) -> Kind:
    """Declare that instances of a dataclass can be stored, as the values of their fields."""
    _KINDS[kind.__name__] = kind
    return kind


def to_json(value: Any) -> Any:
    """Return a value as JSON types. Raises TypeError for a type that cannot be stored."""
    kind = type(value)
    if value is None or kind in (str, int, bool):
        return value
    if kind is tuple:
        return ["tuple", *map(to_json, value)]
    if kind is frozenset:
        return ["frozenset", *map(to_json, value)]
    if kind is dict:
        return ["dict", *([to_json(key), to_json(one)] for key, one in value.items())]
    if _KINDS.get(kind.__name__) is kind:
        return [kind.__name__, *(to_json(getattr(value, one.name)) for one in fields(value))]
    raise TypeError(f"{kind} cannot be stored")


def from_json(value: Any) -> Any:
    """Return a value from its JSON. Raises LookupError, TypeError or ValueError for other JSON."""
    kind, *parts = value
    if kind == "dict":
        return {_part(key): _part(one) for key, one in parts}
    values = map(_part, parts)
    if kind == "tuple":
        return tuple(values)
    return frozenset(values) if kind == "frozenset" else _KINDS[kind](*values)


def _part(value: Any) -> Any:
    return value if value is None or isinstance(value, (str, int)) else from_json(value)

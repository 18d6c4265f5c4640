"""Fingerprints of Ibis expressions and of query shapes, equal in every process.

The hashes of Ibis are valid in one process only. A fingerprint covers every node and every argument
of a node, so that two expressions share a fingerprint only if they compile to the same SQL. Two
shapes share a fingerprint only if all their parts are equal and of equal types.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from hashlib import blake2b
from typing import Any

from ibis.common.graph import Graph, Node
from ibis.common.grounds import Concrete
from ibis.expr.datatypes import DataType

from leadlight.analytics.query.no_value import NO_VALUE
from leadlight.analytics.reports import EVERY_TABLE
from leadlight.analytics.reports.contract import Report

PLAIN = (str, bytes, int, float, Decimal, type(None), date, time, timedelta, Enum, DataType)
SIZE = 16  # bytes


class NoFingerprint(TypeError):
    """An expression or shape has a part whose text may differ between processes."""


def fingerprint(node: Node, *more: object) -> str:
    """Return the hexadecimal digest of an expression and of further plain values.

    Raises NoFingerprint.
    """
    digests: dict[Node, bytes] = {}
    graph, _ = Graph.from_bfs(node).toposort()
    for one in graph:
        digests[one] = _digest(_concrete(one, digests))
    return _digest((digests[node], *(_plain(one, {}) for one in more))).hex()


def shape_fingerprint(key: Hashable) -> str:
    """Return the hexadecimal digest of the key of a shape.

    Raises NoFingerprint, also for a report outside the catalogue: another report may have the same
    key.
    """
    return _digest(_plain(key, {})).hex()


def _plain(value: Any, digests: Mapping[Node, bytes]) -> Any:
    """Return the value as built-in types whose `repr` is equal in every process."""
    if value is NO_VALUE:
        return "NO_VALUE"
    if isinstance(value, Node):
        return digests[value]
    if isinstance(value, PLAIN):
        return type(value).__qualname__, repr(value)
    if isinstance(value, tuple):
        return type(value).__qualname__, tuple(_plain(one, digests) for one in value)
    if isinstance(value, Mapping):
        return tuple((_plain(key, digests), _plain(one, digests)) for key, one in value.items())
    if isinstance(value, frozenset):
        return "frozenset", tuple(sorted(repr(_plain(one, digests)) for one in value))
    if isinstance(value, Concrete):
        return _concrete(value, digests)
    if isinstance(value, Report) and value in EVERY_TABLE:
        return "Report", EVERY_TABLE.index(value)
    if is_dataclass(value) and not isinstance(value, Report | type):
        parts = tuple(_plain(getattr(value, one.name), digests) for one in fields(value))
        return type(value).__module__, type(value).__qualname__, parts
    raise NoFingerprint(f"no fingerprint of {type(value)}")


def _concrete(value: Concrete, digests: Mapping[Node, bytes]) -> Any:
    kind = type(value)
    return kind.__module__, kind.__qualname__, *(_plain(arg, digests) for arg in value.__args__)


def _digest(value: object) -> bytes:
    return blake2b(repr(value).encode(), digest_size=SIZE).digest()

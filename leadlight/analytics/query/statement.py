"""Compiled statement of an engine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Statement:
    """The SQL of one question, with the names of the values that it needs bound."""

    sql: str
    names: tuple[str, ...]

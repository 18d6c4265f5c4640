"""Compiled statement."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Statement:
    """SQL of one query shape, with the names of the values to bind."""

    sql: str
    names: tuple[str, ...]

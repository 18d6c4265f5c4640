"""Kinds of columns, and the unit of the values of each kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Kind = Literal[
    "count",
    "money",
    "rate",
    "ratio",
    "multiple",
    "days",
    "share",
    "interval",
    "ranks",
    "range",
    "estimate",
]
UNITS: Mapping[Kind, str] = {
    "count": "leads",
    "money": "currency",
    "rate": "fraction",
    "ratio": "ratio",
    "multiple": "ratio",
    "days": "days",
    "share": "fraction",
    "interval": "fraction",
    "ranks": "rank",
    "range": "currency",
    "estimate": "fraction",
}

"""Histograms: the number of occurrences of each whole number, as one aggregate."""

from __future__ import annotations

import re
from functools import lru_cache

import ibis
import ibis.expr.datatypes as dt
from ibis.expr.types import BooleanValue, IntegerValue, Value

COUNTED = re.compile(r"(-?\d+)=(\d+)")


@ibis.udf.agg.builtin(name="histogram", signature=((dt.int64,), dt.Map(dt.int64, dt.int64)))
def _histogram(number: int) -> None:
    """Aggregate function `histogram` of DuckDB."""


def histogram(numbers: IntegerValue, where: BooleanValue | None = None) -> Value:
    """Return the histogram of whole numbers as text, so that equal histograms are equal values."""
    return _histogram(numbers, where=where).cast("string")


@lru_cache(maxsize=4096)
def counts_of(text: str | None) -> tuple[tuple[int, int], ...]:
    """Return pairs (number, occurrences) of a histogram; empty if there are no facts."""
    return tuple((int(number), int(times)) for number, times in COUNTED.findall(text or ""))

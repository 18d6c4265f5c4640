"""Comparison of two golden copies cell by cell."""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Keys that identify an entry of a list, if unique in it.
NAMES = ("key", "code", "list", "lead", "activity", "prospect")
MISSING = "(missing)"


@dataclass(frozen=True)
class Difference:
    """Differing cell, by file, query, row and column."""

    file: str
    query: str
    place: tuple[str, ...]
    old: Any
    new: Any

    def __str__(self) -> str:
        place = " / ".join(self.place)
        return f"{self.file}: {self.query}\n    {place}: {self.old!r} → {self.new!r}"


@dataclass(frozen=True)
class Comparison:
    """Comparison of golden copies.

    With `with_words`, texts are compared as well. `float_digits` is the number of decimal digits to
    which floats are compared (None: exactly).
    """

    with_words: bool = False
    float_digits: int | None = None

    def differences(self, old: Path, new: Path) -> Iterator[Difference]:
        """Yield every cell that differs, and every file, query and row that only one copy has."""
        files = {path.relative_to(copy) for copy in (old, new) for path in copy.rglob("*.json.gz")}
        for file in sorted(files):
            for query, *answers in _both(_read(old / file), _read(new / file)):
                yield from self._of_answers(str(file), query, *map(self._cells, answers))

    def _of_answers(self, file: str, query: str, old: Any, new: Any) -> Iterator[Difference]:
        if MISSING in (old, new):
            found = (MISSING if one is MISSING else "(there)" for one in (old, new))
            yield Difference(file, query, (), *found)
            return
        for place, then, now in _both(old, new):
            if not self._is_same(then, now):
                yield Difference(file, query, place, then, now)

    def _cells(self, answer: Any) -> Any:
        if answer is MISSING:
            return MISSING
        parts = ("values", "words") if self.with_words else ("values",)
        return {place: value for part in parts for place, value in _cells_in(answer[part], ())}

    def _is_same(self, old: Any, new: Any) -> bool:
        if type(old) is not type(new):
            return False
        if self.float_digits is None or not isinstance(old, float):
            return bool(old == new)
        near = 10.0**-self.float_digits
        return math.isclose(old, new, rel_tol=near, abs_tol=near)


def _read(path: Path) -> dict[str, Any]:
    return json.loads(gzip.decompress(path.read_bytes())) if path.exists() else {}


def _both(old: dict[Any, Any], new: dict[Any, Any]) -> Iterator[tuple[Any, Any, Any]]:
    for key in {**old, **new}:
        yield key, old.get(key, MISSING), new.get(key, MISSING)


def _cells_in(value: Any, place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every scalar of an answer with the path of keys that leads to it.

    The order of the entries of a list is compared as one value.
    """
    if isinstance(value, dict):
        if not value:
            yield place, "{}"
        for name, inner in value.items():
            yield from _cells_in(inner, (*place, name))
    elif isinstance(value, list):
        names = _names_in(value)
        yield (*place, "(order)"), " ".join(names)
        for name, inner in zip(names, value, strict=True):
            yield from _cells_in(inner, (*place, name))
    else:
        yield place, value


def _names_in(entries: list[Any]) -> list[str]:
    if entries and all(isinstance(entry, dict) for entry in entries):
        for name in NAMES:
            names = [str(entry.get(name, "")) for entry in entries]
            if len(set(names)) == len(names) and all(name in entry for entry in entries):
                return names
    return [str(number) for number in range(len(entries))]

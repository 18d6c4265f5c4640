"""The seed of everything that is drawn by chance.

A normal run always draws the same. `make search` sets LEADLIGHT_TEST_SEED, another one each time,
from which every drawing follows: random companies, questions, changes, texts and points at which a
process is killed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from itertools import cycle, product
from random import Random
from typing import Any, TypeVar

import hypothesis
from hypothesis import HealthCheck, settings

Case = TypeVar("Case")
Other = TypeVar("Other")

SEED = os.environ.get("LEADLIGHT_TEST_SEED", "")
IS_SEARCH = bool(SEED)
MORE = 5  # times as many examples in a search

PROFILE = settings(
    # A busy machine is slow; that says nothing about the program.
    deadline=None,
    max_examples=100 * MORE if IS_SEARCH else 100,
    derandomize=not IS_SEARCH,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)


def drawn(name: str) -> Random:
    """The source of chance of this name."""
    return Random(f"{SEED} {name}".strip())


def seeded(place: object) -> Callable[[Any], Any]:
    """Let a property draw examples of its own, others than at another place."""
    return hypothesis.seed(f"{SEED} {place}" if IS_SEARCH else place)


def examples(number: int, **more: Any) -> settings:
    """Try so many examples, and more in a search."""
    return settings(PROFILE, max_examples=number * (MORE if IS_SEARCH else 1), **more)


def in_rotation(cases: Iterable[Case], others: Sequence[Other]) -> list[tuple[Case, Other]]:
    """Each case with one of the others, taken in turn; in a search, with all of them."""
    if IS_SEARCH:
        return list(product(cases, others))
    return list(zip(cases, cycle(others)))


def install() -> None:
    """Make it the default of properties that say nothing themselves."""
    settings.register_profile("leadlight", PROFILE)
    settings.load_profile("leadlight")

"""Seeds of everything that the tests draw at random.

A normal run always draws the same. `make search` sets LEADLIGHT_TEST_SEED to a new seed for each
round, from which everything random follows: companies, queries, changes, texts and the points at
which a process is killed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from itertools import cycle, product
from random import Random
from typing import Any, TypeVar
from unittest import mock

import hypothesis
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

Case = TypeVar("Case")
Other = TypeVar("Other")

SEED = os.environ.get("LEADLIGHT_TEST_SEED", "")
IS_SEARCH = bool(SEED)
MORE = 5  # factor for the number of examples in a search

PROFILE = settings(
    # No deadline: a busy machine is slow without a fault in the program.
    deadline=None,
    max_examples=100 * MORE if IS_SEARCH else 100,
    derandomize=not IS_SEARCH,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)


def drawn(name: str) -> Random:
    """Return the random generator of this name."""
    return Random(f"{SEED} {name}".strip())


def seeded(place: object) -> Callable[[Any], Any]:
    """Seed a property by its place, so that each place draws different examples."""
    return hypothesis.seed(f"{SEED} {place}" if IS_SEARCH else place)


def examples(number: int, **more: Any) -> settings:
    """Return settings that try this many examples, and `MORE` times as many in a search."""
    return settings(PROFILE, max_examples=number * (MORE if IS_SEARCH else 1), **more)


def in_rotation(cases: Iterable[Case], others: Sequence[Other]) -> list[tuple[Case, Other]]:
    """Pair each case with one of the others in turn; in a search, with all of them."""
    if IS_SEARCH:
        return list(product(cases, others))
    return list(zip(cases, cycle(others)))


def install() -> None:
    """Make the profile the default of all properties without settings.

    Hypothesis would also draw constants from the source of every loaded module: others after any
    change of the code, and after other tests (docs/decisions/0047).
    """
    settings.register_profile("leadlight", PROFILE)
    settings.load_profile("leadlight")
    mock.patch.object(providers, "_get_local_constants", Constants).start()

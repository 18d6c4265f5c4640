"""Killing a process in the middle of a write, a catch-up or a rebuild loses no data."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.instances import separate_instance
from tests.seeds import IS_SEARCH, SEED, drawn

pytestmark = pytest.mark.search

# Part of a statement, and the occurrence to kill at: in a rebuild, in a write, in a catch-up.
ENDS = [
    ("UPDATE replica_state", 1),
    ('INSERT INTO "sales_leadevent"', 30),
    ("DELETE FROM leads", 2),
]


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dict[str, str]]:
    with separate_instance(tmp_path, "leadlight_killed") as environment:
        yield environment


def busy(instance: dict[str, str], *words: object) -> tuple[int, list[str], int]:
    """Return how the process ended, and the differences and leads that it found at its start."""
    ended = subprocess.run(
        [sys.executable, "-m", "tests.replication.busy", *map(str, words)],
        env=instance,
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    *differences, leads = ended.stdout.split("\n")[:-1]
    return ended.returncode, differences, int(leads)


def ends() -> list[tuple[str, int]]:
    """Return the statements after which each process is killed; in a search, random ones."""
    chance = drawn("kills")
    if IS_SEARCH:
        return [(*chance.choice(ENDS)[:1], chance.randrange(1, 30)) for _ in range(8)]
    return ENDS


def test_after_a_kill_the_replica_passes_the_check(instance: dict[str, str]) -> None:
    counts = []
    for number, end in enumerate(ends()):
        code, differences, leads = busy(instance, f"{SEED} {number}", *end)
        assert (code, differences) == (-signal.SIGKILL, [])
        counts.append(leads)
    code, differences, leads = busy(instance, SEED)
    assert (code, differences) == (0, [])
    assert [*counts, leads] == sorted([*counts, leads])
    assert leads > 0

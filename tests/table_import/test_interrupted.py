"""An import that is killed anywhere goes on: nothing is lost, and nothing comes twice."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.instances import separate_instance


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dict[str, str]]:
    with separate_instance(tmp_path, "leadlight_interrupted_import") as environment:
        yield environment


def test_a_killed_import_loses_nothing_and_repeats_nothing(instance: dict[str, str]) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.table_import.interrupted"],
        env=instance,
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    told = json.loads(ended.stdout.splitlines()[-1])
    assert told["titles"] == [f"Lead {number}" for number in range(5)]
    assert (told["clients"], told["left"], told["differences"]) == (2, [], [])
    assert all(number > 2 for number in told["killed"].values())

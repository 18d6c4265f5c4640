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


@pytest.mark.parametrize(
    ("kind", "written", "clients", "left"),
    [
        ("leads", [f"Lead {number}" for number in range(5)], 2, []),
        ("activities", [f"Note {number}" for number in range(5)], 0, []),
        (
            "prospects",
            [f"p{number}@lake.example Company {number} Red" for number in (3, 0, 1, 2, 4)],
            0,
            ["p3@lake.example Old"],
        ),
        ("steps", ["Contact", "Offer", "Deal", "Contact", "Deal"], 0, ["Deal", "Deal"]),
    ],
)
def test_a_killed_import_loses_nothing_and_repeats_nothing(
    instance: dict[str, str], kind: str, written: list[str], clients: int, left: list[str]
) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.table_import.interrupted", kind],
        env=instance,
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    told = json.loads(ended.stdout.splitlines()[-1])
    assert (told["written"], told["clients"]) == (written, clients)
    assert (told["left"], told["differences"]) == (left, [])
    assert all(number > 2 for number in told["killed"].values())

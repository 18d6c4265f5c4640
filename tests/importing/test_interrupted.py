"""An import killed at any point writes nothing."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.importing.small import write_folder
from tests.instances import separate_instance
from tests.seeds import IS_SEARCH

pytestmark = pytest.mark.search

LEADS = 2_500
# Points at which an import is killed: label of a step, and number of its progress reports.
POINTS = [("Writing leads", 2), ("Preparing lead_events", 6)]
MORE_POINTS = [
    ("Reading lead_events.csv", 1),
    ("Checking", 3),
    ("Writing lead_events", 1),
    ("Writing lead_events", 2),
]


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dict[str, str]]:
    (tmp_path / "data").mkdir()
    with separate_instance(tmp_path / "data", "leadlight_interrupted") as environment:
        yield environment


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    at = "2026-01-05T10:00:00Z"
    leads = [f"L{number},t,p,s,todo,{at},{number}" for number in range(LEADS)]
    events = [
        f"E{number}.{kind},L{number},{at},{kind},{value}"
        for number in range(LEADS)
        for kind, value in [
            *(("created", ""), ("pipeline", "p"), ("step", "s"), ("status", "todo")),
            ("amount", number),
        ]
    ]
    return write_folder(
        tmp_path / "folder",
        {
            "users": "user,email\nana,ana@example.com\n",
            "pipelines": "pipeline,name\np,P\n",
            "steps": "step,pipeline,name,position\ns,p,S,1\n",
            "leads": "\n".join(["lead,title,pipeline,step,status,created_at,amount", *leads]),
            "lead_events": "\n".join(["lead_event,lead,occurred_at,kind,value", *events]),
        },
    )


def imported(
    folder: Path, instance: dict[str, str], *point: object
) -> tuple[int, list[dict[str, int]]]:
    """Run an import; return its exit code and the printed row counts, before and after."""
    ended = subprocess.run(
        [sys.executable, "-m", "tests.importing.interrupted", str(folder), *map(str, point)],
        env=instance,
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    return ended.returncode, [json.loads(line) for line in ended.stdout.splitlines()]


def test_a_killed_import_writes_nothing(folder: Path, instance: dict[str, str]) -> None:
    for point in POINTS + (MORE_POINTS if IS_SEARCH else []):
        code, [held] = imported(folder, instance, *point)
        assert code == -signal.SIGKILL
        assert not any(held.values())
    code, [first, last] = imported(folder, instance)
    assert code == 0
    assert not any(first.values())
    assert is_whole(last)


def is_whole(held: dict[str, int]) -> bool:
    expected = {"Organization": 1, "User": 1, "Lead": LEADS, "LeadEvent": 5 * LEADS}
    return held == dict.fromkeys(held, 0) | expected | {"Pipeline": 1, "Step": 1}

"""Killing an import at any point leaves nothing of it behind, or all of it."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.importing.small import write_folder

TEST_DATABASE = os.environ.get("LEADLIGHT_TEST_DATABASE", "")
SERVER_DATABASE = "leadlight_interrupted"
LEADS = 2_500
KILLS = 3
# Where an import may be killed: a step as its progress tells it, and how often it is told first.
POINTS = [
    ("Reading lead_events.csv", 1),
    ("Checking", 3),
    ("Preparing lead_events", 6),
    ("Writing leads", 2),
    ("Writing lead_events", 1),
    ("Writing lead_events", 2),
]


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The surroundings of a program with an instance of its own."""
    (tmp_path / "data").mkdir()
    address = ""
    if TEST_DATABASE:
        with psycopg.connect(TEST_DATABASE, autocommit=True) as server:
            server.execute(f"DROP DATABASE IF EXISTS {SERVER_DATABASE} WITH (FORCE)")
            server.execute(f"CREATE DATABASE {SERVER_DATABASE}")
        address = TEST_DATABASE.rpartition("/")[0] + "/" + SERVER_DATABASE
    yield os.environ | {"LEADLIGHT_DATA": str(tmp_path / "data"), "DATABASE_URL": address}
    if TEST_DATABASE:
        with psycopg.connect(TEST_DATABASE, autocommit=True) as server:
            server.execute(f"DROP DATABASE {SERVER_DATABASE} WITH (FORCE)")


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


def started(folder: Path, surroundings: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.importing.interrupted", str(folder)],
        env=surroundings | {"DJANGO_SETTINGS_MODULE": "leadlight.settings"},
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
    )


def told_until(running: subprocess.Popen[str], label: str, times: int) -> dict[str, int]:
    """What the instance held at first; returns at the given step.

    Or at once, where an earlier kill came so late that all is there: then nothing is written.
    """
    assert running.stdout is not None
    held: dict[str, int] = json.loads(running.stdout.readline())
    if is_whole(held):
        return held
    for line in running.stdout:
        step: Any = json.loads(line)
        if isinstance(step, dict):
            break  # what it holds in the end
        times -= step[0] == label
        if times == 0:
            return held
    raise AssertionError(f"The import never came to “{label}”.")


def test_a_killed_import_leaves_nothing_behind(folder: Path, instance: dict[str, str]) -> None:
    """Or everything, where the kill came after the last row was kept."""
    chance = random.Random(9)
    for label, times in chance.sample(POINTS, KILLS):
        with started(folder, instance) as running:
            held = told_until(running, label, times)
            time.sleep(chance.uniform(0, 0.05))
            running.send_signal(signal.SIGKILL)
        assert not any(held.values()) or is_whole(held)
    with started(folder, instance) as running:
        output, _errors = running.communicate()
    first, *_steps, last = [json.loads(line) for line in output.splitlines()]
    assert not any(first.values()) or is_whole(first)
    assert is_whole(last)


def is_whole(held: dict[str, int]) -> bool:
    expected = {"Organization": 1, "User": 1, "Lead": LEADS, "LeadEvent": 5 * LEADS}
    return held == dict.fromkeys(held, 0) | expected | {"Pipeline": 1, "Step": 1}

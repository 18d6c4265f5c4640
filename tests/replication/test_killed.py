"""Killing a process in the middle of a verb, a catch-up or a rebuild loses nothing."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

TEST_DATABASE = os.environ.get("LEADLIGHT_TEST_DATABASE", "")
SERVER_DATABASE = "leadlight_killed"
KILLS = 6
LONGEST = 0.7  # seconds of work before a process is killed


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The surroundings of a program with an instance of its own."""
    address = ""
    if TEST_DATABASE:
        with psycopg.connect(TEST_DATABASE, autocommit=True) as server:
            server.execute(f"DROP DATABASE IF EXISTS {SERVER_DATABASE} WITH (FORCE)")
            server.execute(f"CREATE DATABASE {SERVER_DATABASE}")
        address = TEST_DATABASE.rpartition("/")[0] + "/" + SERVER_DATABASE
    yield os.environ | {
        "LEADLIGHT_DATA": str(tmp_path),
        "DATABASE_URL": address,
        "DJANGO_SETTINGS_MODULE": "leadlight.settings",
    }
    if TEST_DATABASE:
        with psycopg.connect(TEST_DATABASE, autocommit=True) as server:
            server.execute(f"DROP DATABASE {SERVER_DATABASE} WITH (FORCE)")


def killed_after(seconds: float, instance: dict[str, str], seed: int) -> tuple[list[str], int]:
    """The differences and the leads that a process found before it worked so long."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.replication.busy", str(seed)],
        env=instance,
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
    ) as worker:
        assert worker.stdout is not None
        differences = []
        while not (line := worker.stdout.readline().strip()).isdigit():
            assert line, "The process ended by itself."
            differences.append(line)
        time.sleep(seconds)
        worker.kill()
    return differences, int(line)


def test_a_killed_process_leaves_numbers_that_check(instance: dict[str, str]) -> None:
    counts = []
    for seed in range(KILLS):
        differences, leads = killed_after(random.uniform(0.1, LONGEST), instance, seed)
        assert differences == []
        counts.append(leads)
    assert counts == sorted(counts)
    assert counts[-1] > 0

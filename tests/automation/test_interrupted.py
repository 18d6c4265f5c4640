"""Changes whose dispatch is killed after any statement are told once and in order."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.instances import separate_instance

pytestmark = pytest.mark.database


def test_a_killed_dispatch_loses_no_change_and_tells_none_twice(tmp_path: Path) -> None:
    with separate_instance(tmp_path, "leadlight_interrupted_dispatch") as environment:
        done = subprocess.run(
            [sys.executable, "-m", "tests.automation.interrupted"],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
    rounds = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["killed"] for one in rounds] == [True] * (len(rounds) - 1) + [False]
    assert len(rounds) > 10
    for one in rounds:
        assert one["events"] == ["lead.creation", "lead.any_update"]
        assert one["pending"] == 0

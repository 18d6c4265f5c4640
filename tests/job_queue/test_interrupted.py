"""Jobs whose worker is killed after any of its statements are neither lost nor out of order."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.instances import separate_instance

pytestmark = pytest.mark.database


def test_a_killed_worker_loses_no_job_and_keeps_the_order(tmp_path: Path) -> None:
    with separate_instance(tmp_path, "leadlight_interrupted_jobs") as environment:
        done = subprocess.run(
            [sys.executable, "-m", "tests.job_queue.interrupted", str(tmp_path / "ran")],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
    rounds = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["killed"] for one in rounds] == [True] * (len(rounds) - 1) + [False]
    assert len(rounds) > 10
    for one in rounds:
        assert one["states"] == ["done", "done"]
        assert one["ran"] in (["0", "1"], ["0", "0", "1"], ["0", "1", "1"])
    assert rounds[-1]["ran"] == ["0", "1"]

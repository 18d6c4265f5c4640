"""An action, an undo, a return, a batch or a merge that is killed at a statement writes nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

from tests.instances import separate_instance


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dict[str, str]]:
    with separate_instance(tmp_path, "leadlight_interrupted_work") as environment:
        yield environment


def test_killed_work_is_done_whole_or_not_at_all(instance: dict[str, str]) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.sales.interrupted"],
        env=instance,
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    *attempts, differences = map(json.loads, ended.stdout.splitlines())
    assert differences == []
    works = []
    for work, each in groupby(attempts, lambda attempt: attempt["work"]):
        *killed, last = each
        assert len(killed) > 2
        assert not any(attempt["has_changed"] for attempt in killed)
        assert (last["code"], last["has_changed"]) == (0, True)
        works.append(work)
    bulk = ["batch", "begin undo", "undo of a batch"]
    assert works == [
        "act",
        "undo",
        "return",
        *bulk,
        "merge",
        "unmerge",
        "merge clients",
        "unmerge clients",
    ]

"""Each serving process has a replica when it starts; only one of them is built."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from leadlight.replication import copies
from leadlight.replication import replica as replicas
from leadlight.replication.replica import Replica
from leadlight.sales.models import Tag
from tests.replication.conftest import rebuilds
from tests.replication.test_processes import HOLD

__all__ = ["rebuilds"]


@pytest.fixture
def folder(
    db: None, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    settings.LEADLIGHT_DATA = tmp_path
    monkeypatch.setattr(replicas, "_process", replicas._Process([]))
    yield tmp_path
    replicas.forget()


def silent(_label: str, _done: int, _total: int) -> None:
    pass


def tags(path: Path) -> int:
    opened = Replica(path)
    opened.catch_up()
    count = opened.engine.run("SELECT count(*) FROM tags")[0][0]
    opened.close()
    return count


def test_the_other_replicas_are_copies_of_the_first(folder: Path, rebuilds: list[str]) -> None:
    Tag.objects.create(name="Urgent")
    copies.prepare(3, silent)
    assert sorted(path.name for path in folder.glob("*.duckdb")) == [
        f"replica-{number}.duckdb" for number in range(3)
    ]
    Tag.objects.create(name="After the period")
    assert [tags(path) for path in sorted(folder.glob("*.duckdb"))] == [2, 2, 2]
    assert rebuilds == ["rebuilt"]


def test_an_existing_replica_is_kept(folder: Path, rebuilds: list[str]) -> None:
    copies.prepare(2, silent)
    before = (folder / "replica-1.duckdb").stat().st_ino
    copies.prepare(2, silent)
    assert (folder / "replica-1.duckdb").stat().st_ino == before
    assert rebuilds == ["rebuilt"]


def test_a_file_of_another_server_is_not_touched(folder: Path) -> None:
    other = folder / "replica-1.duckdb"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, other], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"
        before = other.stat().st_ino
        copies.prepare(3, silent)
        assert other.stat().st_ino == before
        holder.communicate()
    assert (folder / "replica-2.duckdb").exists()

"""Each process has one replica, which many threads query."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from leadlight.analytics.engine.duckdb import Locked
from leadlight.replication import replica as replicas
from leadlight.replication.replica import Replica
from leadlight.sales.models import (
    Lead,
)
from tests.replication.conftest import column, make_lead
from tests.sales.conftest import Company

HOLD = """
import sys
from pathlib import Path
from leadlight.analytics.engine.duckdb import Engine
engine = Engine(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def data_folder(
    db: None, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """A separate data folder, in a process that has not opened a replica."""
    settings.LEADLIGHT_DATA = tmp_path
    monkeypatch.setattr(replicas, "_process", replicas._Process([]))
    yield tmp_path
    replicas.forget()


def test_each_process_has_one_replica(data_folder: Path) -> None:
    assert replicas.current() is replicas.current()
    assert replicas.current().path == data_folder / "replica-0.duckdb"


def test_a_second_process_takes_the_next_file(data_folder: Path) -> None:
    first = data_folder / "replica-0.duckdb"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, first], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(Locked):
            Replica(first)
        assert replicas.current().path == data_folder / "replica-1.duckdb"
        holder.communicate()


def test_a_forked_process_does_not_touch_the_inherited_replica(data_folder: Path) -> None:
    inherited = replicas.current()
    replicas._after_fork()
    assert replicas.current() is not inherited
    assert replicas.current().path == data_folder / "replica-1.duckdb"
    inherited.close()


def test_files_of_a_killed_process_are_removed(data_folder: Path) -> None:
    left = data_folder / "replica-0.reading"
    left.mkdir()
    (left / "leads.csv").write_text("1,2")
    replicas.current()
    assert list(left.iterdir()) == []


@pytest.mark.django_db(transaction=True)
def test_threads_see_only_consistent_states(company: Company, replica: Replica) -> None:
    """At any moment every lead is in each of the three tables, and all leads have one source."""
    for number in range(40):
        make_lead(company, str(number))
    replica.catch_up()
    question = """
        SELECT count(DISTINCT coalesce(source, '')), count(*),
            (SELECT count(DISTINCT coalesce(source, '')) FROM lead_versions),
            (SELECT count(*) FROM lead_titles)
        FROM leads
    """
    answers: set[tuple[int, ...]] = set()
    errors: list[BaseException] = []
    over = threading.Event()

    def read() -> None:
        try:
            while not over.is_set():
                answers.update(replica.engine.run(question))
        except BaseException as error:  # noqa: BLE001 - the test reports any error
            errors.append(error)

    readers = [threading.Thread(target=read) for _ in range(8)]
    for reader in readers:
        reader.start()
    for number in range(8):
        Lead.objects.update(source=str(number))
        replica.catch_up()
    replica.rebuild()
    over.set()
    for reader in readers:
        reader.join()
    assert errors == []
    assert answers == {(1, 40, 1, 40)}


@pytest.mark.django_db(transaction=True)
def test_concurrent_catch_ups_are_serialized(company: Company, replica: Replica) -> None:
    for number in range(20):
        make_lead(company, str(number))
    errors: list[BaseException] = []

    def ask() -> None:
        try:
            for _ in range(5):
                replica.catch_up()
                assert len(column(replica, "leads", "lead_id")) == 20
        except BaseException as error:  # noqa: BLE001 - the test reports any error
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_every_process_sees_the_changes_of_the_others(company: Company, replica: Replica) -> None:
    other = Replica.in_memory()
    for number in range(3):
        make_lead(company, str(number))
        for copy in (replica, other):
            copy.catch_up()
            assert len(column(copy, "leads", "lead_id")) == number + 1
    other.close()

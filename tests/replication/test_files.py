"""The replica's file is reused if it is valid, and rebuilt otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from django.db import connection

from leadlight.accounts.models import Organization
from leadlight.replication import build, changes, star, working_days
from leadlight.replication import replica as replicas
from leadlight.replication.checks import check
from leadlight.replication.replica import Replica
from leadlight.sales.models import (
    Lead,
    Tag,
)
from tests.replication.conftest import column, make_lead
from tests.sales.conftest import Company, at


@pytest.fixture
def path(db: None, tmp_path: Path) -> Path:
    return tmp_path / "replica-0.duckdb"


@pytest.fixture
def opened(path: Path) -> Iterator[Callable[[], Replica]]:
    """Open the replica's file; it is closed after the test."""
    replicas: list[Replica] = []

    def open_again() -> Replica:
        for one in replicas:
            one.close()
        replicas[:] = [Replica(path)]
        return replicas[0]

    yield open_again
    for one in replicas:
        one.close()


def test_an_existing_file_is_reused_without_a_rebuild(
    company: Company, opened: Callable[[], Replica], rebuilds: list[str]
) -> None:
    opened().catch_up()
    make_lead(company)
    again = opened()
    again.catch_up()
    assert rebuilds == ["rebuilt"]
    assert column(again, "leads", "status") == ["todo"]


def lost(path: Path) -> None:
    path.unlink()


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


def overwritten(path: Path) -> None:
    path.write_bytes(b"nothing of use" * 1000)


@pytest.mark.parametrize("damage", [lost, cut, overwritten])
def test_a_lost_or_damaged_file_is_rebuilt(
    company: Company,
    path: Path,
    opened: Callable[[], Replica],
    rebuilds: list[str],
    damage: Callable[[Path], None],
) -> None:
    make_lead(company)
    first = opened()
    first.catch_up()
    first.close()
    damage(path)
    again = opened()
    again.catch_up()
    assert rebuilds == ["rebuilt", "rebuilt"]
    assert column(again, "leads", "status") == ["todo"]


def test_damage_detected_in_use_is_repaired_at_the_next_query(
    company: Company, opened: Callable[[], Replica], rebuilds: list[str]
) -> None:
    make_lead(company)
    copy = opened()
    copy.catch_up()
    copy.engine.is_damaged = True
    copy.catch_up()
    assert rebuilds == ["rebuilt", "rebuilt"]
    assert column(copy, "leads", "status") == ["todo"]


def test_a_replica_with_another_fingerprint_is_rebuilt(
    company: Company,
    opened: Callable[[], Replica],
    rebuilds: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened().catch_up()
    monkeypatch.setattr(replicas, "FINGERPRINT", "another")
    opened().catch_up()
    opened().catch_up()
    assert rebuilds == ["rebuilt", "rebuilt"]


@pytest.mark.parametrize(
    ("module", "name"),
    [(star, "history_queries"), (star, "versions"), (star, "moves"), (working_days, "days_sql")],
    ids=lambda told: told if isinstance(told, str) else "",
)
def test_the_fingerprint_covers_all_sql_that_fills_the_replica(
    module: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, made = build.definition(), getattr(module, name)

    def otherwise(*arguments: Any) -> Any:
        texts = made(*arguments)
        if isinstance(texts, str):
            return texts + " -- otherwise"
        return {table: text + " -- otherwise" for table, text in texts.items()}

    monkeypatch.setattr(module, name, otherwise)
    assert build.definition() != before


def test_a_changed_time_zone_changes_local_days(
    company: Company, replica: Replica, rebuilds: list[str]
) -> None:
    Lead.create(title="Windows", by=None, at=at(1, 31, 23, 30))
    replica.catch_up()
    Organization.objects.update(name="Renamed")
    replica.catch_up()
    assert rebuilds == ["rebuilt"]
    Organization.objects.update(time_zone="America/New_York")
    replica.catch_up()
    assert rebuilds == ["rebuilt", "rebuilt"]
    assert [str(day) for day in column(replica, "leads", "created_on")] == ["2026-01-31"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("rows", [1, 3])
def test_a_database_restored_from_a_backup_is_detected(
    company: Company, replica: Replica, rebuilds: list[str], rows: int
) -> None:
    """The backup lacks the last change, and as many changes are then made again."""
    make_lead(company)
    replica.catch_up()
    assert rebuilds == ["rebuilt"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM replication_change")
        newest = cursor.fetchone()[0]
        restore(cursor, newest - rows)
    for number in range(rows):
        Tag.objects.create(name=str(number))
    replica.catch_up()
    assert rebuilds == ["rebuilt", "rebuilt"]
    assert list(check(replica)) == []


def restore(cursor: Any, newest: int) -> None:
    """Remove the last rows of the feed, as in an older backup; their ids are assigned again."""
    cursor.execute("DELETE FROM replication_change WHERE id > %s", [newest])
    if connection.vendor == "postgresql":
        cursor.execute(f"ALTER TABLE replication_change ALTER id RESTART WITH {newest + 1}")
    else:
        cursor.execute(
            "UPDATE sqlite_sequence SET seq = %s WHERE name = 'replication_change'", [newest]
        )


@pytest.mark.django_db(transaction=True)
def test_a_replica_older_than_the_pruned_feed_is_rebuilt(
    company: Company, replica: Replica, rebuilds: list[str]
) -> None:
    replica.catch_up()
    for number in range(30):
        Tag.objects.create(name=str(number))
    changes.prune(connection, newest_rows=5)
    replica.catch_up()
    assert rebuilds == ["rebuilt", "rebuilt"]
    assert len(column(replica, "tags", "tag_id")) == 30


def test_a_failed_catch_up_is_rolled_back_and_repeated(
    company: Company, replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = make_lead(company)
    replica.catch_up()
    lead.win(by=company.ana, at=at(2, 3))
    with monkeypatch.context() as patch:
        patch.setattr(replica, "_save_position", failing)
        with pytest.raises(RuntimeError):
            replica.catch_up()
    assert column(replica, "leads", "status") == ["todo"]
    replica.catch_up()
    assert column(replica, "leads", "status") == ["won"]


def test_a_failed_rebuild_keeps_the_old_contents(
    company: Company, replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_lead(company)
    replica.catch_up()
    with monkeypatch.context() as patch:
        patch.setattr(build, "swap_in", failing)
        with pytest.raises(RuntimeError):
            replica.rebuild()
    assert column(replica, "leads", "status") == ["todo"]
    replica.rebuild()
    assert list(check(replica)) == []


def failing(*_: object) -> None:
    raise RuntimeError


def test_damaged_blocks_are_detected_and_rebuilt(
    company: Company, path: Path, opened: Callable[[], Replica]
) -> None:
    """Every byte of the table blocks is inverted: reading fails and triggers a rebuild."""
    for number in range(30):
        make_lead(company, f"{number} " * 40)
    first = opened()
    first.catch_up()
    first.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:12288] + bytes(byte ^ 255 for byte in whole[12288:]))
    again = opened()
    again.catch_up()
    assert len(column(again, "leads", "lead_id")) == 30


def test_closing_waits_for_running_queries(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    began, may_end = Event(), Event()

    def slow_answer() -> int:
        began.set()
        may_end.wait()
        return 42

    replica = Replica(path)
    engine = replica.engine
    engine.connection.create_function("slow_answer", slow_answer, [], "INTEGER")
    wait_for = engine._changing.wait_for

    def waiting(is_over: Callable[[], bool]) -> bool:
        assert not is_over()
        may_end.set()
        return wait_for(is_over)

    monkeypatch.setattr(engine._changing, "wait_for", waiting)
    with ThreadPoolExecutor() as threads:
        asked = threads.submit(engine.run, "SELECT slow_answer()")
        began.wait()
        replica.close()
        assert asked.result() == [(42,)]

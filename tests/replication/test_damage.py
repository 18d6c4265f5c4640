"""A damaged replica is detected, logged in one line and rebuilt, and the same query succeeds."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
from django.db import connection

from leadlight.analytics.engine.duckdb import Damaged, DiskFull, Engine
from leadlight.analytics.star.schema import STAR
from leadlight.replication import changes
from leadlight.replication import replica as replicas
from leadlight.replication.checks import check
from leadlight.replication.replica import Replica
from leadlight.sales.models import Lead, Tag
from tests.replication.conftest import column, make_lead
from tests.sales.conftest import Company

Damage = Callable[[bytearray], None]
BLOCKS_FROM = 12_288  # bytes: the headers of a DuckDB file


def flipped(seed: int) -> Damage:
    def damage(content: bytearray) -> None:
        for _ in range(20):
            content[random.Random(seed).randrange(BLOCKS_FROM, len(content))] ^= 255

    return damage


def flipped_everywhere(content: bytearray) -> None:
    content[BLOCKS_FROM:] = bytes(byte ^ 255 for byte in content[BLOCKS_FROM:])


def cut_in_half(content: bytearray) -> None:
    del content[len(content) // 2 :]


def cut_behind_the_headers(content: bytearray) -> None:
    del content[BLOCKS_FROM + 100 :]


def zeroed(content: bytearray) -> None:
    content[len(content) // 4 : len(content) // 2] = bytes(len(content) // 2 - len(content) // 4)


DAMAGES = [
    *(pytest.param(flipped(seed), id=f"flipped-{seed}") for seed in range(2)),
    flipped_everywhere,
    cut_in_half,
    cut_behind_the_headers,
    zeroed,
]


@pytest.fixture
def open_damaged_replica(
    company: Company, db: None, tmp_path: Path
) -> Iterator[Callable[[Damage], Replica]]:
    """Open a replica of 20 leads whose file was damaged while it was closed."""
    opened: list[Replica] = []

    def open_replica(damage: Damage) -> Replica:
        for number in range(20):
            make_lead(company, f"{number} " * 40)
        path = tmp_path / "replica-0.duckdb"
        first = Replica(path)
        first.catch_up()
        first.close()
        content = bytearray(path.read_bytes())
        damage(content)
        path.write_bytes(content)
        opened.append(Replica(path))
        return opened[0]

    yield open_replica
    for one in opened:
        one.close()


@pytest.mark.parametrize("damage", DAMAGES)
def test_every_table_can_be_queried_after_damage(
    open_damaged_replica: Callable[[Damage], Replica], damage: Damage
) -> None:
    copy = open_damaged_replica(damage)
    copy.catch_up()
    rows = {name: copy.query_cache.run(f"FROM {name}") for name in STAR}
    assert len(rows["lead_titles"]) == len(rows["leads"]) == 20


def test_check_finds_no_difference_in_a_repaired_replica(
    open_damaged_replica: Callable[[Damage], Replica],
) -> None:
    assert list(check(open_damaged_replica(flipped_everywhere))) == []


@pytest.mark.parametrize("damage", [flipped_everywhere, cut_behind_the_headers])
def test_damage_is_logged_in_one_line(
    open_damaged_replica: Callable[[Damage], Replica],
    damage: Damage,
    caplog: pytest.LogCaptureFixture,
) -> None:
    copy = open_damaged_replica(damage)
    copy.catch_up()
    copy.query_cache.run("FROM leads")
    [record] = caplog.records
    assert "is damaged and will be rebuilt" in record.getMessage()
    assert "\n" not in record.getMessage()
    assert record.exc_info is None


CORRUPT = "Corrupt database file: computed checksum 1 does not match stored checksum 2 in block 3"

INVALIDATED = "database has been invalidated because of a previous fatal error"


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (duckdb.Error(CORRUPT), Damaged),
        (duckdb.SerializationException("Failed to deserialize"), Damaged),
        (duckdb.IOException("Could not read enough bytes"), Damaged),
        (duckdb.FatalException("database has been invalidated"), Damaged),
        (duckdb.IOException("Could not write: No space left on device"), DiskFull),
        (duckdb.FatalException("Failed to write WAL: No space left on device"), DiskFull),
        (duckdb.FatalException(f"{INVALIDATED}: No space left on device"), Damaged),
        (duckdb.BinderException("no such column"), duckdb.BinderException),
        (duckdb.OutOfMemoryException("out of memory"), duckdb.OutOfMemoryException),
    ],
    ids=lambda told: str(told)[:30],
)
def test_engine_errors_are_classified(error: duckdb.Error, raised: type[Exception]) -> None:
    engine = Engine()
    with pytest.raises(raised), engine.translated_errors():
        raise error
    engine.close()


def test_a_query_during_a_repair_succeeds(company: Company, replica: Replica) -> None:
    """The engine may be replaced between looking it up and running the query."""
    make_lead(company)
    replica.catch_up()
    old = replica.engine
    old.is_damaged = True
    replica.catch_up()
    with pytest.raises(Damaged):
        old.run("FROM leads")
    assert len(replica.run("FROM leads")) == 1


def test_the_temporary_folder_is_recreated(company: Company, db: None, tmp_path: Path) -> None:
    copy = Replica(tmp_path / "replica-0.duckdb")
    copy.catch_up()
    (tmp_path / "replica-0.reading").rmdir()
    make_lead(company)
    copy.catch_up()
    (tmp_path / "replica-0.reading").rmdir()
    copy.rebuild()
    assert column(copy, "leads", "status") == ["todo"]
    copy.close()


def test_temporary_files_left_by_a_failure_are_removed(
    company: Company, db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_lead(company)
    copy = Replica(tmp_path / "replica-0.duckdb")
    with monkeypatch.context() as patch:
        patch.setattr(replicas.build.Part, "fill", disk_full)
        with pytest.raises(DiskFull):
            copy.catch_up()
    assert list((tmp_path / "replica-0.reading").iterdir()) != []
    copy.catch_up()
    assert list((tmp_path / "replica-0.reading").iterdir()) == []
    assert column(copy, "leads", "status") == ["todo"]
    copy.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("table", ["sales_lead", "sales_tag", "accounts_membership"])
def test_a_feed_row_without_an_id_causes_a_rebuild(
    company: Company, replica: Replica, rebuilds: list[str], table: str
) -> None:
    replica.catch_up()
    make_lead(company)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO replication_change (table_name) VALUES (%s)", [table])
    replica.catch_up()
    assert rebuilds == ["rebuilt", "rebuilt"]
    replica.catch_up()
    assert rebuilds == ["rebuilt", "rebuilt"]
    assert list(check(replica)) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "tables",
    [
        ["replication_change"],
        ["replication_feed"],
        ["replication_change", "replication_feed"],
    ],
)
def test_a_dropped_feed_is_recreated(
    company: Company, replica: Replica, rebuilds: list[str], tables: list[str]
) -> None:
    make_lead(company)
    replica.catch_up()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE replication_feed SET pruned_to = 1000")
    replica.catch_up()
    rebuilds.clear()
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"DROP TABLE {table}")
    try:
        replica.catch_up()
        assert rebuilds == ["rebuilt"]
        Tag.objects.create(name="Glass")
        replica.catch_up()
        assert rebuilds == ["rebuilt"]
        assert list(check(replica)) == []
    finally:
        changes.install(connection)


def test_a_rebuild_of_a_damaged_file_starts_with_an_empty_one(
    company: Company, replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_lead(company)
    replica.catch_up()
    note, failures = replica._save_position, [Damaged("block 7")]

    def damaged_once(*arguments: object) -> None:
        if failures:
            raise failures.pop()
        note(*arguments)

    monkeypatch.setattr(replica, "_save_position", damaged_once)
    replica.rebuild()
    assert column(replica, "leads", "status") == ["todo"]


def test_a_full_disk_does_not_discard_the_replica(
    company: Company, replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = make_lead(company)
    replica.catch_up()
    Lead.objects.filter(pk=lead.pk).update(source="Fair")
    with monkeypatch.context() as patch:
        patch.setattr(replicas.build, "apply_changes", disk_full)
        with pytest.raises(DiskFull):
            replica.catch_up()
    assert not replica.engine.is_damaged
    replica.catch_up()
    assert column(replica, "leads", "source") == ["Fair"]


def disk_full(*_: object) -> None:
    raise DiskFull("No space left on device")

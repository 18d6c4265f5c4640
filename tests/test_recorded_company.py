"""A company restored into a test's database equals the one that was recorded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from leadlight import importing
from leadlight.replication import replica as replicas
from leadlight.replication.replica import Replica
from leadlight.sales.models import Lead, Tag
from tests import clock
from tests import recorded_company as recording
from tests.replication.conftest import contents, rebuilds
from tests.worked_company import write_worked_company

__all__ = ["rebuilds"]

pytestmark = pytest.mark.database
ODD = "It's 100% \\ \n “odd”"


def make(folder: Path) -> None:
    importing.import_folder(write_worked_company(folder))
    Tag.objects.create(key="odd", name=ODD)


company = recording.recorded_company(make)


@pytest.fixture
def before(company: recording.RecordedCompany, db: None) -> recording.Rows:
    return recording._rows()


@pytest.fixture
def restored(before: recording.Rows, company: recording.RecordedCompany) -> Iterator[Replica]:
    company.restore()
    yield replicas.current()
    company.uninstall()


def test_restored_rows_equal_the_recorded_ones(
    before: recording.Rows, company: recording.RecordedCompany, restored: Replica
) -> None:
    assert recording._statements(before, recording._rows()) == company.rows.statements
    assert Tag.objects.get(key="odd").name == ODD


def test_the_restored_replica_equals_a_rebuilt_one(restored: Replica, rebuilds: list[str]) -> None:
    restored.catch_up()
    assert rebuilds == []
    built = Replica.in_memory()
    built.catch_up()
    assert contents(restored) == contents(built)
    built.close()


@pytest.mark.parametrize("_time", range(2))
def test_a_change_in_one_test_does_not_reach_the_replica_of_another(
    _time: int, restored: Replica
) -> None:
    restored.catch_up()
    assert restored.run("SELECT count(*) FROM leads") == [(5,)]
    Lead.create(title="Sixth", by=None)
    restored.catch_up()
    assert restored.run("SELECT count(*) FROM leads") == [(6,)]


@pytest.mark.parametrize("_time", range(2))
def test_the_query_cache_is_empty_at_the_start_of_a_test(_time: int, restored: Replica) -> None:
    assert restored.query_cache._results == {}
    restored.query_cache.run("SELECT count(*) FROM leads")


def test_new_rows_get_ids_above_the_restored_ones(restored: Replica) -> None:
    newest = max(Lead.objects.values_list("pk", flat=True))
    assert Lead.create(title="Sixth", by=None).pk > newest


def test_the_clock_continues_after_the_recorded_instants(
    company: recording.RecordedCompany, restored: Replica
) -> None:
    assert clock.readings() >= company.rows.readings

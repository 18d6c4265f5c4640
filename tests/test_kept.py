"""A company put into a test's database is the one that was made."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from leadlight import importing
from leadlight.replication import replica as replicas
from leadlight.replication.replica import Replica
from leadlight.sales.models import Lead, Tag
from tests import clock, kept
from tests.replication.conftest import contents, rebuilds
from tests.worked_company import write_worked_company

__all__ = ["rebuilds"]

pytestmark = pytest.mark.database
ODD = "It's 100% \\ \n “odd”"


def make(folder: Path) -> None:
    importing.import_folder(write_worked_company(folder))
    Tag.objects.create(key="odd", name=ODD)


kept_company = kept.kept_company(make)


@pytest.fixture
def before(kept_company: kept.Kept, db: None) -> kept.Rows:
    return kept._rows()


@pytest.fixture
def put_back(before: kept.Rows, kept_company: kept.Kept) -> Iterator[Replica]:
    kept_company.put_back()
    yield replicas.current()
    kept_company.take_away()


def test_its_rows_are_those_that_were_made(
    before: kept.Rows, kept_company: kept.Kept, put_back: Replica
) -> None:
    assert tuple(kept._statements(before, kept._rows())) == kept_company.statements
    assert Tag.objects.get(key="odd").name == ODD


def test_its_replica_is_the_one_that_would_be_built(put_back: Replica, rebuilds: list[str]) -> None:
    put_back.catch_up()
    assert rebuilds == []
    built = Replica.in_memory()
    built.catch_up()
    assert contents(put_back) == contents(built)
    built.close()


@pytest.mark.parametrize("_time", range(2))
def test_a_change_reaches_the_replica_of_its_own_test_alone(_time: int, put_back: Replica) -> None:
    put_back.catch_up()
    assert put_back.run("SELECT count(*) FROM leads") == [(5,)]
    Lead.create(title="Sixth", by=None)
    put_back.catch_up()
    assert put_back.run("SELECT count(*) FROM leads") == [(6,)]


@pytest.mark.parametrize("_time", range(2))
def test_nothing_is_remembered_of_another_test(_time: int, put_back: Replica) -> None:
    assert put_back.query_cache._known == {}
    put_back.query_cache.run("SELECT count(*) FROM leads")


def test_what_is_created_later_has_an_id_of_its_own(put_back: Replica) -> None:
    newest = max(Lead.objects.values_list("pk", flat=True))
    assert Lead.create(title="Sixth", by=None).pk > newest


def test_the_clock_goes_on_from_what_was_recorded(
    kept_company: kept.Kept, put_back: Replica
) -> None:
    assert clock.readings() >= kept_company.readings

"""An import reads and checks without a lock, and locks out other writers only while it writes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from leadlight.importing import Problems, folder_import, import_folder
from leadlight.importing.writing import PlanWriter
from leadlight.sales.models import CustomField, Lead, LeadEvent, Tag
from tests.importing.small import ROWS, row_counts, with_cells, write_folder


def others_may_write() -> bool:
    database = connection.settings_dict["NAME"]
    with closing(sqlite3.connect(database, timeout=0, isolation_level=None)) as other:
        try:
            other.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:  # locked
            return False
        other.execute("ROLLBACK")
        return True


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite has one lock for all writers")
@pytest.mark.parametrize("is_first", [True, False], ids=["a first import", "an update"])
def test_an_import_locks_out_writers_only_while_it_writes(tmp_path: Path, is_first: bool) -> None:
    if not is_first:
        import_folder(write_folder(tmp_path / "before", ROWS))
    seen: dict[str, set[bool]] = {}

    def step(label: str, done: int, total: int) -> None:
        seen.setdefault(label.split()[0], set()).add(others_may_write())

    files = with_cells("leads", 3, title="Another title")
    import_folder(write_folder(tmp_path / "f", files), progress=step)
    assert seen == {"Reading": {True}, "Checking": {True}, "Preparing": {True}, "Writing": {False}}
    assert Lead.objects.get(key="L2").title == "Another title"


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite has one lock for all writers")
def test_an_import_that_changes_nothing_takes_no_lock(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "f", ROWS)
    import_folder(folder)
    with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert not import_folder(folder).has_changes
        other.execute("ROLLBACK")


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[int, Callable[[], Any]], None]:
    """Return a function that runs an action when the import is ready to write, `times` times."""

    def have_done(times: int, act: Callable[[], Any]) -> None:
        prepare, left = PlanWriter.prepare, [act] * times

        def prepare_and_act(writer: PlanWriter) -> None:
            prepare(writer)
            if left:
                left.pop()()

        monkeypatch.setattr(PlanWriter, "prepare", prepare_and_act)

    return have_done


@pytest.mark.django_db
@pytest.mark.parametrize("times", [1, folder_import.ATTEMPTS])
def test_an_import_checks_again_after_concurrent_changes(
    tmp_path: Path, meanwhile: Callable[..., None], times: int
) -> None:
    names = iter("abc")

    def add() -> None:
        Tag.objects.create(key=next(names), name="Here")

    meanwhile(times, add)
    tags = "tag,name\na,There\nd,There\n"
    import_folder(write_folder(tmp_path / "f", {"tags": tags}))
    there = dict(Tag.objects.values_list("key", "name"))
    assert there == dict.fromkeys("abc"[:times], "Here") | {"a": "There", "d": "There"}


@pytest.mark.django_db
def test_a_folder_made_invalid_by_concurrent_changes_is_refused(
    tmp_path: Path, meanwhile: Callable[..., None]
) -> None:
    folder = write_folder(tmp_path / "f", ROWS)
    import_folder(folder)
    meanwhile(1, lambda: Lead.objects.filter(key="L1").update(prospect=None))
    before = row_counts()
    prospects = ROWS["prospects"].replace("Dupont", "Dubois")
    with pytest.raises(Problems):
        import_folder(write_folder(tmp_path / "g", {"prospects": prospects}))
    assert row_counts() == before


@pytest.mark.django_db
def test_a_choice_removed_during_the_import_is_refused(
    tmp_path: Path, meanwhile: Callable[..., None]
) -> None:
    import_folder(write_folder(tmp_path / "before", ROWS))
    building = CustomField.objects.get(key="building")
    meanwhile(1, lambda: building.set_choices(["House"]))
    leads = "lead,title,pipeline,step,status,created_at,field:building\n"
    row = "L9,Nine,new,offer,todo,2026-01-05T10:00:00Z,Flat\n"
    with pytest.raises(Problems, match="Choose one of: House"):
        import_folder(write_folder(tmp_path / "f", {"leads": leads + row}, None))
    assert not Lead.objects.filter(key="L9").exists()


@pytest.mark.django_db
def test_a_field_defined_during_the_import_is_kept(
    tmp_path: Path, meanwhile: Callable[..., None]
) -> None:
    import_folder(write_folder(tmp_path / "before", ROWS))
    header = ROWS["fields"].partition("\n")[0]
    meanwhile(1, lambda: CustomField.define("lead", "Mine", "text"))
    only = {"fields": f"{header}\nsize,lead,Size,number,,,9,\n"}
    import_folder(write_folder(tmp_path / "f", only, None))
    assert {"Mine", "Size"} <= set(CustomField.objects.values_list("name", flat=True))


@pytest.mark.django_db
def test_rows_added_after_an_import_get_new_ids(tmp_path: Path) -> None:
    import_folder(write_folder(tmp_path / "f", ROWS))
    events = set(LeadEvent.objects.values_list("pk", flat=True))
    lead = Lead.objects.get(key="L2")
    lead.win(by=None)
    assert lead.events.latest("pk").pk > max(events)


@pytest.mark.django_db
def test_staging_tables_are_dropped_after_an_import(tmp_path: Path) -> None:
    import_folder(write_folder(tmp_path / "f", ROWS))
    table = "sqlite_temp_master" if connection.vendor == "sqlite" else "pg_tables"
    name = "name" if connection.vendor == "sqlite" else "tablename"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table} WHERE {name} LIKE 'staged%%'", [])
        assert cursor.fetchone() == (0,)

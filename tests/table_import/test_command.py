"""`leadlight import FILE --mapping NAME`: by a mapping that was kept, as the person who kept it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from leadlight.cli.console import Stop
from leadlight.cli.table_files import import_table
from leadlight.sales.models import Lead, TableImport
from leadlight.sales.prospecting.lists import make_list
from leadlight.table_import.mappings import keep
from tests.table_import.given import Tables

pytestmark = pytest.mark.database


@pytest.fixture
def file(tables: Tables, tmp_path: Path) -> Path:
    given = tables.checked("Name;Value\nOld;1\n", ["title", "amount"])
    keep(given, "Web form", tables.admin)
    path = tmp_path / "leads.csv"
    path.write_text("Value;Name;Other\n5;Roof;x\nmuch;Door;x\n")
    return path


def test_a_file_is_imported_by_its_headers(tables: Tables, file: Path, capsys: Any) -> None:
    import_table(file, "web FORM", dry_run=False)
    lead = Lead.objects.get()
    assert (lead.title, lead.amount, lead.created_by) == ("Roof", 5, tables.admin)
    told = capsys.readouterr()
    assert "Created" in told.out
    assert "Row 3: Value: This is not a number." in told.err
    import_table(file, "Web form", dry_run=False)
    assert Lead.objects.count() == 1


def test_a_dry_run_writes_nothing(tables: Tables, file: Path, capsys: Any) -> None:
    before = TableImport.objects.count()
    import_table(file, "Web form", dry_run=True)
    assert (Lead.objects.count(), TableImport.objects.count()) == (0, before)
    assert "To create" in capsys.readouterr().out


def test_what_cannot_be_imported_stops_with_a_sentence(tables: Tables, file: Path) -> None:
    with pytest.raises(Stop, match="There are: Web form"):
        import_table(file, "Other", dry_run=False)
    with pytest.raises(Stop, match="no file"):
        import_table(file.parent / "none.csv", "Web form", dry_run=False)
    file.write_text("Name\nRoof\n")
    with pytest.raises(Stop, match="no column “Value”"):
        import_table(file, "Web form", dry_run=False)


def test_rows_are_added_to_the_list_of_the_mapping(tables: Tables, tmp_path: Path) -> None:
    listed = make_list(tables.company.ana, "Fair", ["Company"], [])
    [column] = listed.columns.all()
    given = tables.checked(
        "Firma\nOld\n",
        [column.cell_key],
        kind="prospects",
        into=listed,
        by=tables.company.ana,
    )
    keep(given, "Fair", tables.company.ana)
    path = tmp_path / "rows.csv"
    path.write_text("Firma;Other\nLake;x\n")
    import_table(path, "Fair", dry_run=False)
    assert [row.texts for row in listed.prospects.all()] == [{"Company": "Lake"}]
    listed.user = tables.company.bo
    listed.save()
    with pytest.raises(Stop, match="cannot change this list"):
        import_table(path, "Fair", dry_run=False)

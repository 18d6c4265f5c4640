"""Weekend and holidays in a company folder."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from leadlight.accounts.models import Holiday, Organization
from leadlight.importing import export_folder, import_folder
from leadlight.importing.problems import Problems
from tests.importing.small import COMPANY, ROWS, contents, empty_instance, write_folder

pytestmark = pytest.mark.django_db


def test_the_calendar_survives_export_and_import(tmp_path: Path) -> None:
    import_folder(write_folder(tmp_path / "in", ROWS))
    assert Organization.current().weekend == [5, 6]
    assert list(Holiday.objects.values_list("day", "name")) == [
        (date(2026, 5, 1), "Labour Day"),
        (date(2026, 5, 15), "Pont de l'Ascension"),
    ]
    export_folder(tmp_path / "once")
    empty_instance()
    import_folder(tmp_path / "once")
    export_folder(tmp_path / "twice")
    assert contents(tmp_path / "once") == contents(tmp_path / "twice")
    assert b"weekend = [5, 6]\n" in contents(tmp_path / "once")["company.toml"]


def test_a_folder_without_a_calendar_is_exported_unchanged(tmp_path: Path) -> None:
    older = COMPANY.replace("weekend = [5, 6]\n", "")
    files = {name: text for name, text in ROWS.items() if name != "holidays"}
    import_folder(write_folder(tmp_path / "in", files, older))
    assert Organization.current().weekend == [6, 7]
    export_folder(tmp_path / "out")
    assert contents(tmp_path / "out")["company.toml"] == older.encode()
    assert "holidays.csv" not in contents(tmp_path / "out")


def test_a_company_may_have_no_weekend(tmp_path: Path) -> None:
    import_folder(write_folder(tmp_path / "in", ROWS, COMPANY.replace("[5, 6]", "[]")))
    assert Organization.current().weekend == []


def test_a_second_holiday_on_the_same_day_is_refused(tmp_path: Path) -> None:
    Holiday.objects.create(day=date(2026, 5, 1), name="Fête du Travail")
    with pytest.raises(Problems, match="“Fête du Travail” is already on this date"):
        import_folder(write_folder(tmp_path / "in", ROWS))

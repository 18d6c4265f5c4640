"""Whole tables that `leadlight table TABLE FILE` writes."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pytest
from python_calamine import CalamineWorkbook

from leadlight.accounts.models import AuditEntry
from leadlight.cli.console import Stop
from leadlight.sales.models import Lead, LeadEvent
from tests.cli.conftest import Run

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("company")]


def keys(path: Path) -> list[str]:
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            return [row["key"] for row in csv.DictReader(file)]
    if path.suffix == ".xlsx":
        _titles, *rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
        return [str(row[0]) for row in rows]
    return [key for (key,) in duckdb.read_parquet(str(path)).select("key").fetchall()]


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet"])
def test_every_row_is_written(ending: str, leadlight: Run, tmp_path: Path) -> None:
    path = tmp_path / f"leads.{ending}"
    every = list(Lead.objects.filter(is_deleted=False).order_by("pk").values_list("key", flat=True))
    assert leadlight("table", "leads", str(path)) == f"Rows\t{len(every)}\n"
    assert keys(path) == every


def test_filters_and_periods_choose_the_rows(leadlight: Run, tmp_path: Path) -> None:
    path = tmp_path / "won.csv"
    words = ("--status", "won", "--day", "closed", "--from", "2026-01-01", "--to", "2026-12-31")
    leadlight("table", "leads", str(path), *words)
    won = Lead.objects.filter(status="won", closed_at__year=2026, is_deleted=False)
    assert set(keys(path)) == set(won.values_list("key", flat=True)) != set()
    path = tmp_path / "events.parquet"
    leadlight("table", "events", str(path), "--columns", "key", "--columns", "kind")
    assert len(keys(path)) == LeadEvent.objects.filter(lead__is_deleted=False).count()


def test_an_export_is_in_the_audit_log(leadlight: Run, tmp_path: Path) -> None:
    leadlight("table", "clients", str(tmp_path / "clients.csv"))
    entry = AuditEntry.objects.latest("pk")
    assert (entry.kind, entry.action, entry.is_by_command) == ("export", "table", True)
    assert entry.subject.endswith("clients.csv")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("wine", "a.csv"), "There is no table “wine”"),
        (("leads", "a.doc"), "must end with .csv"),
        (("leads", "missing/a.parquet"), "does not exist"),
        (("leads", "a.csv", "--columns", "colour"), "There is no column “colour”"),
        (("leads", "a.csv", "--user", "nobody"), "nobody"),
        (("leads", "a.csv", "--from", "yesterday"), "yesterday"),
    ],
)
def test_wrong_words_are_refused(
    words: tuple[str, ...],
    sentence: str,
    leadlight: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Stop, match=sentence):
        leadlight("table", *words)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_exists_is_kept(leadlight: Run, tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("mine")
    with pytest.raises(Stop, match="already exists"):
        leadlight("table", "leads", str(path))
    assert path.read_text() == "mine"

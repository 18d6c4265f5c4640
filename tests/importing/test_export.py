"""Export of a company folder, and round trips of export and import."""

from __future__ import annotations

import csv
import io
import tempfile
import threading
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from leadlight.importing import Counts, Problems, export_folder, folder_export, import_folder
from leadlight.importing.cells import CONTROL, format_value
from leadlight.sales.models import Client, Lead, Prospect, ProspectingList
from tests.importing.small import ROWS, as_csv, contents, empty_instance, write_folder
from tests.prospects import add_prospect
from tests.seeds import examples
from tests.worked_company import write_worked_company

pytestmark = [pytest.mark.search, pytest.mark.django_db]

PARIS = ZoneInfo("Europe/Paris")


def exported_again(first: Path) -> Path:
    """Import a folder into an empty instance, and return the folder of its export."""
    empty_instance()
    import_folder(first)
    second = first.with_name(first.name + "-again")
    export_folder(second)
    return second


def test_exporting_an_imported_export_returns_the_same_files(tmp_path: Path) -> None:
    import_folder(write_folder(tmp_path / "small", ROWS))
    export_folder(tmp_path / "one")
    two = exported_again(tmp_path / "one")
    assert contents(two) == contents(tmp_path / "one")


def test_exporting_the_small_company_returns_its_original_files(tmp_path: Path) -> None:
    small = write_folder(tmp_path / "small", ROWS)
    import_folder(small)
    export_folder(tmp_path / "out")
    assert contents(tmp_path / "out") == contents(small)


def test_exporting_the_worked_company_twice_returns_the_same_files(tmp_path: Path) -> None:
    import_folder(write_worked_company(tmp_path / "worked"))
    export_folder(tmp_path / "one")
    assert contents(exported_again(tmp_path / "one")) == contents(tmp_path / "one")


def test_importing_a_fresh_export_changes_nothing(tmp_path: Path) -> None:
    import_folder(write_folder(tmp_path / "small", ROWS))
    export_folder(tmp_path / "out")
    assert not import_folder(tmp_path / "out").has_changes


def test_exporting_an_empty_instance_writes_only_company_toml(tmp_path: Path) -> None:
    summary = export_folder(tmp_path / "out")
    assert list(contents(tmp_path / "out")) == ["company.toml"]
    assert summary.files == {"company.toml": Counts(created=1)}
    assert contents(exported_again(tmp_path / "out")) == contents(tmp_path / "out")


def test_the_summary_counts_the_rows_of_each_file(tmp_path: Path) -> None:
    import_folder(write_folder(tmp_path / "small", ROWS))
    summary = export_folder(tmp_path / "out")
    assert summary.files["lead_events.csv"].rows == 12, "those drawn from a row stay here"
    assert summary.files["clients.csv"].rows == 1


def test_export_refuses_a_folder_that_is_not_empty(tmp_path: Path) -> None:
    full = tmp_path / "full"
    full.mkdir()
    (full / "note.txt").write_text("mine")
    with pytest.raises(Problems, match="This folder is not empty"):
        export_folder(full)
    assert list(contents(full)) == ["note.txt"]
    (tmp_path / "empty").mkdir()
    export_folder(tmp_path / "empty")
    export_folder(tmp_path / "deep" / "new")
    assert (tmp_path / "empty" / "company.toml").exists()
    assert (tmp_path / "deep" / "new" / "company.toml").exists()


def test_an_interrupted_export_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_folder(write_folder(tmp_path / "small", ROWS))

    def interrupted(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(folder_export, "_events", interrupted)
    (tmp_path / "here").mkdir()
    with pytest.raises(KeyboardInterrupt):
        export_folder(tmp_path / "here" / "out")
    assert list((tmp_path / "here").iterdir()) == []


@pytest.mark.django_db(transaction=True)
def test_an_export_reads_one_snapshot_while_others_write(tmp_path: Path) -> None:
    import_folder(write_folder(tmp_path / "small", ROWS))

    def sell() -> None:
        Lead.create(title="Meanwhile", by=None)
        Lead.objects.get(key="L1").reopen(by=None)
        connection.close()

    def progress(label: str, done: int, total: int) -> None:
        if label == "Writing lead_events.csv" and done == 0:
            seller = threading.Thread(target=sell)
            seller.start()
            seller.join()

    export_folder(tmp_path / "out", progress=progress)
    assert Lead.objects.filter(title="Meanwhile").exists()
    assert contents(tmp_path / "out") == contents(tmp_path / "small")


INSTANTS = [
    (datetime(2026, 1, 31, 23, 30, tzinfo=UTC), "2026-02-01T00:30:00+01:00"),
    (datetime(2026, 7, 1, 10, 0, 0, 120_000, tzinfo=UTC), "2026-07-01T12:00:00.120+02:00"),
    (datetime(2026, 7, 1, 10, 0, 0, 7, tzinfo=UTC), "2026-07-01T12:00:00.000007+02:00"),
    (datetime(2025, 10, 26, 0, 30, tzinfo=UTC), "2025-10-26T02:30:00+02:00"),
    (datetime(2025, 10, 26, 1, 30, tzinfo=UTC), "2025-10-26T02:30:00+01:00"),
]


@pytest.mark.parametrize(("instant", "text"), INSTANTS)
def test_instants_are_written_in_the_zone_of_the_company(instant: datetime, text: str) -> None:
    assert format_value(instant, PARIS) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1000.00"), "1000"),
        (Decimal("10.50"), "10.50"),
        (Decimal(0), "0"),
        (None, ""),
        (True, "true"),
        (("a", "b"), "a;b"),
        (3, "3"),
    ],
)
def test_each_value_has_one_text_form(value: object, text: str) -> None:
    assert format_value(value, PARIS) == text


def test_rows_are_exported_in_the_order_of_insertion(tmp_path: Path) -> None:
    header = (
        "client,name,description,is_active,created_at,created_by,merged_into,merged_at,merged_by"
    )
    clients = f"{header}\nz,Z,,true,,,,,\na,A,,true,,,,,\nm,M,,true,,,,,\n"
    import_folder(write_folder(tmp_path / "f", {"clients": clients}))
    export_folder(tmp_path / "out")
    assert contents(tmp_path / "out")["clients.csv"].decode() == clients


def test_extra_columns_of_prospects_follow_the_order_of_their_lists(tmp_path: Path) -> None:
    fair = ProspectingList.objects.create(key="fair", name="Fair")
    web = ProspectingList.objects.create(key="web", name="Web")
    for place, cells in [
        (web, {"Site": "w.example"}),
        (fair, {"Company": "One", "Empty": ""}),
        (fair, {"Company": "Two", "Phone": "+33"}),
        (web, {"Site": "", "Note": "=1+1"}),
    ]:
        add_prospect(place, cells)
    export_folder(tmp_path / "one")
    text = contents(tmp_path / "one")["prospects.csv"].decode()
    headers = next(csv.reader(io.StringIO(text)))[8:]
    assert headers == ["cell:Company", "cell:Phone", "cell:Site", "cell:Note"]
    assert contents(exported_again(tmp_path / "one")) == contents(tmp_path / "one")
    cells = [prospect.texts for prospect in Prospect.objects.order_by("pk")]
    assert cells[:2] == [{"Company": "One"}, {"Company": "Two", "Phone": "+33"}]
    assert cells[2:] == [{"Site": "w.example"}, {"Note": "=1+1"}]


def test_leads_are_exported_in_the_order_of_creation(tmp_path: Path) -> None:
    """The order of creation wins over the order of ids."""
    import_folder(write_folder(tmp_path / "small", ROWS))
    assert [lead.key for lead in Lead.objects.order_by("pk")] == ["L1", "L2"]
    rows = list(csv.reader(io.StringIO(ROWS["leads"])))
    rows[2][rows[0].index("created_at")] = "2025-01-01T00:00:00+01:00"
    import_folder(write_folder(tmp_path / "small", {"leads": as_csv(rows)}))
    export_folder(tmp_path / "one")
    lines = contents(tmp_path / "one")["leads.csv"].decode().splitlines()
    assert [line[:2] for line in lines[1:]] == ["L2", "L1"]
    assert contents(exported_again(tmp_path / "one")) == contents(tmp_path / "one")


nasty = st.text(
    st.one_of(
        st.sampled_from("\",;\n\r'=+-@ \té€漢\u200b\ufeff\u2028\x85😀"),
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    ),
    max_size=12,
)


of_one_line = nasty.map(lambda text: CONTROL.sub(" ", text)).filter(bool)


@examples(10, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    names=st.tuples(of_one_line, of_one_line),
    texts=st.lists(nasty.filter(bool), min_size=3, max_size=3),
    keys=st.lists(
        nasty.filter(lambda text: text not in ("", "none")), min_size=3, max_size=3, unique=True
    ),
    cells=st.lists(st.tuples(nasty, nasty), max_size=4),
)
def test_any_text_survives_import_and_export(
    names: tuple[str, str], texts: list[str], keys: list[str], cells: list[tuple[str, str]]
) -> None:
    empty_instance()
    (name, first), (title, description, header) = names, texts
    client, listed, prospect = keys
    at = "2026-01-05T10:00:00+01:00"
    tables = {
        "users": [["user", "first_name", "email"], ["ana", first, "ana@example.com"]],
        "pipelines": [["pipeline", "name"], ["p", name]],
        "steps": [["step", "pipeline", "name", "position"], ["s", "p", name, "1"]],
        "clients": [["client", "name"], [client, name]],
        "prospecting_lists": [["prospecting_list", "name", "created_at"], [listed, name, at]],
        "prospects": [
            ["prospect", "prospecting_list", "created_at", f"cell:{header}", "cell:B!"],
            *([f"{prospect}{n}", listed, at, *pair] for n, pair in enumerate(cells)),
        ],
        "leads": [
            *[["lead", "title", "description", "pipeline", "step", "status", "created_at"]],
            ["l", title, description, "p", "s", "todo", at],
        ],
    }
    with tempfile.TemporaryDirectory() as place:
        first_folder = Path(place) / "in"
        files = {name: as_csv(rows) for name, rows in tables.items()}
        import_folder(write_folder(first_folder, files))
        assert Client.objects.get().key == client
        lead = Lead.objects.get()
        assert (lead.title, lead.description) == (title, description)
        assert [
            tuple(row.texts.get(each, "") for each in (header, "B!"))
            for row in Prospect.objects.order_by("pk")
        ] == cells
        export_folder(Path(place) / "one")
        assert contents(exported_again(Path(place) / "one")) == contents(Path(place) / "one")

"""Custom fields in company folders."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadlight.importing import Problem, Problems, export_folder, import_folder
from leadlight.replication.checks import check
from leadlight.sales.models import (
    Client,
    ClientFieldValue,
    CustomField,
    Lead,
    LeadFieldValue,
    Prospect,
)
from leadlight.sales.models.event_log import Kind
from tests.importing.refusing import only_problem
from tests.importing.small import ROWS, contents, empty_instance, with_row, write_folder
from tests.prospects import set_texts
from tests.seeds import drawn

pytestmark = pytest.mark.django_db

HOSTILE = [
    *("<script>alert(1)</script>", "=1+1", '"quoted", and; more', "two\nlines", "a\r\nb"),
    *("\u202eright to left", "عربى", "'; DROP TABLE sales_lead; --", "😀", "{{ 7 * 7 }}", "\\N"),
]


@pytest.fixture
def small(tmp_path: Path) -> Path:
    folder = write_folder(tmp_path / "small", ROWS)
    import_folder(folder)
    return folder


def with_column(file: str, name: str, *texts: str) -> dict[str, str]:
    """Return the company with one more, quoted column at the end of a file."""
    lines = ROWS[file].split("\n")
    rows, end = _rows(lines)
    cells = [name, *texts, *[""] * (len(rows) - 1 - len(texts))]
    quoted = ['"' + cell.replace('"', '""') + '"' for cell in cells]
    joined = [f"{row},{cell}" for row, cell in zip(rows, quoted, strict=True)]
    return ROWS | {file: "\n".join([*joined, *end])}


def _rows(lines: list[str]) -> tuple[list[str], list[str]]:
    """Join lines within quotes; return the rows of a file and the empty text after the last one."""
    rows: list[str] = []
    for line in lines[:-1]:
        if rows and rows[-1].count('"') % 2:
            rows[-1] += "\n" + line
        else:
            rows.append(line)
    return rows, lines[-1:]


def refused(folder: Path) -> Problem:
    """Return the only problem of a folder; the instance may have data."""
    with pytest.raises(Problems) as refusal:
        import_folder(folder)
    [problem] = refusal.value.problems
    return problem


def texts_of(key: str) -> dict[str, str]:
    return Lead.objects.get(key=key).field_texts


def events_of(key: str) -> list[tuple[str, str, str, str]]:
    events = Lead.objects.get(key=key).events.filter(kind=Kind.FIELD).order_by("pk")
    return list(events.values_list("about", "old_value", "value", "channel"))


def define_all() -> list[CustomField]:
    """Define a field of each kind for leads and for clients, one of them with an odd key."""
    kinds = ("text", "number", "amount", "day", "choice", "email", "phone", "address", "link")
    fields = [
        CustomField.define(subject, f"Of {kind}", kind, choices=["a, b", "c"])
        for subject in ("lead", "client")
        for kind in kinds
    ]
    CustomField.objects.filter(pk=fields[0].pk).update(key='odd, "key";\nof two lines')
    for field in fields:
        field.refresh_from_db()
    return fields


VALUES = {
    "number": "-12.5",
    "amount": "1000.50",
    "day": "2026-01-31",
    "choice": "a, b",
    "email": "ana@example.com",
    "phone": "+33 (0)1 02 03",
    "link": "https://example.com/?a=<b>&c=“d”",
}


def test_values_of_every_kind_survive_export_and_import(small: Path, tmp_path: Path) -> None:
    lead, client = Lead.objects.get(key="L1"), Client.objects.get(key="acme")
    rng = drawn("own fields")
    for field in define_all():
        text = VALUES.get(field.kind) or rng.choice(HOSTILE)
        if field.subject == "lead":
            lead.set_field(field, "12" if field.kind == "number" else text, by=None)
            lead.set_field(field, text, by=None)
        else:
            client.set_field(field, text)
    before = (texts_of("L1"), Client.objects.get(key="acme").field_texts, events_of("L1"))
    derived = ("sort_text", "number")
    columns = list(LeadFieldValue.objects.order_by("field__position").values_list(*derived))
    export_folder(tmp_path / "one")
    assert not import_folder(tmp_path / "one").has_changes
    empty_instance()
    import_folder(tmp_path / "one")
    assert (
        texts_of("L1"),
        Client.objects.get(key="acme").field_texts,
        events_of("L1"),
    ) == before
    assert list(LeadFieldValue.objects.order_by("field__position").values_list(*derived)) == columns
    export_folder(tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert list(check()) == []


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_survive_export_and_import(text: str, small: Path, tmp_path: Path) -> None:
    note = CustomField.define("lead", "Note", "text")
    Lead.objects.get(key="L2").set_field(note, text, by=None)
    export_folder(tmp_path / "one")
    empty_instance()
    import_folder(tmp_path / "one")
    assert texts_of("L2") == {note.key: text}


def test_only_fields_with_values_have_a_column_including_archived_ones(
    small: Path, tmp_path: Path
) -> None:
    visit = CustomField.objects.get(key="visit")
    Lead.objects.get(key="L1").set_field(visit, "2026-01-31", by=None)
    visit.archive()
    export_folder(tmp_path / "one")
    header = (tmp_path / "one" / "leads.csv").read_text().partition("\n")[0]
    assert header.endswith("follows_as,field:visit")
    assert "field:" not in (tmp_path / "one" / "clients.csv").read_text()
    empty_instance()
    import_folder(tmp_path / "one")
    assert texts_of("L1") == {"visit": "2026-01-31"}
    assert (tmp_path / "one" / "fields.csv").read_text() == ROWS["fields"].replace(
        "day,,false,2,false", "day,,false,2,true"
    )


def test_import_normalizes_values_and_an_empty_cell_removes_them(
    small: Path, tmp_path: Path
) -> None:
    files = with_column("leads", "field:building", " House", "Flat")
    import_folder(write_folder(tmp_path / "one", files))
    assert (texts_of("L1"), texts_of("L2")) == ({"building": "House"}, {"building": "Flat"})
    files = with_column("leads", "field:building", "", "House")
    summary = import_folder(write_folder(tmp_path / "two", files))
    assert (texts_of("L1"), texts_of("L2")) == ({}, {"building": "House"})
    assert (summary.files["leads.csv"].updated, Lead.objects.get(key="L1").version) == (2, 3)
    assert events_of("L1") == [
        ("building", "", "House", "import"),
        ("building", "House", "", "import"),
    ]
    assert not import_folder(tmp_path / "two").has_changes
    assert list(check()) == []


def test_a_folder_without_the_column_keeps_the_values(small: Path, tmp_path: Path) -> None:
    Lead.objects.get(key="L1").set_field(CustomField.objects.get(key="building"), "Flat", by=None)
    Client.objects.get(key="acme").set_field(CustomField.objects.get(key="site"), "https://a.b")
    assert not import_folder(small).has_changes
    files = with_column("leads", "field:visit", "2026-01-31")
    import_folder(write_folder(tmp_path / "one", files))
    assert texts_of("L1") == {"building": "Flat", "visit": "2026-01-31"}
    assert ClientFieldValue.objects.get().text == "https://a.b"


def test_a_new_lead_has_its_values_without_events(tmp_path: Path) -> None:
    import_folder(write_folder(tmp_path / "one", with_column("leads", "field:building", "House")))
    assert (texts_of("L1"), events_of("L1")) == ({"building": "House"}, [])
    assert list(check()) == []


WRONG = [
    ("building", "Castle", "Choose one of: House, Flat."),
    ("visit", "31/01/2026", "Write a date as 2026-01-31."),
    ("visit", "2026-02-30", "This date does not exist."),
    ("visit", "1899-01-01", "Enter a date from 1900-01-01 to 2200-12-31."),
]


@pytest.mark.parametrize(("key", "text", "sentence"), WRONG)
def test_a_wrong_value_is_reported_at_its_cell(
    key: str, text: str, sentence: str, tmp_path: Path
) -> None:
    files = with_column("leads", f"field:{key}", "", text)
    problem = only_problem(write_folder(tmp_path / "f", files))
    assert problem == Problem("leads.csv", 3, f"field:{key}", text, sentence)


def test_a_wrong_link_of_a_client_is_reported_at_its_cell(tmp_path: Path) -> None:
    files = with_column("clients", "field:site", "javascript:alert(1)")
    problem = only_problem(write_folder(tmp_path / "f", files))
    assert (problem.file, problem.line, problem.column) == ("clients.csv", 2, "field:site")


@pytest.mark.parametrize(
    ("file", "key"), [("leads", "nowhere"), ("leads", "site"), ("clients", "building")]
)
def test_a_column_of_an_unknown_field_or_another_subject_is_refused(
    file: str, key: str, tmp_path: Path
) -> None:
    files = with_column(file, f"field:{key}", "x")
    problem = only_problem(write_folder(tmp_path / "f", files))
    assert (problem.file, problem.line, problem.column) == (f"{file}.csv", 1, f"field:{key}")
    assert "neither in fields.csv" in problem.sentence


@pytest.mark.parametrize(
    ("row", "column", "sentence"),
    [
        (("x", "lead", "X", "choice", "", "", "5", ""), "choices", "at least one choice"),
        (("x", "lead", "X", "choice", "a;A", "", "5", ""), "choices", "“A” is listed twice"),
        (("x", "lead", "X", "choice", "a;;b", "", "5", ""), "choices", "Enter a name"),
        (("x", "lead", "X", "choice", "a; b", "", "5", ""), "choices", "Remove the spaces"),
        (("x", "lead", "X", "choice", "none", "", "5", ""), "choices", "“none” cannot"),
        (("x", "lead", "X", "text", "a", "", "5", ""), "choices", "Only a field of type “Choice”"),
        (
            ("x", "lead", "BUILDING", "text", "", "", "5", ""),
            "name",
            "Line 2 already has this name",
        ),
        (("x", "order", "X", "text", "", "", "5", ""), "subject", "lead, client, prospect"),
        (("x", "lead", "X", "colour", "", "", "5", ""), "kind", "Use one of: text, "),
        (("x", "lead", "X", "text", "", "", "", ""), "position", "Enter a value"),
        (("x.from", "lead", "X", "text", "", "", "5", ""), "field", "cannot end in .from"),
        (("x", "lead", "a\nb", "text", "", "", "5", ""), "name", "cannot contain line breaks"),
    ],
)
def test_a_wrong_definition_is_refused(
    row: tuple[str, ...], column: str, sentence: str, tmp_path: Path
) -> None:
    problem = only_problem(write_folder(tmp_path / "f", with_row("fields", *row)))
    assert (problem.file, problem.line, problem.column) == ("fields.csv", 6, column)
    assert sentence in problem.sentence


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [(",lead,Visit", ",client,Visit", "subject"), (",day,", ",text,", "kind")],
)
def test_a_field_keeps_its_subject_and_its_kind(
    old: str, new: str, column: str, small: Path, tmp_path: Path
) -> None:
    files = ROWS | {"fields": ROWS["fields"].replace(old, new)}
    problem = refused(write_folder(tmp_path / "f", files))
    assert (problem.file, problem.line, problem.column) == ("fields.csv", 3, column)


def test_the_name_of_another_existing_field_is_refused(small: Path, tmp_path: Path) -> None:
    CustomField.define("lead", "Étage", "text")
    header = ROWS["fields"].partition("\n")[0]
    only = {"fields": f"{header}\nother,lead,étage,text,,,5,\n"}
    problem = refused(write_folder(tmp_path / "f", only, None))
    assert (problem.column, problem.value) == ("name", "étage")


def test_two_fields_can_exchange_their_names(small: Path, tmp_path: Path) -> None:
    files = ROWS | {
        "fields": ROWS["fields"]
        .replace(",Building,", ",Other,")
        .replace(",Visit,", ",Building,")
        .replace(",Other,", ",Visit,")
    }
    import_folder(write_folder(tmp_path / "f", files))
    names = dict(CustomField.objects.values_list("key", "name"))
    assert (names["building"], names["visit"]) == ("Visit", "Building")


def test_renaming_a_prospect_field_renames_the_cells_of_prospects(
    small: Path, tmp_path: Path
) -> None:
    set_texts(Prospect.objects.get(key="x1"), {"Company": "Dupont", "Floors": "5"})
    set_texts(Prospect.objects.get(key="x2"), {"Floors": "6"})
    header = "prospect,prospecting_list,created_at,cell:Storeys\n"
    files = {
        "fields": ROWS["fields"].replace(",Floors,", ",Storeys,"),
        "prospects": header + "x1,fair,2026-01-02T09:00:00+01:00,7\n",
    }
    folder = write_folder(tmp_path / "f", files, None)
    import_folder(folder)
    cells = {prospect.key: prospect.texts for prospect in Prospect.objects.all()}
    assert cells == {"x1": {"Company": "Dupont", "Storeys": "7"}, "x2": {"Storeys": "6"}}
    assert not import_folder(folder).has_changes


def test_renaming_a_prospect_field_to_an_existing_column_is_refused(
    small: Path, tmp_path: Path
) -> None:
    set_texts(Prospect.objects.get(key="x1"), {"Company": "Dupont", "Floors": "5"})
    only = {"fields": ROWS["fields"].replace(",Floors,", ",Company,")}
    problem = refused(write_folder(tmp_path / "f", only, None))
    assert (problem.file, problem.line, problem.column) == ("fields.csv", 5, "name")
    assert "Prospects already have a column “Company”. Choose another name." in problem.sentence


def test_removing_a_choice_that_a_row_keeps_is_refused(small: Path, tmp_path: Path) -> None:
    building = CustomField.objects.get(key="building")
    Lead.objects.get(key="L1").set_field(building, "Flat", by=None)
    less = {"fields": ROWS["fields"].replace("House;Flat", "House")}
    problem = refused(write_folder(tmp_path / "one", ROWS | less))
    assert (problem.file, problem.line, problem.column) == ("fields.csv", 2, "choices")
    assert "“Flat” cannot be removed: 1 row of the database uses it." in problem.sentence
    moved = with_column("leads", "field:building", "House") | less
    import_folder(write_folder(tmp_path / "two", moved))
    assert texts_of("L1") == {"building": "House"}
    # The removed choice stays in the history.
    export_folder(tmp_path / "three")
    empty_instance()
    import_folder(tmp_path / "three")
    assert [event[1:3] for event in events_of("L1")] == [("", "Flat"), ("Flat", "House")]


def with_event(*cells: str) -> dict[str, str]:
    return with_row("lead_events", "e13", "L1", "2026-02-04T10:00:00Z", "", "", "field", *cells)


def test_a_field_event_that_agrees_with_the_row_is_imported(tmp_path: Path) -> None:
    events = with_event("Flat", "", "", "building")
    files = events | {"leads": with_column("leads", "field:building", "Flat")["leads"]}
    import_folder(write_folder(tmp_path / "one", files))
    assert events_of("L1") == [("building", "", "Flat", "import")]
    assert not import_folder(write_folder(tmp_path / "two", events)).has_changes
    other = with_column("leads", "field:building", "House")
    problem = refused(
        write_folder(tmp_path / "three", other | {"lead_events": events["lead_events"]})
    )
    assert (problem.file, problem.line, problem.column) == ("leads.csv", 2, "field:building")
    assert (problem.value, "“Flat”" in problem.sentence) == ("House", True)


def test_an_event_of_a_field_without_a_value_in_the_row_is_refused(tmp_path: Path) -> None:
    files = with_event("Flat", "", "", "building")
    problem = only_problem(write_folder(tmp_path / "f", files))
    assert (problem.file, problem.line, problem.column) == ("leads.csv", 2, "field:building")


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        (("Flat", "", "", "nowhere"), "about"),
        (("https://a.b", "", "", "site"), "about"),
        (("Flat", "", "", ""), "about"),
        (("soon", "", "", "visit"), "value"),
        (("", "soon", "", "visit"), "old_value"),
    ],
)
def test_a_field_event_needs_a_field_of_leads_and_a_valid_value(
    cells: tuple[str, ...], column: str, tmp_path: Path
) -> None:
    problem = only_problem(write_folder(tmp_path / "f", with_event(*cells)))
    assert (problem.file, problem.line, problem.column) == ("lead_events.csv", 14, column)


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    files = with_column("leads", "field:building", "House")
    import_folder(write_folder(tmp_path / "f", files), dry_run=True)
    assert (CustomField.objects.count(), LeadFieldValue.objects.count()) == (0, 0)


def test_a_partial_folder_may_define_fields_and_set_their_values(
    small: Path, tmp_path: Path
) -> None:
    header = ROWS["fields"].partition("\n")[0]
    only = {
        "fields": f"{header}\nsize,client,Size,number,,,9,\n",
        "clients": "client,name,field:size\nacme,Acme,0012.50\n",
    }
    import_folder(write_folder(tmp_path / "f", only, None))
    assert Client.objects.get(key="acme").field_texts == {"size": "12.5"}

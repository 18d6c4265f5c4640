"""Rows of a file appended to a prospecting list, changed there, and undone."""

from __future__ import annotations

from typing import Any

import pytest

from leadlight.accounts.models import Membership, User
from leadlight.accounts.organization import organization
from leadlight.replication.checks import check
from leadlight.sales.models import (
    ActivityType,
    BulkJob,
    ImportMapping,
    Prospect,
    ProspectChange,
    ProspectColumn,
    ProspectingList,
)
from leadlight.sales.models.actions import acting
from leadlight.sales.prospecting import checks, lists
from leadlight.sales.prospecting.cells import CellChange, set_cells
from leadlight.sales.prospecting.columns import delete_column
from leadlight.sales.prospecting.conversion import convert
from leadlight.sales.prospecting.lists import make_list
from leadlight.sales.prospecting.rows import delete_rows
from leadlight.sales.prospecting.work import log_result
from leadlight.sales.refusals import Refused
from leadlight.table_import import jobs
from leadlight.table_import.files import earlier_imports, upload
from leadlight.table_import.mappings import keep
from tests.table_import.given import Tables, counts, reasons

pytestmark = pytest.mark.database

HEADERS = ("Company", "Email", "Phone", "City")


@pytest.fixture
def fair(tables: Tables) -> ProspectingList:
    rows = [["Lake", "lea@lake.example", "06 12 34 56 78", "Lyon"], ["Hill", "", "", ""]]
    return make_list(tables.company.ana, "Fair", HEADERS, rows)


def targets(listed: ProspectingList, *headers: str) -> list[str]:
    """Return the targets of the columns with these headers; other names are targets themselves."""
    columns = {column.header: column.cell_key for column in listed.columns.all()}
    return [columns.get(header, header) for header in headers]


def imported(
    tables: Tables, listed: ProspectingList, text: str, *headers: str, key: str = "", **more: Any
) -> Any:
    [key] = targets(listed, key)
    return tables.imported(
        text, targets(listed, *headers), kind="prospects", into=listed, key=key, **more
    )


def texts(listed: ProspectingList) -> list[list[str]]:
    return [list(row.texts.values()) for row in listed.prospects.order_by("pk")]


def differences() -> list[str]:
    return [*map(str, check()), *checks.differences()]


def test_rows_are_added_after_those_of_the_list(tables: Tables, fair: ProspectingList) -> None:
    version = fair.version
    given = imported(
        tables,
        fair,
        "Société;Owner;Note\nRiver; Ana ;x\nWood;;y\n;;z\n",
        *("Company", "user", ""),
    )
    assert counts(given) == {"done-new": 2, "refused": 1}
    assert reasons(given) == {4: "The row has no text for the list."}
    assert texts(fair)[2:] == [["River"], ["Wood"]]
    river = fair.prospects.order_by("pk")[2]
    assert (river.user, river.state) == (tables.company.ana, "to_qualify")
    fair.refresh_from_db()
    assert (fair.layout_version, fair.version) == (version + 1, version + 1)
    assert differences() == []


def test_columns_are_matched_by_their_header_and_then_by_their_meaning(
    tables: Tables, fair: ProspectingList
) -> None:
    text = "city;Courriel;Tél.;Raison sociale;Key;Colour\nParis;a@b.example;0612345678;X;k;red\n"
    given = upload(tables.admin, "prospects", "t.csv", [text.encode()], prospecting_list=fair)
    wanted = targets(fair, "City", "Email", "Phone", "Company", "key")
    assert given.mapping == {str(place): target for place, target in enumerate(wanted)}
    assert given.key_target == "key"


def test_a_name_of_two_targets_is_not_guessed(tables: Tables) -> None:
    listed = make_list(tables.admin, "States", ["State", "Phone", "Phone 2"], [])
    text = "State;Mobile;Téléphone;PHONE\nOhio;0612345678;0612345678;0612345678\n"
    given = upload(tables.admin, "prospects", "t.csv", [text.encode()], prospecting_list=listed)
    assert given.mapping == {"3": targets(listed, "Phone")[0]} | (
        {"2": targets(listed, "Phone 2")[0]}
    )


@pytest.mark.parametrize(
    ("key", "cell", "count"),
    [
        ("Email", "LEA@Lake.example", 1),
        ("Email", "mailto:lea@lake.example", 1),
        ("Email", "lea@lake.exampl", 0),
        ("Phone", "0612345678", 1),
        ("Phone", "+33 6 12 34 56 78", 1),
        ("Phone", "0033612345678", 1),
        ("Phone", "0612345679", 0),
    ],
)
def test_a_row_is_found_by_email_and_phone(
    tables: Tables, fair: ProspectingList, key: str, cell: str, count: int
) -> None:
    given = imported(tables, fair, f"K;C\n{cell};Nice\n", key, "City", key=key)
    assert counts(given) == ({"done": 1} if count else {"done-new": 1})
    assert fair.prospects.count() == (2 if count else 3)
    assert [row[-1] for row in texts(fair)].count("Nice") == 1
    assert differences() == []


def test_a_number_without_its_zero_is_found_by_the_same_text(
    tables: Tables, fair: ProspectingList
) -> None:
    text = "Tel;Company\n612345699;A\n6 12 34 56 98;B\n"
    assert organization().phone_country == "FR"
    assert counts(imported(tables, fair, text, "Phone", "Company")) == {"done-new": 2}
    again = imported(tables, fair, text + "\n", "Phone", "Company", key="Phone")
    assert counts(again) == {"unchanged": 2}
    other = imported(tables, fair, "Tel;Company\n06 12 34 56 99;A\n", *HEADERS[2::-2], key="Phone")
    assert counts(other) == {"done": 1}


def test_rows_that_cannot_be_imported_are_refused_with_the_reason(
    tables: Tables, fair: ProspectingList
) -> None:
    lists.add_rows(fair, fair.columns.all(), [["Twin", "two@x.example"], ["Twin", "two@x.example"]])
    other = make_list(tables.admin, "Other", ["Company"], [["Else"]])
    given = imported(
        tables,
        fair,
        "Mail;List;Who;Made;State;Due;Company\n"
        "two@x.example;;;;;;\n"
        ";;;;;;No key\n"
        "nobody;;;;;;\n"
        "a@x.example;Other;;;;;\n"
        "b@x.example;;Zoe;;;;\n"
        "c@x.example;;;2199-01-01;;;\n"
        "d@x.example;;;;Gone;;\n"
        "e@x.example;;;;;2026-02-31;\n"
        f"f@x.example;;;;;;{'x' * 10_001}\n"
        "lea@lake.example;fair;;;;;\n"
        "LEA@lake.example;;;;;;\n",
        *("Email", "prospecting_list", "user", "created_at", "state", "call_back_on", "Company"),
        key="Email",
    )
    found = reasons(given)
    assert found[2] == "2 rows have this key."
    assert "is empty" in found[3]
    assert found[4] == "Mail: This is not an email address."
    assert found[5] == "This row belongs to the list “Other”."
    assert found[6] == "Who: “Zoe” does not exist."
    assert "future" in found[7]
    assert found[8] == "State: “Gone” is not a state."
    assert found[9] == "Due: This date does not exist."
    assert "10001 characters" in found[10]
    assert found[12] == "Row 11 of the file has the same key."
    assert counts(given) == {"refused": 10, "unchanged": 1}
    key = other.prospects.get().key
    by_key = imported(tables, fair, f"Id;C\n{key};X\n", "key", "Company", key="key")
    assert reasons(by_key) == {2: "A row of another list has this key."}
    plain = imported(tables, fair, f"Id;C\n{key};X\n", "key", "Company")
    assert reasons(plain) == {2: f"Another row has the key “{key}”."}


def test_new_columns_of_the_list_are_added_and_go_with_the_undo(
    tables: Tables, fair: ProspectingList
) -> None:
    text = "Company;Colour;City;Mobile\nRiver;red;;0699999999\nWood;;;\n"
    given = imported(tables, fair, text, "Company", "new:1", "new:2", "new:3")
    assert counts(given) == {"done-new": 2}
    assert list(fair.columns.values_list("header", "notion"))[4:] == [
        ("Colour", ""),
        ("City 2", ""),
        ("Mobile", "mobile"),
    ]
    assert texts(fair)[2:] == [["River", "red", "0699999999"], ["Wood"]]
    row = fair.prospects.order_by("pk")[3]
    colour = fair.columns.get(header="Colour")
    with acting("", tables.admin):
        set_cells(fair, [CellChange(row.pk, colour.pk, "green")], tables.admin)
    tables.undo(given)
    assert counts(given) == {"undone-new": 1, "kept-new": 1}
    assert texts(fair)[2:] == [["Wood", "green"]]
    assert [column.header for column in fair.columns.all()] == [*HEADERS, "Colour"]
    assert differences() == []


def test_an_undo_removes_new_rows_and_sets_changed_ones_back(
    tables: Tables, fair: ProspectingList
) -> None:
    before = texts(fair)
    given = imported(
        tables,
        fair,
        "Mail;City;State;Who\nlea@lake.example;Nice;Not interested;Bo\nnew@x.example;Paris;;\n",
        *("Email", "City", "state", "user"),
        key="Email",
    )
    assert counts(given) == {"done": 1, "done-new": 1}
    lake = fair.prospects.order_by("pk")[0]
    assert (lake.texts["City"], lake.state, lake.user) == ("Nice", "declined", tables.company.bo)
    assert differences() == []
    tables.undo(given)
    assert given.job is not None
    assert (counts(given), given.job.state) == (
        {"undone": 1, "undone-new": 1},
        BulkJob.State.UNDONE,
    )
    lake.refresh_from_db()
    assert (texts(fair), lake.state, lake.user) == (before, "to_qualify", None)
    assert differences() == []


def test_rows_that_were_worked_on_since_stay_and_are_listed(
    tables: Tables, fair: ProspectingList
) -> None:
    call = ActivityType.objects.create(name="Call")
    text = "C\n" + "".join(f"New {number}\n" for number in range(4))
    given = imported(tables, fair, text, "Company")
    called, became, changed, _free = fair.prospects.order_by("pk")[2:]
    log_result(called, call, by=tables.admin)
    convert(became, by=tables.admin)
    column = fair.columns.get(header="City")
    with acting("", tables.admin):
        set_cells(fair, [CellChange(changed.pk, column.pk, "Metz")], tables.admin)
    tables.undo(given)
    assert counts(given) == {"undone-new": 1, "kept-new": 3}
    assert given.job is not None
    kept = given.job.items.filter(state="kept").order_by("pk")
    assert [one.reason for one in kept] == [
        f"“New {number}” has changed since." for number in range(3)
    ]
    assert [row[0] for row in texts(fair)] == ["Lake", "Hill", "New 0", "New 1", "New 2"]
    # What stayed is not created again.
    assert counts(imported(tables, fair, text, "Company")) == {"skipped-new": 3, "done-new": 1}


def test_a_changed_row_that_was_changed_again_keeps_its_values(
    tables: Tables, fair: ProspectingList
) -> None:
    given = imported(tables, fair, "M;C\nlea@lake.example;Nice\n", "Email", "City", key="Email")
    second = imported(tables, fair, "M;C\nlea@lake.example;Metz\n", "Email", "City", key="Email")
    tables.undo(given)
    assert counts(given) == {"kept": 1}
    tables.undo(second)
    assert texts(fair)[0][3] == "Nice"
    tables.undo(given)
    assert texts(fair)[0][3] == "Lyon"
    assert not ProspectChange.objects.filter(action=given.job.action).exists()


def test_the_same_file_again_creates_nothing_but_another_list_takes_it(
    tables: Tables, fair: ProspectingList
) -> None:
    text = "C;M\nA;a@x.example\nB;b@x.example\n"
    first = imported(tables, fair, text, "Company", "Email")
    assert counts(imported(tables, fair, text, "Company", "Email")) == {"skipped-new": 2}
    by_key = imported(tables, fair, text, "Company", "Email", key="Email")
    assert counts(by_key) == {"unchanged": 2}
    other = make_list(tables.admin, "Other", ["Company", "Email"], [])
    again = imported(tables, other, text, "Company", "Email")
    assert (counts(again), earlier_imports(again)) == ({"done-new": 2}, [])
    with acting("", tables.admin):
        delete_rows(fair, [fair.prospects.order_by("pk")[2].pk])
    assert counts(first) == {"done-new": 1}  # a row that was deleted can come again


def test_a_large_file_is_written_and_undone_in_batches(
    tables: Tables, fair: ProspectingList, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "AT_ONCE", 0)
    monkeypatch.setattr(jobs, "BATCH", 2)
    monkeypatch.setattr(jobs, "CHECKED_AT_ONCE", 2)
    text = "M;C;New\n" + "".join(f"p{number}@x.example;City;n\n" for number in range(5))
    given = tables.checked(
        text,
        targets(fair, "Email", "City", "new:2"),
        key=targets(fair, "Email")[0],
        kind="prospects",
        into=fair,
    )
    jobs.run_unfinished()
    jobs.start(given)
    assert given.job is not None
    assert jobs.run_batch(given.job.pk)
    assert fair.prospects.count() == 4
    tables.undo(given)
    assert counts(given) == {"undone-new": 2, "stopped-new": 3}
    assert (fair.prospects.count(), fair.columns.count()) == (2, 4)


def test_existing_rows_are_read_by_few_queries(
    tables: Tables, fair: ProspectingList, django_assert_max_num_queries: Any
) -> None:
    rows = [
        [f"Company {n}", f"p{n}@x.example", f"06 12 00 {n // 100:02} {n % 100:02}"]
        for n in range(150)
    ]
    lists.add_rows(fair, fair.columns.all(), rows)
    text = "M;C\n" + "".join(f"p{n}@x.example;Metz\n" for n in range(150))
    mapped = targets(fair, "Email", "City")
    with django_assert_max_num_queries(60):
        given = tables.checked(text, mapped, key=mapped[0], kind="prospects", into=fair)
    assert counts(given) == {"pending": 150}
    with django_assert_max_num_queries(360):
        jobs.start(given)
    assert counts(given) == {"done": 150}


def test_a_list_takes_no_more_rows_than_it_can_have(
    tables: Tables, fair: ProspectingList, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leadlight.table_import.prospect_rows.MOST_ROWS", 3)
    given = imported(tables, fair, "C\nA\nB\n", "Company")
    assert counts(given) == {"done-new": 1, "refused": 1}
    assert fair.prospects.count() == 3


def test_too_many_columns_are_refused_before_anything_is_written(
    tables: Tables, fair: ProspectingList, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "MOST_COLUMNS", 4)
    with pytest.raises(Refused, match="at most 4 columns"):
        imported(tables, fair, "C;New\nA;B\n", "Company", "new:1")
    assert (fair.prospects.count(), fair.columns.count()) == (2, 4)


def test_a_seller_imports_into_lists_that_they_may_change_and_no_others(
    tables: Tables, fair: ProspectingList
) -> None:
    ana, bo = tables.company.ana, tables.company.bo
    assert counts(imported(tables, fair, "C\nA\n", "Company", by=ana)) == {"done-new": 1}
    with pytest.raises(Refused, match="cannot change this list"):
        imported(tables, fair, "C\nB\n", "Company", by=bo)
    with pytest.raises(Refused, match="Only admins and managers"):
        upload(ana, "leads", "t.csv", [b"Title\nRoof\n"])
    with pytest.raises(Refused, match="Choose the prospecting list"):
        upload(ana, "prospects", "t.csv", [b"Title\nRoof\n"])
    mona = User.objects.create_user("mona@example.com", first_name="Mona", role="manager")
    Membership.objects.create(user=mona, team=tables.company.north, is_manager=True)
    assert counts(imported(tables, fair, "C\nC\n", "Company", by=mona)) == {"done-new": 1}


def test_a_list_that_changes_hands_or_loses_a_column_after_the_check_refuses_the_rows(
    tables: Tables, fair: ProspectingList
) -> None:
    ana = tables.company.ana
    mapped = targets(fair, "Company", "City")
    given = tables.checked("C;City\nA;B\n", mapped, kind="prospects", into=fair, by=ana)
    ProspectingList.objects.update(user=tables.company.bo)
    with pytest.raises(Refused, match="cannot change this list"):
        jobs.start(given)
    ProspectingList.objects.update(user=ana)
    delete_column(ProspectColumn.objects.get(header="City"))
    jobs.start(given)
    assert reasons(given) == {2: "A column is mapped to a field that does not exist any more."}
    assert fair.prospects.count() == 2


def test_hostile_texts_come_in_as_text(tables: Tables, fair: ProspectingList) -> None:
    cells = ["=1+2", "‮evil", "🦊" * 40, "<script>alert(1)</script>", "x" * 10_000, "a\nb"]
    rows = "".join(f'"{cell}"\n' for cell in cells)
    imported(tables, fair, "Company\n" + rows, "Company")
    assert [row[0] for row in texts(fair)[2:]] == cells
    given = imported(tables, fair, "Company\nA\0B\nC\n", "Company")
    assert counts(given) == {"done-new": 1, "refused": 1}


def test_choices_are_kept_for_the_list_and_find_the_column_that_was_added(
    tables: Tables, fair: ProspectingList
) -> None:
    text = "Firma;Colour\nA;red\n"
    given = tables.checked(text, targets(fair, "Company", "new:1"), kind="prospects", into=fair)
    keep(given, "Fair", tables.admin)
    jobs.start(given)
    kept = ImportMapping.objects.get()
    assert (kept.prospecting_list, kept.mapping["Colour"]) == (fair, "new:1")
    more = b"Firma;Colour\nB;blue\n"
    second = upload(tables.admin, "prospects", "t.csv", [more], prospecting_list=fair)
    company, colour = targets(fair, "Company", "Colour")
    assert second.mapping == {"0": company, "1": colour}
    other = make_list(tables.admin, "Other", ["Company"], [])
    third = upload(tables.admin, "prospects", "t.csv", [more], prospecting_list=other)
    assert third.mapping == {}


def test_a_list_that_is_gone_takes_no_rows(tables: Tables, fair: ProspectingList) -> None:
    given = tables.checked("C\nA\n", targets(fair, "Company"), kind="prospects", into=fair)
    Prospect.objects.all().delete()
    fair.delete()
    given.refresh_from_db()
    with pytest.raises(Refused, match="Choose the prospecting list"):
        jobs.start(given)

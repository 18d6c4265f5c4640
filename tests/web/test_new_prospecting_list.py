"""New prospecting list: from pasted cells, from a file, or empty."""

from __future__ import annotations

import html
import os
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from leadlight.accounts.keys import new_key
from leadlight.sales.models import CustomField, ProspectingList
from leadlight.sales.prospecting.pending_rows import FIRST_ROWS, add_all
from leadlight.web.prospecting import kept_tables
from tests.tables.odd_workbooks import of_rows

pytestmark = pytest.mark.database

NEW = "/new-prospecting-list/"
PASTED = "Société\tPrénom\tE-mail\tRemarque\nÉlan\tZoé\tzoe@elan.example\t007\n\nBolt\t\t\tx\n"


@pytest.fixture(autouse=True)
def data_folder(settings, tmp_path):
    settings.LEADLIGHT_DATA = tmp_path
    return tmp_path


def text(response) -> str:
    return html.unescape(response.content.decode())


def hidden(response, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', response.content.decode())
    return html.unescape(found[1])


def chosen(response) -> dict[str, str]:
    """Return the selected field of each column, by the name of its control."""
    selects = re.findall(
        r'<select id="target-\d+" name="(target-\d+)">(.*?)</select>', text(response), re.DOTALL
    )
    options = {
        name: re.search(r'<option value="([^"]*)" selected>', body) for name, body in selects
    }
    return {name: found[1] if found else "" for name, found in options.items()}


def second(response, **changed: str) -> dict[str, str]:
    """Return what the second form sends without a change of a person."""
    return {
        "table": hidden(response, "table"),
        "read_as": hidden(response, "read_as"),
        "name": hidden(response, "name"),
        "header_row": hidden(response, "header_row"),
        "action": new_key(),
        **chosen(response),
        **changed,
    }


def made() -> ProspectingList:
    return ProspectingList.objects.latest("pk")


def rows(prospecting_list: ProspectingList) -> list[dict[str, str]]:
    return [row.texts for row in prospecting_list.prospects.order_by("pk")]


def test_pasted_cells_become_a_list_after_their_columns_were_shown(cast, visit, data_folder):
    browser = visit(cast.olga)
    response = browser.post(NEW, {"name": "Spring", "text": PASTED})
    assert response.status_code == 200
    assert ProspectingList.objects.count() == 1
    assert chosen(response) == {
        "target-0": "company",
        "target-1": "first name",
        "target-2": "email",
        "target-3": "",
    }
    assert "1 empty row is skipped." in text(response)
    response = browser.post(NEW, second(response, make="1"))
    assert response.status_code == 302
    assert (made().name, made().user) == ("Spring", cast.olga)
    assert [(one.header, one.notion) for one in made().columns.all()] == [
        ("Société", "company"),
        ("Prénom", "first name"),
        ("E-mail", "email"),
        ("Remarque", ""),
    ]
    assert rows(made()) == [
        {"Société": "Élan", "Prénom": "Zoé", "E-mail": "zoe@elan.example", "Remarque": "007"},
        {"Société": "Bolt", "Remarque": "x"},
    ]
    assert list((data_folder / "uploads").iterdir()) == []


def test_a_csv_file_in_another_encoding_becomes_a_list(cast, visit):
    file = SimpleUploadedFile("été.csv", "Société;Tél\nÉlan;0612345678\n".encode("cp1252"))
    response = visit(cast.olga).post(NEW, {"name": "Fair", "file": file})
    assert '<option value="cp1252" selected>Windows-1252</option>' in text(response)
    assert '<option value=";" selected>Semicolon</option>' in text(response)
    assert "été.csv" in text(response)
    visit(cast.olga).post(NEW, second(response, make="1"))
    assert rows(made()) == [{"Société": "Élan", "Tél": "0612345678"}]


def test_a_workbook_becomes_a_list(cast, visit):
    content = of_rows(["Company", "Zip"], ["Acme", "01000"], ["Bolt", 69001])
    file = SimpleUploadedFile("fair.xlsx", content)
    browser = visit(cast.olga)
    response = browser.post(NEW, {"name": "Fair", "file": file})
    assert "Encoding" not in text(response)
    browser.post(NEW, second(response, make="1"))
    assert rows(made()) == [
        {"Company": "Acme", "Zip": "01000"},
        {"Company": "Bolt", "Zip": "69001"},
    ]


def test_a_list_can_start_empty(cast, visit):
    visit(cast.olga).post(NEW, {"name": "Empty", "headers": "Company\n\n Phone \n"})
    assert [one.header for one in made().columns.all()] == ["Company", "Phone"]
    assert rows(made()) == []


def test_a_person_chooses_other_fields_than_those_found(cast, visit):
    field = CustomField.define("prospect", "Nickname", "text")
    browser = visit(cast.olga)
    response = browser.post(NEW, {"name": "Fair", "text": "A\tCompany\nx\ty\n"})
    sent = second(response, make="1", **{"target-0": f"field:{field.key}", "target-1": ""})
    browser.post(NEW, sent)
    first, other = made().columns.all()
    assert (first.field, first.notion) == (field, "")
    assert (other.field, other.notion) == (None, "")


def test_two_columns_cannot_be_the_same_own_field(cast, visit):
    field = CustomField.define("prospect", "Nickname", "text")
    browser = visit(cast.olga)
    response = browser.post(NEW, {"name": "Fair", "text": "A\tB\nx\ty\n"})
    both = dict.fromkeys(["target-0", "target-1"], f"field:{field.key}")
    response = browser.post(NEW, second(response, make="1", **both))
    assert response.status_code == 400
    assert "The columns “A” and “B” cannot be the same field." in text(response)
    assert ProspectingList.objects.count() == 1


def test_a_table_read_differently_is_shown_again_before_a_list_is_made(cast, visit):
    browser = visit(cast.olga)
    response = browser.post(NEW, {"name": "Fair", "text": "a\tb\nc\td\ne\tf\n"})
    sent = second(response, make="1", header_row="2")
    response = browser.post(NEW, sent)
    assert response.status_code == 200
    assert ProspectingList.objects.count() == 1
    browser.post(NEW, second(response, make="1"))
    assert rows(made()) == [{"c": "e", "d": "f"}]


def test_rows_that_cannot_be_read_are_told_and_left_out(cast, visit):
    browser = visit(cast.olga)
    response = browser.post(NEW, {"name": "Fair", "text": "a\tb\n1\t2\t3\n4\t5\n"})
    told = "Row 2: This row has 3 cells, but the header has 2 columns."
    assert told in text(response)
    assert "Create the list with 1 row" in text(response)
    browser.post(NEW, second(response, make="1"))
    assert rows(made()) == [{"a": "4", "b": "5"}]


def test_a_form_sent_twice_makes_one_list(cast, visit):
    browser = visit(cast.olga)
    response = browser.post(NEW, {"name": "Fair", "text": PASTED})
    sent = second(response, make="1")
    browser.post(NEW, sent)
    assert browser.post(NEW, sent).status_code == 400  # the table is gone
    assert ProspectingList.objects.filter(name="Fair").count() == 1
    empty = {"name": "Empty", "headers": "a", "action": new_key()}
    browser.post(NEW, empty)
    browser.post(NEW, empty)
    assert ProspectingList.objects.filter(name="Empty").count() == 1


def test_a_new_list_can_be_undone(cast, visit):
    browser = visit(cast.olga)
    response = browser.post(NEW, {"name": "Fair", "text": PASTED})
    sent = second(response, make="1")
    browser.post(NEW, sent)
    assert "List made with 2 rows." in text(browser.get("/prospecting/"))
    response = browser.post(f"/undo/{sent['action']}/", {"next": f"/prospecting/{made().key}/"})
    assert response.url == "/prospecting/"
    assert not ProspectingList.objects.filter(name="Fair").exists()


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"name": "", "text": PASTED}, "Enter a name for the list."),
        ({"name": "x" * 201, "text": PASTED}, "at most 200 characters"),
        ({"name": "Fair", "text": "", "headers": " \n"}, "Enter at least one column."),
        ({"name": "Fair", "headers": "a\n" * 51}, "Start with at most 50 columns."),
        ({"name": "Fair", "text": "\t\n\t\n", "headers": ""}, "Enter at least one column."),
        ({"name": "Fair\0", "text": PASTED}, "Null characters are not allowed."),
    ],
)
def test_a_bad_form_is_refused_with_a_sentence(cast, visit, sent, sentence):
    response = visit(cast.olga).post(NEW, sent)
    assert response.status_code == 400
    assert sentence in text(response)
    assert ProspectingList.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "This table is empty."),
        (b"\x89PNG\r\n\x1a\n", "This file is not a table."),
        (b"a;b\n" + b"1;2\n" * 100_001, "This table has more than 100,000 rows."),
        (b"PK\x03\x04" + bytes(50), "This workbook is damaged."),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_a_sentence(cast, visit, content, sentence):
    file = SimpleUploadedFile("fair.csv", content)
    response = visit(cast.olga).post(NEW, {"name": "Fair", "file": file})
    assert response.status_code == 400
    assert sentence in text(response)


def test_cells_and_a_file_together_are_refused(cast, visit):
    file = SimpleUploadedFile("fair.csv", b"a;b\n1;2\n")
    response = visit(cast.olga).post(NEW, {"name": "Fair", "text": PASTED, "file": file})
    assert "Paste cells or choose a file, not both." in text(response)


def test_a_table_of_somebody_else_or_a_forged_one_is_refused(cast, visit):
    response = visit(cast.olga).post(NEW, {"name": "Fair", "text": PASTED})
    sent = second(response, make="1")
    for user, token in ((cast.tom, sent["table"]), (cast.olga, sent["table"] + "x")):
        refused = visit(user).post(NEW, {**sent, "table": token})
        assert refused.status_code == 400
        assert "This table is no longer kept." in text(refused)
        assert "zoe@elan.example" not in text(refused)
    assert ProspectingList.objects.count() == 1


def test_a_table_that_was_never_used_is_removed_after_a_day(cast, visit, data_folder):
    browser = visit(cast.olga)
    browser.post(NEW, {"name": "Fair", "text": PASTED})
    (old,) = (data_folder / "uploads").iterdir()
    os.utime(old, (0, old.stat().st_mtime - kept_tables.KEPT_FOR_S - 1))
    browser.post(NEW, {"name": "Fair", "text": PASTED})
    (kept,) = (data_folder / "uploads").iterdir()
    assert kept != old


def test_the_wrong_encoding_is_refused_and_the_table_shown_as_found(cast, visit):
    browser = visit(cast.olga)
    file = SimpleUploadedFile("fair.csv", "Société\nÉlan\n".encode("cp1252"))
    response = browser.post(NEW, {"name": "Fair", "file": file})
    response = browser.post(NEW, second(response, read="1", encoding="utf-8"))
    assert response.status_code == 400
    assert "This file is not in UTF-8." in text(response)
    assert '<option value="cp1252" selected>' in text(response)


def test_hostile_cells_are_shown_as_text_and_stored(cast, visit):
    browser = visit(cast.olga)
    cells = ["<script>alert(1)</script>", "\u202eabc", "=1+1", "👩🏽‍💻", "x" * 10_000]
    response = browser.post(NEW, {"name": "<b>", "text": "a\tb\tc\td\te\n" + "\t".join(cells)})
    assert "<script>alert" not in response.content.decode()
    browser.post(NEW, second(response, make="1"))
    assert rows(made()) == [dict(zip("abcde", cells, strict=True))]


def test_a_cell_that_is_too_long_for_a_list_is_refused_and_nothing_is_made(cast, visit):
    browser = visit(cast.olga)
    response = browser.post(NEW, {"name": "Fair", "text": "a\tb\n" + "x" * 10_001 + "\ty\n"})
    response = browser.post(NEW, second(response, make="1"))
    assert response.status_code == 400
    assert "At most 10000 are allowed." in text(response)
    assert ProspectingList.objects.count() == 1


def test_a_long_table_is_added_in_the_background_with_its_progress_on_the_page(cast, visit):
    lines = [f"Company {number}\t{number}" for number in range(FIRST_ROWS + 20)]
    browser = visit(cast.olga)
    pasted = "\n".join(["Company\tNote", *lines])
    shown = browser.post(NEW, {"name": "Bought", "text": pasted})
    assert "the others are added in the background" in text(shown)
    browser.post(NEW, second(shown, make="1"))
    listed = made()
    address = f"/sheet-pending/{listed.key}/"
    for page in (f"/prospecting/{listed.key}/", address):
        progress = text(browser.get(page))
        assert "500 of 520 rows of the table were added." in progress
        assert f'hx-get="{address}"' in progress
    add_all()
    done = text(browser.get(address))
    assert "rows of the table" not in done
    assert "hx-get" not in done
    assert len(rows(listed)) == FIRST_ROWS + 20


def test_the_owner_of_a_list_stops_the_adding_of_rows_and_nobody_else(cast, visit):
    lines = "\n".join(f"Company {number}\tx" for number in range(FIRST_ROWS + 20))
    browser = visit(cast.olga)
    shown = browser.post(NEW, {"name": "Bought", "text": f"Company\tNote\n{lines}"})
    browser.post(NEW, second(shown, make="1"))
    address = f"/sheet-pending/{made().key}/"
    assert visit(cast.uma).post(address).status_code == 404
    assert visit(cast.uma).get(address).status_code == 404
    assert browser.post(address).url == f"/prospecting/{made().key}/"
    add_all()
    assert len(rows(made())) == FIRST_ROWS

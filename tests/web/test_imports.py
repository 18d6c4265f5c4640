"""Pages of imports: upload, columns, preview, result, undo, and who may use them."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from leadlight.accounts.models import AuditEntry
from leadlight.sales.models import ImportMapping, Lead, ProspectingList, TableImport
from leadlight.sales.prospecting.lists import make_list

pytestmark = pytest.mark.database

TEXT = "Title;Amount;Colour\nRoof;12,50;red\nDoor;a lot;=1+2\n"


@pytest.fixture(autouse=True)
def data(settings: Any, tmp_path: Any) -> None:
    settings.LEADLIGHT_DATA = tmp_path


def uploaded(browser: Any, text: str = TEXT, kind: str = "leads", name: str = "t.csv") -> Any:
    file = SimpleUploadedFile(name, text.encode())
    return browser.post("/import/new/", {"kind": kind, "file": file}, follow=True)


def checked(browser: Any, **more: str) -> TableImport:
    page = uploaded(browser)
    assert page.status_code == 200
    given = TableImport.objects.latest("pk")
    data = {"column-0": "title", "column-1": "amount", "column-2": "", **more}
    assert browser.post(f"/import/{given.key}/columns/", data).status_code == 302
    given.refresh_from_db()
    return given


def test_an_admin_imports_a_file_and_undoes_it(cast, visit):
    browser = visit(cast.ada)
    page = uploaded(browser).content.decode()
    assert "2 rows" in page
    assert '<option value="title" selected>Title</option>' in page
    given = checked(browser)
    page = browser.get(f"/import/{given.key}/").content.decode()
    assert "To create</dt><dd>1" in page
    assert "Refused</dt><dd>1" in page
    assert "Amount: This is not a number." in page
    assert "Ignored columns" in page
    assert "Colour" in page
    assert not Lead.objects.filter(title="Roof").exists()

    browser.post(f"/import/{given.key}/start/")
    page = browser.get(f"/import/{given.key}/").content.decode()
    assert "Created</dt><dd>1" in page
    lead = Lead.objects.get(title="Roof")
    [entry] = AuditEntry.objects.filter(kind="import")
    assert (entry.actor, entry.subject, entry.new_value) == (cast.ada, "t.csv", "leads")
    history = browser.get(f"/leads/{lead.key}/").content.decode()
    assert "Roof" in history
    assert "t.csv" in browser.get("/import/").content.decode()
    assert browser.get(f"/bulk-jobs/{given.job.action.key}/").url == f"/import/{given.key}/"

    browser.post(f"/undo/{given.job.action.key}/", {"next": f"/import/{given.key}/"})
    lead.refresh_from_db()
    assert lead.is_deleted
    assert "Undone" in browser.get(f"/import/{given.key}/").content.decode()


def test_refused_rows_come_back_as_they_were_with_the_reason(cast, visit):
    browser = visit(cast.ada)
    given = checked(browser)
    body = b"".join(browser.get(f"/import/{given.key}/refused/csv")).decode("utf-8-sig")
    [_header, cells] = list(csv.reader(io.StringIO(body)))
    assert cells[0] == "Door"
    assert cells[1] == "a lot"
    assert cells[2] == "'=1+2"
    assert cells[3:] == ["Amount: This is not a number.", "3"]
    workbook = browser.get(f"/import/{given.key}/refused/xlsx")
    assert b"".join(workbook.streaming_content).startswith(b"PK")
    assert browser.get(f"/import/{given.key}/refused/pdf").status_code == 404


def test_choices_are_kept_for_the_next_file_with_the_same_headers(cast, visit):
    browser = visit(cast.ada)
    checked(browser, **{"column-2": "source", "name": "Colours"})
    assert ImportMapping.objects.get().mapping == {
        "Title": "title",
        "Amount": "amount",
        "Colour": "source",
    }
    page = uploaded(browser, TEXT.replace("Roof", "Gate")).content.decode()
    assert '<option value="source" selected>' in page


@pytest.mark.parametrize(
    ("mapping", "sentence"),
    [
        ({"column-0": "title", "column-1": "title"}, "Two columns are mapped to “Title”."),
        ({}, "Choose the field of at least one column."),
        ({"column-0": "title", "key": "email"}, "Map a column to the key first."),
        ({"column-0": "nothing"}, "nothing"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused(cast, visit, mapping, sentence):
    browser = visit(cast.ada)
    uploaded(browser)
    given = TableImport.objects.get()
    answer = browser.post(f"/import/{given.key}/columns/", mapping)
    assert answer.status_code == 400
    assert sentence in answer.content.decode()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "empty"),
        ('a;b\n"x;1\n2;3\n', "quotation marks"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(cast, visit, content, sentence):
    answer = uploaded(visit(cast.ada), content)
    assert answer.status_code == 400
    assert sentence in answer.content.decode()
    assert not TableImport.objects.exists()


def test_days_that_can_be_read_in_two_ways_are_asked(cast, visit):
    browser = visit(cast.ada)
    page = uploaded(browser, "Title;Created on\nRoof;05/01/2026\n").content.decode()
    assert "can be read in two ways" in page
    given = TableImport.objects.get()
    reading = {"reading": "1", "day_order": "dmy"}
    page = browser.post(f"/import/{given.key}/columns/", reading, follow=True).content.decode()
    assert "can be read in two ways" not in page
    given.refresh_from_db()
    assert given.columns[1]["day_order"] == "dmy"


def test_only_admins_and_managers_import_leads_and_each_sees_their_own(cast, visit):
    given = checked(visit(cast.ada))
    for user in (cast.olga, cast.uma):
        browser = visit(user)
        page = browser.get("/import/new/?kind=leads").content.decode()
        assert re.findall(r'<option value="(\w+)"', page)[:1] == ["prospects"]
        assert uploaded(browser).status_code == 400
        assert browser.get(f"/import/{given.key}/").status_code == 404
    manager = visit(cast.mona)
    assert manager.get("/import/").status_code == 200
    for address in ("", "columns/", "refused/csv"):
        assert manager.get(f"/import/{given.key}/{address}").status_code == 404
    assert manager.post(f"/import/{given.key}/start/").status_code == 404
    assert TableImport.objects.count() == 1
    TableImport.objects.update(user=cast.olga)
    assert visit(cast.olga).get(f"/import/{given.key}/").status_code == 403


@pytest.fixture
def fair(cast):
    return make_list(cast.olga, "Fair", ["Company", "Email"], [["Lake", "lea@lake.example"]])


def uploaded_rows(browser: Any, listed: ProspectingList, text: str) -> TableImport | None:
    file = SimpleUploadedFile("rows.csv", text.encode())
    data = {"kind": "prospects", "prospecting_list": listed.key, "file": file}
    answer = browser.post("/import/new/", data)
    assert answer.status_code in (302, 400)
    return TableImport.objects.latest("pk") if answer.status_code == 302 else None


def test_a_seller_imports_rows_into_their_list_from_its_page_and_undoes_it(cast, visit, fair):
    browser = visit(cast.olga)
    sheet = browser.get(f"/prospecting/{fair.key}/").content.decode()
    address = f"/import/new/?kind=prospects&amp;list={fair.key}"
    assert address in sheet
    page = browser.get(address.replace("&amp;", "&")).content.decode()
    assert '<option value="prospects" selected>' in page
    assert f'<option value="{fair.key}" selected>Fair</option>' in page
    version = browser.get(f"/sheet-rows/{fair.key}/?limit=9").json()["version"]

    given = uploaded_rows(browser, fair, "Company;E-mail;Size\nHill;h@hill.example;5\n")
    page = browser.get(f"/import/{given.key}/columns/").content.decode()
    company, email = fair.columns.all()
    assert f'<option value="{company.cell_key}" selected>Company</option>' in page
    assert f'<option value="{email.cell_key}" selected>Email</option>' in page
    assert '<option value="new:2">A new column of the list</option>' in page
    mapped = {"column-0": company.cell_key, "column-1": email.cell_key, "column-2": "new:2"}
    browser.post(f"/import/{given.key}/columns/", {**mapped, "key": email.cell_key})
    page = browser.get(f"/import/{given.key}/").content.decode()
    assert "To create</dt><dd>1" in page
    assert f'<a href="/prospecting/{fair.key}/"><bdi>Fair</bdi></a>' in page
    browser.post(f"/import/{given.key}/start/")
    news = browser.get(f"/sheet-news/{fair.key}/?since={version}").json()
    assert news["reload"]
    rows = browser.get(f"/sheet-rows/{fair.key}/?limit=9").json()
    assert [list(row["cells"].values()) for row in rows["rows"]] == [
        ["Lake", "lea@lake.example"],
        ["Hill", "h@hill.example", "5"],
    ]
    [entry] = AuditEntry.objects.filter(kind="import")
    assert (entry.actor, entry.new_value) == (cast.olga, "prospects")
    given.refresh_from_db()
    action = given.job.action.key
    assert browser.post(f"/sheet-undo/{fair.key}/", {"action": action}).status_code == 400
    browser.post(f"/undo/{action}/", {"next": f"/import/{given.key}/"})
    assert fair.prospects.count() == 1
    assert fair.columns.count() == 2


def test_rows_are_imported_only_into_lists_that_one_may_change(cast, visit, fair):
    for user in (cast.tom, cast.uma):
        browser = visit(user)
        assert fair.key not in browser.get("/import/new/?kind=prospects").content.decode()
        assert uploaded_rows(browser, fair, "Company\nHill\n") is None
        sheet = browser.get(f"/prospecting/{fair.key}/").content.decode()
        assert "/import/new/" not in sheet
    assert uploaded_rows(visit(cast.mona), fair, "Company\nHill\n") is not None
    fair.is_archived = True
    fair.save()
    assert uploaded_rows(visit(cast.olga), fair, "Company\nHill\n") is None
    answer = visit(cast.ada).post("/import/new/", {"kind": "prospects", "prospecting_list": ""})
    assert "Choose the prospecting list." in answer.content.decode()


def test_an_import_is_started_once(cast, visit):
    browser = visit(cast.ada)
    given = checked(browser)
    for _time in range(2):
        browser.post(f"/import/{given.key}/start/")
    assert Lead.objects.filter(title="Roof").count() == 1
    answer = browser.get(f"/import/{given.key}/columns/")
    assert answer.url == f"/import/{given.key}/"


def test_a_file_name_cannot_be_markup_or_a_path(cast, visit):
    browser = visit(cast.ada)
    uploaded(browser, name="..\\<b>‮x</b>.csv")
    given = TableImport.objects.get()
    assert given.name == "b>.csv"
    assert "<b>" not in browser.get("/import/").content.decode()


def test_a_file_that_is_read_in_another_way_is_checked_again(cast, visit):
    browser = visit(cast.ada)
    given = checked(browser)
    assert given.job.items.count() == 2
    browser.post(f"/import/{given.key}/columns/", {"reading": "1", "separator": ","})
    given.job.refresh_from_db()
    assert (given.job.items.count(), given.job.total) == (0, 0)
    browser.post(f"/import/{given.key}/start/")
    assert not Lead.objects.filter(title="Roof").exists()
    assert "Import</button>" not in browser.get(f"/import/{given.key}/").content.decode()

"""Export of selected leads from the bar of bulk changes."""

from __future__ import annotations

import csv
import json
from io import BytesIO, StringIO

import pytest
from python_calamine import CalamineWorkbook

from leadlight.accounts.models import Organization
from leadlight.sales.models import CustomField, Lead
from tests.web.conftest import at
from tests.web.pages import Page

pytestmark = pytest.mark.database


@pytest.fixture
def leads(cast):
    """Four leads of Olga's with amounts from 0 to 3, and one of Uma's."""
    cast.lead.bin(by=cast.olga)
    for number in range(4):
        title = f"House {number}"
        Lead.create(title=title, by=cast.olga, owner=cast.olga, amount=number, at=at(6 + number))
    Lead.create(title="Uma's house", by=cast.uma, owner=cast.uma, at=at(15))
    return list(Lead.objects.filter(is_deleted=False).order_by("pk"))


def sent(browser, leads=(), shown="", kind="csv", **more):
    keys = json.dumps([lead.key for lead in leads])
    form = {"keys": keys, "scope": "leads", "query": "", "all": "", "shown": shown}
    return browser.post(f"/selection-export/{kind}", form | more)


def rows(response):
    content = b"".join(response.streaming_content).decode()
    return list(csv.DictReader(StringIO(content)))


def test_the_selected_leads_have_the_columns_and_the_order_of_the_list(cast, leads, visit):
    size = CustomField.define("lead", "Size", "number")
    leads[1].set_field(size, "2.5", by=cast.olga)
    shown = f"sort=amount&columns=amount&columns=owner&columns=field:{size.key}"
    found = rows(sent(visit(cast.olga), [leads[3], leads[1]], shown))
    assert [list(row.values())[1:] for row in found] == [
        ["House 1", "Olga Glass", "1.00", "2.5"],
        ["House 3", "Olga Glass", "3.00", ""],
    ]
    assert list(found[0]) == ["key", "title", "owner", "amount", f"field:{size.key}"]


def test_everything_found_is_exported_with_its_filters(cast, leads, visit):
    response = sent(visit(cast.olga), (), "amount.from=2", "xlsx", all="1")
    book = CalamineWorkbook.from_filelike(BytesIO(b"".join(response.streaming_content)))
    table, *about = (book.get_sheet_by_name(name).to_python() for name in book.sheet_names)
    titles = {row[1] for row in table}
    assert {"House 2", "House 3"} <= titles
    assert "House 1" not in titles
    assert "Amount from" in str(about)


def test_hidden_leads_are_not_exported_by_their_keys(cast, leads, visit):
    found = rows(sent(visit(cast.olga), leads))
    assert [row["title"] for row in found] == ["House 3", "House 2", "House 1", "House 0"]
    response = sent(visit(cast.uma), leads[:4])
    assert response.status_code == 400
    assert "Select leads first." in Page.read(response.content.decode()).text


def test_leads_that_one_sees_but_may_not_change_are_exported(cast, leads, visit):
    Organization.objects.update(privacy=Organization.Privacy.SHARED)
    found = rows(sent(visit(cast.uma), leads[:2]))
    assert [row["title"] for row in found] == ["House 1", "House 0"]


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"shown": "sort=secret"}, 400),
        ({"shown": "owner=nobody"}, 400),
        ({"keys": '["\\u0000"]'}, 400),
        ({"keys": "<script>"}, 400),
        ({"scope": "unassigned", "all": "1"}, 404),
        ({"kind": "pdf"}, 404),
    ],
)
def test_what_cannot_be_exported_is_refused(more, status, cast, leads, visit):
    assert sent(visit(cast.olga), **more).status_code == status


def test_the_bar_of_the_list_offers_each_kind_of_file_and_the_basket_none(cast, leads, visit):
    Lead.create(title="Nobody's", by=cast.olga, owner=None, at=at(20))
    html = visit(cast.olga).get("/leads/?sort=amount").content.decode()
    assert [f"/selection-export/{kind}" in html for kind in ("xlsx", "csv", "csv-excel")] == [
        True,
        True,
        True,
    ]
    assert 'name="shown" value="sort=amount"' in html
    assert "/selection-export/" not in visit(cast.ada).get("/unassigned/").content.decode()

"""The sheet of a prospecting list: its page, its JSON, and the panel of a row."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from leadlight.accounts.models import Organization
from leadlight.sales.models import Activity, Lead, Outcome, Prospect, Tag
from leadlight.sales.prospecting.lists import make_list
from leadlight.sales.prospecting.rows import assign_rows
from leadlight.web.sheet.links import address_of

pytestmark = pytest.mark.database


@pytest.fixture
def listed(cast):
    rows = [
        [f"House {n:03}", f"n{n}@house.example", f"06 12 34 56 {n % 100:02}"] for n in range(250)
    ]
    return make_list(cast.olga, "Autumn", ["Company", "Email", "Phone"], rows)


def rows_of(browser, listed, **params):
    return browser.get(f"/sheet-rows/{listed.key}/", {"limit": 100, **params}).json()


def save(browser, listed, *cells):
    body = json.dumps({"action": "", "cells": cells})
    return browser.post(f"/sheet-cells/{listed.key}/", body, content_type="application/json")


def change(browser, listed, what, **fields):
    return browser.post(f"/change-sheet/{what}/{listed.key}/", fields)


def test_rows_come_in_blocks_with_their_links_and_states(cast, listed, visit):
    answer = rows_of(visit(cast.olga), listed, offset=200)
    assert (answer["total"], len(answer["rows"])) == (250, 50)
    assert [column["header"] for column in answer["columns"]] == ["Company", "Email", "Phone"]
    first, keys = answer["rows"][0], [column["key"] for column in answer["columns"]]
    texts = [first["cells"][key] for key in keys]
    assert texts == ["House 200", "n200@house.example", "06 12 34 56 00"]
    assert first["links"] == {keys[1]: "mailto:n200@house.example", keys[2]: "tel:+33612345600"}
    assert (first["state"], first["day"], first["user"], first["edit"]) == (
        "to_qualify",
        None,
        "",
        True,
    )


def test_filters_are_those_of_the_server(cast, listed, visit):
    company = listed.columns.get(header="Company").cell_key
    assign_rows(listed, [listed.prospects.order_by("pk")[7].pk], cast.tom)
    browser = visit(cast.olga)
    for params, count in (
        ({company: "house 00"}, 10),
        ({company: "%"}, 0),
        ({company: "house", "state": "converted"}, 0),
        ({"state": "to_qualify"}, 250),
        ({"state": "\0"}, 0),
        ({"state": "nothing"}, 0),
        ({"user": cast.tom.key}, 1),
        ({"user": "none"}, 249),
        ({"offset": "-1", "limit": "9" * 30}, 250),
    ):
        assert rows_of(browser, listed, **params)["total"] == count, params


def test_cells_are_saved_refused_and_undone(cast, listed, visit):
    row, browser = listed.prospects.order_by("pk")[0], visit(cast.olga)
    company, email, _phone = listed.columns.all()
    answer = save(
        browser, listed, [row.pk, company.pk, "New", "House 000"], [row.pk, email.pk, "x", None]
    )
    said = answer.json()
    assert said["saved"] == [[row.pk, company.pk, "New"]]
    assert said["refused"] == [
        [row.pk, email.pk, "This is not an email address.", "n0@house.example"]
    ]
    news = browser.get(f"/sheet-news/{listed.key}/", {"since": said["version"] - 1}).json()
    assert [one["id"] for one in news["rows"]] == [row.pk]
    undone = browser.post(f"/sheet-undo/{listed.key}/", {"action": said["action"]})
    assert undone.status_code == 200
    row.refresh_from_db()
    assert row.texts["Company"] == "House 000"
    again = browser.post(f"/sheet-undo/{listed.key}/", {"action": said["action"]})
    assert (again.status_code, again.json()["problem"]) == (400, "This change was already undone.")


@pytest.mark.parametrize(
    "body",
    [
        *("", "[]", "{", '{"cells": 1}', '{"cells": [[1, 2]]}'),
        *('{"cells": [["1", 2, "x", null]]}', '{"cells": [[1, 2, 3, null]]}'),
        '{"cells": [[-1, 2, "x", null]]}',
    ],
)
def test_what_is_no_list_of_cells_is_refused_with_a_sentence(body, cast, listed, visit):
    sent = visit(cast.olga).post(
        f"/sheet-cells/{listed.key}/", body, content_type="application/json"
    )
    assert (sent.status_code, sent.json()["problem"]) == (400, "The cells could not be read.")


def test_who_sees_a_list_without_owning_it_changes_only_their_own_rows(cast, listed, visit):
    Organization.objects.update(privacy="shared")
    mine, other = listed.prospects.order_by("pk")[:2]
    assign_rows(listed, [mine.pk], cast.uma)
    browser, column = visit(cast.uma), listed.columns.get(header="Company")
    assert "sheet-add-row" not in browser.get(f"/prospecting/{listed.key}/").content.decode()
    assert [row["edit"] for row in rows_of(browser, listed)["rows"][:2]] == [True, False]
    said = save(browser, listed, [mine.pk, column.pk, "A", None], [other.pk, column.pk, "B", None])
    assert [cell[:2] for cell in said.json()["saved"]] == [[mine.pk, column.pk]]
    assert [cell[2] for cell in said.json()["refused"]] == ["You cannot change this row."]
    assert change(browser, listed, "add-rows").status_code == 403
    assert browser.get(f"/sheet-settings/{listed.key}/").status_code == 403
    assert browser.post(f"/change-prospect/log/{other.key}/").status_code == 403
    assert "change-prospect" not in browser.get(f"/prospects/{other.key}/").content.decode()


def test_columns_and_rows_are_changed(cast, listed, visit):
    browser = visit(cast.olga)
    company = listed.columns.get(header="Company")
    assert change(browser, listed, "add-column", header="Town").status_code == 200
    named = {"column": company.pk, "header": "Firm", "target": "title"}
    assert change(browser, listed, "set-column", **named).status_code == 200
    assert change(browser, listed, "move-right", column=company.pk).status_code == 200
    assert change(browser, listed, "hide-column", column=company.pk).status_code == 200
    shown = list(listed.columns.values_list("header", "notion", "is_hidden"))
    assert shown == [
        ("Email", "email", False),
        ("Firm", "title", True),
        ("Phone", "phone", False),
        ("Town", "", False),
    ]
    problem = change(browser, listed, "set-column", column=company.pk, target="field:none")
    assert problem.json()["problem"] == "Choose one of the meanings in the list."
    assert change(browser, listed, "add-column", header="").status_code == 400
    assert change(browser, listed, "add-rows", count="2").status_code == 200
    last = listed.prospects.order_by("-pk")[0]
    assert change(browser, listed, "delete-rows", rows=f"{last.pk},x").status_code == 200
    assert listed.prospects.count() == 251
    assert change(browser, listed, "nothing").status_code == 404


def test_a_result_is_logged_and_the_next_row_shown(cast, listed, visit):
    first, second = listed.prospects.order_by("pk")[:2]
    reached = Outcome.objects.get(name="Reached")
    day = timezone.localdate() + timedelta(days=2)
    sent = {
        "result": f"outcome:{reached.key}",
        "content": "Said hello",
        "then": "call_back",
        "day": str(day),
    }
    browser = visit(cast.olga)
    response = browser.post(f"/change-prospect/log/{first.key}/", sent)
    assert response["Location"] == f"/prospects/{second.key}/"
    first.refresh_from_db()
    assert (first.state, first.call_back_on) == ("call_back", day)
    assert "Said hello" in browser.get(f"/prospects/{first.key}/").content.decode()
    bad = browser.post(f"/change-prospect/log/{second.key}/", sent | {"day": "soon"})
    assert bad.status_code == 400
    assert "Write a date as 2026-01-31." in bad.content.decode()
    assert Activity.objects.filter(prospect__in=[first, second]).count() == 1


def test_a_second_click_opens_the_lead(cast, listed, visit):
    row, browser = listed.prospects.order_by("pk")[0], visit(cast.olga)
    opened = {browser.post(f"/change-prospect/convert/{row.key}/")["Location"] for _ in range(2)}
    lead = Lead.objects.get(prospect=row)
    assert opened == {f"/leads/{lead.key}/"}
    row.refresh_from_db()
    assert row.state == "converted"
    assert f"/leads/{lead.key}/" in browser.get(f"/prospects/{row.key}/").content.decode()


def test_the_settings_of_a_list_are_saved_and_undone(cast, listed, visit):
    browser, tag = visit(cast.olga), Tag.objects.get(name="Urgent")
    form = {
        "name": "Show",
        "user": cast.tom.key,
        "cost": "120.50",
        "source": "fair",
        "tags": tag.key,
    }
    Organization.objects.update(privacy="shared")
    page = browser.post(f"/sheet-settings/{listed.key}/", form, follow=True)
    listed.refresh_from_db()
    assert (listed.name, listed.user, str(listed.cost)) == ("Show", cast.tom, "120.50")
    assert "Undo" in page.content.decode()
    bad = visit(cast.ada).post(f"/sheet-settings/{listed.key}/", form | {"cost": "-1", "name": ""})
    assert bad.status_code == 400


def test_a_row_of_another_list_with_the_same_number_is_named(cast, listed, visit):
    other = make_list(cast.olga, "Spring", ["Firm", "Tel"], [["Maison 3", "+33 6 12 34 56 03"]])
    row = listed.prospects.order_by("pk")[3]
    page = visit(cast.olga).get(f"/prospects/{row.key}/").content.decode()
    assert f"/prospects/{other.prospects.get().key}/" in page


def test_the_queries_of_a_sheet_do_not_depend_on_its_rows(cast, listed, visit):
    def count(browser, address):
        browser.get(address)
        with CaptureQueriesContext(connection) as queries:
            browser.get(address)
        return len(queries)

    browser = visit(cast.olga)
    few = make_list(
        cast.olga, "Few", ["Company", "Email", "Phone"], [["A", "a@b.example", "0612345603"]]
    )
    for name in ("/prospecting/KEY/", "/sheet-rows/KEY/?limit=100", "/sheet-news/KEY/?since=1"):
        counts = {count(browser, name.replace("KEY", one.key)) for one in (few, listed)}
        assert len(counts) == 1, name
        assert max(counts) < 26, name


@pytest.mark.parametrize(
    ("kind", "text", "address"),
    [
        ("email", "lea@hotel.example", "mailto:lea@hotel.example"),
        ("email", "javascript:alert(1)", ""),
        ("phone", "06 12 34 56 78", "tel:+33612345678"),
        ("phone", "no", ""),
        ("web", "www.hotel.example", "https://www.hotel.example"),
        ("web", "hotel.example/a", "https://hotel.example/a"),
        ("web", "javascript:alert(1)", ""),
        ("web", "data:text/html,x", ""),
    ],
)
def test_a_cell_links_only_to_what_it_is(kind, text, address, db):
    assert address_of(kind, text) == address


def test_the_page_shows_cards_for_phones_and_hostile_texts_as_text(cast, visit):
    listed = make_list(
        cast.olga, "<b>List</b>", ["<i>H</i>"], [["<script>x</script>"], ["\u202eabc"]]
    )
    page = visit(cast.olga, "fr").get(f"/prospecting/{listed.key}/").content.decode()
    assert "<script>x" not in page
    assert "<b>List" not in page
    assert "&lt;script&gt;x" in page
    assert "À qualifier" in page
    assert Prospect.objects.filter(prospecting_list=listed).count() == 2


def test_cards_for_phones_name_what_a_row_probably_is(cast, visit):
    bought = make_list(cast.olga, "Bought", ["Company", "Email"], [["Again", "lea@lake.example"]])
    own = make_list(cast.olga, "Own", ["Company", "Email"], [["Lea", "lea@lake.example"]])
    page = visit(cast.olga).get(f"/prospecting/{own.key}/").content.decode()
    assert "Probably a duplicate of: <bdi>Again (Bought)</bdi>" in page
    assert bought.prospects.get().key not in page

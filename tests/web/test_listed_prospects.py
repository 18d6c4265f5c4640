"""Prospects in the lists behind a figure: their names, phone numbers and email addresses."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from html import unescape

import pytest

from leadlight.sales.models import Activity, ActivityType
from leadlight.sales.prospecting.lists import make_list
from tests.web.worked import html

PROSPECTS = "/reports/prospecting/leads/?period=all_time&column=prospects"
GLASS = ["Glass & <b>Co", "0142685300", "a@b.example"]


@pytest.fixture
def fair(readers):
    """A list of Bo with two rows; the second has neither phone nor email."""
    headers = ["Company", "Phone", "Email"]
    return make_list(readers.bo, "Fair", headers, [GLASS, ["Panes", "", ""]])


def rows_of(page: str) -> list[list[str]]:
    body = page[page.index("<tbody>") : page.index("</tbody>")]
    return [
        [
            unescape(re.sub("<[^>]+>", "", cell)).strip()
            for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        ]
        for row in body.split("</tr>")[:-1]
    ]


def test_a_prospect_is_listed_by_name_phone_and_email_and_opens(fair, readers, visit):
    page = html(visit(readers.bo), PROSPECTS)
    assert sorted(row[:3] for row in rows_of(page)) == [GLASS, ["Panes", "–", "–"]]
    for row in fair.prospects.all():
        assert f'href="/prospects/{row.key}/"' in page


def test_an_activity_on_a_prospect_opens_the_prospect(fair, readers, visit):
    row = fair.prospects.earliest("pk")
    call = ActivityType.define("Visit", kind="meeting")
    Activity.objects.create(
        prospect=row, user=readers.bo, activity_type=call, occurred_at=fair.created_at
    )
    page = html(visit(readers.bo), "/reports/activities/leads/?period=all_time&column=activities")
    assert f'<a href="/prospects/{row.key}/">Glass &amp; &lt;b&gt;Co</a>' in page


def test_a_prospect_that_the_reader_may_not_open_has_only_its_key(fair, readers, visit):
    """With own leads only, Ana sees nothing of Bo: her list is empty."""
    page = html(visit(readers.ana), PROSPECTS)
    assert "Glass" not in page
    assert "/prospects/" not in page


EXPORT = PROSPECTS.replace("/leads/", "/leads/export/KIND")


def file_rows(browser, kind: str = "csv", address: str = EXPORT) -> list[dict[str, str]]:
    response = browser.get(address.replace("KIND", kind))
    assert response.status_code == 200
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";" if "excel" in kind else ","))


def test_a_file_has_names_contact_details_state_and_owner(fair, readers, visit):
    fair.prospects.filter(pk=fair.prospects.earliest("pk").pk).update(user=readers.bo)
    rows = {row["prospect_name"]: row for row in file_rows(visit(readers.bo))}
    glass = rows["Glass & <b>Co"]
    assert glass["list"] == "Fair"
    assert glass["prospect"] == fair.prospects.earliest("pk").key
    assert glass["prospect_company"] == "Glass & <b>Co"
    assert glass["prospect_phone"] == "0142685300"
    assert glass["prospect_email"] == "a@b.example"
    assert glass["prospect_state"] == "to_qualify"
    assert glass["prospect_owner"] == "Bo Berg"
    assert (
        rows["Panes"]["prospect_owner"]
        == rows["Panes"]["prospect_phone"]
        == rows["Panes"]["prospect_email"]
        == ""
    )


def test_a_file_for_people_has_the_state_in_words(fair, readers, visit):
    [row, _other] = file_rows(visit(readers.bo, "fr"), "csv-excel")
    assert row["État"] == "À qualifier"
    assert row["Téléphone"] == "0142685300"
    workbook = visit(readers.bo).get(EXPORT.replace("KIND", "xlsx"))
    archive = zipfile.ZipFile(io.BytesIO(b"".join(workbook.streaming_content)))
    texts = archive.read("xl/worksheets/sheet1.xml").decode()
    for text in ("Key of the prospect", "To qualify", "0142685300"):
        assert f">{text}<" in texts


def test_formulas_in_the_cells_of_a_prospect_are_text(readers, visit):
    hostile = ['=HYPERLINK("http://x")', "+33142685300", "@a", "\u202eGlass \N{WAVING HAND SIGN}"]
    make_list(readers.bo, "Fair", ["Company", "Phone", "Last name", "First name"], [hostile])
    [row] = file_rows(visit(readers.bo))
    assert row["prospect_company"].startswith("'=")
    assert row["prospect_phone"] == "'+33142685300"
    assert "@a" in row["prospect_contact"]


def test_a_file_has_no_texts_of_prospects_that_the_reader_may_not_open(fair, readers, visit):
    assert file_rows(visit(readers.ana)) == []


def test_an_exported_list_of_activities_names_its_prospects(fair, readers, visit):
    row = fair.prospects.earliest("pk")
    call = ActivityType.define("Visit", kind="meeting")
    Activity.objects.create(
        prospect=row, user=readers.bo, activity_type=call, occurred_at=fair.created_at
    )
    query = "?period=all_time&column=activities"
    rows = file_rows(visit(readers.bo), address=f"/reports/activities/leads/export/KIND{query}")
    [listed] = [one for one in rows if one["prospect"]]
    assert listed["prospect_phone"] == "0142685300"
    assert all(one["prospect_name"] == "" for one in rows if not one["prospect"])


def test_the_queries_of_a_list_of_prospects_do_not_depend_on_its_rows(
    fair, readers, visit, django_assert_num_queries
):
    browser = visit(readers.bo)
    html(browser, PROSPECTS)
    with django_assert_num_queries(9):
        html(browser, PROSPECTS)
    make_list(readers.bo, "Show", ["Name", "Mobile"], [[f"N{n}", f"06{n}"] for n in range(20)])
    html(browser, PROSPECTS)
    with django_assert_num_queries(9):
        html(browser, PROSPECTS)

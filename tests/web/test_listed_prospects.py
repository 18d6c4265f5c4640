"""Prospects in the lists behind a figure: their names, phone numbers and email addresses."""

from __future__ import annotations

import re
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

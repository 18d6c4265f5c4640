"""The goals of a report: one row for each goal, with its own period, on the page and in files."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from decimal import Decimal

import pytest
from python_calamine import CalamineWorkbook

from leadlight.sales.models import Goal
from tests.web.pages import Page
from tests.web.worked import THEN, html

pytestmark = pytest.mark.answers

# Ana won 1500 on 1 and 3 February; half of that month is over on the 14th.
QUERY = f"view=goals&from=2026-01-01&to=2026-02-14&{THEN}"


@pytest.fixture
def goals(readers):
    given = {"period": "month", "starts_on": date(2026, 1, 1)}
    Goal.objects.create(user=readers.ana, measure="won_amount", target=Decimal("2000.40"), **given)
    Goal.objects.create(user=readers.bo, measure="won_leads", target=4, **given)
    return readers


def content(browser, kind):
    response = browser.get(f"/reports/activities/export/{kind}?{QUERY}")
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def test_the_page_has_a_row_for_each_goal_with_its_period(goals, visit):
    page = html(visit(goals.ada), f"/reports/activities/?{QUERY}")
    table = page[page.index('class="table figures goals"') :].partition("</table>")[0]
    rows = [" ".join(Page.read(row).text.split()) for row in re.findall(r"(?s)<tr>.*?</tr>", table)]
    assert rows[1:] == [
        "Ana Abreu Won amount February 2026 50% €2,000 €1,500 75.0% €3,000 on pace –",
        "Bo Berg Won leads February 2026 50% 4 0 0.0% 0 behind –",
    ]
    assert "2 goals: 0 reached, 1 on pace." in page
    assert "filter-compare" not in page  # a goal is compared with its target alone


def test_the_done_of_a_goal_opens_a_list_of_its_own_days(goals, visit):
    browser = visit(goals.ada)
    page = html(browser, f"/reports/activities/?{QUERY}")
    [address] = re.findall(r'href="([^"]+column=done%3Awon_amount%3Amonth&amp;row=ana)"', page)
    text = Page.read(html(browser, address.replace("&amp;", "&"))).text
    assert "From 1 Feb 2026 to 14 Feb 2026." in text
    assert "2 leads" in text


def test_files_have_a_row_for_each_goal(goals, visit):
    browser = visit(goals.ada)
    rows = list(csv.DictReader(io.StringIO(content(browser, "csv").decode())))
    told = [
        (row["key"], row["goal"], row["period"], row["target"], row["done"]) for row in rows[:2]
    ]
    assert told == [
        ("ana", "won_amount:month", "2026-02", "2000.40", "1500.00"),
        ("bo", "won_leads:month", "2026-02", "4", "0"),
    ]
    book = CalamineWorkbook.from_filelike(io.BytesIO(content(browser, "xlsx")))
    header, *lines = book.get_sheet_by_name("Goals").to_python()
    assert [dict(zip(header, line, strict=True))["Measure"] for line in lines] == [
        "Won amount",
        "Won leads",
    ]
    assert content(browser, "pdf").startswith(b"%PDF")


def test_goals_are_not_said_to_be_compared_with_another_period(readers, visit):
    for language, words in (("en", "Compared with"), ("fr", "Par rapport")):
        browser = visit(readers.ada, language)
        page = html(browser, "/reports/activities/?view=goals&period=this_year&compare=previous")
        assert words not in page

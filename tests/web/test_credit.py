"""The page that leads a figure from one credit to another."""

from __future__ import annotations

import re

import pytest

from leadlight.replication import replica
from tests.web.pages import Page
from tests.web.worked import html, report_page, worked_company

JANUARY = "from=2026-01-01&to=2026-01-31"


@pytest.fixture
def readers(db, tmp_path):
    yield worked_company(tmp_path)
    replica.forget()


def rows(page: str) -> list[list[str]]:
    """The cells of each row of the first table, without its head."""
    table = page.split("<tbody>")[1].split("</table>")[0]
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in table.split("</tr>")]
    return [[re.sub(r"<[^>]+>", "", cell) for cell in row] for row in cells if row]


def test_it_leads_from_the_owner_at_the_time_to_the_current_one(readers, visit):
    address = f"/reports/team/credit/?{JANUARY}&column=created_leads"
    page = html(visit(readers.ada), address)
    assert rows(page) == [
        ["Ana Abreu", "3", "0", "−1", "2"],
        ["Bo Berg", "0", "+1", "0", "1"],
        ["Total", "3", "+1", "−1", "3"],
    ]
    assert Page.read(page).faults == []


def test_what_was_given_opens_the_leads(readers, visit):
    browser = visit(readers.ada)
    page = html(browser, f"/reports/team/credit/?{JANUARY}&column=created_leads")
    [address] = re.findall(r'href="([^"]+side=given)#moved"', page)
    moved = html(browser, address.replace("&amp;", "&"))
    assert re.findall(r'<th scope="row"><a href="/leads/([^"]+)/">', moved) == ["L3"]


def test_a_report_with_the_switch_leads_to_it(readers, visit):
    browser = visit(readers.ada)
    assert "/reports/team/credit/" in report_page(browser, "team")
    assert "/reports/pipeline/credit/" not in report_page(browser, "pipeline")


def test_nobody_sees_the_way_of_others_leads(readers, visit):
    page = html(visit(readers.uma), f"/reports/team/credit/?{JANUARY}&column=created_leads")
    assert "Ana Abreu" not in page
    assert "Bo Berg" not in page


@pytest.mark.parametrize(
    "asked", ["column=win_rate", "row=nobody&side=given", "row=ana&side=up", "wrong=1"]
)
def test_a_wrong_question_is_refused(asked, readers, visit):
    answer = visit(readers.ada).get(f"/reports/team/credit/?{JANUARY}&{asked}")
    assert answer.status_code == 400


def test_a_report_without_a_bridge_has_no_such_page(readers, visit):
    assert visit(readers.ada).get("/reports/pipeline/credit/").status_code == 404

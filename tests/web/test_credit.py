"""The attribution bridge: the page that leads a figure from one attribution to another."""

from __future__ import annotations

import re

import pytest

from leadlight.sales.models import Lead
from leadlight.web.reports import attribution_bridge as report_credit
from tests.web.pages import Page
from tests.web.worked import html, report_page

pytestmark = pytest.mark.answers

JANUARY = "from=2026-01-01&to=2026-01-31"


def rows(page: str) -> list[list[str]]:
    """Return the texts of the cells of each row of the first table, without its header."""
    table = page.split("<tbody>")[1].split("</table>")[0]
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in table.split("</tr>")]
    return [[re.sub(r"<[^>]+>", "", cell) for cell in row] for row in cells if row]


def test_the_bridge_leads_from_the_owner_at_the_event_to_the_current_one(readers, visit):
    address = f"/reports/team/credit/?{JANUARY}&column=created_leads"
    page = html(visit(readers.ada), address)
    assert rows(page) == [
        ["Ana Abreu", "3", "0", "−1", "2"],
        ["Bo Berg", "0", "+1", "0", "1"],
        ["Total", "3", "+1", "−1", "3"],
    ]
    assert Page.read(page).faults == []


def test_a_handed_over_figure_links_to_its_leads(readers, visit):
    browser = visit(readers.ada)
    page = html(browser, f"/reports/team/credit/?{JANUARY}&column=created_leads")
    [address] = re.findall(r'href="([^"]+side=given)#moved"', page)
    moved = html(browser, address.replace("&amp;", "&"))
    assert re.findall(r'<th scope="row"><a href="/leads/([^"]+)/">', moved) == ["L3"]


def test_reports_with_an_attribution_switch_link_to_the_bridge(readers, visit):
    browser = visit(readers.ada)
    assert "/reports/team/credit/" in report_page(browser, "team")
    assert "/reports/pipeline/credit/" not in report_page(browser, "pipeline")


def test_the_bridge_hides_leads_outside_the_readers_scope(readers, visit):
    page = html(visit(readers.uma), f"/reports/team/credit/?{JANUARY}&column=created_leads")
    assert "Ana Abreu" not in page
    assert "Bo Berg" not in page


def test_long_lists_of_transferred_leads_are_paginated(readers, visit, monkeypatch):
    for key in ("L1", "L2"):
        Lead.objects.get(key=key).assign_to(readers.bo, by=readers.ada)
    monkeypatch.setattr(report_credit, "LEADS_ON_A_PAGE", 2)
    browser, shown, pages = visit(readers.ada), [], 0
    address = f"/reports/team/credit/?{JANUARY}&column=created_leads&row=ana&side=given"
    while address:
        page = html(browser, address)
        shown += re.findall(r'<th scope="row"><a href="/leads/([^"]+)/">', page)
        pages += 1
        further = re.findall(r'rel="next" href="([^"]+)#moved"', page)
        address = further[0].replace("&amp;", "&") if further else None
    assert pages == 2
    assert sorted(shown) == ["L1", "L2", "L3"]
    assert len(shown) == 3


def file_of(browser, query):
    answer = browser.get(f"/reports/team/credit/export/csv?{JANUARY}&{query}")
    text = b"".join(answer.streaming_content).decode()
    return [line.split(",") for line in text.splitlines()]


def test_downloads_have_the_whole_bridge_and_all_transferred_leads(readers, visit, monkeypatch):
    monkeypatch.setattr(report_credit, "LEADS_ON_A_PAGE", 1)
    browser = visit(readers.ada)
    assert file_of(browser, "column=created_leads") == [
        ["key", "label", "before", "taken", "given", "after", "row_type"],
        ["ana", "Ana Abreu", "3", "0", "1", "2", "row"],
        ["bo", "Bo Berg", "0", "1", "0", "1", "row"],
        ["", "Total", "3", "1", "1", "3", "total"],
    ]
    Lead.objects.get(key="L1").assign_to(readers.bo, by=readers.ada)
    moved = file_of(browser, "column=created_leads&row=bo&side=taken")
    assert moved[0] == ["lead", "title", "moved"]
    assert sorted(moved[1:]) == [["L1", "Lead 1", "1"], ["L3", "Lead 3", "1"]]
    page = html(browser, f"/reports/team/credit/?{JANUARY}&column=created_leads")
    [address] = re.findall(r'href="(/reports/team/credit/export/csv\?[^"]+)"', page)
    assert browser.get(address.replace("&amp;", "&")).status_code == 200


def test_downloads_exclude_leads_outside_the_readers_scope(readers, visit):
    assert len(file_of(visit(readers.uma), "column=created_leads")) == 2
    answer = visit(readers.uma).get(
        f"/reports/team/credit/export/csv?{JANUARY}&column=created_leads&row=ana&side=given"
    )
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "asked",
    [
        "row=ana&side=given&page=9",
        "page=2",
        "column=win_rate",
        "row=nobody&side=given",
        "row=ana&side=up",
        "wrong=1",
    ],
)
def test_an_invalid_query_is_refused(asked, readers, visit):
    answer = visit(readers.ada).get(f"/reports/team/credit/?{JANUARY}&{asked}")
    assert answer.status_code == 400


def test_a_report_without_a_bridge_answers_not_found(readers, visit):
    assert visit(readers.ada).get("/reports/pipeline/credit/").status_code == 404

"""The user `me` in filters: each reader sees their own figures under the same address."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from leadlight.accounts.models import Organization
from leadlight.sales.models import Lead, Shortcut
from tests.web.pages import Page
from tests.web.worked import MONTHS, THEN, figure, html, report_page

pytestmark = pytest.mark.answers

MINE = f"{MONTHS}&user=me"


def text(page):
    return " ".join(Page.read(page).text.split())


@pytest.mark.parametrize(("name", "won", "lost"), [("ana", "2", "0"), ("bo", "0", "1")])
def test_me_is_the_reader_of_a_report(shared, visit, name, won, lost):
    reader = getattr(shared, name)
    page = report_page(visit(reader), query=MINE)
    assert (figure(page, "won_leads"), figure(page, "lost_leads")) == (won, lost)
    of_key = report_page(visit(reader), query=f"{MONTHS}&user={name}")
    assert figure(of_key, "won_amount") == figure(page, "won_amount")


def test_the_address_of_a_report_keeps_me_and_its_chip_names_the_reader(shared, visit):
    browser = visit(shared.ana)
    page = report_page(browser, query=MINE)
    assert "User: Me (Ana Abreu)" in text(page)
    assert 'name="user" value="me" checked> Me (Ana Abreu)' in page
    assert "user=me" in re.search(r'name="query" value="([^"]+)"', page)[1]
    assert "user=ana" not in page


def test_the_list_the_explanation_and_the_file_name_the_reader(shared, visit):
    browser = visit(shared.ana)
    listed = text(html(browser, f"/reports/company/leads/?{MINE}&{THEN}&column=won_leads"))
    assert "Credited to me (Ana Abreu)." in listed
    assert "2 leads" in listed
    explained = text(html(browser, f"/reports/company/explain/?{MINE}&{THEN}&column=won_leads"))
    assert "Credited to me (Ana Abreu)." in explained
    file = browser.get(f"/reports/company/export/xlsx?{MINE}&{THEN}").getvalue()
    about = CalamineWorkbook.from_filelike(BytesIO(file)).get_sheet_by_name("About").to_python()
    assert any("Credited to me (Ana Abreu)." in str(cell) for row in about for cell in row)


def test_me_is_offered_first_where_there_are_other_users(shared, visit):
    choices = "/reports/company/choices/user/"
    found = re.findall(r'value="([^"]+)"> ([^<]+)<', html(visit(shared.bo), choices))
    assert found[0] == ("me", "Me (Bo Berg)")
    assert 'name="user"' in report_page(visit(shared.bo))
    Organization.objects.update(privacy="own")
    assert 'name="user"' not in report_page(visit(shared.bo))


def test_a_shared_shortcut_of_mine_is_everybody_s_own(shared, visit):
    shortcut = Shortcut.objects.create(
        owner=shared.ada, name="Mine", report="company", query=f"{MINE}&{THEN}", sharing="everyone"
    )
    for reader, won in ((shared.ana, "2"), (shared.bo, "0")):
        page = html(visit(reader), f"/shortcuts/{shortcut.key}/")
        assert figure(page, "won_leads") == won


def test_the_list_of_leads_can_be_narrowed_to_one_s_own(shared, visit):
    browser = visit(shared.bo)
    response = browser.get("/leads/?user=me")
    owned = set(Lead.objects.filter(owner=shared.bo).values_list("key", flat=True))
    assert {lead.key for lead in response.context["page"]} == owned
    page = response.content.decode()
    assert "User: Me (Bo Berg)" in text(page)
    assert 'name="user" value="me" checked> Me (Bo Berg)' in page
    both = browser.get("/leads/?user=me&user=none").context["page"]
    ownerless = set(Lead.objects.filter(owner=None).values_list("key", flat=True))
    assert {lead.key for lead in both} == owned | ownerless

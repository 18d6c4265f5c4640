"""The overview of each reader: their own figures, those of their teams, or those of everyone."""

from __future__ import annotations

from datetime import UTC, datetime
from html import unescape

import pytest

from leadlight.sales.models import Lead
from tests.web.overview.parts import MID_MARCH, card, figure, plain, tabs
from tests.web.worked import html

pytestmark = pytest.mark.answers


def test_a_seller_sees_their_own_numbers(shared, visit):
    page = html(visit(shared.ana), "/reports/")
    assert "<h1>My numbers</h1>" in page
    assert figure(page, "Won amount") == "€1,500"
    assert figure(page, "Open amount") == "€0"
    assert tabs(page) == {"Me": "/reports/", "Company": "/reports/?of=all"}
    company = html(visit(shared.ana), "/reports/?of=all")
    assert "<h1>Overview</h1>" in company
    assert figure(company, "Open amount") == "€1,100"
    assert tabs(company) == tabs(page)
    assert "user=me" in card(page, "Won amount")
    assert "user=me" not in card(company, "Won amount")


def test_a_seller_who_sees_only_their_own_leads_has_no_choice(readers, visit):
    page = html(visit(readers.bo), "/reports/")
    assert tabs(page) == {}
    assert figure(page, "Created") == "2"
    assert '<a href="/goals/"' in page
    assert "Only the leads you have access to are counted." in page


def test_a_manager_starts_with_the_team(shared, visit):
    page = html(visit(shared.mona), "/reports/")
    assert "Overview · South" in plain(page.replace('class="whose">', 'class="whose">· '))
    assert figure(page, "Created") == "2"
    assert figure(page, "Won amount") == "€0"
    assert list(tabs(page)) == ["My team", "Company"]  # Mona has no leads
    assert figure(html(visit(shared.mona), "/reports/?of=all"), "Won amount") == "€1,500"


def test_a_manager_who_sells_may_choose_their_own_numbers(readers, visit):
    Lead.objects.get(key="L5").assign_to(readers.mona, by=readers.ada)
    browser = visit(readers.mona)
    assert tabs(html(browser, "/reports/")) == {"Me": "/reports/?of=me", "My team": "/reports/"}
    assert figure(html(browser, "/reports/?of=me"), "Open amount") == "€300"


def test_a_manager_without_a_team_sees_what_they_may(shared, visit):
    shared.mona.memberships.all().delete()
    assert figure(html(visit(shared.mona), "/reports/"), "Won amount") == "€1,500"


def test_an_admin_starts_with_the_company(readers, visit):
    page = html(visit(readers.ada), "/reports/")
    assert tabs(page) == {}
    Lead.objects.get(key="L5").assign_to(readers.ada, by=readers.ada)
    assert list(tabs(html(visit(readers.ada), "/reports/"))) == ["Me", "Company"]


@pytest.mark.parametrize(
    ("name", "query", "sentence"),
    [
        ("bo", "of=team", "“team” is not possible for “of”"),
        ("bo", "of=all", "“all” is not possible for “of”"),
        ("mona", "of=all", "“all” is not possible for “of”"),
        ("ada", "of=team", "“team” is not possible for “of”"),
        ("ada", "of=me&of=all", "Choose only one value for “of”."),
        ("ada", "user=bo", "Unknown filter: “User”."),
    ],
)
def test_other_figures_are_refused(readers, visit, name, query, sentence):
    page = html(visit(getattr(readers, name)), f"/reports/?{query}", status=400)
    assert sentence in unescape(page)
    assert 'href="/reports/"' in page


def test_a_reader_without_leads_is_told_so(readers, visit, now):
    page = html(visit(readers.uma), "/reports/")
    assert "You have no figures for the last 12 months." in page
    assert "month-cards" not in page
    Lead.objects.all().delete()
    assert "You have no access to any leads yet." in html(visit(readers.ada), "/reports/")


@pytest.mark.parametrize("day", [datetime(2026, 3, 1, 11, tzinfo=UTC), MID_MARCH])
@pytest.mark.parametrize("name", ["ada", "mona", "ana", "bo", "uma"])
def test_every_reader_has_a_page_on_every_day(readers, visit, now, day, name):
    now(day)
    page = html(visit(getattr(readers, name), "fr"), "/reports/")
    assert "%(" not in page

"""Saved views of the list of leads: rights, changes of a view, and the menu."""

from __future__ import annotations

import pytest

from leadlight.analytics.reports import CATALOGUE
from leadlight.sales.models import Shortcut
from leadlight.sales.models.shortcuts import LEADS
from tests.web.pages import Page

pytestmark = pytest.mark.database

WON = {"name": "Won ones", "sharing": "private", "query": "status=won&sort=amount"}


def save(browser, **changes):
    return browser.post("/lead-views/new/", {**WON, **changes})


def text(response):
    return " ".join(Page.read(response.content.decode()).text.split())


@pytest.fixture
def shared(cast, visit):
    save(visit(cast.mona), sharing="everyone", is_pinned="on")
    return Shortcut.objects.get()


def test_a_view_is_saved_with_its_canonical_query_and_opened(cast, visit):
    browser = visit(cast.olga)
    response = save(browser, query="sort=amount&status=won&saved=x&view=compact")
    view = Shortcut.objects.get()
    assert (view.report, view.query) == (LEADS, "status=won&sort=amount")
    assert response.url == f"/leads/?status=won&sort=amount&saved={view.key}"
    assert browser.get(f"/shortcuts/{view.key}/").url == response.url
    assert "View “Won ones”" in text(browser.get(response.url))


def test_a_shortcut_of_the_report_on_leads_is_no_view(cast, visit):
    assert LEADS not in CATALOGUE
    browser = visit(cast.olga)
    sent = {"name": "Our year", "report": "leads", "query": "", "sharing": "private"}
    browser.post("/shortcuts/new/", {**sent, "is_pinned": "on"})
    shortcut = Shortcut.objects.get()
    page = browser.get("/shortcuts/")
    assert "Saved views" not in page.content.decode()
    assert "Lead performance" in text(page).partition("Our year")[2]
    assert browser.get(f"/shortcuts/{shortcut.key}/").url.startswith("/reports/leads/")


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"name": ""}, 400),
        ({"sharing": "everyone"}, 400),
        ({"query": "colour=red"}, 400),
        ({"query": "sort=colour"}, 400),
        ({"query": "user=nobody"}, 400),
        ({"query": "&".join(f"tag={'x' * 90}{number}" for number in range(150))}, 400),
    ],
)
def test_an_invalid_view_is_refused(changes, status, cast, visit):
    assert save(visit(cast.olga), **changes).status_code == status
    assert not Shortcut.objects.exists()


def test_a_name_is_used_once(cast, visit):
    browser = visit(cast.olga)
    save(browser)
    response = save(browser)
    assert response.status_code == 400
    assert "already exists" in text(response)


def test_other_filters_change_the_list_and_not_the_view(shared, cast, visit):
    browser = visit(cast.mona)
    said = text(browser.get(f"/leads/?status=lost&saved={shared.key}"))
    assert "Changed from the view “Won ones”" in said
    assert "Update the view" in said
    shared.refresh_from_db()
    assert shared.query == "status=won&sort=amount"


def test_only_the_owner_updates_a_shared_view(shared, cast, visit):
    address = f"/lead-views/{shared.key}/update/"
    sent = {"query": "status=lost"}
    for who in (cast.olga, cast.ada):
        browser = visit(who)
        said = text(browser.get(f"/leads/?status=lost&saved={shared.key}"))
        assert "Changed from the view" in said
        assert "Update the view" not in said
        assert browser.post(address, sent).status_code == 403
    assert visit(cast.mona).post(address, sent).status_code == 302
    shared.refresh_from_db()
    assert shared.query == "status=lost"


def test_a_private_view_is_hidden_from_others(cast, visit):
    save(visit(cast.olga))
    view = Shortcut.objects.get()
    for who in (cast.mona, cast.ada, cast.uma):
        browser = visit(who)
        assert browser.get(f"/shortcuts/{view.key}/").status_code == 404
        assert browser.post(f"/lead-views/{view.key}/update/", WON).status_code == 404
        assert "Won ones" not in text(browser.get(f"/leads/?saved={view.key}"))


def test_pinned_views_stand_below_leads_and_a_default_one_opens_the_list(shared, cast, visit):
    html = visit(cast.mona).get("/leads/").content.decode()
    assert f'href="/shortcuts/{shared.key}/">Won ones' in html
    browser = visit(cast.olga)
    assert f'href="/shortcuts/{shared.key}/"' not in browser.get("/leads/").content.decode()
    browser.post(f"/shortcuts/{shared.key}/default/", {"do": "on"})
    html = browser.get("/today/").content.decode()
    assert f'<li><a href="/shortcuts/{shared.key}/" >Leads</a>' in html


def test_a_view_with_a_value_that_a_reader_does_not_see_says_so(cast, visit):
    save(visit(cast.mona), sharing="everyone", query=f"user={cast.olga.key}&status=won")
    view = Shortcut.objects.get()
    response = visit(cast.uma).get(f"/shortcuts/{view.key}/")
    assert response.status_code == 400
    assert f"Unknown user: “{cast.olga.key}”." in text(response)
    assert 'href="/leads/?status=won"' in response.content.decode()


def test_views_are_listed_with_the_shortcuts(shared, cast, visit):
    assert "Won ones Leads" in text(visit(cast.mona).get("/shortcuts/"))

"""New entries of an open activity feed."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leadlight.accounts.models import Organization
from leadlight.sales.models import Activity, ActivityType
from tests.clock import START
from tests.web.pages import Page

pytestmark = pytest.mark.database


@pytest.fixture
def quiet(cast):
    """The cast in which nothing was recorded for a month."""
    cast.lead.events.update(recorded_at=START - timedelta(days=30))
    return cast


def news_of(browser, query=""):
    """Return the address at which a page of the feed asks for new entries."""
    return browser.get(f"/activity/?{query}").context.get("news_address")


def announced(browser, address):
    """Return the announcement at an address, None if there are no new entries."""
    response = browser.get(address)
    if response.status_code == 204:
        assert response.content == b""
        return None
    assert response.status_code == 200
    return " ".join(Page.read(response.content.decode()).text.split())


def test_new_entries_are_counted(quiet, visit):
    browser = visit(quiet.ada)
    address = news_of(browser)
    assert announced(browser, address) is None
    quiet.lead.set_amount(5, by=quiet.olga)
    assert announced(browser, address) == "1 new entry – show"
    Activity.objects.create(activity_type=ActivityType.objects.get(), lead=quiet.lead)
    comment = quiet.lead.comment("Hello", by=quiet.olga)
    assert announced(browser, address) == "3 new entries – show"
    assert announced(browser, news_of(browser)) is None
    assert comment.recorded_at in [
        line.at for day in browser.get("/activity/").context["page"].days for line in day.entries
    ]


def test_the_announcement_leads_to_the_same_filters(quiet, visit):
    browser = visit(quiet.ada)
    address = news_of(browser, "kind=won&user=me")
    quiet.lead.set_amount(5, by=quiet.ada)
    quiet.lead.win(by=quiet.olga)
    assert announced(browser, address) is None
    quiet.lead.reopen(by=quiet.ada)
    quiet.lead.win(by=quiet.ada)
    html = browser.get(address).content.decode()
    assert '<a class="button" href="/activity/?user=me&amp;kind=won"' in html
    assert "1 new entry" in html


def test_many_new_entries_are_counted_up_to_a_limit(quiet, visit, monkeypatch):
    monkeypatch.setattr("leadlight.web.feed.views.MOST_ANNOUNCED", 4)
    browser = visit(quiet.ada)
    address = news_of(browser)
    for amount in range(1, 6):
        quiet.lead.set_amount(amount, by=quiet.olga)
    assert announced(browser, address) == "More than 3 new entries – show"


@pytest.mark.parametrize("privacy", ["own", "shared"])
@pytest.mark.parametrize(
    ("who", "sees"), [("olga", True), ("mona", True), ("ada", True), ("tom", False), ("uma", False)]
)
def test_nothing_is_announced_of_hidden_leads(who, sees, privacy, quiet, visit):
    Organization.objects.update(privacy=privacy)
    browser = visit(getattr(quiet, who))
    address = news_of(browser)
    quiet.lead.set_amount(5, by=quiet.olga)
    expected = "1 new entry – show" if sees or privacy == "shared" else None
    assert announced(browser, address) == expected
    quiet.lead.bin(by=quiet.olga)
    assert announced(browser, address) is None


def test_the_address_does_not_tell_when_something_happened_on_a_hidden_lead(quiet, visit):
    """Without entries of their own, the reader gets the instant of their request."""
    hidden = quiet.lead.comment("Secret", by=quiet.olga)
    address = news_of(visit(quiet.uma))
    assert quote(hidden.recorded_at.isoformat()) not in address


def test_without_new_entries_one_query_is_enough(quiet, visit):
    """Apart from the session, the user and the organisation, which every page reads."""
    browser = visit(quiet.ada)
    address = news_of(browser)
    browser.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert announced(browser, address) is None
    tables = [one["sql"] for one in captured if "sales_" in one["sql"]]
    assert len(tables) == 1
    assert len(captured) <= 4


@pytest.mark.parametrize(
    "query", ["period=yesterday", "to=2026-11-24", "before=2026-11-25T10:00:00~5"]
)
def test_a_page_that_gets_no_new_entries_does_not_ask(query, quiet, visit):
    browser = visit(quiet.ada)
    assert news_of(browser, query) is None
    assert "data-news" not in browser.get(f"/activity/?{query}").content.decode()


@pytest.mark.parametrize(
    "after", ["", "x", "2026-01-01", "2026-01-01T10:00:00", "0001-01-01T00:00:00+14:00"]
)
def test_an_invalid_instant_is_refused(after, quiet, visit):
    response = visit(quiet.ada).get(f"/activity/new/?after={quote(after)}")
    assert response.status_code == 400


def test_the_edit_of_a_comment_is_no_new_entry(quiet, visit):
    comment = quiet.lead.comment("Hello", by=quiet.olga)
    browser = visit(quiet.ada)
    address = news_of(browser)
    quiet.lead.edit_comment(comment, "Hello!", by=quiet.olga)
    assert announced(browser, address) is None

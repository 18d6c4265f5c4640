"""The activity feed stays up to date while it is open, without moving what is read."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from leadlight.sales.models import Lead
from tests.browser.conftest import DESKTOP_AND_PHONE, press
from tests.browser.test_frame import assert_fits
from tests.web.conftest import small_company

pytestmark = pytest.mark.django_db(transaction=True)

TICK_MS = 20_000
SHOW = {"en": "2 new entries – show", "fr": "2 nouvelles entrées – afficher"}


@pytest.fixture
def cast(transactional_db):
    return small_company()


@pytest.fixture
def asked():
    """Addresses at which the page asked for new entries."""
    return []


def listen(page, asked):
    page.on("request", lambda one: asked.append(one.url) if "/activity/new/" in one.url else None)
    page.clock.install()


def tick(page):
    """Let the page's clock go on until it asks, and wait for the answer."""
    with page.expect_response(lambda one: "/activity/new/" in one.url) as answer:
        page.clock.fast_forward(TICK_MS)
    return answer.value.status


@DESKTOP_AND_PHONE
def test_new_entries_are_announced_and_shown_on_demand(
    size, language, cast, open_page, enter, asked
):
    page = enter(open_page(size, language), cast.mona)
    listen(page, asked)
    page.goto("/activity/")
    before = page.locator(".entries").first.inner_text()
    assert tick(page) == 204
    expect(page.locator(".news a")).to_have_count(0)
    cast.lead.comment("Called them", by=cast.olga)
    cast.lead.set_amount(99, by=cast.olga)
    hidden = Lead.create(title="Of another team", by=cast.uma, owner=cast.uma)
    hidden.comment("Not for Mona", by=cast.uma)
    assert tick(page) == 200
    expect(page.get_by_role("status").get_by_text(SHOW[language])).to_be_visible()
    assert page.locator(".entries").first.inner_text() == before
    assert_fits(page)
    page.get_by_text(SHOW[language]).focus()
    press(page, "Enter")
    expect(page.get_by_text("Called them")).to_be_visible()
    expect(page.get_by_text("Not for Mona")).to_have_count(0)
    expect(page.locator(".news a")).to_have_count(0)
    assert tick(page) == 204


def test_a_hidden_page_does_not_ask(cast, page, enter, asked):
    enter(page, cast.mona)
    listen(page, asked)
    page.goto("/activity/")
    page.evaluate("Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
    page.clock.fast_forward(TICK_MS)
    page.clock.fast_forward(TICK_MS)
    cast.lead.comment("Meanwhile", by=cast.olga)
    page.evaluate("Object.defineProperty(document, 'hidden', { value: false })")
    assert asked == []
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator(".news a")).to_be_visible()
    assert len(asked) == 1


def test_an_error_of_the_server_leaves_the_page_as_it_is(cast, page, enter, asked, complaints):
    enter(page, cast.mona)
    listen(page, asked)
    page.route(
        "**/activity/new/**",
        lambda route: route.fulfill(
            status=503, headers={"HX-Retarget": "body"}, content_type="text/html", body="Busy"
        ),
    )
    page.goto("/activity/")
    assert tick(page) == 503
    page.unroute("**/activity/new/**")
    cast.lead.comment("Later", by=cast.olga)
    assert tick(page) == 200
    expect(page.locator(".news a")).to_be_visible()
    expect(page.locator(".entries").first).to_be_visible()
    assert len(complaints) > 0
    complaints.clear()


def test_filters_keep_the_page_up_to_date(cast, page, enter, asked):
    enter(page, cast.mona)
    listen(page, asked)
    page.goto("/activity/")
    page.locator("[data-dimension=kind] summary").click()
    with page.expect_response(lambda one: "kind=comment" in one.url):
        page.get_by_role("checkbox", name="Comment").check()
    expect(page.locator(".empty")).to_be_visible()
    expect(page).to_have_url("/activity/?kind=comment")
    cast.lead.set_amount(99, by=cast.olga)
    assert tick(page) == 204
    cast.lead.comment("At last", by=cast.olga)
    assert tick(page) == 200
    page.locator(".news a").click()
    expect(page.get_by_text("At last")).to_be_visible()

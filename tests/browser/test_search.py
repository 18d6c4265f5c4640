"""The search by keyboard and by mouse, live and as a page, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from leadlight.sales.models import Lead
from leadlight.sales.search import writing
from tests.browser.accessibility import AXE, RULES, VIOLATIONS, violations
from tests.browser.conftest import DESKTOP, PHONE, press
from tests.web.conftest import at, small_company

# Real transactions: the server's thread must see the rows too.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(transactional_db):
    cast = small_company()
    Lead.create(title="Hotel doors", by=cast.olga, owner=cast.olga, at=at(10))
    writing.fill()
    return cast


def box_of(page: Page):
    return page.get_by_role("searchbox", name="Search", exact=True)


def test_results_appear_while_typing_and_open_by_the_keyboard_alone(cast, page, enter):
    enter(page, cast.olga).goto("/goals/")
    press(page, "/")
    page.keyboard.type("hot", delay=20)
    expect(page.get_by_role("list", name="Leads").get_by_role("listitem")).to_have_count(2)
    press(page, "ArrowDown")
    expect(page.get_by_role("link", name="Hotel doors")).to_be_focused()
    press(page, "ArrowDown")
    expect(page.get_by_role("link", name="Hotel windows")).to_be_focused()
    press(page, "ArrowUp")
    press(page, "ArrowUp")
    expect(box_of(page)).to_be_focused()
    press(page, "ArrowDown")
    press(page, "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Hotel doors")


def test_escape_or_a_click_elsewhere_closes_the_results(cast, page, enter):
    enter(page, cast.olga).goto("/goals/")
    box_of(page).fill("hotel")
    result = page.get_by_role("link", name="Hotel doors")
    expect(result).to_be_visible()
    press(page, "ArrowDown")
    press(page, "Escape")
    expect(result).to_have_count(0)
    expect(box_of(page)).to_be_focused()
    box_of(page).fill("hotels")
    box_of(page).fill("hotel")
    expect(result).to_be_visible()
    page.get_by_role("heading", level=1).click()
    expect(result).to_have_count(0)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_results_fit_the_screen(size, cast, open_page, enter):
    page = enter(open_page(size), cast.ada)
    page.goto("/goals/")
    box_of(page).fill("hotel")
    expect(page.get_by_role("list", name="Clients").get_by_role("listitem")).to_have_count(1)
    expect(page.get_by_role("list", name="Prospects").get_by_role("listitem")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_enter_opens_the_page_of_the_search_whose_address_follows_the_text(cast, page, enter):
    enter(page, cast.olga).goto("/goals/")
    box_of(page).fill("windows")
    press(page, "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Search")
    expect(page).to_have_url(re.compile(r"/search/\?q=windows$"))
    box_of(page).fill("doors")
    expect(page.get_by_role("link", name="Hotel doors")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/search/\?q=doors$"))
    page.get_by_role("link", name="Hotel doors").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Hotel doors")
    page.go_back()
    expect(page.get_by_role("link", name="Hotel doors")).to_be_visible()


def test_a_slow_answer_does_not_replace_a_newer_one(cast, page, enter):
    enter(page, cast.olga).goto("/goals/")
    pending = []

    def hold(route):
        if "q=windows" in route.request.url:
            pending.append(route)
        else:
            route.continue_()

    page.route("**/search/**", hold)
    with page.expect_request("**/search/?q=windows"):
        box_of(page).fill("windows")
    box_of(page).fill("doors")
    expect(page.get_by_role("link", name="Hotel doors")).to_be_visible()
    assert len(pending) == 1
    pending[0].abort()
    expect(page.get_by_role("link", name="Hotel windows")).to_have_count(0)
    expect(page.get_by_role("link", name="Hotel doors")).to_be_visible()


def test_without_scripts_the_search_is_a_form(cast, browser, live_server, enter):
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = enter(context.new_page(), cast.olga)
    page.goto("/goals/")
    box_of(page).fill("windows")
    box_of(page).press("Enter")
    expect(page.get_by_role("link", name="Hotel windows")).to_be_visible()
    context.close()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("address", ["/search/?q=hotel", "/search/?q=h", "/search/?q=nothing"])
def test_the_results_are_accessible(address, size, cast, open_page, enter):
    assert violations(enter(open_page(size), cast.ada), address) == []


def test_the_results_below_the_box_are_accessible(cast, page, enter):
    enter(page, cast.ada).goto("/goals/")
    box_of(page).fill("hotel")
    expect(page.get_by_role("list", name="Clients")).to_be_visible()
    page.evaluate(AXE.read_text())
    assert page.evaluate(VIOLATIONS, [RULES, []]) == []

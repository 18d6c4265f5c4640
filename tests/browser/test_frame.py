"""Signing in, finding a lead and reading it, in a real browser."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, press
from tests.web.conftest import PASSWORD, small_company

# Real transactions: the server's thread must see the rows too.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(transactional_db):
    # All tests sign in from one address, more often than the rate limit allows.
    cache.clear()
    return small_company()


def sign_in(page: Page, user) -> None:
    page.goto("/leads/")
    page.locator("input[name=login]").fill(user.email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/leads/")


def assert_fits(page: Page) -> None:
    # A page that a click has just opened has no element yet.
    page.wait_for_load_state("domcontentloaded")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_signing_in_and_opening_a_lead(size, language, color_scheme, cast, open_page):
    page = open_page(size, language, color_scheme)
    sign_in(page, cast.olga)
    assert_fits(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(
        {"en": "Leads", "fr": "Opportunités"}[language]
    )
    page.get_by_role("link", name=cast.lead.title).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(cast.lead.title)
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator(".timeline > li")).to_have_count(6)
    assert_fits(page)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_account_page_fits_the_screen(size, cast, open_page):
    page = open_page(size, "fr")
    for address in ["login", "signup", "inactive", "password/reset", "password/reset/done"]:
        page.goto(f"/accounts/{address}/")
        assert_fits(page)
    sign_in(page, cast.olga)
    for address in ["logout", "password/change", "2fa", "2fa/totp/activate"]:
        page.goto(f"/accounts/{address}/")
        assert_fits(page)


def test_a_wrong_password_shows_an_error_on_the_same_page(cast, page):
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill(cast.olga.email)
    page.locator("input[name=password]").fill("green glass")
    page.locator("main button[type=submit]").click()
    expect(page.get_by_role("alert")).to_contain_text("not correct")
    expect(page.locator("input[name=login]")).to_have_value(cast.olga.email)


def test_switching_the_language_stays_on_the_page(cast, page):
    sign_in(page, cast.olga)
    page.goto("/leads/?q=hotel")
    page.get_by_role("button", name="Français").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Opportunités")
    assert page.url.endswith("/leads/?q=hotel")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Leads")


def test_the_search_finds_a_lead_from_any_page(cast, page):
    sign_in(page, cast.olga)
    page.goto(f"/leads/{cast.lead.key}/")
    page.get_by_role("searchbox").fill("astoria élysée")
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator(".empty")).to_be_visible()
    page.get_by_role("searchbox").fill("élysée")
    page.get_by_role("searchbox").press("Enter")
    expect(page.get_by_role("link", name=cast.lead.title)).to_be_visible()


def test_on_a_desktop_the_menu_is_always_visible(cast, page):
    sign_in(page, cast.olga)
    expect(page.get_by_role("navigation").get_by_role("link", name="Leads")).to_be_visible()
    expect(page.get_by_role("button", name="Menu")).to_be_hidden()


def test_on_a_phone_the_menu_opens_and_closes(cast, phone):
    sign_in(phone, cast.olga)
    entry = phone.locator("#navigation").get_by_role("link", name="Team performance")
    expect(entry).to_be_hidden()
    phone.get_by_role("button", name="Menu").click()
    expect(entry).to_be_visible()
    press(phone, "Escape")
    expect(entry).to_be_hidden()
    assert_fits(phone)


def test_signing_out_from_the_account_menu(cast, page):
    sign_in(page, cast.olga)
    page.get_by_role("button", name="Olga Glass").click()
    page.get_by_role("button", name="Sign out").click()
    page.goto("/leads/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_the_first_tab_stop_skips_to_the_content(cast, page):
    sign_in(page, cast.olga)
    page.goto("/leads/")
    press(page, "Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    press(page, "Enter")
    press(page, "Tab")
    expect(page.locator("#text")).to_be_focused()


def test_a_missing_page_shows_an_error_with_the_menu(cast, page, complaints):
    sign_in(page, cast.olga)
    page.goto("/leads/nobody-knows/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Page not found")
    expect(page.get_by_role("navigation").first).to_be_visible()
    complaints.clear()

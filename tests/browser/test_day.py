"""Journeys of a working day, each under a stated number of clicks or keys.

A call that is logged and postponed, a deal that is won and counted in the next page, and a
manager's Monday.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from leadlight.sales.models import Lead
from tests.browser.conftest import DESKTOP_AND_PHONE, PHONE, press, wait_for_htmx
from tests.browser.test_frame import assert_fits
from tests.clock import START
from tests.web.conftest import small_company

pytestmark = pytest.mark.django_db(transaction=True)

WON_COUNT = ".figures tfoot a[href$='column=won_leads']"


@pytest.fixture
def cast(transactional_db):
    return small_company()


class Hand:
    """Mouse or keyboard that counts its clicks, or the keys that act; moving the focus is none."""

    def __init__(self, page, *, by_keyboard):
        self.page = page
        self.by_keyboard = by_keyboard
        self.count = 0

    def check(self, box):
        """Click a check box, or press Space on it."""
        self.count += 1
        if self.by_keyboard:
            box.focus()
            press(self.page, "Space")
        else:
            box.click()

    def use(self, control):
        """Click a control, or reach it by its key or by the focus and press Enter."""
        self.count += 1
        if not self.by_keyboard:
            control.click()
            return
        key = control.get_attribute("data-key")
        if key:
            press(self.page, key)
        else:
            control.focus()
            press(self.page, "Enter")


@DESKTOP_AND_PHONE
@pytest.mark.parametrize("by_keyboard", [False, True], ids=["mouse", "keyboard"])
def test_a_call_is_logged_and_postponed_with_two(
    by_keyboard, size, language, cast, open_page, enter
):
    page = enter(open_page(size, language), cast.olga)
    page.goto(f"/leads/{cast.lead.key}/")
    hand = Hand(page, by_keyboard=by_keyboard)
    hand.use(page.locator(".results button", has_text="Reached"))
    wait_for_htmx(page)
    hand.use(page.locator(".presets button").first)
    expect(page.locator(".next .standby, .chips .standby").first).to_be_visible()
    assert hand.count == 2
    assert_fits(page)
    lead = Lead.objects.get(pk=cast.lead.pk)
    assert (lead.status, lead.activities.count()) == ("standby", 2)


@DESKTOP_AND_PHONE
@pytest.mark.parametrize("by_keyboard", [False, True], ids=["mouse", "keyboard"])
def test_a_won_deal_is_counted_in_the_next_page_with_two(
    by_keyboard, size, language, cast, open_page, enter
):
    page = enter(open_page(size, language), cast.olga)
    report = f"/reports/company/?from={START.year}-01-01&to={START.year}-12-31"
    page.goto(report)
    expect(page.locator(WON_COUNT)).to_have_text("0")
    page.goto(f"/leads/{cast.lead.key}/")
    hand = Hand(page, by_keyboard=by_keyboard)
    hand.use(page.locator(".next button[data-key=w]"))
    expect(page.locator(".chips .won")).to_be_visible()
    page.goto(report)
    expect(page.locator(WON_COUNT)).to_have_text("1")
    hand.use(page.locator(WON_COUNT))
    expect(page.get_by_role("link", name="Hotel windows")).to_be_visible()
    assert hand.count == 2


@DESKTOP_AND_PHONE
@pytest.mark.parametrize("by_keyboard", [False, True], ids=["mouse", "keyboard"])
def test_a_managers_monday_with_four(by_keyboard, size, language, cast, open_page, enter):
    """From the overview: what happened, one person, and the lead of an entry."""
    cast.lead.comment("They asked for a second offer", by=cast.olga)
    Lead.create(title="Doors", by=cast.tom, owner=cast.tom)
    page = enter(open_page(size, language), cast.mona)
    page.goto("/")
    hand = Hand(page, by_keyboard=by_keyboard)
    if size == PHONE:
        hand.use(page.locator(".open-navigation"))
    hand.use(page.locator("nav a[href='/activity/']").first)
    expect(page.locator(".entries", has_text="They asked for a second offer")).to_be_visible()
    expect(page.locator(".entries", has_text="Doors")).to_be_visible()
    users = page.locator("details[data-dimension=user]")
    hand.use(users.locator("summary"))
    hand.check(users.locator(f"input[value='{cast.olga.key}']"))
    wait_for_htmx(page)
    expect(page.locator("#results")).not_to_contain_text("Doors")
    hand.use(page.get_by_role("link", name="Hotel windows").first)
    expect(page.get_by_role("heading", level=1)).to_have_text("Hotel windows")
    assert hand.count == (5 if size == PHONE else 4)  # on a phone, the menu is opened first

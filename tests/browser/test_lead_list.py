"""The list of leads: coming back to it, the next lead, and editing in its cells by keyboard."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from leadlight.sales.models import Lead
from tests.browser.conftest import DESKTOP, PHONE, press, wait_for_htmx
from tests.browser.test_frame import assert_fits
from tests.clock import START
from tests.web.conftest import small_company

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 70


@pytest.fixture
def cast(transactional_db):
    cast = small_company()
    cast.lead.win(by=cast.olga)
    for number in range(MANY):
        Lead.create(
            title=f"House {number:02}",
            by=cast.olga,
            owner=cast.olga,
            amount=Decimal(1000 + number),
            at=START - timedelta(days=90 - number),
        )
    return cast


def row(page, title):
    return page.locator("tr[data-lead]", has_text=title)


def top_of(page, title):
    return row(page, title).bounding_box()["y"]


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_filters_sort_scroll_and_selection_survive_opening_a_lead(size, cast, open_page, enter):
    page = enter(open_page(size), cast.olga)
    page.goto("/leads/?sort=amount")
    page.get_by_role("link", name="To do", exact=True).click()
    expect(page.locator("tr[data-lead]")).to_have_count(50)
    page.get_by_role("link", name="Next page").click()
    expect(row(page, "House 50")).to_be_visible()
    address = page.url
    row(page, "House 65").get_by_role("checkbox").check()
    link = row(page, "House 66").locator("a.title")
    link.scroll_into_view_if_needed()
    before = top_of(page, "House 66")
    link.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("House 66")
    expect(page.locator(".trail")).to_contain_text("67 of 70")
    page.go_back()
    expect(row(page, "House 66").locator("a.title")).to_be_focused()
    assert page.url == address
    assert top_of(page, "House 66") == pytest.approx(before, abs=2)
    expect(row(page, "House 65").get_by_role("checkbox")).to_be_checked()
    assert_fits(page)


def test_next_and_previous_lead_follow_the_list_by_key(cast, page, enter):
    enter(page, cast.olga)
    page.goto("/leads/?status=todo&sort=amount")
    row(page, "House 02").locator("a.title").click()
    title = page.get_by_role("heading", level=1)
    expect(page.locator(".trail")).to_contain_text("3 of 70")
    press(page, "j")
    expect(title).to_have_text("House 03")
    press(page, "w")
    expect(page.locator("#messages")).to_contain_text("Status: Won.")
    press(page, "j")
    expect(title).to_have_text("House 04")
    press(page, "k")
    expect(title).to_have_text("House 02")
    press(page, "u")
    expect(row(page, "House 02").locator("a.title")).to_be_focused()


def test_two_tabs_keep_their_own_lists(cast, page, enter):
    enter(page, cast.olga)
    page.goto("/leads/?sort=amount")
    row(page, "House 02").locator("a.title").click()
    other = page.context.new_page()
    other.goto("/leads/?sort=-amount")
    row(other, "House 60").locator("a.title").click()
    press(page, "j")
    press(other, "j")
    expect(page.get_by_role("heading", level=1)).to_have_text("House 03")
    expect(other.get_by_role("heading", level=1)).to_have_text("House 59")


def test_a_cell_is_edited_and_undone_by_keyboard_alone(cast, page, enter):
    enter(page, cast.olga)
    page.goto("/leads/?status=todo&sort=amount")
    wait_for_htmx(page)
    press(page, "j")
    press(page, "j")
    expect(row(page, "House 01").locator("a.title")).to_be_focused()
    for _cell in range(5):
        press(page, "ArrowRight")
    edit = row(page, "House 01").get_by_role("link", name="Change: Owner")
    expect(edit).to_be_focused()
    press(page, "ArrowRight")
    press(page, "F2")
    amount = page.get_by_role("textbox", name="Amount", exact=True)
    expect(amount).to_be_focused()
    press(page, "Escape")
    edit = row(page, "House 01").get_by_role("link", name="Change: Amount")
    expect(edit).to_be_focused()
    press(page, "Enter")
    expect(amount).to_be_focused()
    amount.fill("5k")
    press(page, "Enter")
    expect(page.locator("#messages")).to_contain_text("Amount changed.")
    expect(row(page, "House 01")).to_contain_text("€5,000")
    expect(edit).to_be_focused()
    press(page, "z")
    expect(row(page, "House 01")).to_contain_text("€1,001")
    assert Lead.objects.get(title="House 01").amount == Decimal(1001)


def test_keys_work_in_the_form_of_a_cell_without_a_delay(cast, page, enter):
    enter(page, cast.olga)
    page.goto("/leads/?status=todo&sort=amount")
    page.evaluate("window.setTimeout = () => 0")  # what is delayed never happens
    edit = row(page, "House 01").get_by_role("link", name="Change: Amount")
    edit.click()
    expect(page.get_by_role("textbox", name="Amount", exact=True)).to_be_focused()
    press(page, "Escape")
    expect(edit).to_be_focused()


def test_a_star_and_a_status_are_one_key_and_two_clicks(cast, page, enter):
    enter(page, cast.olga)
    page.goto("/leads/?status=todo&sort=amount")
    wait_for_htmx(page)
    press(page, "j")
    press(page, "*")
    expect(row(page, "House 00").get_by_role("button", name="Starred")).to_have_attribute(
        "aria-pressed", "true"
    )
    expect(row(page, "House 00").locator("a.title")).to_be_focused()
    assert Lead.objects.get(title="House 00").is_starred
    cell = row(page, "House 03")
    cell.hover()
    cell.get_by_role("link", name="Change: Status").click()
    cell.get_by_role("button", name="Won").click()
    expect(cell.locator(".chip.won")).to_be_visible()
    assert Lead.objects.get(title="House 03").status == "won"


def test_a_conflict_is_shown_in_the_cell(cast, page, enter, complaints):
    enter(page, cast.olga)
    page.goto("/leads/?status=todo&sort=amount")
    wait_for_htmx(page)
    cell = row(page, "House 03")
    cell.hover()
    cell.get_by_role("link", name="Change: Amount").click()
    page.get_by_role("textbox", name="Amount", exact=True).fill("7")
    lead = Lead.objects.get(title="House 03")
    lead.set_amount(Decimal(9), by=cast.mona)
    press(page, "Enter")
    expect(cell.get_by_role("alert")).to_contain_text("Someone else changed this")
    expect(cell).to_contain_text("€9")
    expect(page.get_by_role("textbox", name="Amount", exact=True)).to_have_value("7")
    press(page, "Escape")
    expect(cell.get_by_role("alert")).to_have_count(0)
    assert Lead.objects.get(pk=lead.pk).amount == Decimal(9)
    complaints.clear()  # the answer 409


def test_a_printed_list_has_no_separator_without_its_link(cast, page, enter):
    page = enter(page, cast.olga)
    page.goto("/leads/?q=house")
    line = page.locator("#sentences")
    assert line.inner_text().endswith("matching “house” · show all")
    page.emulate_media(media="print")
    assert line.inner_text().endswith("leads · matching “house”")
    page.emulate_media(media="screen")

"""Reports by keyboard alone: tab stops, arrow keys, single keys, and what is announced."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from leadlight.analytics.reports import EVERY_TABLE
from tests.browser.conftest import PHONE, press
from tests.web.worked import MONTHS

# Real transactions: the server's thread must see the rows too.
pytestmark = pytest.mark.django_db(transaction=True)

REPORT = f"/reports/company/?{MONTHS}"
COMPARED = "/reports/team/?from=2026-01-01&to=2026-03-31&compare=previous"
WIDE = (1440, 900)
MOST_STOPS_BEFORE_TABLE = 25
STOPS_BEFORE_TABLE = """() => {
  const kinds = "a[href], button, input, select, summary, [tabindex]";
  const stops = [...document.querySelectorAll(kinds)];
  const table = document.querySelector(".figures");
  return stops.filter((one) =>
    one.tabIndex >= 0 && !one.disabled && one.checkVisibility() && !one.closest(".chart")
    && one.compareDocumentPosition(table) & Node.DOCUMENT_POSITION_FOLLOWING).length;
}"""
# Whether a part of the focused element is at the top of its place on the screen.
IS_SEEN = """() => {
  const focused = document.activeElement, { x, y, width, height } = focused.getBoundingClientRect();
  return [[0.1, 0.5], [0.5, 0.5], [0.9, 0.5]].every(([across, down]) =>
    focused.contains(document.elementFromPoint(x + width * across, y + height * down)));
}"""


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.textContent.trim().replace(/\\s+/g, ' ')")


def test_few_tab_stops_are_before_a_table(open_page, readers, enter):
    page = enter(open_page(WIDE), readers.ada)
    many = {}
    for table in EVERY_TABLE:
        view = f"view={table.view}&" if table.view else ""
        page.goto(f"/reports/{table.key}/?{view}period={table.presets[-1]}")
        for chart in page.locator("[data-chart]").all():
            chart.locator("svg.marks").wait_for()
        if page.locator(".figures").count():
            stops = page.evaluate(STOPS_BEFORE_TABLE)
            if stops > MOST_STOPS_BEFORE_TABLE:
                many[table.key, table.view] = stops
    assert many == {}


def test_the_second_skip_link_leads_to_the_table(page, readers, enter):
    enter(page, readers.ada)
    page.goto(REPORT)
    press(page, "Tab")
    press(page, "Tab")
    expect(page.get_by_role("link", name="Skip to the figures")).to_be_focused()
    press(page, "Enter")
    expect(page.locator("#frame")).to_be_focused()
    press(page, "Tab")
    expect(page.locator(".figures thead #sort-label")).to_be_focused()


def test_arrow_keys_move_from_number_to_number(page, readers, enter):
    enter(page, readers.ada)
    page.goto(REPORT)
    page.locator(".figures tbody a[href$='column=won_leads&row=2026-01']").focus()
    press(page, "ArrowDown")
    expect(page.locator(".figures a[href$='column=won_leads&row=2026-02']")).to_be_focused()
    press(page, "ArrowRight")
    expect(page.locator(".figures a[href$='column=won_amount&row=2026-02']")).to_be_focused()
    press(page, "Home")
    assert focused(page) == "February 2026"
    press(page, "Tab")
    assert not page.evaluate("!!document.activeElement.closest('.figures')")
    press(page, "Shift+Tab")
    assert focused(page) == "February 2026"


def test_arrow_keys_move_within_the_menu_and_the_cards(page, readers, enter):
    enter(page, readers.ada)
    page.goto(REPORT)
    page.locator(".navigation [aria-current=page]").focus()
    press(page, "ArrowDown")
    assert focused(page) == "Team performance"
    press(page, "Home")
    assert focused(page) == "New lead"
    page.locator(".report-cards a").first.focus()
    press(page, "End")
    expect(page.locator(".report-cards a").last).to_be_focused()


@pytest.mark.parametrize("size", [(700, 600), PHONE], ids=["narrow", "phone"])
def test_the_focused_number_is_never_covered(size, open_page, readers, enter):
    page = enter(open_page(size), readers.ada)
    page.goto(COMPARED)
    page.locator(".figures tbody tr").first.locator("a").last.focus()
    covered = []
    for key in ["ArrowLeft"] * 9 + ["ArrowDown"] * 5 + ["ArrowRight"] * 9 + ["ArrowUp"] * 6:
        press(page, key)
        if not page.evaluate(IS_SEEN):
            covered.append((key, focused(page)))
    assert covered == []


def test_slash_focuses_the_search_and_a_question_mark_lists_the_keys(page, readers, enter):
    enter(page, readers.ada)
    page.goto(REPORT)
    page.locator(".figures tbody td a").first.focus()
    press(page, "/")
    expect(page.get_by_role("searchbox", name="Search", exact=True)).to_be_focused()
    page.keyboard.type("?/")
    expect(page.get_by_role("searchbox", name="Search", exact=True)).to_have_value("?/")
    page.locator(".figures tbody td a").first.focus()
    press(page, "?")
    keys = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(keys).to_be_visible()
    press(page, "Escape")
    expect(page.locator(".figures tbody td a").first).to_be_focused()


def test_single_keys_can_be_switched_off(page, readers, enter):
    enter(page, readers.ada)
    page.goto(REPORT)
    press(page, "?")
    keys = page.get_by_role("dialog", name="Keyboard shortcuts")
    keys.get_by_role("checkbox").uncheck()
    page.reload()
    press(page, "/")
    expect(page.get_by_role("searchbox", name="Search", exact=True)).not_to_be_focused()
    press(page, "?")
    expect(keys).to_be_hidden()
    page.get_by_role("button", name="Ada").click()
    page.get_by_role("button", name="Keyboard shortcuts").click()
    expect(keys.get_by_role("checkbox")).not_to_be_checked()


def test_the_result_of_a_filter_an_order_and_a_choice_of_columns_is_announced(page, readers, enter):
    enter(page, readers.ada)
    page.goto(f"/reports/team/?{MONTHS}")
    announced = page.locator("#announced")
    expect(announced).to_have_text("")
    page.locator("#sort-won_leads").click()
    expect(announced).to_contain_text("Sorted by Won, descending.")
    expect(announced).to_contain_text("5 rows.")
    page.locator("summary", has_text="Columns").click()
    before = int(re.search(r"(\d+) columns", announced.inner_text()).group(1))
    panel = page.locator(".column-chooser .panel")
    panel.get_by_label("Win rate").uncheck()
    panel.get_by_role("button", name="Show these columns").click()
    expect(announced).to_contain_text(f"{before - 1} columns.")
    page.locator("#filter-period").select_option("all_time")
    expect(announced).not_to_contain_text("31 Mar 2026")
    page.goto("/leads/")
    page.locator(".report-filters summary").first.click()
    page.locator(".report-filters .panel input[type=checkbox]").first.check()
    expect(announced).to_contain_text("lead")


def test_loading_the_data_quality_strip_keeps_the_focus(readers, open_page, enter):
    page = enter(open_page(size=(1280, 500)), readers.ada)
    page.goto(REPORT)
    page.locator("section.quality[hx-get] a").focus()
    expect(page.locator("section.quality[hx-get]")).to_have_count(0)
    expect(page.get_by_role("heading", name="Data quality")).to_be_focused()
    press(page, "Shift+Tab")
    assert page.evaluate("!!document.activeElement.closest('.figures')")


def test_loading_the_data_quality_strip_is_not_announced(page, readers, enter):
    enter(page, readers.ada)
    page.goto(f"/reports/team/?{MONTHS}")
    # At once: the section that comes into view is replaced.
    page.evaluate("document.querySelector('section.quality').scrollIntoView()")
    expect(page.locator("section.quality[hx-get]")).to_have_count(0)
    expect(page.locator("section.quality a").first).to_be_visible()
    expect(page.locator(".htmx-settling, .htmx-swapping, .htmx-request")).to_have_count(0)
    expect(page.locator("#announced")).to_have_text("")


def test_removing_the_last_filter_moves_the_focus_to_the_filters(page, readers, enter):
    enter(page, readers.ada)
    page.goto(f"{REPORT}&user=ana&user=bo")
    for left in (1, 0):
        page.locator(".chip .remove").last.focus()
        press(page, "Enter")
        expect(page.locator(".chip .remove")).to_have_count(left)
        expect(page.locator(":is(.chips, #filters) :focus, #filters:focus")).to_have_count(1)


def test_the_account_button_has_a_name_on_a_phone(phone, readers, enter):
    enter(phone, readers.ada)
    phone.goto("/leads/")
    expect(phone.get_by_role("button", name="Ada")).to_be_visible()
    phone.set_viewport_size({"width": 320, "height": 640})
    for address in ("/leads/", REPORT, "/reports/", "/working-days/"):
        phone.goto(address)
        assert phone.evaluate("document.documentElement.scrollWidth") <= 320

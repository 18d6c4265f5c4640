"""The sheet of a prospecting list: typing, pasting, calls by keyboard, two people, and a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from leadlight.sales.models import Activity, Lead, Prospect
from leadlight.sales.prospecting.lists import make_list
from tests.browser.accessibility import AXE, RULES, VIOLATIONS
from tests.browser.conftest import DESKTOP, PHONE, press
from tests.browser.test_frame import assert_fits
from tests.web.conftest import small_company

pytestmark = pytest.mark.django_db(transaction=True)

HEADERS = ["Company", "Email", "Phone", "Note"]


@pytest.fixture
def cast(transactional_db):
    return small_company()


@pytest.fixture
def listed(cast):
    rows = [[f"House {n}", f"n{n}@house.example", "06 12 34 56 78", ""] for n in range(300)]
    return make_list(cast.olga, "Autumn", HEADERS, rows)


def cell(page, row, column):
    return page.locator(f"#cell-{row}-{column}")


def opened(page, listed):
    page.goto(f"/prospecting/{listed.key}/")
    expect(cell(page, 0, 0)).to_have_text("House 0")
    page.get_by_role("grid").focus()
    return page


def texts(row):
    return list(
        Prospect.objects.order_by("pk").filter(prospecting_list__name="Autumn")[row].texts.values()
    )


def paste(page, text):
    """Paste a text as a spreadsheet puts it into the clipboard."""
    page.evaluate(
        """text => {
          const clipboardData = new DataTransfer();
          clipboardData.setData("text/plain", text);
          document.activeElement.dispatchEvent(
            new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
        }""",
        text,
    )


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_sheet_is_written_by_keyboard_alone(language, cast, listed, open_page, enter):
    page = opened(enter(open_page(DESKTOP, language), cast.olga), listed)
    page.keyboard.type("Villa")
    press(page, "Enter")
    expect(cell(page, 0, 0)).to_have_text("Villa")
    expect(cell(page, 1, 0)).to_have_class("sheet-cell frozen selected active")
    press(page, "F2")
    page.keyboard.type(" bis")
    press(page, "Escape")
    expect(cell(page, 1, 0)).to_have_text("House 1")
    press(page, "Enter")
    page.keyboard.type(" bis")
    press(page, "Tab")
    expect(cell(page, 1, 0)).to_have_text("House 1 bis")
    page.keyboard.type("nobody")
    press(page, "Enter")
    refused = cell(page, 1, 1)
    expect(refused).to_have_attribute("aria-invalid", "true")
    expect(refused).to_have_text("nobody")
    press(page, "ArrowUp")
    press(page, "Escape")
    expect(refused).to_contain_text("n1@house.example")
    for key in ("ArrowRight", "ArrowRight"):
        press(page, key)
    paste(page, 'a\tlost\nb\n"c ""d"""\n')
    expect(cell(page, 3, 3)).to_have_text('c "d"')
    press(page, "Control+Home")
    press(page, "Shift+ArrowDown")
    press(page, "Shift+ArrowDown")
    press(page, "Control+d")
    expect(cell(page, 2, 0)).to_have_text("Villa")
    press(page, "Control+z")
    expect(cell(page, 2, 0)).to_have_text("House 2")
    press(page, "Delete")
    expect(cell(page, 2, 0)).to_have_text("")
    press(page, "Control+End")
    expect(cell(page, 299, 3)).to_have_class("sheet-cell selected active")
    paste(page, "last\nnew")
    expect(cell(page, 300, 3)).to_have_text("new")
    expect(page.locator(".sheet-cell.saving")).to_have_count(0)
    assert texts(1)[:2] == ["n1@house.example", "06 12 34 56 78"]
    assert texts(3)[3] == 'c "d"'
    assert texts(300) == ["new"]


def test_ten_rows_are_called_with_one_key_each_and_one_becomes_a_lead(
    cast, listed, open_page, enter
):
    page = opened(enter(open_page(), cast.olga), listed)
    press(page, "F8")
    title = page.locator("#row-title")
    for number in range(10):
        expect(title).to_have_text(f"House {number}")
        expect(page.locator("article.sheet-item")).to_be_focused()
        press(page, "1")
    expect(title).to_have_text("House 10")
    assert Activity.objects.filter(outcome__name="Reached", prospect__state="called").count() == 10
    expect(cell(page, 0, 4)).to_have_text("Called")
    press(page, "x")
    press(page, "1")
    expect(title).to_have_text("House 11")
    expect(cell(page, 10, 4)).to_have_text("Not interested")
    press(page, "Escape")
    press(page, "Control+z")
    expect(cell(page, 10, 4)).to_have_text("To qualify")
    press(page, "F8")
    expect(page.locator("article.sheet-item")).to_be_focused()
    press(page, "l")
    expect(page.get_by_role("heading", level=1)).to_contain_text("House 11")
    assert Lead.objects.get(title="House 11").prospect.state == "converted"


def test_two_people_see_the_rows_of_each_other_change(cast, listed, open_page, enter):
    one = opened(enter(open_page(), cast.olga), listed)
    two = opened(enter(open_page(), cast.ada), listed)
    one.keyboard.type("From Olga")
    press(one, "Enter")
    two.keyboard.type("From Ada")
    expect(cell(one, 0, 0)).to_have_text("From Olga")
    expect(one.locator(".sheet-cell.saving")).to_have_count(0)
    press(two, "Enter")
    conflict = cell(two, 0, 0)
    expect(conflict).to_have_attribute("aria-invalid", "true")
    expect(conflict).to_have_text("From Ada")
    expect(conflict).to_have_attribute(
        "title", "Somebody else has changed this cell meanwhile. Value in the list: “From Olga”"
    )
    two.keyboard.type("Row 2")
    press(two, "Enter")
    expect(cell(one, 1, 0)).to_have_text("Row 2")
    assert texts(0)[0] == "From Olga"


def test_columns_are_renamed_moved_and_hidden(cast, listed, open_page, enter):
    page = opened(enter(open_page(), cast.olga), listed)

    def headers():
        return page.locator("[role=columnheader]")

    page.get_by_role("button", name="Note").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name of the column").fill("Web")
    dialog.get_by_label("Becomes in a lead").select_option("web")
    dialog.get_by_role("button", name="Save").click()
    expect(headers()).to_have_text(["#", "Company", "Email", "Phone", "Web", "State", "Owner"])
    page.get_by_role("button", name="Web").click()
    dialog.get_by_role("button", name="Move to the left").click()
    expect(headers()).to_have_text(["#", "Company", "Email", "Web", "Phone", "State", "Owner"])
    page.get_by_role("button", name="Email").click()
    dialog.get_by_role("button", name="Hide").click()
    expect(headers()).to_have_text(["#", "Company", "Web", "Phone", "State", "Owner"])
    page.get_by_label("Filter: Company").fill("house 29")
    expect(cell(page, 1, 0)).to_have_text("House 290")


def test_the_sheet_has_no_accessibility_violation(cast, listed, open_page, enter):
    page = opened(enter(open_page(color_scheme="dark"), cast.olga), listed)
    press(page, "F8")
    expect(page.locator("#row-title")).to_have_text("House 0")
    page.evaluate(AXE.read_text())
    assert page.evaluate(VIOLATIONS, [RULES, []]) == []


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_phone_gets_cards_with_call_result_and_next(language, cast, listed, open_page, enter):
    page = enter(open_page(PHONE, language), cast.olga)
    page.goto(f"/prospecting/{listed.key}/")
    expect(page.get_by_role("grid")).not_to_be_visible()
    assert_fits(page)
    page.locator(".sheet-cards h2 a").first.click()
    expect(page.locator("a[href='tel:+33612345678']")).to_be_visible()
    assert_fits(page)
    page.get_by_role("button", name="Reached").click()
    expect(page.locator("#row-title")).to_have_text("House 1")
    assert Prospect.objects.order_by("pk").filter(prospecting_list=listed)[0].state == "called"

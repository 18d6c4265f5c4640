"""New prospecting list by keyboard and on a phone: pasted, matched, made and undone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from leadlight.sales.models import ProspectingList
from tests.browser.accessibility import AXE, RULES, VIOLATIONS
from tests.browser.conftest import DESKTOP_AND_PHONE, press
from tests.browser.test_frame import assert_fits
from tests.web.conftest import small_company

pytestmark = pytest.mark.django_db(transaction=True)

CELLS = (
    "Société\tNom\tPrénom\tTél.\tNote\n"
    'Élan\tDurand\tZoé\t01 42 68 53 00\t"two\nlines"\n'
    "Bolt\tMartin\tAnne\t0612345678\t007\n"
)


@pytest.fixture
def cast(transactional_db):
    return small_company()


@pytest.fixture(autouse=True)
def data_folder(settings, tmp_path):
    settings.LEADLIGHT_DATA = tmp_path


@DESKTOP_AND_PHONE
def test_a_list_is_pasted_matched_made_and_undone_by_keyboard(
    size, language, cast, open_page, enter
):
    page = enter(open_page(size, language), cast.olga)
    page.goto("/prospecting/")
    assert_fits(page)
    page.locator('a[href="/new-prospecting-list/"]').first.focus()
    press(page, "Enter")
    expect(page.locator("#list-name")).to_be_focused()
    page.keyboard.type("Spring fair 2027")
    press(page, "Tab")
    page.keyboard.insert_text(CELLS)
    page.locator("#new-list button[type=submit]").focus()
    press(page, "Enter")

    expect(page.locator("#table-of-list")).to_be_visible()
    assert_fits(page)
    page.evaluate(AXE.read_text())
    assert page.evaluate(VIOLATIONS, [RULES, []]) == []
    chosen = page.locator("select[name^=target-]").evaluate_all("all => all.map(one => one.value)")
    assert chosen == ["company", "last name", "first name", "phone", ""]
    page.locator("button[name=make]").focus()
    press(page, "Enter")

    undo = page.locator("#messages button")
    expect(undo).to_be_visible()
    made = ProspectingList.objects.get(name="Spring fair 2027")
    assert [list(row.texts.values()) for row in made.prospects.order_by("pk")] == [
        ["Élan", "Durand", "Zoé", "01 42 68 53 00", "two\nlines"],
        ["Bolt", "Martin", "Anne", "0612345678", "007"],
    ]
    undo.focus()
    press(page, "Enter")
    expect(page).to_have_url("/prospecting/")
    assert not ProspectingList.objects.filter(pk=made.pk).exists()

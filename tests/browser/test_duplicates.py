"""Duplicates in a browser: seen while typing, merged, and the merge undone, with clicks counted."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from leadlight.sales.models import Lead
from tests.browser.conftest import DESKTOP, DESKTOP_AND_PHONE, PHONE, press, wait_for_htmx
from tests.browser.test_frame import assert_fits
from tests.web.conftest import small_company

pytestmark = pytest.mark.django_db(transaction=True)

MAIL = "jo@lake-hotel.example"
CLICKS_TO_MERGE_AND_UNDO = 3
WORDS = {
    "en": ("Compare and merge", "Merge", "Undo", "was merged into"),
    "fr": ("Comparer et fusionner", "Fusionner", "Annuler", "a été fusionnée dans"),
}
SIGNATURE = f"Claire Fontaine\nToitures Martin SARL\nTel: +33 4 78 00 11 22\n{MAIL}"


@pytest.fixture
def cast(transactional_db):
    cast = small_company()
    cast.lead.describe(f"Windows\n{MAIL}", by=cast.olga)
    Lead.create(title="Twin", by=cast.olga, owner=cast.olga, description=MAIL)
    return cast


@DESKTOP_AND_PHONE
def test_merge_and_undo(size, language, cast, open_page, enter):
    compare, merge, undo, done = WORDS[language]
    page = enter(open_page(size, language), cast.olga)
    page.goto(f"/leads/{cast.lead.key}/")
    clicks = 0
    for role, name in (("link", compare), ("button", merge), ("button", undo)):
        assert_fits(page)
        found = page.get_by_role(role, name=name).first
        if name == undo:
            expect(page.locator("#messages")).to_contain_text(done)
            assert Lead.objects.get(title="Twin").is_deleted
            found = page.locator("#messages").get_by_role(role, name=name)
        found.click()
        clicks += 1
    expect(page.locator("#duplicates-title")).to_be_visible()
    assert not Lead.objects.get(title="Twin").is_deleted
    assert clicks == CLICKS_TO_MERGE_AND_UNDO


def test_merge_by_keyboard(cast, open_page, enter):
    page = enter(open_page(DESKTOP), cast.olga)
    page.goto(f"/leads/{cast.lead.key}/")
    page.get_by_role("link", name="Compare and merge").focus()
    press(page, "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Compare and merge")
    page.wait_for_load_state("load")
    press(page, "m")
    expect(page.locator("#messages")).to_contain_text("was merged into")
    page.wait_for_load_state("load")
    press(page, "z")
    expect(page.locator("#messages")).to_contain_text("Undone")
    assert not Lead.objects.get(title="Twin").is_deleted


def test_the_banner_stays_after_other_changes_and_goes_with_its_reason(cast, page, enter):
    enter(page, cast.olga)
    page.goto(f"/leads/{cast.lead.key}/")
    banner = page.locator("#duplicates section")
    press(page, "c")
    page.keyboard.type("Asked for a price")
    press(page, "Control+Enter")
    expect(page.locator(".timeline").first).to_contain_text("Asked for a price")
    expect(banner).to_contain_text("Twin")
    page.goto(f"/change-lead/description/{cast.lead.key}/")
    page.get_by_role("textbox", name="Description").fill("Windows")
    page.get_by_role("button", name="Save").first.click()
    expect(banner).to_have_count(0)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_typing_a_new_lead_shows_duplicates_without_moving_the_form(size, cast, open_page, enter):
    page = enter(open_page(size), cast.olga)
    page.goto("/new-lead/")
    wait_for_htmx(page)
    button = page.get_by_role("button", name="Create the lead")
    before = button.bounding_box()
    page.get_by_label("Description").fill(f"Hello {MAIL}")
    expect(page.locator("#duplicates-title")).to_contain_text("2 probable duplicates")
    assert button.bounding_box() == before
    assert_fits(page)
    page.get_by_label("Description").fill("Hello")
    expect(page.locator("#duplicates-title")).to_have_count(0)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_pasted_signature_fills_a_new_lead(size, cast, open_page, enter):
    page = enter(open_page(size), cast.olga)
    page.goto("/new-lead/")
    wait_for_htmx(page)
    page.get_by_text("Paste a signature").click()
    page.get_by_label("Text of the signature").fill(SIGNATURE)
    expect(page.get_by_role("checkbox")).to_have_count(4)
    assert_fits(page)
    page.get_by_role("checkbox", name=MAIL).uncheck()
    page.get_by_role("button", name="Add the ticked lines").click()
    expect(page.get_by_label("Title")).to_have_value("Toitures Martin SARL")
    expect(page.get_by_label("Client", exact=True)).to_have_value("Toitures Martin SARL")
    page.get_by_role("button", name="Create the lead").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Toitures Martin SARL")
    lead = Lead.objects.get(title="Toitures Martin SARL")
    assert lead.contact_points.get().value == "+33478001122"

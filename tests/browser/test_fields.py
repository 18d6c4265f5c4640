"""A field that an admin adds is on every page at once, by keyboard and on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from leadlight.sales.models import CustomField
from tests.browser.conftest import DESKTOP, DESKTOP_AND_PHONE, press
from tests.browser.test_frame import assert_fits
from tests.web.conftest import small_company

LONG_NAME = "Sector of the economy in which the client earns most"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(transactional_db):
    return small_company()


@DESKTOP_AND_PHONE
def test_a_field_that_an_admin_adds_is_on_every_page_at_once(
    size, language, cast, open_page, enter
):
    page = enter(open_page(size, language), cast.ada)
    page.goto("/settings/fields/")
    page.locator("[name=subject]").focus()
    press(page, "Tab")
    page.keyboard.type("Building")
    press(page, "Tab")
    page.keyboard.type("Cho")  # Choice, Choix
    press(page, "Tab")
    page.keyboard.type("House\nFlat")
    press(page, "Tab")
    press(page, "Tab")
    press(page, "Enter")
    expect(page.get_by_role("link", name="Building")).to_be_visible()
    assert_fits(page)
    field = CustomField.objects.get()
    cast.lead.set_field(field, "House", by=cast.ada)
    for kind, text in (("link", "https://example.com/" + "a" * 300), ("text", "x" * 300)):
        other = CustomField.define("lead", f"Own {kind}", kind)
        cast.lead.set_field(other, text, by=cast.ada)
    page.reload()
    page.goto(f"/leads/{cast.lead.key}/")
    expect(page.locator(".facts").get_by_text("House")).to_be_visible()
    expect(page.locator(".timeline").get_by_text("Building")).to_be_visible()
    assert_fits(page)
    page.goto("/leads/")
    page.locator("details.own-fields > summary").focus()
    press(page, "Enter")
    form = page.locator("details.own-fields form")
    form.get_by_role("checkbox", name="Building").first.focus()
    press(page, "Space")
    form.get_by_label("House").focus()
    press(page, "Space")
    form.locator("button[type=submit]").focus()
    press(page, "Enter")
    expect(page.locator("td[data-label=Building]")).to_have_text("House")
    assert_fits(page)
    page.goto(f"/leads/?field:{field.key}=Flat")
    expect(page.locator(".empty")).to_be_visible()


def test_a_long_name_in_the_control_of_rows_is_cut_with_an_ellipsis_and_has_a_title(
    cast, open_page, enter
):
    CustomField.define("lead", LONG_NAME, "choice", choices=["Retail"])
    page = enter(open_page(DESKTOP, "en"), cast.ada)
    page.goto("/reports/company/")
    control = page.get_by_label("Rows", exact=True)
    expect(control).to_have_attribute("title", "Rows: Period")
    control.select_option(label=f"Rows: {LONG_NAME}")
    expect(control).to_have_attribute("title", f"Rows: {LONG_NAME}")
    expect(control).to_have_css("text-overflow", "ellipsis")

"""Clients by keyboard and on a phone: a new one, edit in place, a conflict, and deactivation."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from leadlight.sales.models import Client, CustomField
from tests.browser.conftest import DESKTOP, DESKTOP_AND_PHONE, PHONE, press, wait_for_htmx
from tests.browser.test_frame import assert_fits
from tests.web.conftest import small_company

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(transactional_db):
    return small_company()


@DESKTOP_AND_PHONE
def test_a_client_is_added_edited_and_deactivated_by_keyboard(
    size, language, cast, open_page, enter
):
    field = CustomField.define("client", "Sector", "choice", choices=["Hotels", "Shops"])
    page = enter(open_page(size, language), cast.ada)
    page.goto("/clients/")
    assert_fits(page)
    page.locator("details.new-client > summary").focus()
    press(page, "Enter")
    press(page, "Tab")
    page.keyboard.type("Verre " + "x" * 200)
    assert_fits(page)
    box = page.locator("details.new-client > form").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= size[0]
    press(page, "Enter")
    expect(page.locator("h1")).to_contain_text("Verre")
    assert_fits(page)
    client = Client.objects.get(name__startswith="Verre")

    edit = page.locator(".page-header a.edit")
    edit.focus()
    press(page, "Enter")
    expect(page.locator("#edit-name")).to_be_focused()
    wait_for_htmx(page)
    assert_fits(page)
    press(page, "Control+A")
    page.keyboard.type("Glass")
    press(page, "Enter")
    expect(page.locator("h1")).to_have_text("Glass")
    expect(edit).to_be_focused()

    part = page.locator(f'[data-part="field:{field.key}"]')
    part.locator("a.edit").focus()
    press(page, "Enter")
    expect(part.locator("select")).to_be_focused()
    wait_for_htmx(page)
    page.keyboard.type("Sho")
    press(page, "Tab")
    press(page, "Enter")
    expect(part.locator("a.edit")).to_be_focused()
    expect(part).to_contain_text("Shops")
    client.refresh_from_db()
    assert (client.name, client.field_texts) == ("Glass", {field.key: "Shops"})

    page.locator(f'form[action$="/{client.key}/deactivate/"] button').focus()
    press(page, "Enter")
    page.locator("form.undo button").focus()
    assert_fits(page)
    press(page, "Enter")
    expect(page.locator(f'.actions form[action$="/{client.key}/deactivate/"]')).to_be_visible()
    client.refresh_from_db()
    assert client.is_active


def test_cancelling_an_edit_returns_the_focus(cast, page, enter):
    enter(page, cast.olga)
    hotel = Client.objects.get()
    page.goto(f"/clients/{hotel.key}/")
    part = page.locator('[data-part="description"]')
    part.locator("a.edit").click()
    expect(part.locator("textarea")).to_be_focused()
    wait_for_htmx(page)
    page.keyboard.type("Not to be kept")
    part.locator("a.button").click()
    expect(part.locator("a.edit")).to_be_focused()
    expect(part).not_to_contain_text("Not to be kept")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_conflict_is_shown_in_place(size, cast, open_page, enter, complaints):
    hotel = Client.objects.get()
    page = enter(open_page(size), cast.olga)
    page.goto(f"/clients/{hotel.key}/")
    page.locator(".page-header a.edit").click()
    expect(page.locator("#edit-name")).to_be_focused()
    wait_for_htmx(page)
    hotel.rename("Of Mona")
    page.locator("#edit-name").fill("Of Olga")
    press(page, "Enter")
    note = page.locator("#edit-name-conflict")
    for text in ("Hôtel Élysée", "Of Mona", "Of Olga"):
        expect(note).to_contain_text(text)
    assert_fits(page)
    complaints.clear()  # the answer 409
    page.get_by_role("button", name="Save mine").click()
    expect(page.locator("h1")).to_have_text("Of Olga")
    hotel.refresh_from_db()
    assert hotel.name == "Of Olga"


def test_the_list_is_filtered_while_typing_ends_and_keeps_the_address(cast, page, enter):
    for name in ("Alpha", "Beta"):
        Client.create(name=name, by=cast.olga)
    enter(page, cast.olga)
    page.goto("/clients/")
    page.locator("#client-search").fill("alp")
    press(page, "Enter")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page).to_have_url(f"{page.url.partition('/clients/')[0]}/clients/?q=alp")
    page.reload()
    expect(page.locator("tbody tr")).to_have_count(1)

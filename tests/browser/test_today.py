"""The morning of a seller: ten leads handled in Today, by keyboard alone and by mouse."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from leadlight.sales.models import Activity, Lead
from tests.browser.conftest import DESKTOP, DESKTOP_AND_PHONE, PHONE, press
from tests.browser.test_frame import assert_fits
from tests.clock import START
from tests.web.conftest import small_company

pytestmark = pytest.mark.django_db(transaction=True)

TEN = 10
# One key or click logs the activity, another one chooses the next day.
FOR_EACH_LEAD = 2
WORDS = {
    "en": ("Today", "Nothing left to act on.", "Undo", "When will you work on it again?"),
    "fr": ("Aujourd’hui", "Plus rien à traiter.", "Annuler", "Quand la reprenez-vous ?"),
}


@pytest.fixture
def cast(transactional_db):
    cast = small_company()
    cast.lead.win(by=cast.olga)
    for number in range(TEN):
        at = START - timedelta(days=40 - number)
        Lead.create(title=f"House {number}", by=cast.olga, owner=cast.olga, at=at)
    return cast


def title(page):
    return page.locator("#panel-title")


def waits():
    return Lead.objects.filter(status="standby").count()


@DESKTOP_AND_PHONE
def test_ten_leads_by_keyboard_with_two_keys_each(size, language, cast, open_page, enter):
    page = enter(open_page(size, language), cast.olga)
    heading, empty, _undo, asked = WORDS[language]
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    if size == PHONE:
        page.locator(".queue a").first.click()
        expect(title(page)).to_be_visible()
    keys = 0
    for number in range(TEN):
        expect(title(page)).to_have_text(f"House {number}")
        for key in "12":  # Phone call: Reached; in 2 days
            if key == "2":
                expect(page.locator("#standby-title")).to_contain_text(asked)
            press(page, key)
            keys += 1
    expect(page.locator("#empty-title")).to_have_text(empty)
    assert_fits(page)
    assert keys == TEN * FOR_EACH_LEAD
    assert waits() == TEN
    assert Activity.objects.filter(outcome__name="Reached", lead__status="standby").count() == TEN


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_ten_leads_by_mouse_with_two_clicks_each(size, cast, open_page, enter):
    page = enter(open_page(size), cast.olga)
    page.goto("/today/")
    clicks = 0
    if size == PHONE:
        page.locator(".queue a").first.click()
        clicks += 1
    for number in range(TEN):
        expect(title(page)).to_have_text(f"House {number}")
        page.get_by_role("button", name="Phone call: Reached").click()
        page.get_by_role("button", name="Tomorrow").click()
        clicks += 2
    expect(page.locator("#empty-title")).to_be_visible()
    assert clicks == TEN * FOR_EACH_LEAD + (size == PHONE)
    assert waits() == TEN


@pytest.mark.parametrize("language", ["en", "fr"])
def test_one_key_undoes_the_last_action_and_its_lead_is_back(language, cast, open_page, enter):
    page = enter(open_page(DESKTOP, language), cast.olga)
    page.goto("/today/")
    page.locator(".queue a").nth(1).click()
    expect(title(page)).to_have_text("House 1")
    press(page, "w")
    expect(title(page)).to_have_text("House 2")
    expect(page.locator("#messages").get_by_role("button")).to_have_text(WORDS[language][2])
    assert Lead.objects.get(title="House 1").status == "won"
    press(page, "z")
    expect(title(page)).to_have_text("House 1")
    assert Lead.objects.get(title="House 1").status == "todo"


def test_the_next_lead_is_shown_before_the_response(cast, page, enter):
    """The response is held back: the next lead is there without it, and keeps what is typed."""
    enter(page, cast.olga)
    page.goto("/today/")
    expect(title(page)).to_have_text("House 0")
    held = []
    page.route("**/change-lead/**", lambda route: held.append(route))
    press(page, "w")
    expect(title(page)).to_have_text("House 1")
    expect(page.locator(".queue a[aria-current]")).to_contain_text("House 1")
    note = page.locator(".lead-panel textarea[name=content]")
    note.fill("Asked for the price")
    assert not Lead.objects.filter(title="House 0", status="won").exists()
    held[0].continue_()
    expect(page.locator("#messages li")).to_be_visible()
    expect(title(page)).to_have_text("House 1")
    expect(note).to_have_value("Asked for the price")
    expect(note).to_be_focused()
    for part in ("main", "#today", "#messages"):  # the response is not a page within the page
        expect(page.locator(part)).to_have_count(1)
    expect(page.locator(".queue a")).to_have_count(TEN - 1)
    assert Lead.objects.get(title="House 0").status == "won"


def test_the_lead_is_back_if_the_change_could_not_be_sent(cast, page, enter, complaints):
    enter(page, cast.olga)
    page.goto("/today/")
    expect(title(page)).to_have_text("House 0")
    page.route("**/change-lead/**", lambda route: route.abort())
    press(page, "w")
    expect(page.locator(".queue a[aria-current]")).to_contain_text("House 0")
    expect(title(page)).to_have_text("House 0")
    page.unroute("**/change-lead/**")
    press(page, "w")
    expect(title(page)).to_have_text("House 1")
    expect(page.locator("#messages li")).to_be_visible()
    complaints.clear()


def test_keys_move_through_the_queue_and_open_the_lead(cast, page, enter):
    enter(page, cast.olga)
    page.goto("/today/")
    for key, shown in (("j", 1), ("j", 2), ("k", 1)):
        press(page, key)
        expect(title(page)).to_have_text(f"House {shown}")
        expect(page.locator(".lead-panel a[rel=next]")).to_be_visible()
        expect(page.locator("template.ahead")).to_have_attribute(
            "data-lead", Lead.objects.get(title=f"House {shown + 1}").key
        )
    press(page, "?")
    expect(page.locator("#page-keys")).to_contain_text("JNext")
    press(page, "Escape")
    press(page, "Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("House 1")


def test_a_form_in_the_queue_is_left_with_its_lead_or_cancelled(cast, page, enter):
    enter(page, cast.olga)
    page.goto("/today/")
    press(page, "l")
    form = page.locator(".lead-panel form").filter(has=page.locator("textarea[name=comment]"))
    expect(form).to_be_visible()
    form.get_by_role("link", name="Cancel").click()
    expect(form).to_be_hidden()
    expect(title(page)).to_have_text("House 0")
    press(page, "l")
    form.get_by_role("button", name="Mark as lost").click()
    expect(title(page)).to_have_text("House 1")
    expect(page.locator(".queue a")).to_have_count(TEN - 1)
    assert Lead.objects.get(title="House 0").status == "lost"

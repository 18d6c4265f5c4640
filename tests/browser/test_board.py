"""Board in a browser: cards are dragged, and moved by their menu and by keys."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from leadlight.accounts.models import Organization
from leadlight.sales.models import Category, Lead, Tag
from leadlight.web.leads.board import columns
from tests.browser.conftest import DESKTOP, DESKTOP_AND_PHONE, PHONE, press, wait_for_htmx
from tests.browser.test_frame import assert_fits
from tests.clock import START
from tests.web.conftest import small_company

pytestmark = pytest.mark.django_db(transaction=True)

BOARD = "/leads/?view=board"
WORDS = {
    "en": ("Move to…", "Moved to “Deal”.", "Undo"),
    "fr": ("Déplacer vers…", "Deal", "Annuler"),
}


@pytest.fixture
def cast(transactional_db):
    cast = small_company()
    for number in range(3):
        at = START - timedelta(days=40 - number)
        Lead.create(title=f"House {number}", by=cast.olga, owner=cast.olga, amount=1000, at=at)
    return cast


def many_leads(cast, title, number):
    """Create leads whose cards stand above the others in the first column."""
    for one in range(number):
        Lead.create(title=f"{title} {one}", by=cast.olga, owner=cast.olga, amount=10)


def column(page, step):
    return page.locator(f"#cards-{step.pk}")


def card(page, title):
    return page.locator(".lead-card", has_text=title)


def step_of(title):
    return Lead.objects.get(title=title).step


def drop(page, title, target):
    """Drag a card to a list of cards, as a hand does: the mouse moves until the card is there."""
    card(page, title).hover(position={"x": 8, "y": 8})
    page.mouse.down()
    box = target.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + min(box["height"] / 2, 120)
    page.mouse.move(x - 20, y - 10, steps=8)
    moves = 0
    while target.locator(".dragged").count() == 0 and moves < 200:
        moves += 1
        page.mouse.move(x + moves % 3, y)
    page.mouse.up()


def test_a_card_is_dragged_to_another_column_and_back_by_undo(cast, open_page, enter):
    page = enter(open_page(DESKTOP), cast.olga)
    page.goto(BOARD)
    contact, _offer, deal = cast.steps
    expect(page.locator(f"#total-{contact.pk}")).to_contain_text("3")
    drop(page, "House 1", column(page, deal))
    expect(page.locator("#messages")).to_contain_text("Moved to “Deal”.")
    expect(column(page, deal)).to_contain_text("House 1")
    expect(page.locator(f"#total-{contact.pk}")).to_contain_text("2")
    expect(page.locator(f"#total-{deal.pk}")).to_contain_text("€1,000")
    expect(page.locator("#announced")).to_have_text("House 1: Moved to “Deal”.")
    expect(card(page, "House 1").get_by_role("link").first).to_be_focused()
    assert step_of("House 1") == deal
    page.get_by_role("button", name="Undo").click()
    expect(column(page, contact)).to_contain_text("House 1")
    assert step_of("House 1") == contact


def test_a_card_dropped_on_lost_asks_for_the_reason(cast, open_page, enter):
    reasons = Category.objects.create(name="Why lost", is_required=True, reason_for="lost")
    Tag.objects.create(name="Too dear", category=reasons)
    page = enter(open_page(DESKTOP), cast.olga)
    page.goto(BOARD)
    drop(page, "House 2", page.locator(".closing.lost ul"))
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("House 2")
    dialog.get_by_label("Too dear").check()
    dialog.get_by_role("button", name="Mark as lost").click()
    expect(card(page, "House 2")).to_have_count(0)
    expect(page.locator("#messages")).to_contain_text("Status: Lost.")
    assert Lead.objects.get(title="House 2").status == "lost"
    drop(page, "House 0", page.locator(".closing.won ul"))
    expect(card(page, "House 0")).to_have_count(0)
    assert Lead.objects.get(title="House 0").status == "won"


@DESKTOP_AND_PHONE
def test_a_card_is_moved_by_its_menu(size, language, cast, open_page, enter):
    page = enter(open_page(size, language), cast.olga)
    menu, _moved, undo = WORDS[language]
    page.goto(BOARD)
    assert_fits(page)
    page.get_by_role("link", name=f"{menu} House 1").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Contact")).to_be_focused()
    dialog.get_by_role("button", name="Deal").click()
    expect(dialog).to_have_count(0)
    expect(column(page, cast.steps[2])).to_contain_text("House 1")
    expect(page.locator("#messages").get_by_role("button", name=undo)).to_be_visible()
    assert step_of("House 1") == cast.steps[2]
    if size == PHONE:
        page.get_by_role("link", name="Deal 1").click()
        expect(card(page, "House 1")).to_be_in_viewport()


def test_the_board_is_worked_by_keys_alone(cast, open_page, enter):
    page = enter(open_page(DESKTOP), cast.olga)
    page.goto(BOARD)
    first = card(page, "House 2").get_by_role("link").first
    first.focus()
    press(page, "ArrowDown")
    expect(card(page, "House 1").get_by_role("link").first).to_be_focused()
    press(page, "Shift+ArrowRight")
    expect(column(page, cast.steps[1])).to_contain_text("House 1")
    expect(card(page, "House 1").get_by_role("link").first).to_be_focused()
    press(page, "ArrowDown")
    expect(card(page, "Hotel windows").get_by_role("link").first).to_be_focused()
    press(page, "s")
    expect(card(page, "Hotel windows").get_by_role("button")).to_have_attribute(
        "aria-pressed", "true"
    )
    wait_for_htmx(page)
    expect(card(page, "Hotel windows").get_by_role("link").first).to_be_focused()
    press(page, "m")
    expect(page.get_by_role("dialog")).to_contain_text("Hotel windows")
    press(page, "Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(card(page, "Hotel windows").get_by_role("link").first).to_be_focused()
    press(page, "ArrowLeft")
    press(page, "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("House 0")
    assert step_of("House 1") == cast.steps[1]
    assert Lead.objects.get(title="Hotel windows").is_starred


def test_a_conflict_stands_on_the_card_and_nothing_is_lost(cast, open_page, enter, complaints):
    page = enter(open_page(DESKTOP), cast.olga)
    page.goto(BOARD)
    contact, offer, deal = cast.steps
    Lead.objects.get(title="House 1").move_to(offer, by=cast.mona)
    drop(page, "House 1", column(page, deal))
    conflict = card(page, "House 1").get_by_role("alert")
    expect(conflict).to_contain_text("Someone else moved this lead in the meantime.")
    expect(column(page, offer)).to_contain_text("House 1")
    assert step_of("House 1") == offer
    conflict.get_by_role("button", name="Move to “Deal”").click()
    expect(column(page, deal)).to_contain_text("House 1")
    expect(conflict).to_have_count(0)
    assert step_of("House 1") == deal
    complaints.clear()  # the browser logs the response 409
    assert contact != deal


def test_a_move_that_is_not_saved_puts_the_card_back_and_says_why(
    cast, open_page, enter, complaints
):
    page = enter(open_page(DESKTOP), cast.olga)
    page.goto(BOARD)
    contact, _offer, deal = cast.steps
    page.route("**/change-lead/**", lambda route: route.abort())
    drop(page, "House 1", column(page, deal))
    expect(page.locator("#messages")).to_contain_text("Nothing was saved.")
    expect(column(page, contact)).to_contain_text("House 1")
    page.unroute("**/change-lead/**")
    Organization.objects.update(privacy="shared")
    Lead.objects.get(title="House 1").assign_to(cast.uma, by=cast.ada)
    drop(page, "House 1", column(page, deal))
    expect(page.locator("#messages")).to_contain_text("You can see this lead, but not change it.")
    expect(column(page, contact)).to_contain_text("House 1")
    assert step_of("House 1") == contact
    complaints.clear()  # the browser logs the failed requests


def test_counting_all_leads_holds_for_the_changes_after_it(cast, open_page, enter, monkeypatch):
    monkeypatch.setattr(columns, "MOST_READ", 2)
    monkeypatch.setattr(columns, "FIRST_CARDS", 3)
    monkeypatch.setattr(columns, "MOST_COUNTED", 1)
    many_leads(cast, "Barn", 20)
    page = enter(open_page(DESKTOP), cast.olga)
    page.goto(BOARD)
    contact, _offer, deal = cast.steps
    expect(page.locator(f"#total-{contact.pk}")).to_have_text("1+")
    page.get_by_role("link", name="Count all").click()
    expect(page.locator(f"#total-{contact.pk}")).to_contain_text("23")
    expect(page.locator("#sentences")).to_contain_text("24 leads")
    drop(page, "Barn 19", column(page, deal))
    expect(page.locator(f"#total-{contact.pk}")).to_contain_text("22")
    expect(page.locator(f"#total-{deal.pk}")).to_contain_text("€10")


def test_more_cards_are_read_when_the_last_one_is_reached(cast, open_page, enter, monkeypatch):
    monkeypatch.setattr(columns, "FIRST_CARDS", 20)
    many_leads(cast, "Barn", 40)
    page = enter(open_page(DESKTOP), cast.olga)
    page.goto(BOARD)
    contact = column(page, cast.steps[0])
    expect(contact.locator(".lead-card")).to_have_count(20)
    contact.locator(".lead-card a").first.focus()
    press(page, "End")
    expect(contact.locator(".lead-card")).to_have_count(43)
    press(page, "ArrowDown")
    expect(contact.locator(".lead-card").nth(20).get_by_role("link").first).to_be_focused()
    press(page, "End")
    expect(card(page, "House 0").get_by_role("link").first).to_be_focused()
    expect(page.get_by_role("heading", name=str(cast.steps[0]))).to_be_in_viewport()
    expect(page.locator("#board .card-title a[tabindex='0']")).to_have_count(1)


def test_the_form_of_a_lead_that_is_not_among_the_cards_is_sent(
    cast, open_page, enter, monkeypatch
):
    monkeypatch.setattr(columns, "FIRST_CARDS", 20)
    many_leads(cast, "Barn", 40)
    page = enter(open_page(DESKTOP), cast.olga)
    lead = Lead.objects.get(title="House 0")
    page.goto(f"/change-lead/step/{lead.key}/?return=board&query=view%3Dboard")
    expect(card(page, "House 0")).to_have_count(0)
    page.get_by_role("dialog").get_by_role("button", name="Deal").click()
    expect(column(page, cast.steps[2])).to_contain_text("House 0")
    assert step_of("House 0") == cast.steps[2]

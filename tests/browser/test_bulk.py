"""Bulk changes in a browser: selection, re-assignment of 500 leads, basket, hand-over and undo."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from leadlight.sales.bulk import run_unfinished
from leadlight.sales.models import BulkJob, Lead
from tests.browser.conftest import DESKTOP, DESKTOP_AND_PHONE, PHONE, press, wait_for_htmx
from tests.browser.test_frame import assert_fits
from tests.clock import START
from tests.web.conftest import small_company

pytestmark = pytest.mark.django_db(transaction=True)

ON_A_PAGE = 50


@pytest.fixture
def cast(transactional_db):
    cast = small_company()
    cast.lead.win(by=cast.olga)
    return cast


def create(cast, number, owner=None):
    for one in range(number):
        at = START - timedelta(minutes=one)
        Lead.create(
            title=f"House {one}", by=cast.ada, owner=owner, team=cast.olga.teams.get(), at=at
        )


def owned(name):
    return Lead.objects.filter(owner__first_name=name, title__startswith="House").count()


def bar(page):
    return page.locator("#bulk")


def form(page):
    return page.locator("#bulk-form form")


def boxes(page):
    return page.locator("input[name=lead]")


def count(page):
    return page.locator("#bulk [data-count]")


@DESKTOP_AND_PHONE
def test_three_leads_assigned_and_undone_by_keyboard(size, language, cast, open_page, enter):
    create(cast, 5, cast.olga)
    page = enter(open_page(size, language), cast.mona)
    page.goto("/leads/")
    expect(bar(page)).to_be_hidden()
    for _ in range(3):
        press(page, "x")
    expect(count(page)).to_have_text({"en": "3 selected", "fr": "3 sélectionnées"}[language])
    assert_fits(page)
    press(page, "o")
    expect(form(page).locator("select[name=owner]")).to_be_focused()
    wait_for_htmx(page)
    assert_fits(page)
    page.keyboard.type("Tom")
    for key in ("Tab", "Tab", "Enter"):
        press(page, key)
    expect(page.locator("#messages form button")).to_be_visible()
    assert owned("Tom") == 3
    expect(bar(page)).to_be_hidden()
    press(page, "z")
    expect(page.locator("#messages form")).to_have_count(0)
    assert owned("Tom") == 0


def test_five_hundred_leads_reassigned_and_undone_in_six_clicks(cast, page, enter):
    create(cast, 500, cast.olga)
    enter(page, cast.mona)
    page.goto("/leads/?status=todo")
    page.locator("thead .select input").click()
    expect(count(page)).to_have_text("50 selected")
    page.get_by_role("button", name="Select all leads found").click()
    expect(count(page)).to_have_text("All leads found")
    bar(page).get_by_role("button", name="Assign").click()
    expect(form(page)).to_contain_text("Assign to · 500 leads")
    wait_for_htmx(page)
    form(page).locator("select[name=owner]").select_option(label="Tom Glass")
    form(page).get_by_role("button", name="Assign").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Assign to Tom Glass")
    expect(page.locator("#bulk-job")).to_contain_text("0 of 500")
    run_unfinished()
    expect(page.locator("#bulk-job")).to_contain_text("Done")
    assert (owned("Tom"), owned("Olga")) == (500, 0)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#bulk-job")).to_contain_text("Being undone")
    run_unfinished()
    expect(page.locator("#bulk-job")).to_contain_text("Set back")
    assert (owned("Tom"), owned("Olga")) == (0, 500)


def test_a_selection_survives_paging_and_opened_leads_until_it_is_used(cast, page, enter):
    create(cast, ON_A_PAGE + 10, cast.olga)
    enter(page, cast.mona)
    page.goto("/leads/")
    boxes(page).nth(1).click()
    boxes(page).nth(4).click(modifiers=["Shift"])
    expect(count(page)).to_have_text("4 selected")
    page.get_by_role("link", name="Next page").click()
    expect(count(page)).to_have_text("4 selected")
    boxes(page).first.click()
    expect(count(page)).to_have_text("5 selected")
    page.locator("tbody th a").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("House")
    page.go_back()
    expect(count(page)).to_have_text("5 selected")
    page.get_by_role("link", name="Previous page").click()
    expect(boxes(page).nth(2)).to_be_checked()
    boxes(page).nth(2).click()
    expect(count(page)).to_have_text("4 selected")
    press(page, "d")
    expect(page.locator("#messages li")).to_contain_text("No change needed: 4")
    expect(bar(page)).to_be_hidden()
    assert BulkJob.objects.get().total == 4


def test_a_filter_ends_the_selection_of_all_leads_found(cast, page, enter):
    create(cast, 3, cast.olga)
    enter(page, cast.mona)
    page.goto("/leads/")
    boxes(page).first.click()
    page.get_by_role("button", name="Select all leads found").click()
    expect(count(page)).to_have_text("All leads found")
    page.goto("/leads/?status=todo")
    expect(bar(page)).to_be_hidden()


def test_a_form_is_left_by_escape_and_the_selection_stays(cast, page, enter):
    create(cast, 3, cast.olga)
    enter(page, cast.mona)
    page.goto("/leads/")
    press(page, "x")
    press(page, "s")
    expect(form(page)).to_be_visible()
    wait_for_htmx(page)
    form(page).locator("input[name=note]").press("Escape")
    expect(form(page)).to_have_count(0)
    expect(count(page)).to_have_text("1 selected")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_lead_is_taken_from_the_basket_with_one_key(size, cast, open_page, enter):
    create(cast, 2)
    page = enter(open_page(size), cast.tom)
    page.goto("/unassigned/")
    assert_fits(page)
    press(page, "t")
    expect(page.locator("#messages li")).to_contain_text("“House 0” is yours.")
    assert owned("Tom") == 1
    press(page, "z")
    expect(page.locator("tbody tr")).to_have_count(2)
    assert owned("Tom") == 0


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_basket_is_distributed_in_four_clicks(size, cast, open_page, enter):
    create(cast, 7)
    page = enter(open_page(size), cast.mona)
    page.goto("/unassigned/")
    page.get_by_role("button", name="Distribute all in turn").click()
    for name, number in (("Olga Glass", 7), ("Tom Glass", 4)):
        wait_for_htmx(page)
        form(page).get_by_label(name).click()
        expect(form(page).locator(".shares li").first).to_have_text(f"Olga Glass: {number}")
    wait_for_htmx(page)
    assert_fits(page)
    form(page).get_by_role("button", name="Distribute").click()
    expect(page.locator("#messages li")).to_contain_text("7 leads changed.")
    assert (owned("Olga"), owned("Tom")) == (4, 3)
    press(page, "z")
    expect(page.locator("tbody tr")).to_have_count(7)


@DESKTOP_AND_PHONE
def test_a_hand_over_in_three_clicks_and_its_undo(size, language, cast, open_page, enter):
    create(cast, 3, cast.olga)
    page = enter(open_page(size, language), cast.ada)
    page.goto("/hand-over/")
    assert_fits(page)
    page.get_by_role("link", name="Olga Glass").click()
    page.get_by_label("Tom Glass").click()
    row = page.locator("#hand-over tbody tr").first
    expect(row).to_contain_text("Tom Glass")
    wait_for_htmx(page)
    assert_fits(page)
    page.locator("#hand-over button[name=apply]").click()
    expect(page.locator("#bulk-job dd").first).to_have_text("3")
    assert owned("Tom") == 3
    press(page, "z")
    expect(page.locator("#messages li")).to_be_visible()
    assert owned("Olga") == 3

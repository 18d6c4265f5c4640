"""A deal won, its follow-up started, a task done in Today and undone, in a browser."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from leadlight.sales.follow_ups import start
from leadlight.sales.models import FollowUpTemplate, Lead, Task, TemplateStep
from tests.browser.conftest import DESKTOP, DESKTOP_AND_PHONE, PHONE, press
from tests.browser.test_frame import assert_fits
from tests.clock import START
from tests.web.conftest import small_company

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = {
    "en": ("Start a follow-up after the sale?", "late", "Task done"),
    "fr": ("Lancer un suivi après-vente ?", "en retard", "Tâche faite"),
}


@pytest.fixture
def cast(transactional_db):
    """Olga has one lead to close, and a template with a task for today and one for later."""
    cast = small_company()
    cast.lead.win(by=cast.olga)
    lead = Lead.create(
        title="Skylights", by=cast.olga, owner=cast.olga, at=START - timedelta(days=9)
    )
    Task.add(
        lead, "Old task", by=cast.olga, owner=cast.olga, due_on=START.date() - timedelta(days=2)
    )
    template = FollowUpTemplate.define("Onboarding")
    for title, days in (("Call the client", 0), ("Send the survey", 30)):
        TemplateStep(template=template).put(title, days=days)
    return cast


def title(page):
    return page.locator("#panel-title")


def message(page, text):
    """Return the message with a text."""
    return page.locator("#messages li", has_text=text)


def row(page, text):
    return page.locator(".queue a", has_text=text)


@DESKTOP_AND_PHONE
def test_from_the_win_to_a_task_done_and_undone_by_keyboard(size, language, cast, open_page, enter):
    page = enter(open_page(size, language), cast.olga)
    question, late, done = WORDS[language]
    page.goto("/today/")
    expect(row(page, "Old task")).to_contain_text(late)
    row(page, "Skylights").last.click()
    expect(title(page)).to_have_text("Skylights")
    press(page, "w")
    expect(page.get_by_role("heading", name=question)).to_be_visible()
    expect(page.get_by_role("button", name="Onboarding")).to_be_focused()
    press(page, "1")
    expect(message(page, "Onboarding")).to_be_visible()
    expect(title(page)).to_have_text("Old task")
    assert Lead.objects.get(title="Skylights").status == "won"
    assert Task.objects.filter(follow_up__name="Onboarding").count() == 2
    press(page, "j")
    expect(title(page)).to_have_text("Call the client")
    assert_fits(page)
    press(page, "d")
    expect(message(page, done)).to_be_visible()
    expect(title(page)).to_have_text("Old task")
    assert Task.objects.get(title="Call the client").status == "done"
    press(page, "z")
    expect(row(page, "Call the client")).to_have_count(1)
    assert Task.objects.get(title="Call the client").status == "todo"


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_tasks_by_mouse_on_the_page_of_the_lead(size, cast, open_page, enter):
    page = enter(open_page(size), cast.olga)
    lead = Lead.objects.get(title="Skylights")
    page.goto(f"/leads/{lead.key}/")
    page.get_by_role("button", name="Won").click()
    page.get_by_role("link", name="Not now").click()
    expect(page.get_by_role("link", name="Not now")).to_have_count(0)
    page.locator("summary", has_text="Start a follow-up").click()
    page.get_by_role("button", name="Onboarding").click()
    expect(page.locator("#tasks")).to_contain_text("0 of 2 done")
    page.get_by_role("button", name="Done · Call the client").click()
    expect(page.locator("#tasks")).to_contain_text("1 of 2 done")
    page.get_by_role("link", name="Postpone · Send the survey").click()
    page.get_by_role("button", name="In 7 days").click()
    expect(page.locator("#tasks")).to_contain_text("Postponed")
    page.locator("summary", has_text="Add a task").click()
    page.get_by_label("Task", exact=True).fill("Order the glass")
    page.get_by_role("button", name="Add a task").click()
    expect(page.locator("#tasks")).to_contain_text("Order the glass")
    assert_fits(page)
    assert Task.objects.get(title="Order the glass").owner == cast.olga
    survey = Task.objects.get(title="Send the survey")
    assert (survey.status, survey.due_on) == ("standby", START.date() + timedelta(days=7))


def test_the_question_is_switched_off_where_it_is_asked(cast, page, enter):
    enter(page, cast.olga)
    page.goto("/today/")
    row(page, "Skylights").last.click()
    press(page, "w")
    page.get_by_role("button", name="Do not ask again").click()
    expect(message(page, "You will not be asked again.")).to_be_visible()
    assert Lead.objects.get(title="Skylights").status == "won"
    page.goto("/my-settings/")
    expect(page.get_by_role("checkbox", name="Ask for a follow-up")).not_to_be_checked()


def test_the_head_of_the_follow_ups_stays_while_scrolling(cast, open_page, enter):
    template = FollowUpTemplate.objects.get()
    for number in range(30):
        lead = Lead.create(title=f"Won {number}", by=cast.olga, owner=cast.olga, at=START)
        lead.win(by=cast.olga)
        start(lead, template, by=cast.olga)
    page = enter(open_page(DESKTOP, "en"), cast.olga)
    page.goto("/follow-ups/")
    frame = page.get_by_role("region", name="Follow-ups")
    frame.evaluate("frame => frame.scrollTo(0, 100)")
    assert frame.evaluate("frame => frame.scrollTop") == 100
    head = page.get_by_role("columnheader", name="Progress")
    top = frame.bounding_box()["y"]
    assert top <= head.bounding_box()["y"] < top + 10

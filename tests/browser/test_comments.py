"""Comments in a browser: people are proposed after "@", and comments are pinned."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from leadlight.sales.models import Mention
from tests.browser.conftest import DESKTOP, DESKTOP_AND_PHONE, press, wait_for_htmx
from tests.browser.test_frame import assert_fits
from tests.web.conftest import small_company

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = {
    "en": ("Pin", "Pinned comments", "Undo"),
    "fr": ("Épingler", "Commentaires épinglés", "Annuler"),
}


@pytest.fixture
def cast(transactional_db):
    return small_company()


@DESKTOP_AND_PHONE
def test_a_comment_with_a_mention_is_written_by_keys_and_pinned(
    size, language, cast, open_page, enter
):
    page = enter(open_page(size, language), cast.olga)
    pin, pinned, undo = WORDS[language]
    page.goto(f"/leads/{cast.lead.key}/")
    press(page, "c")
    text = page.locator("textarea[data-mentions]")
    expect(text).to_be_focused()
    page.keyboard.type("Ask @")
    expect(page.get_by_role("listbox").get_by_role("option")).to_have_count(3)
    press(page, "ArrowDown")
    option = page.get_by_role("listbox").get_by_role("option", name="Mona Glass")
    expect(option).to_have_attribute("aria-selected", "true")
    expect(text).to_have_attribute("aria-activedescendant", option.get_attribute("id"))
    press(page, "Enter")
    expect(text).to_have_value("Ask @Mona Glass ")
    expect(page.get_by_role("listbox").get_by_role("option")).to_have_count(0)
    page.keyboard.type("about @ol")
    page.get_by_role("listbox").get_by_role("option", name="Olga Glass").click()
    expect(text).to_have_value("Ask @Mona Glass about @Olga Glass ")
    press(page, "Control+Enter")
    expect(page.locator(".timeline .mention")).to_have_text(["@Mona Glass", "@Olga Glass"])
    assert Mention.objects.count() == 2
    wait_for_htmx(page)
    page.get_by_role("button", name=pin, exact=True).first.click()
    expect(page.get_by_role("heading", name=pinned)).to_be_visible()
    assert_fits(page)
    page.locator("#messages").get_by_role("button", name=undo).click()
    expect(page.get_by_role("heading", name=pinned)).to_have_count(0)


def test_escape_closes_the_proposals_and_an_address_opens_none(cast, open_page, enter):
    page = enter(open_page(DESKTOP), cast.olga)
    page.goto(f"/leads/{cast.lead.key}/")
    press(page, "c")
    page.keyboard.type("mail mona@glass")
    page.keyboard.type(" or @mo")
    expect(page.get_by_role("listbox").get_by_role("option")).to_have_text(["Mona Glass"])
    press(page, "Escape")
    expect(page.get_by_role("listbox").get_by_role("option")).to_have_count(0)
    expect(page.locator("textarea[data-mentions]")).to_have_value("mail mona@glass or @mo")


def test_escape_also_drops_proposals_that_are_on_their_way(cast, open_page, enter):
    page, held = enter(open_page(DESKTOP), cast.olga), []
    page.goto(f"/leads/{cast.lead.key}/")
    page.route("**/mentionable/**q=mo", lambda route: held.append(route))
    press(page, "c")
    page.keyboard.type("@m")
    expect(page.get_by_role("listbox").get_by_role("option")).to_have_text(["Mona Glass"])
    with page.expect_request("**/mentionable/**q=mo"):
        page.keyboard.type("o")
    press(page, "Escape")
    expect(page.get_by_role("listbox")).to_have_count(0)
    with page.expect_response("**/mentionable/**q=mo") as answer:
        held[0].continue_()
    answer.value.finished()
    page.evaluate("new Promise((done) => setTimeout(done))")  # after the script has the answer
    assert page.get_by_role("listbox").count() == 0
    expect(page.locator("textarea[data-mentions]")).to_have_value("@mo")


def test_the_history_is_filtered_and_linked(cast, open_page, enter):
    comment = cast.lead.comment("Gate code 12", by=cast.mona)
    page = enter(open_page(DESKTOP), cast.olga)
    page.goto(f"/leads/{cast.lead.key}/")
    kinds = page.get_by_role("navigation", name="Kinds of entries")
    kinds.get_by_role("link", name="Comments 1").click()
    expect(page.locator(".timeline > li")).to_have_count(1)
    expect(page).to_have_url(f"{page.url.partition('?')[0]}?history=comments")
    page.goto("/activity/")
    page.locator(f"a[href$='#entry-{comment.key}']").click()
    expect(page.locator(f"#entry-{comment.key}")).to_be_in_viewport()
    assert page.evaluate("document.querySelector(':target').id") == f"entry-{comment.key}"

"""Files of a lead in a browser: chosen, sent at once, removed and undone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP_AND_PHONE
from tests.browser.test_frame import assert_fits
from tests.web.conftest import small_company
from tests.web.test_files import picture

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(transactional_db, settings, tmp_path):
    settings.LEADLIGHT_DATA = tmp_path
    return small_company()


@DESKTOP_AND_PHONE
def test_files_are_sent_when_chosen_and_a_removal_is_undone(size, language, cast, open_page, enter):
    page = enter(open_page(size, language), cast.olga)
    page.goto(f"/leads/{cast.lead.key}/")
    files = page.locator(".files > ul > li")
    page.locator(".attach input[type=file]").set_input_files(
        [
            {"name": "Plan.png", "mimeType": "image/png", "buffer": picture()},
            {"name": "a" * 150 + ".txt", "mimeType": "text/plain", "buffer": b"text"},
        ]
    )
    expect(files).to_have_count(2)
    plan = files.filter(has_text="Plan.png")
    plan.scroll_into_view_if_needed()
    expect(plan.locator("img")).to_have_js_property("naturalWidth", 160)
    assert_fits(page)
    with page.expect_download() as download:
        plan.get_by_role("link").click()
    assert download.value.suggested_filename == "Plan.png"
    plan.get_by_role("button").click()
    expect(files).to_have_count(1)
    page.locator("#messages form button").click()
    expect(files).to_have_count(2)


def test_a_refused_file_is_named_beside_the_chooser(cast, page, enter, complaints):
    enter(page, cast.olga)
    page.goto(f"/leads/{cast.lead.key}/")
    page.locator(".attach input[type=file]").set_input_files(
        [{"name": "page.html", "mimeType": "text/html", "buffer": b"<h1>Hello</h1>"}]
    )
    expect(page.locator(".attach .errorlist")).to_contain_text("“page.html” cannot be attached")
    expect(page.locator(".files > ul")).to_have_count(0)
    complaints.clear()  # the browser logs the status 400

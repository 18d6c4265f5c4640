"""First hour of an admin: from an empty instance to the first report, in a browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from leadlight.accounts.models import Organization, User
from leadlight.sales.models import Lead
from tests.browser.conftest import DESKTOP_AND_PHONE
from tests.browser.test_frame import assert_fits
from tests.web.conftest import person

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = {
    "en": {
        "save": "Save",
        "propose": "Use what we propose",
        "lead": "New lead",
        "organization": "Organisation",
        "report": "Company performance",
    },
    "fr": {
        "save": "Enregistrer",
        "propose": "Utiliser notre proposition",
        "lead": "Nouvelle opportunité",
        "organization": "Organisation",
        "report": "Performance de l’entreprise",
    },
}


@DESKTOP_AND_PHONE
def test_from_an_empty_instance_to_the_first_report(size, language, open_page, enter):
    words = WORDS[language]
    ada = person("Ada", role="admin")
    page = enter(open_page(size, language), ada)
    page.goto("/")
    steps = page.locator(".first-steps")
    expect(steps.locator("[aria-current=step] h2")).to_be_visible()
    assert_fits(page)
    steps.get_by_role("link", name=words["organization"], exact=True).click()
    page.locator("[name=name]").fill("Delorme Glazing")
    page.get_by_role("button", name=words["save"], exact=True).first.click()
    page.goto("/")
    expect(steps.locator(".done")).to_have_count(1)
    page.get_by_role("button", name=words["propose"]).click()
    expect(steps.locator(".done")).to_have_count(2)
    steps.get_by_role("link", name=words["lead"], exact=True).click()
    page.locator("[name=title]").first.fill("Hotel windows")
    page.locator("main form button[type=submit]").first.click()
    expect(page.locator("h1")).to_contain_text("Hotel windows")
    page.goto("/settings/first-steps/")
    steps.get_by_role("link", name=words["report"], exact=True).click()
    expect(page.locator("h1")).to_have_text(words["report"])
    expect(page.locator(".figures tfoot").first).to_contain_text("1")
    assert Organization.current().name == "Delorme Glazing"
    assert Lead.objects.get().step.name == (
        "First contact" if language == "en" else "Premier contact"
    )
    assert User.objects.count() == 1

"""Public forms: made by an admin, sent by a visitor without scripts, and followed by a partner."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from leadlight.sales.models import CustomField, Lead
from leadlight.web.public_forms import views
from tests.browser.conftest import DESKTOP_AND_PHONE, PATIENCE_MS
from tests.browser.test_frame import assert_fits
from tests.web.conftest import small_company
from tests.web.test_public_forms import a_form

pytestmark = pytest.mark.django_db(transaction=True)

THANKS = {"en": "Thank you. We have received", "fr": "Merci. Nous avons bien reçu"}
WRONG = {"en": "Something is missing or wrong.", "fr": "Quelque chose manque ou est incorrect."}
SEND = {"en": "Send", "fr": "Envoyer"}
OUTCOME = {"en": "In progress", "fr": "En cours"}


@pytest.fixture
def cast(transactional_db):
    return small_company()


@pytest.fixture(autouse=True)
def no_wait(monkeypatch):
    monkeypatch.setattr(views, "SOONEST", timedelta(0))


@pytest.fixture
def visitor(browser, live_server, own_replica):
    """Open a page of a visitor, without cookies and without scripts."""
    contexts = []

    def visitor(size: tuple[int, int], language: str) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": size[0], "height": size[1]},
            locale={"en": "en-GB", "fr": "fr-FR"}[language],
            java_script_enabled=False,
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        return context.new_page()

    yield visitor
    for context in contexts:
        context.close()


def field(page: Page, name: str):
    return page.locator(f"main [name='{name}']")


@DESKTOP_AND_PHONE
def test_a_visitor_corrects_a_form_of_an_admin_and_the_lead_stands_in_unassigned(
    size, language, cast, open_page, enter, visitor
):
    budget = CustomField.define("lead", "Budget", "amount")
    admin = enter(open_page(size, language), cast.ada)
    admin.goto("/settings/forms/")
    field(admin, "name").fill("Website")
    field(admin, "title").fill("Ask for an offer")
    admin.get_by_label("Budget", exact=True).select_option("required")
    assert_fits(admin)
    main = admin.locator("main")
    main.get_by_role("button", name=re.compile("^(Add the form|Ajouter le formulaire)$")).click()
    expect(admin.get_by_role("heading", level=1)).to_have_text("Website")
    assert_fits(admin)
    address = admin.locator("#form-link").input_value()

    page = visitor(size, language)
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_have_text("Ask for an offer")
    field(page, "name").fill("Zoé Vitrail")
    field(page, "email").fill("zoe@client.example")
    page.get_by_label("Budget", exact=True).fill("a lot")
    send = page.get_by_role("button", name=SEND[language])
    send.click()
    expect(page.get_by_role("alert")).to_contain_text(WRONG[language])
    expect(field(page, "name")).to_have_value("Zoé Vitrail")
    wrong = page.get_by_label("Budget", exact=True)
    expect(wrong).to_have_value("a lot")
    expect(wrong).to_have_attribute("aria-invalid", "true")
    wrong.fill("1200")
    send.click()
    expect(page.get_by_role("status")).to_contain_text(THANKS[language])
    assert page.context.cookies() == []

    lead = Lead.objects.latest("pk")
    assert (lead.owner, lead.field_texts[budget.key]) == (None, "1200")
    admin.goto(reverse("basket"))
    expect(admin.get_by_role("link", name="Zoé Vitrail").first).to_be_visible()


@DESKTOP_AND_PHONE
def test_a_partner_sends_a_lead_and_sees_what_became_of_it(
    size, language, cast, open_page, enter, visitor
):
    form = a_form(cast, language="")
    admin = enter(open_page(size, language), cast.ada)
    admin.goto("/settings/partners/")
    field(admin, "name").fill("Marbrerie Duval")
    field(admin, "form").select_option(form.key)
    admin.locator("main form.card button[type=submit]").click()
    expect(admin.get_by_role("heading", level=1)).to_have_text("Marbrerie Duval")
    assert_fits(admin)
    partner_form = admin.locator("#partner-address").input_value()
    partner_page = admin.locator("#partner-page").input_value()

    page = visitor(size, language)
    page.goto(partner_form)
    field(page, "name").fill("Zoé Vitrail")
    page.get_by_role("button", name=SEND[language]).click()
    expect(page.get_by_role("status")).to_contain_text(THANKS[language])
    page.goto(partner_page)
    row = page.get_by_role("row", name="Zoé Vitrail")
    expect(row).to_contain_text(OUTCOME[language])
    assert_fits(page)

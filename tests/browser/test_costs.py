"""Return on a bought list: its cost, a call, a lead, a sale, and the report."""

from __future__ import annotations

from decimal import Decimal

import pytest
from playwright.sync_api import expect

from leadlight.sales.models import Cost, Lead, Prospect
from leadlight.sales.prospecting.lists import make_list
from tests.browser.accessibility import AXE, RULES, VIOLATIONS
from tests.browser.conftest import DESKTOP, PHONE, press, wait_for_htmx
from tests.browser.test_frame import assert_fits
from tests.web.conftest import small_company

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = {
    "en": ("Add a cost", "Add the cost", "Reached", "Make a lead", "Won"),
    "fr": ("Ajouter un coût", "Ajouter le coût", "Reached", "Créer l’opportunité", "Gagnée"),
}


@pytest.fixture
def cast(transactional_db):
    return small_company()


@pytest.mark.parametrize(
    ("size", "language"), [(DESKTOP, "en"), (PHONE, "fr")], ids=["desktop", "phone"]
)
def test_a_bought_list_brings_a_return(size, language, cast, open_page, enter):
    add, save, reached, convert, won = WORDS[language]
    listed = make_list(cast.ada, "Bought", ["Company", "Phone"], [["Élan", "06 12 34 56 78"]])
    page = enter(open_page(size, language), cast.ada)

    page.goto(f"/sheet-settings/{listed.key}/")
    assert_fits(page)
    page.get_by_role("link", name=add).click()
    assert page.locator("#cost-prospecting_list").input_value() == listed.key
    assert_fits(page)
    page.evaluate(AXE.read_text())
    assert page.evaluate(VIOLATIONS, [RULES, []]) == []
    page.locator("#cost-name").fill("Addresses")
    page.locator("#cost-amount").fill("250")
    page.get_by_role("button", name=save).focus()
    press(page, "Enter")
    expect(page.get_by_role("row").filter(has_text="Addresses")).to_contain_text("250")
    assert_fits(page)
    assert Cost.objects.get().subject == listed

    row = Prospect.objects.get(prospecting_list=listed)
    page.goto(f"/prospects/{row.key}/")
    page.get_by_role("button", name=reached).first.click()
    wait_for_htmx(page)
    page.goto(f"/prospects/{row.key}/")
    page.get_by_role("button", name=convert).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Élan")
    lead = Lead.objects.get(prospect=row)
    lead.set_amount(Decimal(1000), by=cast.ada)
    page.goto(f"/leads/{lead.key}/")
    page.get_by_role("button", name=won).first.click()
    wait_for_htmx(page)
    expect(page.get_by_role("button", name=won)).to_have_count(0)

    page.goto("/reports/prospecting/?period=all_time")
    of_list = page.get_by_role("row").filter(has_text="Bought")
    expect(of_list).to_contain_text({"en": "4.00×", "fr": "4,00×"}[language])
    assert_fits(page)
    page.goto("/reports/prospecting/leads/?period=all_time&column=cost")
    expect(page.get_by_role("row").filter(has_text="Addresses")).to_contain_text("250")
    assert_fits(page)

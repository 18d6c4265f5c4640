"""Settings page of costs, and the costs on the settings page of a list."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from leadlight.accounts.keys import new_key
from leadlight.sales.models import Action, Cost, ProspectingList, Tag
from tests.web.pages import Page

pytestmark = pytest.mark.database

COSTS = "/settings/costs/"
FORM = {"name": "Stand", "amount": "310", "first_on": "2026-01-01", "last_on": "2026-01-31"}


@pytest.fixture
def salon(cast) -> Tag:
    return Tag.define("Salon")


def said(response) -> str:
    return Page.read(response.content.decode()).text


def test_an_admin_adds_changes_and_deletes_a_cost_and_undoes_it(cast, salon, visit):
    browser = visit(cast.ada)
    browser.post(COSTS, {**FORM, "tag": salon.key})
    cost = Cost.objects.get()
    assert (cost.subject, cost.amount, cost.created_by) == (salon, Decimal("310.00"), cast.ada)
    assert "Stand" in said(browser.get(COSTS))
    browser.post(f"{COSTS}{cost.key}/edit/", {**FORM, "amount": "12.5", "source": "Web"})
    cost.refresh_from_db()
    assert (cost.subject, cost.amount) == ("Web", Decimal("12.50"))
    key = new_key()
    response = browser.post(f"{COSTS}{cost.key}/delete/", {"action": key}, follow=True)
    assert "“Stand” deleted." in said(response)
    assert not Cost.objects.exists()
    browser.post(f"/undo/{key}/", {"next": COSTS})
    assert Cost.objects.get().key == cost.key


def test_a_cost_that_is_deleted_twice_leads_to_the_list(cast, salon, visit):
    browser, key = visit(cast.ada), new_key()
    browser.post(COSTS, {**FORM, "tag": salon.key})
    address = f"{COSTS}{Cost.objects.get().key}/delete/"
    for _time in range(2):
        assert browser.post(address, {"action": key}).url == COSTS
    assert not Cost.objects.exists()


def test_a_form_sent_twice_adds_one_cost(cast, salon, visit):
    browser, key = visit(cast.ada), new_key()
    for _time in range(2):
        browser.post(COSTS, {**FORM, "tag": salon.key, "action": key})
    assert Cost.objects.count() == Action.objects.filter(key=key).count() == 1


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"tag": ""}, "A cost is for one prospecting list, one source or one tag."),
        ({"source": "Web"}, "A cost is for one prospecting list, one source or one tag."),
        ({"tag": "none"}, "Choose one of the options."),
        ({"amount": "-1"}, "A cost cannot be negative."),
        ({"amount": "much"}, "This is not a number."),
        ({"amount": "1.234"}, "two decimals"),
        ({"name": ""}, "Enter a name."),
        ({"name": "x" * 10_000}, "at most 200 characters"),
        ({"name": "a\0"}, "Null characters are not allowed."),
        ({"first_on": ""}, "Enter the first day of the cost."),
        ({"first_on": "31/01/2026"}, "This is not a date."),
        ({"last_on": "2025-12-31"}, "The last day is before the first day."),
    ],
)
def test_bad_input_is_refused_with_a_sentence(changed, sentence, cast, salon, visit):
    response = visit(cast.ada).post(COSTS, {**FORM, "tag": salon.key, **changed})
    assert response.status_code == 400
    assert sentence in said(response)
    assert not Cost.objects.exists()


def test_only_admins_see_and_set_costs(cast, salon, visit):
    for reader in (cast.olga, cast.mona, cast.uma):
        browser = visit(reader)
        assert browser.get(COSTS).status_code == 403
        assert browser.post(COSTS, {**FORM, "tag": salon.key}).status_code == 403
    assert not Cost.objects.exists()


def test_the_page_of_a_list_shows_its_costs_and_leads_to_the_form(cast, visit):
    fair = ProspectingList.objects.get()
    day = date(2026, 1, 5)
    Cost.objects.create(
        name="Addresses", amount=99, first_on=day, last_on=day, prospecting_list=fair
    )
    page = f"/sheet-settings/{fair.key}/"
    own = visit(cast.olga).get(page)
    assert "Addresses" in said(own)
    assert COSTS not in own.content.decode()
    browser = visit(cast.ada)
    address = f"{COSTS}?list={fair.key}"
    assert address in browser.get(page).content.decode()
    form = browser.get(address).context["form"]
    assert form["prospecting_list"].value() == fair.key
    assert f'value="{fair.key}" selected' in browser.get(address).content.decode()


def test_the_page_takes_the_same_queries_for_any_number_of_costs(
    cast, salon, visit, django_assert_num_queries
):
    browser, day = visit(cast.ada), date(2026, 1, 5)

    def queries() -> int:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as caught:
            assert browser.get(COSTS).status_code == 200
        return len(caught)

    Cost.objects.create(name="x", amount=1, first_on=day, last_on=day, tag=salon)
    one = queries()
    for number in range(30):
        Cost.objects.create(name=f"{number}", amount=1, first_on=day, last_on=day, tag=salon)
    assert queries() == one

"""The settings page of loss reasons, and the ways from other pages to the report of losses."""

from __future__ import annotations

from html import unescape

import pytest

from leadlight.sales.models import Category, Tag
from tests.web.pages import Page
from tests.web.worked import MONTHS, report_page

pytestmark = pytest.mark.database

PATH = "/settings/loss-reasons/"


@pytest.fixture
def why():
    category = Category.objects.create(key="why", name="Why it was lost")
    Tag.objects.create(key="price", name="Price", category=category)
    return category


def post(browser, status=302, **given):
    response = browser.post(PATH, {name.replace("_", "-"): value for name, value in given.items()})
    assert response.status_code == status
    return unescape(response.content.decode())


def reason_for(category):
    category.refresh_from_db()
    return category.reason_for


@pytest.mark.parametrize("who", ["olga", "mona", "uma"])
def test_only_admins_come_in(who, cast, visit, why):
    browser = visit(getattr(cast, who))
    assert browser.get(PATH).status_code == 403
    assert PATH not in browser.get("/leads/").content.decode()
    post(browser, status=403, **{f"category_{why.pk}": "lost"})
    assert reason_for(why) == ""


def test_an_admin_chooses_the_category_of_the_reasons(cast, visit, why):
    browser = visit(cast.ada)
    assert PATH in Page.read(browser.get("/settings/").content.decode()).links
    assert "Price" in Page.read(browser.get(PATH).content.decode()).text
    for chosen in ("lost", "cancelled", "both", ""):
        post(browser, **{f"category_{why.pk}": chosen})
        assert reason_for(why) == chosen


def test_an_unknown_choice_is_refused_and_changes_nothing(cast, visit, why):
    page = post(visit(cast.ada), status=400, **{f"category_{why.pk}": "won"})
    assert "Choose one of the options." in page
    assert reason_for(why) == ""


def test_a_category_that_the_form_did_not_have_keeps_its_reasons(cast, visit, why):
    later = Category.objects.create(name="After the period", reason_for="lost")
    post(visit(cast.ada), **{f"category_{why.pk}": "both"})
    assert (reason_for(why), reason_for(later)) == ("both", "lost")


def test_without_categories_the_page_says_where_they_come_from(cast, visit):
    Tag.objects.update(category=None)
    Category.objects.all().delete()
    assert "Import your data to add them" in visit(cast.ada).get(PATH).content.decode()


def test_a_category_of_reasons_leads_to_the_losses(readers, visit):
    browser = visit(readers.ada)
    Category.objects.filter(key="region").update(reason_for="both")
    for key in ("company", "categories"):
        asked = f"{MONTHS}&group_by=category:region&credit=owner&leave_cancelled_out=yes"
        page = Page.read(report_page(browser, key, asked))
        assert "A win rate by reason is meaningless" in page.text
        [address] = {link for link in page.links if is_losses(link, "include_cancelled=yes")}
        assert "credit=owner" in address
        assert "leave_cancelled_out" not in address
        assert browser.get(unescape(address)).status_code == 200


def is_losses(link, switch):
    return link.startswith("/reports/losses/?") and switch in link


def test_another_category_does_not(readers, visit):
    page = report_page(visit(readers.ada), "company", f"{MONTHS}&group_by=category:region")
    assert "A win rate by reason" not in page


def test_the_report_by_category_starts_with_a_category_that_holds_no_reasons(readers, visit):
    Category.objects.create(key="a", name="A reason", reason_for="lost")
    page = Page.read(report_page(visit(readers.ada), "categories"))
    assert "A win rate by reason" not in page.text


def test_a_reason_opens_its_losses_over_time(readers, visit):
    Category.objects.filter(key="region").update(reason_for="lost")
    Tag.objects.create(key="price", name="Price", category=Category.objects.get(key="region"))
    page = Page.read(report_page(visit(readers.ada), "losses"))
    [address] = [link for link in page.links if "tag=price" in link]
    assert address.startswith("/reports/losses/?")
    assert "group_by=bucket" in address
    by_user = Page.read(report_page(visit(readers.ada), "losses", f"{MONTHS}&group_by=user"))
    assert any(is_losses(link, "user=bo") for link in by_user.links)

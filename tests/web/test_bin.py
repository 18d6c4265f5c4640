"""The bin of deleted leads."""

from __future__ import annotations

import pytest

from leadlight.accounts.models import Organization
from leadlight.sales.models import Lead
from tests.web.pages import Page

pytestmark = pytest.mark.database


@pytest.fixture
def deleted(cast):
    cast.lead.bin(by=cast.olga)
    return cast.lead


@pytest.mark.parametrize(
    ("who", "finds_it"),
    [("olga", True), ("mona", True), ("ada", True), ("tom", False), ("uma", False)],
)
@pytest.mark.parametrize("privacy", Organization.Privacy.values)
def test_the_bin_has_the_leads_that_one_could_edit(who, finds_it, privacy, cast, deleted, visit):
    Organization.objects.update(privacy=privacy)
    browser = visit(getattr(cast, who))
    text = Page.read(browser.get("/bin/").content.decode()).text
    assert ("Hotel windows" in text) == finds_it
    assert ("The bin is empty." in text) != finds_it
    response = browser.post(f"/bin/{deleted.key}/restore/")
    assert response.status_code == (302 if finds_it else 404)
    assert Lead.objects.get().is_deleted != finds_it


def test_a_restored_lead_has_its_page_and_can_be_deleted_again(cast, deleted, visit):
    browser = visit(cast.olga)
    response = browser.post(f"/bin/{deleted.key}/restore/", follow=True)
    assert "“Hotel windows” restored." in Page.read(response.content.decode()).text
    browser.post(f"/change-lead/bin/{deleted.key}/")
    assert "Hotel windows" in browser.get("/bin/").content.decode()


def test_a_lead_that_is_not_in_the_bin_cannot_be_restored(cast, visit):
    assert visit(cast.olga).post(f"/bin/{cast.lead.key}/restore/").status_code == 404


def test_the_number_of_queries_does_not_depend_on_the_number_of_leads(
    cast, deleted, visit, django_assert_max_num_queries
):
    for number in range(30):
        Lead.create(title=f"Lead {number}", by=cast.olga, owner=cast.olga).bin(by=cast.olga)
    browser = visit(cast.olga)
    with django_assert_max_num_queries(12):
        assert browser.get("/bin/").content.decode().count("/restore/") == 31

"""List of probable duplicates for admins."""

from __future__ import annotations

import pytest

from leadlight.sales.models import Lead
from tests.web.pages import Page

pytestmark = pytest.mark.database

ADDRESS = "/settings/duplicates/"


@pytest.mark.parametrize(("who", "status"), [("ada", 200), ("mona", 403), ("olga", 403)])
def test_only_admins_see_the_duplicates_of_the_company(who, status, cast, visit):
    assert visit(getattr(cast, who)).get(ADDRESS).status_code == status


def test_groups_are_listed_with_their_reasons_and_actions(cast, visit, django_assert_num_queries):
    twins = [
        Lead.create(title=title, by=cast.uma, owner=cast.uma, description="jo@lake.example")
        for title in ("First", "Second")
    ]
    browser = visit(cast.ada)
    html = browser.get(ADDRESS).content.decode()
    text = " ".join(Page.read(html).text.split())
    assert "Same email address: jo@lake.example" in text
    assert "All leads were compared." in text
    assert f'/merge/{twins[0].key}/?with={twins[1].key}"' in html
    with django_assert_num_queries(14):
        browser.get(ADDRESS)
    sent = {"other": twins[1].key, "next": ADDRESS}
    assert browser.post(f"/not-duplicate/{twins[0].key}/", sent).url == ADDRESS
    assert "No duplicates were found." in browser.get(ADDRESS).content.decode()


@pytest.mark.parametrize("before", ["x", "-1", "٣", "9" * 30])
def test_a_page_that_does_not_exist_is_not_found(before, cast, visit):
    assert visit(cast.ada).get(ADDRESS, {"before": before}).status_code == 404
    assert visit(cast.ada).get(ADDRESS, {"before": "1"}).status_code == 200

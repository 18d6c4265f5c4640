"""Imports in the main menu: for those who may import something, and for nobody else."""

from __future__ import annotations

import pytest

from leadlight.accounts.models import Organization
from leadlight.sales.prospecting.lists import make_list
from tests.web.worked import html

ENTRY = '<a href="/import/"'
HAND_OVER = '<a href="/hand-over/"'


def menu(browser) -> str:
    page = html(browser, "/goals/")
    return page[page.index('id="navigation"') : page.index("</nav>", page.index('id="navigation"'))]


@pytest.mark.parametrize("privacy", ["own", "shared"])
def test_a_seller_has_imports_while_they_may_change_a_list(privacy, readers, visit):
    Organization.objects.update(privacy=privacy)
    browser = visit(readers.bo)
    assert ENTRY not in menu(browser)
    make_list(readers.ana, "Of Ana", ["Name"], [["Glass"]])
    assert ENTRY not in menu(browser)
    own = make_list(readers.bo, "Of Bo", ["Name"], [["Panes"]])
    assert ENTRY in menu(browser)
    assert HAND_OVER not in menu(browser)
    own.is_archived = True
    own.save()
    assert ENTRY not in menu(browser)


def test_a_seller_is_offered_only_prospects_of_their_lists(readers, visit):
    make_list(readers.ana, "Of Ana", ["Name"], [["Glass"]])
    make_list(readers.bo, "Of Bo", ["Name"], [["Panes"]])
    page = html(visit(readers.bo), "/import/new/")
    assert "Of Bo" in page
    assert "Of Ana" not in page
    assert 'value="prospects"' in page
    assert 'value="leads"' not in page
    assert "Prospects from a CSV file or a workbook." in html(visit(readers.bo), "/import/")


def test_admins_and_managers_have_imports_without_a_list(readers, visit):
    for reader in (readers.ada, readers.mona):
        assert ENTRY in menu(visit(reader))
        assert HAND_OVER in menu(visit(reader))


def test_the_menu_needs_the_same_queries_with_and_without_lists(
    readers, visit, django_assert_num_queries
):
    browser = visit(readers.bo)
    html(browser, "/goals/")
    with django_assert_num_queries(7):
        html(browser, "/goals/")
    make_list(readers.bo, "Of Bo", ["Name"], [["Panes"]])
    html(browser, "/goals/")
    with django_assert_num_queries(7):
        html(browser, "/goals/")

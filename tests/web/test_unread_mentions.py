"""Number of unread mentions beside *Today*, and what marks them as read."""

from __future__ import annotations

import re

import pytest

from leadlight.accounts.models import Organization
from leadlight.sales.models import Lead
from leadlight.sales.models.comments import Mention, derive_mentions

pytestmark = pytest.mark.database


def shown(browser, path="/clients/"):
    """Return the text of the number beside *Today* on a page, None without one."""
    found = re.search(r'class="unread"[^>]*>([^<]*)<', browser.get(path).content.decode())
    return found and found[1]


@pytest.fixture
def mentioned(cast):
    """Mention Olga on her lead twice, and on another lead of hers once."""
    other = Lead.create(title="Doors", by=cast.olga, owner=cast.olga)
    cast.lead.comment("@Olga Owner please call", by=cast.mona)
    cast.lead.comment(f"@{cast.olga.key} again", by=cast.ada)
    other.comment(f"@{cast.olga.key} and here", by=cast.ada)
    assert Mention.objects.filter(user=cast.olga).count() >= 2
    return other


def unread(cast):
    return Mention.objects.filter(user=cast.olga, is_read=False).count()


def test_the_number_falls_as_the_pages_of_the_leads_are_opened(cast, visit, mentioned):
    browser, before = visit(cast.olga), unread(cast)
    assert shown(browser) == str(before)
    assert shown(browser, f"/leads/{mentioned.key}/") == str(before - 1)
    assert shown(browser, f"/leads/{cast.lead.key}/") is None
    assert shown(browser) is None


def test_the_list_of_mentions_marks_all_of_them_as_read(cast, visit, mentioned):
    browser = visit(cast.olga)
    assert shown(browser, "/activity/") is not None
    assert shown(browser, "/activity/?mentioned=me") is None
    assert unread(cast) == 0


def test_the_pages_of_others_leave_my_mentions_unread(cast, visit, mentioned):
    before = unread(cast)
    browser = visit(cast.ada)
    assert shown(browser, f"/leads/{cast.lead.key}/") is None
    assert unread(cast) == before


def test_mentions_on_leads_that_one_no_longer_sees_are_not_counted(cast, visit, mentioned):
    browser = visit(cast.olga)
    Lead.objects.filter(owner=cast.olga).update(owner=cast.uma, team=cast.uma.teams.get())
    assert shown(browser) is None
    Organization.objects.update(privacy="shared")
    assert shown(browser) == str(unread(cast))
    for lead in Lead.objects.filter(owner=cast.uma):
        lead.bin(by=cast.ada)
    assert shown(browser) is None


def test_mentions_of_oneself_and_removed_ones_are_not_unread(cast, visit):
    cast.lead.comment(f"@{cast.olga.key} myself", by=cast.olga)
    comment = cast.lead.comment(f"@{cast.olga.key} call", by=cast.mona)
    browser = visit(cast.olga)
    assert shown(browser) == "1"
    cast.lead.edit_comment(comment, f"@{cast.olga.key} call today", by=cast.mona)
    assert shown(browser) == "1"
    cast.lead.remove_comment(comment, by=cast.mona)
    assert shown(browser) is None


def test_an_import_makes_no_unread_mentions_and_keeps_those_there_are(cast):
    old = cast.lead.comment(f"@{cast.olga.key} old", by=cast.mona)
    Mention.objects.all().delete()
    derive_mentions([old.key])
    assert unread(cast) == 0
    new = cast.lead.comment(f"@{cast.olga.key} new", by=cast.mona)
    derive_mentions([old.key, new.key])
    assert unread(cast) == 1


def test_more_than_99_are_not_counted(cast, visit):
    for number in range(101):
        cast.lead.comment(f"@{cast.olga.key} {number}", by=cast.mona)
    browser = visit(cast.olga)
    assert shown(browser) == "99+"
    browser.get("/activity/?mentioned=me")
    assert unread(cast) == 0

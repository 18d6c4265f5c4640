"""No link of a page leads to a refusal, for any reader."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest

from leadlight.accounts.models import Organization
from tests.web.pages import Page
from tests.web.worked import MONTHS, html

NARROWING = ("user", "team", "prospecting_list")
PAGES = [
    f"/reports/company/?{MONTHS}&group_by=user",
    f"/reports/company/?{MONTHS}&group_by=team",
    f"/reports/prospecting/?{MONTHS}&group_by=prospecting_list",
    f"/reports/team/credit/?{MONTHS}&credit=owner",
]


@pytest.mark.parametrize(("privacy", "name"), [("own", "bo"), ("shared", "mona")])
def test_every_link_of_a_report_to_a_person_team_or_list_works(privacy, name, readers, visit):
    Organization.objects.update(privacy=privacy)
    browser = visit(getattr(readers, name))
    refused, followed = [], set()
    for address in PAGES:
        for link in sorted(Page.read(html(browser, address)).links):
            chosen = chosen_in(link)
            if not chosen or chosen in followed:
                continue
            followed.add(chosen)
            if browser.get(link).status_code not in (200, 302):
                refused.append((address, link))
    assert refused == []
    assert followed


def chosen_in(link):
    """Return the filter that a link sets, or nothing if it leads elsewhere."""
    parts = urlsplit(link)
    if not parts.path.startswith("/reports/") or "export" in parts.path:
        return frozenset()
    return frozenset(pair for pair in parse_qsl(parts.query) if pair[0] in NARROWING)

"""All pages that belong to a report work on both databases."""

from __future__ import annotations

import pytest

from leadlight.analytics.reports import CATALOGUE
from tests.seeds import in_rotation
from tests.web.worked import MONTHS, THEN

pytestmark = pytest.mark.database

ADDRESSES = [
    "",
    "export/csv?",
    "export/pdf?",
    "choices/user/?",
    "choices/source/?",
    "changes/?since=2026-03-01T12%3A00%3A00%2B01%3A00&",
    "changes/export/csv?since=2026-03-01T12%3A00%3A00%2B01%3A00&",
    "explain/?column=won_leads&",
    "credit/?column=won_leads&",
    "credit/export/csv?column=won_leads&",
    "quality/?",
    "leads/?column=won_leads&",
    "leads/export/xlsx?column=won_leads&",
]


@pytest.mark.search
def test_every_address_works_for_readers_with_full_and_partial_access(readers, visit):
    for address, name in in_rotation(ADDRESSES, ["ada", "mona"]):
        path = f"/reports/company/{address or '?'}{MONTHS}&{THEN}"
        response = visit(getattr(readers, name)).get(path, follow=True)
        assert (address, response.status_code) == (address, 200)
        assert b"".join(response)


def test_the_overview_and_every_report_can_be_opened(readers, visit):
    browser = visit(readers.ada)
    for path in ("/reports/", *(f"/reports/{key}/" for key in CATALOGUE)):
        assert (path, browser.get(path, follow=True).status_code) == (path, 200)

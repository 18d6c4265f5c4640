"""A report says that nothing happened only where it shows nothing."""

from __future__ import annotations

from leadlight.sales.models import Lead
from tests.web.worked import html

NOTHING = "Nothing happened in these days."


def test_of_days_without_anything(readers, visit):
    assert NOTHING in html(visit(readers.ada), "/reports/company/?from=1999-01-01&to=1999-01-31")


def test_leads_without_an_expected_day_are_something_to_forecast(readers, visit):
    """They stand in a row of their own, below the days to come and outside the totals."""
    Lead.create(title="Some day", by=readers.ada)
    assert NOTHING not in html(
        visit(readers.ada), "/reports/forecast/?from=2031-01-01&to=2031-01-31"
    )

"""The message for an empty report appears only if the report shows nothing."""

from __future__ import annotations

from leadlight.sales.models import Lead
from tests.web.worked import html

NOTHING = "No data for this period."


def test_an_empty_period_shows_the_message(readers, visit):
    assert NOTHING in html(visit(readers.ada), "/reports/company/?from=1999-01-01&to=1999-01-31")


def test_a_forecast_with_only_undated_leads_is_not_empty(readers, visit):
    """They have a row of their own below the future months, outside the totals."""
    Lead.create(title="Some day", by=readers.ada)
    assert NOTHING not in html(
        visit(readers.ada), "/reports/forecast/?from=2031-01-01&to=2031-01-31"
    )

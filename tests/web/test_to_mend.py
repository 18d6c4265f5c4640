"""Leads that need a close date stand beside the forecast, and not in its total."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest

from leadlight.presentation.incomplete_leads import incomplete_leads
from tests.analytics.asking import ReportClient
from tests.analytics.forecasts import MARCH_TO_MAY, to_come
from tests.analytics.star import empty_star
from tests.web.worked import report_page

pytestmark = pytest.mark.answers


@pytest.fixture(scope="module")
def company():
    engine = empty_star()
    yield ReportClient(engine, to_come())
    engine.close()


def test_overdue_and_undated_leads_are_named_with_number_amount_and_list(company):
    overdue, undated = incomplete_leads(company.report("forecast", **MARCH_TO_MAY))
    assert (overdue.number, overdue.amount) == ("1 lead", "€70")
    assert undated.title == "No close date"
    for one, keys in ((overdue, ["F6"]), (undated, ["F8"])):
        asked = dict(parse_qsl(urlsplit(one.address).query))
        assert company.leads("forecast", asked["column"], asked["row"], **MARCH_TO_MAY) == keys
    assert (undated.number, undated.amount) == ("1 lead", "€90")


def test_a_report_without_such_leads_names_none(company):
    assert list(incomplete_leads(company.report("forecast", **MARCH_TO_MAY, user="nobody"))) == []
    assert (
        list(incomplete_leads(company.report("company", start="2026-01-01", to="2026-03-15"))) == []
    )


def test_the_page_of_the_forecast_has_them_above_the_table(readers, visit):
    page = report_page(visit(readers.ada), "forecast", "")
    assert page.index('id="to-mend"') < page.index("<table")

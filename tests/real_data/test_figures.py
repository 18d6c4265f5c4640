"""The reports return the published figures of two real companies."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Count, Q, Sum
from django.test import Client as Browser
from pytest_django import DjangoDbBlocker

from leadlight import importing
from leadlight.accounts.models import User
from leadlight.accounts.readers import SYSTEM
from leadlight.analytics.metrics.columns import Rate
from leadlight.analytics.reports import CATALOGUE
from leadlight.analytics.stats.survival import CLOSED, OPEN, curves
from leadlight.replication import checks, replica
from leadlight.reporting.reader import report_reader
from leadlight.sales.models import Activity, Lead, LeadEvent
from tests.analytics.by_lifelines import assert_agrees
from tests.web.worked import figure, report_page

FOLDER = Path(os.environ["LEADLIGHT_REAL_DATA"]) / "bpi2012"
COMPANY = CATALOGUE["company"]
QUERY = {"from": ["2011-10-01"], "to": ["2012-03-31"], "bucket": ["month"]}


@pytest.fixture(scope="module")
def bpi2012(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The bank's loan applications, imported once for all tests of this module."""
    with django_db_blocker.unblock():
        with transaction.atomic():
            assert importing.import_folder(FOLDER).warning_count == 0
            yield
            transaction.set_rollback(True)
        replica.forget()


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bpi2012")]

# Month of creation → leads created, number of them won, and the amount of those.
COHORTS = {
    "2011-10": (2393, 500, Decimal(7434778)),
    "2011-11": (2940, 460, Decimal(7002256)),
    "2011-12": (2122, 376, Decimal(5861563)),
    "2012-01": (2747, 487, Decimal(7683551)),
    "2012-02": (2885, 423, Decimal(7308190)),
}


def test_the_imported_bank_has_the_published_counts() -> None:
    counts = (Lead.objects.count(), LeadEvent.objects.count(), Activity.objects.count())
    assert counts == (13_087, 137_727, 79_443)
    totals = Lead.objects.aggregate(
        won=Count("pk", filter=Q(status="won")),
        lost=Count("pk", filter=Q(status="lost")),
        cancelled=Count("pk", filter=Q(status="cancelled")),
        won_amount=Sum("amount", filter=Q(status="won")),
        amount=Sum("amount"),
    )
    assert totals == {
        "won": 2_246,
        "lost": 7_635,
        "cancelled": 2_807,
        "won_amount": Decimal(35_290_338),
        "amount": Decimal(177_634_511),
    }
    assert Lead.objects.filter(has_history=False).count() == 0


def test_importing_the_bank_again_changes_nothing() -> None:
    assert not importing.import_folder(FOLDER).has_changes


def test_leads_created_by_month_are_the_published_ones() -> None:
    rows = report_reader(SYSTEM).run(COMPANY, QUERY).rows
    created = {row.key: row.cells["created_leads"] for row in rows}
    assert created == {month: leads for month, (leads, _, _) in COHORTS.items()} | {"2012-03": 0}


@pytest.mark.parametrize("month", COHORTS)
def test_the_list_of_a_month_has_the_published_outcomes(month: str) -> None:
    listed = report_reader(SYSTEM).drilldown(
        COMPANY, QUERY, column_key="created_leads", row_key=month
    )
    won = [lead for lead in listed.rows if lead["status"] == "won"]
    assert (listed.count, len(won), sum(lead["amount"] for lead in won)) == COHORTS[month]


def test_the_outcomes_and_their_amounts_are_the_published_ones() -> None:
    totals = report_reader(SYSTEM).run(COMPANY, QUERY).totals
    assert totals["created_leads"] == 13_087
    assert (totals["won_leads"], totals["won_amount"]) == (2_246, 35_290_338)
    assert (totals["lost_leads"], totals["lost_amount"]) == (7_635, 93_078_508)
    assert (totals["open_leads"], totals["open_amount"]) == (399, 6_703_743)
    cancelled = report_reader(SYSTEM).drilldown(COMPANY, QUERY, column_key="cancelled_leads")
    assert (cancelled.count, cancelled.amount) == (2_807, 42_561_922)


def test_months_in_utc_differ_from_the_published_ones() -> None:
    by_utc = "SELECT strftime(created_at, '%Y-%m'), count(*) FROM leads GROUP BY 1"
    in_utc = dict(replica.current().engine.run(by_utc))
    assert in_utc != {month: leads for month, (leads, _, _) in COHORTS.items()}


def test_figures_of_the_sellers_add_up_to_the_company() -> None:
    result = report_reader(SYSTEM).run(CATALOGUE["team"], QUERY)
    assert sum(row.cells["won_amount"] for row in result.rows) == 35_290_338


def test_calls_per_won_application_are_the_published_ones() -> None:
    totals = report_reader(SYSTEM).run(CATALOGUE["activities"], QUERY).totals
    calls = totals["effort_per_win:W_Nabellen offertes"]
    assert (calls.numerator, calls.denominator) == (22_976, 2_246)
    assert f"{calls.value:.2f}" == "10.23"


def test_the_check_finds_no_difference() -> None:
    assert list(checks.check()) == []


def test_the_curves_of_october_are_those_of_lifelines() -> None:
    """500 of 2,393 won, as published; shares, variances and bands at every age to 1e-9."""
    october = {"from": ["2011-10-01"], "to": ["2011-10-31"], "view": ["curves"]}
    view = CATALOGUE["leads"].selected_view(october)
    result = report_reader(SYSTEM).run(view, october)
    totals: Any = result.totals
    assert totals["won_rate"] == Rate(500, 2393)
    leads = report_reader(SYSTEM).drilldown(view, october, column_key="created_leads").rows
    counted = Counter((age_of(lead, result.filters.today), outcome_of(lead)) for lead in leads)
    assert sum(counted.values()) == 2393
    assert totals["curves"] == curves(counted)
    assert_agrees(counted)


def test_the_page_of_october_states_how_many_were_won() -> None:
    browser = Browser()
    browser.force_login(User.objects.create_user("ada@example.com", key="ada", role="admin"))
    page = report_page(browser, "leads", "view=curves&from=2011-10-01&to=2011-10-31")
    assert "500 of 2,393" in page
    assert figure(page, "won_rate", "2011-10") == "20.9%"


def age_of(lead: dict[str, Any], today: date) -> int:
    return max(0, ((lead["closed_on"] or today) - lead["created_on"]).days)


def outcome_of(lead: dict[str, Any]) -> str:
    return lead["status"] if lead["status"] in CLOSED else OPEN

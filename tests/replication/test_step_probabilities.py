"""History of step probabilities in the replica: a past forecast uses the probabilities of then."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from leadlight.accounts.readers import SYSTEM
from leadlight.analytics.reports import CATALOGUE
from leadlight.replication import checks, replica
from leadlight.replication.replica import Replica
from leadlight.reporting.reader import report_reader
from leadlight.sales.models import Lead, PastProbability
from tests.sales.conftest import Company, at

pytestmark = pytest.mark.django_db(transaction=True)


def weighted(as_of: str = "") -> Decimal:
    """The amount expected in 2027, weighted by step probability."""
    params = {"from": ["2027-01-01"], "to": ["2027-12-31"], "as_of": [as_of] if as_of else []}
    totals = report_reader(SYSTEM).run(CATALOGUE["forecast"], params).totals
    assert totals["weighted_amount"] == totals["set_amount"] == totals["measured_amount"]
    found: Decimal = totals["set_amount"]
    return found


@pytest.fixture
def lead(company: Company) -> Lead:
    lead = Lead.create(
        title="Windows",
        by=company.ana,
        amount=1000,
        estimated_closing_on=date(2027, 3, 1),
        at=at(1, 5),
    )
    lead.events.update(recorded_at=at(1, 5))
    return lead


def test_a_past_forecast_uses_the_probability_of_that_instant(company: Company, lead: Lead) -> None:
    step = company.contact
    step.set_probability(10, by=company.ana, at=at(1, 1))
    assert weighted() == 100
    step.set_probability(30, by=company.ana, at=at(2, 1))
    step.set_probability(None, by=company.ana, at=at(3, 1))
    step.set_probability(50, by=company.ana, at=at(4, 1))
    assert weighted() == 500
    assert weighted("2026-01-31") == 100
    # At the exact instant of a change the new probability applies.
    assert weighted("2026-02-01T08:59:59.999999+00:00") == 100
    assert weighted("2026-02-01T09:00:00+00:00") == 300
    assert weighted("2026-03-31") == 0
    assert weighted("2026-04-02") == 500
    replica.forget()


def test_the_last_of_several_changes_at_one_instant_applies(company: Company, lead: Lead) -> None:
    for probability in (10, 20, 30):
        company.contact.set_probability(probability, by=company.ana, at=at(2, 1))
    assert weighted("2026-01-31") == 0
    assert weighted("2026-02-02") == 300
    replica.forget()


def test_a_replica_catches_up_with_replaced_probabilities(
    company: Company, replica: Replica
) -> None:
    replica.catch_up()
    company.contact.set_probability(10, by=company.ana, at=at(1, 1))
    replica.catch_up()
    rows = "SELECT step_id, past_probability, CAST(replaced_at AS VARCHAR) FROM past_probabilities"
    assert replica.engine.run(rows) == [(company.contact.pk, None, "2026-01-01 09:00:00")]
    assert list(checks.check(replica)) == []
    PastProbability.objects.all().delete()
    replica.catch_up()
    assert replica.engine.run(rows) == []


def test_the_check_reports_differing_probabilities(company: Company, replica: Replica) -> None:
    company.contact.set_probability(10, by=company.ana, at=at(1, 1))
    company.contact.set_probability(20, by=company.ana, at=at(2, 1))
    replica.catch_up()
    replica.engine.writer().run(
        "UPDATE past_probabilities SET past_probability = 99 WHERE past_probability = 10"
    )
    [sentence] = [str(difference) for difference in checks.check(replica)]
    assert "past_probability is 99 in the replica and 10 in the database" in sentence

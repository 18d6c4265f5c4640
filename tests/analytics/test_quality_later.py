"""Leads with a creation date in the future: in the quality view, and in no period."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from leadlight.analytics.engine.duckdb import Engine
from tests.analytics.asking import ReportClient
from tests.analytics.worked import worked_company
from tests.analytics.world import Fact, Lead

# Recorded before 15 March 2026, the today of the worked company.
SAID = datetime(2026, 3, 10, 9, tzinfo=UTC)


def of_the_future(key: str, day: int, status: str = "todo") -> Lead:
    created = datetime(2026, 3, day, 9, tzinfo=UTC)
    facts = (
        Fact("created", None, created, SAID),
        Fact("pipeline", 31, created, SAID),
        Fact("step", 41, created, SAID),
        Fact("amount", Decimal(500), created, SAID),
        Fact("owner", 11, created, SAID),
        Fact("status", status, created, SAID),
    )
    return Lead(100 + day, key, facts, creator_id=11)


@pytest.fixture
def company(engine: Engine) -> ReportClient:
    world = worked_company()
    later = (of_the_future("F15", 15), of_the_future("F16", 16), of_the_future("F20", 20, "won"))
    return ReportClient(engine, replace(world, leads=(*world.leads, *later)))


def test_leads_of_the_future_are_in_the_quality_view_and_not_in_all_time(
    company: ReportClient,
) -> None:
    created = company.report("company", period="all_time").totals["created_leads"]
    totals = company.report("leads", view="quality").totals
    assert created == len(worked_company().leads) + 1  # F15 was created today
    assert totals["created_later"] == 2
    assert totals["created_later_amount"] == Decimal(1000)
    assert sorted(company.leads("leads", "created_later", view="quality")) == ["F16", "F20"]


def test_the_worked_company_has_no_leads_of_the_future(engine: Engine) -> None:
    totals = ReportClient(engine, worked_company()).report("leads", view="quality").totals
    assert totals["created_later"] == 0

"""Data quality: the leads with each fault, and the effect of leaving them out of a report."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from leadlight.analytics.engine.duckdb import Engine
from leadlight.analytics.insight import data_quality
from leadlight.analytics.metrics.columns import Rate
from leadlight.analytics.query.scope import ALL_LEADS
from leadlight.analytics.reports.leads.quality import COLUMNS
from tests.analytics.asking import ReportClient
from tests.analytics.worked import worked_company
from tests.analytics.world import Activity, ActivityType, Fact, Lead, World

CALL = 91
YEAR = {"start": "2026-01-01", "to": "2026-03-31"}


def at(text: str) -> datetime:
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)


def backdated() -> Lead:
    """A lead recorded and created on 10 March, but won on 20 February for 70."""
    said = at("03-10 09:00")
    facts = (
        Fact("created", None, said, said),
        Fact("pipeline", 31, said, said),
        Fact("step", 41, said, said),
        Fact("amount", Decimal(70), said, said),
        Fact("status", "won", at("02-20 09:00"), said),
    )
    return Lead(106, "L6", facts, creator_id=11)


def bare() -> Lead:
    """A lead created on 1 March, without amount and owner."""
    said = at("03-01 09:00")
    facts = (
        Fact("created", None, said, said),
        Fact("pipeline", 31, said, said),
        Fact("step", 41, said, said),
        Fact("status", "todo", said, said),
    )
    return Lead(107, "L7", facts, creator_id=11)


def faulty_company() -> World:
    company = worked_company()
    return replace(company, leads=(*company.leads, backdated(), bare()))


@pytest.fixture
def company(engine: Engine) -> ReportClient:
    return ReportClient(engine, faulty_company())


@pytest.mark.parametrize(
    ("fault", "leads"),
    [
        ("open_leads", ["L5", "L7"]),
        ("undated_leads", ["L5", "L7"]),
        ("leads_without_amount", ["L7"]),
        ("unowned_leads", ["L7"]),
        ("reopened_leads", ["L5"]),  # won on 11 February, re-opened on 2 March
        ("untouched_leads", ["L5"]),  # created on 1 February, 42 days ago
        ("closed_before_creation", ["L6"]),
        ("overdue_leads", []),
    ],
)
def test_each_fault_lists_its_leads(company: ReportClient, fault: str, leads: list[str]) -> None:
    assert company.leads("leads", fault, view="quality") == leads
    assert company.report("leads", view="quality").totals[fault] == len(leads)


def test_faults_have_the_amount_of_their_leads(company: ReportClient) -> None:
    totals = company.report("leads", view="quality").totals
    assert totals["reopened_amount"] == totals["undated_amount"] == Decimal(300)
    assert totals["unowned_amount"] == Decimal(0)
    assert totals["closed_before_creation_amount"] == Decimal(70)


@pytest.mark.parametrize(
    ("day", "untouched"), [("02-12", ["L5"]), ("02-13", ["L5"]), ("02-14", [])]
)
def test_a_lead_with_a_recent_activity_is_not_untouched(
    engine: Engine, day: str, untouched: list[str]
) -> None:
    """The 30 days of recent activity begin on 13 February."""
    done = at(f"{day} 09:00")
    world = replace(
        faulty_company(),
        activity_types=(ActivityType(CALL, "call", "Call", "call"),),
        activities=(Activity(501, done, done, 12, CALL, lead_id=105),),
    )
    asked = ReportClient(engine, world)
    assert asked.leads("leads", "untouched_leads", view="quality") == untouched


def test_faults_as_of_a_past_instant_ignore_later_records(company: ReportClient) -> None:
    """At that instant L5 is still won, L6 is not recorded yet, and L7 is the only open lead."""
    then = "2026-03-01T10:30:00+01:00"
    totals = company.report("leads", view="quality", as_of=then).totals
    assert totals["open_leads"] == totals["leads_without_amount"] == 1
    assert totals["reopened_leads"] == totals["closed_before_creation"] == 0


def without(company: ReportClient, fault: str, **query: str) -> dict[str, tuple[object, object]]:
    report, filters = company.read("company", {**YEAR, **query})
    found = data_quality.effects(report, filters, ALL_LEADS, company.engine, "EUR", [fault])[fault]
    return {effect.column.key: (effect.now, effect.without) for effect in found}


def test_effects_of_leaving_out_reopened_leads(company: ReportClient) -> None:
    assert without(company, "reopened_leads") == {
        "created_leads": (7, 6),
        "open_leads": (2, 1),
    }


def test_effects_of_leaving_out_leads_closed_before_creation(
    company: ReportClient,
) -> None:
    """Days to win: L1 29.125, L2 25.5625 and the backdated L6 0."""
    assert without(company, "closed_before_creation") == {
        "created_leads": (7, 6),
        "won_leads": (3, 2),
        "won_amount": (Decimal("1570.00"), Decimal("1500.00")),
        "win_rate": (Rate(3, 5), Rate(2, 4)),
        "mean_deal": (Decimal("523.33"), Decimal("750.00")),
        "median_days_to_win": (25.5625, 27.34375),
    }


def test_faults_of_filtered_out_leads_have_no_effect_on_the_report(
    company: ReportClient,
) -> None:
    assert without(company, "reopened_leads", pipeline="none") == {}


def test_every_fault_and_its_amount_is_a_column_of_the_table() -> None:
    keys = {column.key for column in COLUMNS}
    named = {*data_quality.FAULTS, *filter(None, data_quality.FAULTS.values())}
    assert named == keys - {"open_leads"}

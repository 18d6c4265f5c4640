"""Figures of the worked company, as the report definitions state them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from leadlight.analytics.engine.duckdb import Engine
from leadlight.analytics.metrics.columns import Rate
from leadlight.analytics.reports.contract import Row
from tests.analytics.asking import ReportClient
from tests.analytics.worked import worked_company

MONTHS = {"start": "2026-01-01", "to": "2026-03-15", "bucket": "month"}
JANUARY = {"start": "2026-01-01", "to": "2026-01-31"}
FEBRUARY = {"start": "2026-02-01", "to": "2026-02-28"}
FIRST_OF_MARCH = pytest.mark.parametrize(
    "as_of", ["2026-03-01", "2026-03-01T00:00+01:00", "2026-03-02T08:59:59.999999Z"]
)


@pytest.fixture
def company(engine: Engine) -> ReportClient:
    return ReportClient(engine, worked_company())


def counts(row: Row) -> tuple[object, ...]:
    """Number of leads created, won, lost, cancelled and open at the end."""
    kinds = ("created", "won", "lost", "cancelled", "open")
    return tuple(row.cells[f"{kind}_leads"] for kind in kinds)


def test_months_have_the_stated_counts(company: ReportClient) -> None:
    rows = company.report("company", **MONTHS).rows
    assert [(row.key, *counts(row)) for row in rows] == [
        ("2026-01", 3, 0, 0, 0, 3),
        ("2026-02", 2, 2, 1, 1, 1),
        ("2026-03", 0, 0, 0, 0, 1),
    ]


def test_february_has_a_win_rate_of_two_in_four_and_1500_won(company: ReportClient) -> None:
    february = company.row("company", "2026-02", **MONTHS).cells
    assert february["won_amount"] == Decimal("1500.00")
    assert february["lost_amount"] == Decimal("200.00")
    assert february["win_rate"] == Rate(2, 4)
    assert february["win_rate"].value == 0.5
    assert february["mean_deal"] == Decimal("750.00")


def test_the_days_to_win_of_february_are_29_125_and_25_5625(company: ReportClient) -> None:
    february = company.row("company", "2026-02", **MONTHS).cells
    assert february["median_days_to_win"] == 27.34375
    assert february["mean_days_to_win"] == 27.34375
    assert february["p25_days_to_win"] == 25.5625 + (29.125 - 25.5625) / 4
    assert february["p75_days_to_win"] == 29.125 - (29.125 - 25.5625) / 4
    won = company.drilldown("company", "won_leads", "2026-02", **MONTHS)
    assert {lead["lead"]: lead["days"] for lead in won.rows} == {"L1": 29.125, "L2": 25.5625}


def test_january_has_no_rate_no_mean_and_no_median(company: ReportClient) -> None:
    january = company.row("company", "2026-01", **MONTHS).cells
    assert january["win_rate"] == Rate(0, 0)
    assert january["win_rate"].value is None
    assert january["mean_deal"] is None
    assert january["median_days_to_win"] is None
    assert january["mean_days_to_win"] is None
    assert january["won_amount"] == Decimal(0)


@pytest.mark.parametrize(
    ("column", "month", "leads"),
    [
        ("created_leads", "2026-01", ["L1", "L2", "L3"]),
        ("created_leads", "2026-02", ["L4", "L5"]),
        ("created_leads", None, ["L1", "L2", "L3", "L4", "L5"]),
        ("won_leads", "2026-01", []),
        ("won_leads", "2026-02", ["L1", "L2"]),
        ("won_amount", "2026-02", ["L1", "L2"]),
        ("median_days_to_win", "2026-02", ["L1", "L2"]),
        ("lost_leads", "2026-02", ["L3"]),
        ("cancelled_leads", "2026-02", ["L4"]),
        ("win_rate", "2026-02", ["L1", "L2", "L3", "L4"]),
        ("open_leads", "2026-01", ["L1", "L2", "L3"]),
        ("open_leads", "2026-02", ["L5"]),
        ("open_leads", "2026-03", ["L5"]),
        ("open_leads", None, ["L5"]),
        ("created_leads", "2026-03", []),
        ("win_rate", "2026-03", []),
    ],
)
def test_each_figure_lists_its_leads(
    company: ReportClient, column: str, month: str | None, leads: list[str]
) -> None:
    assert company.leads("company", column, month, **MONTHS) == leads


def test_without_cancelled_leads_the_win_rate_is_two_in_three(company: ReportClient) -> None:
    asked = {**MONTHS, "leave_cancelled_out": "yes"}
    assert company.row("company", "2026-02", **asked).cells["win_rate"] == Rate(2, 3)
    assert company.leads("company", "win_rate", "2026-02", **asked) == ["L1", "L2", "L3"]


@FIRST_OF_MARCH
def test_as_of_an_instant_before_its_reopening_the_fifth_lead_is_won(
    company: ReportClient, as_of: str
) -> None:
    asked = {**MONTHS, "to": "2026-02-28", "as_of": as_of}
    february = company.row("company", "2026-02", **asked)
    assert counts(february) == (2, 3, 1, 1, 0)
    assert february.cells["won_amount"] == Decimal(1800)
    assert february.cells["win_rate"] == Rate(3, 5)
    assert company.leads("company", "won_leads", "2026-02", **asked) == ["L1", "L2", "L5"]
    assert company.leads("company", "open_leads", "2026-02", **asked) == []


def test_as_of_its_reopening_the_fifth_lead_is_open(company: ReportClient) -> None:
    asked = {**MONTHS, "to": "2026-02-28", "as_of": "2026-03-02T09:00Z"}
    assert counts(company.row("company", "2026-02", **asked)) == (2, 2, 1, 1, 1)


def test_february_is_credited_to_the_owners_at_the_event(company: ReportClient) -> None:
    ana = company.row("team", "ana", **FEBRUARY)
    bo = company.row("team", "bo", **FEBRUARY)
    assert counts(ana) == (0, 2, 0, 0, 0)
    assert counts(bo) == (2, 0, 1, 1, 1)
    assert ana.cells["won_amount"] == Decimal(1500)
    assert ana.cells["won_amount_share"] == Rate(Decimal(1500), Decimal(1500))
    assert bo.cells["won_amount_share"] == Rate(Decimal(0), Decimal(1500))
    assert company.leads("team", "lost_leads", "bo", **FEBRUARY) == ["L3"]
    assert company.leads("team", "created_leads", "bo", **FEBRUARY) == ["L4", "L5"]


def test_january_creations_follow_the_credit_switch(company: ReportClient) -> None:
    def created(credit: str) -> dict[str | None, object]:
        rows = company.report("team", **JANUARY, credit=credit).rows
        return {row.key: row.cells["created_leads"] for row in rows}

    assert created("event") == {"ana": 3, "bo": 0}
    assert created("owner") == {"ana": 2, "bo": 1}
    assert created("creator") == {"ana": 3, "bo": 0}
    given = {**JANUARY, "credit": "owner"}
    assert company.leads("team", "created_leads", "bo", **given) == ["L3"]


def test_the_trend_has_the_wins_of_each_user_by_week(company: ReportClient) -> None:
    rows = company.report("team", **{**MONTHS, "bucket": "week"}).rows
    wins = {row.key: [place for place, won in enumerate(row.trend) if won] for row in rows}
    # 2026 begins on a Thursday: 1 February ends the fifth week, 3 February is in the sixth.
    assert wins == {"ana": [4, 5], "bo": []}


def test_a_lead_counts_on_its_local_day_in_paris(company: ReportClient) -> None:
    day = {"start": "2026-02-01", "to": "2026-02-01"}
    assert counts(company.row("company", "2026-02-01", **day)) == (1, 1, 0, 0, 3)
    assert company.leads("company", "created_leads", **day) == ["L5"]
    assert company.leads("company", "won_leads", **day) == ["L2"]


def test_this_quarter_is_compared_with_the_last_quarter(company: ReportClient) -> None:
    result = company.report("company", period="this_quarter", compare="previous", bucket="month")
    assert result.totals["created_leads"] == 5
    assert result.compared is not None
    assert result.compared.totals["created_leads"] == 0
    assert result.compared.totals["open_leads"] == 0
    assert [row.key for row in result.compared.rows] == ["2025-10", "2025-11", "2025-12"]


def test_a_list_row_has_the_fields_of_its_lead(company: ReportClient) -> None:
    lost = company.drilldown("team", "lost_leads", **FEBRUARY)
    assert (lost.count, lost.amount) == (1, Decimal(200))
    lead = dict(lost.rows[0])
    assert str(lead.pop("created_on"))[:10] == "2026-01-07"
    assert str(lead.pop("closed_on"))[:10] == "2026-02-10"
    assert lead == {
        "lead": "L3",
        "title": "Lead L3",
        "status": "lost",
        "pipeline": "P",
        "step": "Contact",
        "owner": "Bo",
        "credited": "Bo",
        "client": None,
        "source": None,
        "amount": Decimal(200),
        "estimated_closing_on": None,
        "days": 34 + 1 / 24,
    }


def test_a_list_has_the_credited_user_and_the_owner_of_a_handed_over_lead(
    company: ReportClient,
) -> None:
    created = company.drilldown("team", "created_leads", "ana", **JANUARY)
    third = next(lead for lead in created.rows if lead["lead"] == "L3")
    assert (third["credited"], third["owner"]) == ("Ana", "Bo")


def test_an_open_lead_has_no_days_to_close(company: ReportClient) -> None:
    found = company.drilldown("company", "open_leads", **MONTHS)
    assert [(lead["lead"], lead["closed_on"], lead["days"]) for lead in found.rows] == [
        ("L5", None, None)
    ]


def test_a_list_is_paged_in_its_order(company: ReportClient) -> None:
    def page(**how: object) -> list[str]:
        found = company.drilldown("company", "created_leads", how=how, **MONTHS)
        assert (found.count, found.amount) == (5, Decimal(2800))
        return [lead["lead"] for lead in found.rows]

    assert page() == ["L1", "L4", "L2", "L5", "L3"]
    assert page(limit=2) == ["L1", "L4"]
    assert page(limit=2, offset=2) == ["L2", "L5"]
    assert page(offset=3) == ["L5", "L3"]
    assert page(order="created_on", is_descending=False, limit=3) == ["L1", "L2", "L3"]
    assert page(order="credited", is_descending=False, limit=3) == ["L1", "L2", "L3"]
    # Leads without the value come last in both directions.
    assert page(order="closed_on", is_descending=False)[-1] == "L5"
    assert page(order="closed_on", is_descending=True)[-1] == "L5"
    assert page(order="lead", is_descending=True) == ["L5", "L4", "L3", "L2", "L1"]

"""The goals view, counted by hand: targets, progress and pace."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from leadlight.analytics.engine.duckdb import Engine
from leadlight.analytics.metrics.columns import Rate
from leadlight.analytics.query.scope import Scope
from leadlight.analytics.reports.goals import FIGURES, progress_of
from tests.analytics.asking import MID_MARCH, ReportClient
from tests.analytics.busy import CALL as CALLED
from tests.analytics.busy import NOW, done, lead
from tests.analytics.laws import PARIS
from tests.analytics.strategies import company as company_of
from tests.analytics.worked import ANA, BO, SALES, worked_company
from tests.analytics.world import Activity, ActivityType, Goal, World

CALL, MAIL = 91, 92


def goal(number: int, measure: str, unit: str, starts_on: date, target: int, **whose: int) -> Goal:
    return Goal(
        300 + number,
        whose.get("user"),
        whose.get("team"),
        measure,
        whose.get("type"),
        unit,
        starts_on,
        Decimal(target),
    )


def activity(number: int, day: str, user_id: int, type_id: int = CALL) -> Activity:
    at = datetime.strptime(f"2026-{day} 09", "%Y-%m-%d %H").replace(tzinfo=UTC)
    return Activity(500 + number, at, at, user_id, type_id)


def company_with_goals() -> World:
    return replace(
        worked_company(),
        activity_types=(ActivityType(CALL, "call", "Call", "call"), ActivityType(MAIL, "m", "M")),
        activities=(
            activity(1, "02-01", ANA),
            activity(2, "02-07", ANA),
            activity(3, "02-14", ANA),
            activity(4, "02-14", ANA, MAIL),
            activity(5, "02-15", ANA),
            activity(6, "02-03", BO),
        ),
        goals=(
            goal(1, "activities", "month", date(2026, 1, 1), 9, user=ANA, type=CALL),
            goal(2, "activities", "month", date(2026, 2, 1), 12, user=ANA, type=CALL),
            goal(3, "activities", "month", date(2026, 2, 16), 99, user=ANA, type=CALL),
            goal(4, "won_amount", "quarter", date(2026, 1, 1), 3000, user=ANA),
            goal(5, "won_leads", "year", date(2026, 1, 1), 10, team=SALES),
        ),
    )


@pytest.fixture
def company(engine: Engine) -> ReportClient:
    return ReportClient(engine, company_with_goals(), MID_MARCH)


# The first 14 of the 28 days of February.
HALF_OF_FEBRUARY = {"view": "goals", "start": "2026-02-01", "to": "2026-02-14"}


def test_a_goal_has_its_target_its_progress_and_its_pace(company: ReportClient) -> None:
    ana = company.row("activities", "ana", **HALF_OF_FEBRUARY).cells
    assert ana["target:activities:call:month"] == 12
    assert ana["done:activities:call:month"] == 3
    assert ana["achieved_rate:activities:call:month"] == Rate(3, 12)
    assert ana["pace:activities:call:month"] == 6


def test_each_goal_has_a_row_with_its_own_period(company: ReportClient) -> None:
    asked = HALF_OF_FEBRUARY | {"start": "2026-01-01"}
    calls, sales = progress_of(company.report("activities", **asked))
    assert (calls.row.key, calls.key, calls.window.key) == (
        "ana",
        "activities:call:month",
        "2026-02",
    )
    assert calls.elapsed == Rate(14, 28)
    assert [calls.value(name) for name in FIGURES] == [12, 3, Rate(3, 12), 6, None]
    assert (sales.row.key, sales.key, sales.window.key) == ("ana", "won_amount:quarter", "2026-Q1")
    assert sales.elapsed == Rate(45, 90)
    # Since January Ana won 1500 on 4 activities.
    assert [sales.value(name) for name in FIGURES] == [
        Decimal(3000),
        Decimal("1500.00"),
        Rate(Decimal("1500.00"), Decimal(3000)),
        Decimal("3000.00"),
        8,
    ]


def test_the_list_of_a_goal_states_the_days_since_its_start(company: ReportClient) -> None:
    asked = HALF_OF_FEBRUARY | {"start": "2026-02-10"}
    found = company.drilldown("activities", "done:won_amount:quarter", "ana", **asked)
    days = found.own_filters.period
    assert (days.first, days.last) == (date(2026, 1, 1), date(2026, 2, 14))


def test_a_goal_holds_until_a_later_one_replaces_it(company: ReportClient) -> None:
    def target(last: str) -> object:
        days = {"view": "goals", "start": "2026-01-01", "to": last}
        return company.row("activities", "ana", **days).cells["target:activities:call:month"]

    assert [target(f"2026-{day}") for day in ("01-31", "02-01", "02-15", "02-16")] == [
        9,
        12,
        12,
        99,
    ]


def test_a_money_goal_has_the_number_of_activities_needed(company: ReportClient) -> None:
    # Ana won 1500 with 2 leads in these days, on 4 activities: 750 each, 2 activities each.
    ana = company.row("activities", "ana", **HALF_OF_FEBRUARY).cells
    assert ana["done:won_amount:quarter"] == Decimal("1500.00")
    assert ana["needed:won_amount:quarter"] == 8
    # 45 of the 90 days of the quarter are over.
    assert ana["pace:won_amount:quarter"] == Decimal("3000.00")


def test_a_user_without_the_goal_has_null_cells_and_counts_in_no_total(
    company: ReportClient,
) -> None:
    result = company.report("activities", **HALF_OF_FEBRUARY)
    bo = next(row for row in result.rows if row.key == "bo").cells
    assert bo["activities"] == 1
    assert bo["target:activities:call:month"] is None
    assert bo["done:activities:call:month"] is None
    assert bo["pace:activities:call:month"] is None
    assert bo["needed:won_amount:quarter"] is None
    assert result.totals["done:activities:call:month"] == 3


def test_team_goals_are_columns_of_the_report_by_team(company: ReportClient) -> None:
    result = company.report("activities", group_by="team", **HALF_OF_FEBRUARY)
    assert [c.key for c in result.columns if c.key.startswith("target")] == [
        "target:won_leads:year"
    ]
    # L1 and L2; L5, won on 11 February, was re-opened.
    sales = next(row for row in result.rows if row.key == "sales").cells
    assert sales["achieved_rate:won_leads:year"] == Rate(2, 10)


def test_the_list_of_done_activities_begins_before_the_period(company: ReportClient) -> None:
    asked = HALF_OF_FEBRUARY | {"start": "2026-02-10"}
    assert company.row("activities", "ana", **asked).cells["done:activities:call:month"] == 3
    found = company.drilldown("activities", "done:activities:call:month", "ana", **asked)
    assert (found.subject, found.count) == ("activity", 3)


def test_a_reader_sees_only_the_goals_of_colleagues(company: ReportClient) -> None:
    bo = Scope(sees_all=False, user_id=BO)
    for grouping in ("user", "team"):
        result = company.report("activities", scope=bo, group_by=grouping, **HALF_OF_FEBRUARY)
        assert not any(column.key.startswith("target") for column in result.columns)


def test_a_team_filter_keeps_the_goals_of_its_members(company: ReportClient) -> None:
    of_sales = company.report("activities", team="sales", **HALF_OF_FEBRUARY).totals
    assert of_sales["target:activities:call:month"] == 12
    of_none = company.report("activities", team="none", **HALF_OF_FEBRUARY).totals
    assert of_none["target:activities:call:month"] is None


def test_a_total_leaves_out_activities_for_filtered_out_goals(engine: Engine) -> None:
    # Both leads belong to the team south, but only Bo of their two owners is a member of it.
    south = tuple(lead(number, "04-01", owner=10 + number, team=22) for number in (1, 2))
    world = replace(
        company_of(PARIS, south),
        activities=(done(1, "04-02", 11, CALLED, 101), done(2, "04-02", 12, CALLED, 102)),
        goals=tuple(
            goal(user, "activities", "month", date(2024, 1, 1), 5, user=user) for user in (11, 12)
        ),
    )
    asked = {"view": "goals", "team": "south", "credit": "owner", "period": "this_month"}
    result = ReportClient(engine, world, NOW).report("activities", **asked)
    cells = {row.key: row.cells["done:activities:month"] for row in result.rows}
    assert cells == {"ana": None, "bo": 1}
    assert result.totals["achieved_rate:activities:month"] == Rate(1, 5)

"""Goals, gap and coverage of the forecast, counted by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from leadlight.analytics.engine.duckdb import Engine
from leadlight.analytics.metrics.columns import Rate
from leadlight.analytics.query.scope import Scope
from tests.analytics.asking import MID_MARCH, ReportClient
from tests.analytics.forecasts import MARCH_TO_MAY, figures, to_come
from tests.analytics.worked import ANA, BO, SALES
from tests.analytics.world import Goal


def goal(number: int, period: str, starts_on: date, target: str, **whose: int) -> Goal:
    return Goal(
        300 + number,
        whose.get("user"),
        whose.get("team"),
        "won_amount",
        None,
        period,
        starts_on,
        Decimal(target),
    )


def with_goals(engine: Engine, *goals: Goal) -> ReportClient:
    return ReportClient(engine, replace(to_come(), goals=goals), MID_MARCH)


NEW_YEAR = date(2026, 1, 1)


def test_the_gap_is_the_missing_amount_and_coverage_divides_open_amounts_by_it(
    engine: Engine,
) -> None:
    company = with_goals(engine, goal(1, "month", NEW_YEAR, "800", team=SALES))
    result = company.report("forecast", **MARCH_TO_MAY)
    march, april_, may = (row.cells for row in result.rows[:3])
    assert (march["goal"], march["gap"]) == (800, 300)
    assert march["coverage"] == Rate(Decimal("80.00"), Decimal("300.00"))
    assert (april_["goal"], april_["gap"]) == (800, 800)
    assert may["coverage"].value == 1.25
    assert (result.totals["goal"], result.totals["gap"]) == (2400, 1900)
    assert result.totals["coverage"] == Rate(Decimal("3110.05"), Decimal("1900.00"))
    overdue = result.further_rows[0].cells
    assert (overdue["goal"], overdue["gap"], overdue["coverage"].value) == (None, None, None)


def test_a_goal_that_is_reached_leaves_no_gap(engine: Engine) -> None:
    company = with_goals(engine, goal(1, "month", NEW_YEAR, "400", team=SALES))
    march = company.row("forecast", "2026-03", **MARCH_TO_MAY).cells
    assert (march["gap"], march["coverage"].value) == (0, None)


def test_a_goal_is_spread_over_the_days_of_its_quarter_to_the_cent(engine: Engine) -> None:
    company = with_goals(engine, goal(1, "quarter", NEW_YEAR, "100.00", team=SALES))
    weeks = company.report("forecast", start="2026-04-01", to="2026-06-30", bucket="week")
    goals = [row.cells["goal"] for row in weeks.rows if not row.further]
    assert sum(goals) == weeks.totals["goal"] == Decimal("100.00")
    # 5 of 91 days: 5.4945…; the first day is cut, not rounded.
    assert goals[0] == Decimal("5.49")
    [day] = company.report("forecast", start="2026-04-01", to="2026-04-01").rows[:1]
    assert day.cells["goal"] == Decimal("1.09")


def test_a_month_has_the_goal_that_holds_on_its_last_day(engine: Engine) -> None:
    company = with_goals(
        engine,
        goal(1, "month", NEW_YEAR, "10", team=SALES),
        goal(2, "month", date(2026, 4, 30), "20", team=SALES),
        goal(3, "month", date(2026, 5, 2), "0", team=SALES),
    )
    rows = company.report("forecast", **MARCH_TO_MAY).rows
    assert [row.cells["goal"] for row in rows[:3]] == [10, 20, None]


def test_user_rows_have_user_goals_and_time_rows_prefer_team_goals(engine: Engine) -> None:
    of_ana = goal(1, "month", NEW_YEAR, "10", user=ANA)
    of_sales = goal(2, "month", NEW_YEAR, "70", team=SALES)
    company = with_goals(engine, of_ana, of_sales)
    assert company.report("forecast", **MARCH_TO_MAY).totals["goal"] == 210
    assert company.report("forecast", group_by="team", **MARCH_TO_MAY).totals["goal"] == 210
    by_user = company.report("forecast", group_by="user", **MARCH_TO_MAY)
    assert figures(by_user, "goal")["ana"] == by_user.totals["goal"] == 30
    assert figures(by_user, "goal")["bo"] is None
    assert company.report("forecast", user="ana", **MARCH_TO_MAY).totals["goal"] == 30
    alone = with_goals(engine, of_ana)
    assert alone.report("forecast", **MARCH_TO_MAY).totals["goal"] == 30
    by_team = alone.report("forecast", group_by="team", **MARCH_TO_MAY)
    assert "goal" not in by_team.totals


def test_no_goal_column_when_the_query_covers_only_part_of_the_leads(engine: Engine) -> None:
    company = with_goals(engine, goal(1, "month", NEW_YEAR, "10", team=SALES))
    for part in ({"pipeline": "p"}, {"source": "none"}, {"group_by": "pipeline"}):
        assert "goal" not in company.report("forecast", **MARCH_TO_MAY, **part).totals


def test_a_reader_sees_only_the_goals_of_colleagues(engine: Engine) -> None:
    company = with_goals(
        engine,
        goal(1, "month", NEW_YEAR, "10", user=ANA),
        goal(2, "month", NEW_YEAR, "70", team=SALES),
    )
    bo, ana = (Scope(sees_all=False, user_id=user) for user in (BO, ANA))
    assert "goal" not in company.report("forecast", bo, **MARCH_TO_MAY).totals
    assert company.report("forecast", ana, **MARCH_TO_MAY).totals["goal"] == 30

"""The forecast, counted on fingers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from leadlight.analytics.engines.duckdb import Engine
from leadlight.analytics.measures import Rate
from leadlight.analytics.phrases import BadFilter
from leadlight.analytics.report import Result
from leadlight.analytics.scope import Scope
from tests.analytics.asking import MID_MARCH, Asked
from tests.analytics.world import (
    ANA,
    BO,
    CONTACT,
    DEAL,
    OFFER,
    SALES,
    Fact,
    Goal,
    Lead,
    Named,
    Tag,
    World,
    worked_company,
)

# As of 15 March 2026, Paris.
MARCH_TO_MAY = {"start": "2026-03-01", "to": "2026-05-31", "bucket": "month"}


def lead(number: int, *changes: tuple[str, str, Any], owner: int = ANA, **said: Any) -> Lead:
    """A lead of 2 January; `changes` are (day, kind, value), written down as they happened."""
    facts: list[tuple[str, str, Any]] = [
        ("01-02", "created", None),
        ("01-02", "pipeline", 31),
        ("01-02", "step", CONTACT),
        ("01-02", "status", "todo"),
        ("01-02", "owner", owner),
        ("01-02", "team", SALES),
        *(("01-02", kind, value) for kind, value in said.items()),
        *changes,
    ]
    told = tuple(Fact(kind, value, noon(day), noon(day)) for day, kind, value in facts)
    return Lead(200 + number, f"F{number}", told, creator_id=BO)


def noon(day: str) -> datetime:
    return datetime.strptime(f"2026-{day} 12", "%Y-%m-%d %H").replace(tzinfo=UTC)


def april(day: int) -> date:
    return date(2026, 4, day)


LEADS = (
    lead(1, amount=Decimal(1000), step=DEAL, expected=april(3)),  # 60 %
    lead(2, amount=Decimal(1000), step=DEAL, expected=april(30), probability=25),
    lead(3, amount=Decimal(1000), step=DEAL, expected=date(2026, 5, 31), probability=0),
    lead(4, amount=Decimal("0.05"), expected=april(1), owner=BO),  # 10 %: half a cent
    lead(5, expected=april(2)),  # no amount
    lead(6, amount=Decimal(70), expected=date(2026, 3, 14)),  # yesterday
    lead(7, amount=Decimal(80), expected=date(2026, 3, 15)),  # today
    lead(8, amount=Decimal(90)),
    lead(9, ("03-10", "status", "won"), amount=Decimal(500), expected=date(2026, 4, 1)),
    lead(10, ("03-10", "status", "lost"), amount=Decimal(500), expected=april(5)),
    lead(11, amount=Decimal(60), expected=date(2026, 6, 1)),  # after the period
    lead(12, ("03-10", "status", "standby"), amount=Decimal(30), expected=april(9), step=OFFER),
)


def to_come(*more: Lead) -> World:
    return replace(worked_company(), leads=(*LEADS, *more))


@pytest.fixture
def company(engine: Engine) -> Asked:
    return Asked(engine, to_come(), MID_MARCH)


def figures(result: Result, column: str) -> dict[str | None, Any]:
    return {row.key: row.cells[column] for row in result.rows} | {"total": result.totals[column]}


def test_an_open_lead_stands_on_its_expected_day_and_a_won_one_on_its_closing(
    company: Asked,
) -> None:
    result = company.report("forecast", **MARCH_TO_MAY)
    assert figures(result, "open_leads") == {
        "2026-03": 1,
        "2026-04": 5,
        "2026-05": 1,
        "overdue": 1,
        "undated": 1,
        "total": 7,
    }
    won = figures(result, "won_amount")
    assert (won["2026-03"], won["2026-04"], won["total"]) == (500, 0, 500)


def test_its_own_probability_goes_before_that_of_its_step_and_0_is_one(company: Asked) -> None:
    result = company.report("forecast", **MARCH_TO_MAY)
    # April: 1000 at the 60 % of its step, 1000 at its own 25 %, 0.05 at 10 %, 30 at 30 %.
    assert figures(result, "weighted_amount") == {
        "2026-03": Decimal("8.00"),
        "2026-04": Decimal("859.01"),
        "2026-05": Decimal("0.00"),
        "overdue": Decimal("7.00"),
        "undated": Decimal("9.00"),
        "total": Decimal("867.01"),
    }
    assert figures(result, "open_amount")["2026-05"] == Decimal("1000.00")


def test_a_lead_without_any_probability_weighs_nothing_and_is_told(engine: Engine) -> None:
    world = to_come()
    steps = tuple(replace(step, probability=None) for step in world.steps)
    company = Asked(engine, replace(world, steps=steps), MID_MARCH)
    result = company.report("forecast", **MARCH_TO_MAY)
    assert result.totals["weighted_amount"] == Decimal("250.00")
    notes = {note.code: note.count for note in result.notes}
    # F1, F4, F5, F7 and F12; F2 and F3 have their own.
    assert notes["without_probability"] == 5
    assert company.leads("forecast", "without_probability", **MARCH_TO_MAY) == [
        "F1",
        "F12",
        "F4",
        "F5",
        "F7",
    ]
    assert notes["open_without_amount"] == 1


# Overdue and undated


@pytest.mark.parametrize("grouping", ["bucket", "user", "team", "pipeline", "source"])
@pytest.mark.parametrize("days", [("2026-03-01", "2026-03-31"), ("2026-05-01", "2026-05-02")])
def test_overdue_and_undated_never_disappear(
    company: Asked, grouping: str, days: tuple[str, str]
) -> None:
    asked = {"start": days[0], "to": days[1], "group_by": grouping}
    result = company.report("forecast", **asked)
    assert [(row.key, row.cells["open_leads"]) for row in result.rows if row.further] == [
        ("overdue", 1),
        ("undated", 1),
    ]
    assert company.leads("forecast", "open_leads", "overdue", **asked) == ["F6"]
    assert company.leads("forecast", "weighted_amount", "undated", **asked) == ["F8"]
    assert company.leads("forecast", "won_amount", "overdue", **asked) == []


def test_no_lead_is_both_overdue_and_in_the_current_month(company: Asked) -> None:
    # F6 was expected on the 14th of March, F7 is on the 15th, which is today.
    assert company.leads("forecast", "open_leads", "2026-03", **MARCH_TO_MAY) == ["F7"]
    listed = [
        key
        for row in company.report("forecast", **MARCH_TO_MAY).rows
        for key in company.leads("forecast", "open_leads", row.key, **MARCH_TO_MAY)
    ]
    assert len(listed) == len(set(listed)) == 9


def test_today_is_the_local_day_of_the_instant_asked_about(company: Asked) -> None:
    # 22:59 in London is 23:59 of the 14th in Paris; a minute later it is the 15th there.
    before = company.report("forecast", **MARCH_TO_MAY, as_of="2026-03-14T22:59:59+00:00")
    assert figures(before, "open_leads")["2026-03"] == 2
    assert figures(before, "open_leads")["overdue"] == 0
    after = company.report("forecast", **MARCH_TO_MAY, as_of="2026-03-14T23:00:00+00:00")
    assert figures(after, "open_leads")["2026-03"] == 1
    assert figures(after, "open_leads")["overdue"] == 1


def test_a_forecast_of_the_past_knows_what_was_known_then(company: Asked) -> None:
    # On 9 March F9, F10 and F12 were todo, and F6 was still to come.
    then = company.report("forecast", **MARCH_TO_MAY, as_of="2026-03-09")
    assert figures(then, "open_leads") == {
        "2026-03": 2,
        "2026-04": 7,
        "2026-05": 1,
        "overdue": 0,
        "undated": 1,
        "total": 10,
    }
    assert then.totals["won_amount"] == 0


def test_without_days_it_is_this_month_and_the_next_three(company: Asked) -> None:
    keys = [row.key for row in company.report("forecast").rows]
    assert keys == ["2026-03", "2026-04", "2026-05", "2026-06", "overdue", "undated"]
    weeks = [row.key for row in company.report("forecast", period="next_8_weeks").rows]
    assert (weeks[0], weeks[8], len(weeks)) == ("2026-W11", "2026-W19", 11)
    days = [row.key for row in company.report("forecast", period="next_7_days").rows]
    assert (days[0], days[7], len(days)) == ("2026-03-15", "2026-03-22", 10)


# Measured


def closed(won: int, lost: int, step: int, day: str = "02-20") -> tuple[Lead, ...]:
    """Leads that reached a step and were closed."""
    return tuple(
        replace(
            lead(number, ("01-05", "step", step), (day, "status", status), amount=Decimal(1)),
            id=1000 * step + number,
            key=f"C{step}-{number}",
        )
        for number, status in enumerate(["won"] * won + ["lost"] * lost)
    )


def measured(engine: Engine, *more: Lead) -> tuple[dict[str | None, Any], list[str]]:
    company = Asked(engine, to_come(*more), MID_MARCH)
    result = company.report("forecast", **MARCH_TO_MAY)
    names = [note.phrase.values["steps"] for note in result.notes if note.code == "not_measured"]
    return figures(result, "measured_amount"), [name for steps in names for name in steps]


def test_of_29_leads_nothing_is_measured_and_of_30_it_is(engine: Engine) -> None:
    # F10 was lost in Contact and F9 won there: with 28 that reached Deal, 30 reached Contact.
    amounts, unmeasured = measured(engine, *closed(7, 21, DEAL))
    assert unmeasured == ["Offer", "Deal"]
    # F1, F2 and F3 at the 60 % set for Deal whatever their own, F12 at the 30 % set for Offer;
    # F4 and F7 at 8 of 30.
    assert amounts["2026-04"] == Decimal("1209.01")
    assert amounts["2026-05"] == Decimal("600.00")
    assert amounts["2026-03"] == Decimal("21.33")

    amounts, unmeasured = measured(engine, *closed(7, 23, DEAL))
    assert unmeasured == []
    # Deal and Offer 7 of 30, Contact 8 of 32: twice 233.33, 0.01 of F4, and 7.00 of F12.
    assert amounts["2026-04"] == Decimal("473.67")
    assert amounts["2026-05"] == Decimal("233.33")
    assert amounts["2026-03"] == Decimal("20.00")


def test_only_the_last_365_days_are_measured(engine: Engine) -> None:
    # They end on 15 March 2026, and begin on the 16th of the year before.
    assert measured(engine, *a_year_before(closed(7, 23, DEAL, "03-16")))[1] == []
    steps = ["Contact", "Offer", "Deal"]
    assert measured(engine, *a_year_before(closed(7, 23, DEAL, "03-15")))[1] == steps


def a_year_before(leads: tuple[Lead, ...]) -> list[Lead]:
    def moved(fact: Fact) -> Fact:
        when = fact.occurred_at.replace(year=2025)
        return replace(fact, occurred_at=when, recorded_at=when)

    return [replace(lead, facts=tuple(map(moved, lead.facts))) for lead in leads]


def test_a_seller_measures_on_the_leads_he_may_see(engine: Engine) -> None:
    company = Asked(engine, to_come(*closed(7, 23, DEAL)), MID_MARCH)
    ana, bo = (Scope(sees_all=False, user_id=user) for user in (ANA, BO))
    of_ana = company.report("forecast", ana, **MARCH_TO_MAY)
    of_bo = company.report("forecast", bo, **MARCH_TO_MAY)
    assert "not_measured" not in {note.code for note in of_ana.notes}
    assert "not_measured" in {note.code for note in of_bo.notes}
    assert of_bo.totals["open_leads"] == 1


def test_steps_of_several_pipelines_are_told_with_theirs(engine: Engine) -> None:
    world = to_come(lead(13, pipeline=32, step=44, expected=april(4)))
    step = replace(world.steps[0], id=44, key="call", name="Call", pipeline_id=32)
    world = replace(
        world, pipelines=(*world.pipelines, Named(32, "q", "Q")), steps=(*world.steps, step)
    )
    company = Asked(engine, world, MID_MARCH)
    [note] = [n for n in company.report("forecast").notes if n.code == "not_measured"]
    assert note.phrase.values["steps"] == ["Contact (P)", "Offer (P)", "Deal (P)", "Call (Q)"]
    [note] = [n for n in company.report("forecast", pipeline="q").notes if n.code == "not_measured"]
    assert note.phrase.values["steps"] == ["Call"]


# The list


def test_a_list_begins_with_what_weighs_most_and_says_so(company: Asked) -> None:
    found = company.listing("forecast", "open_leads", "2026-04", **MARCH_TO_MAY)
    told = [(row["lead"], row["weight"], row["weighted_amount"]) for row in found.rows]
    assert told == [
        ("F1", Decimal("0.60"), Decimal("600.00")),
        ("F2", Decimal("0.25"), Decimal("250.00")),
        ("F12", Decimal("0.30"), Decimal("9.00")),
        ("F4", Decimal("0.10"), Decimal("0.01")),
        ("F5", Decimal("0.10"), None),
    ]
    assert found.amount == Decimal("2030.05")
    weighted = company.listing("forecast", "weighted_amount", "2026-04", **MARCH_TO_MAY)
    assert weighted.amount == Decimal("859.01")
    assert weighted.count == 5


def test_a_list_of_won_leads_has_no_weights(company: Asked) -> None:
    found = company.listing("forecast", "won_amount", **MARCH_TO_MAY)
    assert [row["lead"] for row in found.rows] == ["F9"]
    assert "weight" not in found.listed.keys
    with pytest.raises(BadFilter, match="no column “weight”"):
        company.listing("forecast", "won_amount", how={"order": "weight"}, **MARCH_TO_MAY)


# Credit


def test_open_leads_are_their_owners_and_by_a_switch_their_creators(company: Asked) -> None:
    owners = company.report("forecast", group_by="user", **MARCH_TO_MAY)
    assert figures(owners, "open_leads") | {"overdue": 1, "undated": 1} == {
        "ana": 6,
        "bo": 1,
        "overdue": 1,
        "undated": 1,
        "total": 7,
    }
    creators = company.report("forecast", group_by="user", credit="creator", **MARCH_TO_MAY)
    assert figures(creators, "open_leads")["bo"] == 7
    of_bo = company.report("forecast", user="bo", **MARCH_TO_MAY)
    assert figures(of_bo, "open_leads")["overdue"] == 0


# Goals


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


def with_goals(engine: Engine, *goals: Goal) -> Asked:
    return Asked(engine, replace(to_come(), goals=goals), MID_MARCH)


NEW_YEAR = date(2026, 1, 1)


def test_the_gap_is_what_is_missing_and_coverage_how_often_open_amounts_would_do(
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
    overdue = result.rows[3].cells
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


def test_users_have_their_goals_and_time_has_those_of_teams_first(engine: Engine) -> None:
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


def test_no_goal_is_set_against_a_part_of_the_leads(engine: Engine) -> None:
    company = with_goals(engine, goal(1, "month", NEW_YEAR, "10", team=SALES))
    for part in ({"pipeline": "p"}, {"source": "none"}, {"group_by": "pipeline"}):
        assert "goal" not in company.report("forecast", **MARCH_TO_MAY, **part).totals


def test_one_sees_the_goals_of_ones_colleagues_only(engine: Engine) -> None:
    company = with_goals(
        engine,
        goal(1, "month", NEW_YEAR, "10", user=ANA),
        goal(2, "month", NEW_YEAR, "70", team=SALES),
    )
    bo, ana = (Scope(sees_all=False, user_id=user) for user in (BO, ANA))
    assert "goal" not in company.report("forecast", bo, **MARCH_TO_MAY).totals
    assert company.report("forecast", ana, **MARCH_TO_MAY).totals["goal"] == 30


# Rows of tags


def test_rows_may_be_tags(engine: Engine) -> None:
    world = to_come()
    leads = tuple(replace(one, tag_ids=(61,) if one.key == "F1" else ()) for one in world.leads)
    world = replace(
        world, leads=leads, categories=(Named(51, "c", "C"),), tags=(Tag(61, "big", "Big", 51),)
    )
    company = Asked(engine, world, MID_MARCH)
    result = company.report("forecast", group_by="category:c", **MARCH_TO_MAY)
    weighted = figures(result, "weighted_amount")
    assert (weighted["big"], weighted[None], weighted["overdue"]) == (
        Decimal("600.00"),
        Decimal("267.01"),
        Decimal("7.00"),
    )

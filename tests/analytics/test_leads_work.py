"""Slow and stuck leads, and cohorts too young to judge, in small companies counted by hand."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from leadlight.analytics.engine.duckdb import Engine
from tests.analytics.asking import ReportClient
from tests.analytics.busy import NOW, lead
from tests.analytics.strategies import company
from tests.analytics.world import Lead

FEBRUARY = {"start": "2024-02-01", "to": "2024-02-29", "bucket": "month"}


def client_of(engine: Engine, *leads: Lead) -> ReportClient:
    return ReportClient(engine, company(ZoneInfo("Europe/Paris"), leads), NOW)


def won_in_four_days(times: int) -> list[Lead]:
    return [lead(number, "03-01", ("03-05", "status", "won")) for number in range(1, times + 1)]


def test_with_ten_won_leads_slow_and_stuck_leads_are_listed(engine: Engine) -> None:
    # On 10 April these leads are 21, 5 and 4 days old, and in their step as long.
    waiting = [lead(20, "03-20"), lead(21, "04-05"), lead(22, "04-06")]
    company = client_of(engine, *won_in_four_days(10), *waiting)
    lists = ("open_leads", "slow_leads", "stuck_leads", "leads_to_speed_up")
    assert [company.leads("leads", column, view="work") for column in lists] == [
        ["L20", "L21", "L22"],
        ["L20", "L21"],
        ["L20", "L21"],
        ["L20"],
    ]
    assert company.report("leads", view="work").notes == ()


def test_with_nine_won_leads_no_lead_is_judged(engine: Engine) -> None:
    # One lead is old; the other is too young to be without activity for 14 days.
    company = client_of(engine, *won_in_four_days(9), lead(20, "03-10"), lead(21, "04-06"))
    result = company.report("leads", view="work")
    assert {note.code: note.count for note in result.notes} == {
        "slow_unknown": 2,
        "stuck_unknown": 2,
        "speed_up_unknown": 2,
    }
    assert company.leads("leads", "speed_up_unknown", view="work") == ["L20", "L21"]
    assert not any(value for key, value in result.totals.items() if key != "open_leads")


@pytest.mark.parametrize(("hour", "is_young"), [("12:00", True), ("12:01", False)])
def test_a_cohort_is_mature_right_after_the_usual_days_to_win(
    engine: Engine, hour: str, is_young: bool
) -> None:
    # The won lead took ten days; the youngest lead was created ten days before 1 March.
    company = client_of(engine, lead(1, "02-01", ("02-11", "status", "won")), lead(2, "02-20"))
    past = {"as_of": f"2024-03-01T{hour}:00+00:00"}
    row = company.row("leads", "2024-02", **FEBRUARY, **past)
    assert ("won_rate" in row.unfinished) == is_young
    codes = [note.code for note in company.report("leads", **FEBRUARY, **past).notes]
    assert ("too_young" in codes) == is_young

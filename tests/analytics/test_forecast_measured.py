"""Measured win rate of each step in the forecast, counted by hand."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from leadlight.analytics.engine.duckdb import Engine
from leadlight.analytics.query.scope import Scope
from tests.analytics.asking import MID_MARCH, ReportClient
from tests.analytics.forecasts import MARCH_TO_MAY, april, closed, figures, lead, to_come
from tests.analytics.worked import ANA, BO, DEAL
from tests.analytics.world import Fact, Lead, Named


def measured(engine: Engine, *more: Lead) -> tuple[dict[str | None, Any], list[str]]:
    company = ReportClient(engine, to_come(*more), MID_MARCH)
    result = company.report("forecast", **MARCH_TO_MAY)
    names = [note.phrase.values["steps"] for note in result.notes if note.code == "not_measured"]
    return figures(result, "measured_amount"), [name for steps in names for name in steps]


def test_a_win_rate_is_measured_from_30_leads_and_not_from_29(engine: Engine) -> None:
    # F10 was lost in Contact and F9 won there: with 28 that reached Deal, 30 reached Contact.
    amounts, unmeasured = measured(engine, *closed(7, 21, DEAL))
    assert unmeasured == ["Offer", "Deal"]
    # F1, F2 and F3 at the 60 % set for Deal, not their own; F12 at the 30 % set for Offer;
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


def test_win_rates_are_measured_on_the_last_365_days(engine: Engine) -> None:
    # The 365 days end on 15 March 2026 and begin on 16 March 2025.
    assert measured(engine, *a_year_before(closed(7, 23, DEAL, "03-16")))[1] == []
    steps = ["Contact", "Offer", "Deal"]
    assert measured(engine, *a_year_before(closed(7, 23, DEAL, "03-15")))[1] == steps


def a_year_before(leads: tuple[Lead, ...]) -> list[Lead]:
    def moved(fact: Fact) -> Fact:
        when = fact.occurred_at.replace(year=2025)
        return replace(fact, occurred_at=when, recorded_at=when)

    return [replace(lead, facts=tuple(map(moved, lead.facts))) for lead in leads]


def test_win_rates_are_measured_on_the_leads_that_the_reader_may_see(engine: Engine) -> None:
    company = ReportClient(engine, to_come(*closed(7, 23, DEAL)), MID_MARCH)
    ana, bo = (Scope(sees_all=False, user_id=user) for user in (ANA, BO))
    of_ana = company.report("forecast", ana, **MARCH_TO_MAY)
    of_bo = company.report("forecast", bo, **MARCH_TO_MAY)
    assert "not_measured" not in {note.code for note in of_ana.notes}
    assert "not_measured" in {note.code for note in of_bo.notes}
    assert of_bo.totals["open_leads"] == 1


def test_the_note_names_the_pipeline_of_each_step_when_there_are_several(engine: Engine) -> None:
    world = to_come(lead(13, pipeline=32, step=44, expected=april(4)))
    step = replace(world.steps[0], id=44, key="call", name="Call", pipeline_id=32)
    world = replace(
        world, pipelines=(*world.pipelines, Named(32, "q", "Q")), steps=(*world.steps, step)
    )
    company = ReportClient(engine, world, MID_MARCH)
    [note] = [n for n in company.report("forecast").notes if n.code == "not_measured"]
    assert note.phrase.values["steps"] == ["Contact (P)", "Offer (P)", "Deal (P)", "Call (Q)"]
    [note] = [n for n in company.report("forecast", pipeline="q").notes if n.code == "not_measured"]
    assert note.phrase.values["steps"] == ["Call"]

"""The forecast by step, counted by hand: set and measured probability, and its interval."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from leadlight.analytics.engine.duckdb import Engine
from leadlight.analytics.engine.run import run
from leadlight.analytics.metrics.columns import Rate
from leadlight.analytics.query.lead_filter import LeadFilter
from leadlight.analytics.query.scope import Scope
from leadlight.analytics.reports.forecast import step_probabilities as forecast_steps
from tests.analytics.agreeing import for_each_query
from tests.analytics.asking import MID_MARCH, ReportClient
from tests.analytics.forecasts import MARCH_TO_MAY, closed, noon, to_come
from tests.analytics.naive_forecast import Forecast
from tests.analytics.naive_step_history import closed_of_late
from tests.analytics.questions import SampleQuery
from tests.analytics.star import engine_of
from tests.analytics.test_forecast_naive import crowds
from tests.analytics.worked import BO, DEAL, OFFER
from tests.analytics.world import PastProbability, World, probability_at

pytestmark = pytest.mark.search

STEPS = {"view": "steps", "pipeline": "p"}


@pytest.fixture
def company(engine: Engine) -> ReportClient:
    return ReportClient(engine, to_come(*closed(7, 23, DEAL)), MID_MARCH)


def test_each_step_has_its_open_leads_its_set_and_its_measured_probability(
    company: ReportClient,
) -> None:
    result = company.report("forecast", **STEPS)
    actual = {
        row.key: (
            row.cells["open_leads"],
            row.cells["open_amount"],
            row.cells["set_probability"],
            row.cells["measured_rate"],
        )
        for row in result.rows
    }
    # F9 was won and F10 lost in Contact; all of the 30 others had reached every step.
    assert actual == {
        "contact": (6, Decimal("300.05"), 0.1, Rate(8, 32)),
        "offer": (1, Decimal("30.00"), 0.3, Rate(7, 30)),
        "deal": (3, Decimal("3000.00"), 0.6, Rate(7, 30)),
    }


def test_open_leads_are_weighted_by_set_and_by_measured_probabilities(
    company: ReportClient,
) -> None:
    result = company.report("forecast", **STEPS)
    keys = ("weighted_amount", "weighted_if_adopted")
    actual = {row.key: tuple(row.cells[key] for key in keys) for row in result.rows}
    # Measured are 8 of 32, 7 of 30 and 7 of 30. Two leads have a probability of their own.
    assert actual == {
        "contact": (Decimal("30.01"), Decimal("75.01")),  # 10 % and 25 % of 300
        "offer": (Decimal("9.00"), Decimal("6.90")),  # 30 % and 23 % of 30
        "deal": (Decimal("850.00"), Decimal("480.00")),  # 60 % and 23 % of 1000, and 25 % of 1000
    }
    assert tuple(result.totals[key] for key in keys) == (Decimal("889.01"), Decimal("561.91"))
    [forecast] = [
        row for row in company.report("forecast", **MARCH_TO_MAY).rows if row.key == "all_open"
    ]
    assert forecast.cells["weighted_amount"] == Decimal("889.01")


def test_without_a_measured_rate_the_set_probability_stays(engine: Engine) -> None:
    company = ReportClient(engine, to_come(), MID_MARCH)
    totals = company.report("forecast", **STEPS).totals
    assert totals["weighted_if_adopted"] == totals["weighted_amount"] == Decimal("889.01")


def test_measured_figures_state_the_last_365_days(company: ReportClient) -> None:
    # Today is 15 March 2026.
    note = company.report("forecast", **STEPS).notes[-1]
    assert str(note.phrase) == (
        "Win rates are measured on the leads closed in the last 365 days, "
        "from 2025-03-16 to 2026-03-15."
    )
    won = company.drilldown("forecast", "won_leads", "deal", **STEPS)
    assert str(won.own_filters.describe(lambda _name, key: key)[0]) == (
        "From 2025-03-16 to 2026-03-15."
    )
    [rule] = won.report.date_rules_of(won.column, won.filters)
    assert str(rule).endswith("in the last 365 days, from 2025-03-16 to 2026-03-15.")
    # The open leads of a step are of no period.
    [pipeline] = company.drilldown("forecast", "open_leads", "deal", **STEPS).own_filters.describe(
        lambda _name, key: key
    )
    assert str(pipeline) == "Pipeline: ['p']."


def test_the_measured_interval_is_the_wilson_interval(company: ReportClient) -> None:
    row = company.row("forecast", "deal", **STEPS)
    # For 7 of 30: centre (7 + 1.9208) / 33.8415, half width 0.1460.
    low, high = row.cells["measured_interval"]
    assert (low, high) == (pytest.approx(0.1179, abs=5e-5), pytest.approx(0.4093, abs=5e-5))


def test_a_lead_counts_in_each_step_it_reached_and_once_in_the_total(company: ReportClient) -> None:
    totals = company.report("forecast", **STEPS).totals
    assert (totals["measured_rate"], totals["set_probability"]) == (Rate(8, 32), None)
    assert company.drilldown("forecast", "measured_rate", **STEPS).count == 32
    assert company.drilldown("forecast", "won_leads", "deal", **STEPS).count == 7
    assert company.drilldown("forecast", "closed_leads", "contact", **STEPS).count == 32
    assert company.leads("forecast", "open_leads", "offer", **STEPS) == ["F12"]


def test_measured_rates_ignore_filters_but_respect_the_scope(company: ReportClient) -> None:
    of_bo = company.row("forecast", "deal", user="bo", **STEPS).cells
    assert (of_bo["open_leads"], of_bo["measured_rate"]) == (0, Rate(7, 30))
    bo = Scope(sees_all=False, user_id=BO)
    seen = next(row for row in company.report("forecast", bo, **STEPS).rows if row.key == "deal")
    assert seen.cells["measured_rate"] == Rate(0, 0)
    assert seen.cells["measured_interval"] is None


def test_as_of_a_past_day_has_the_probabilities_set_then(engine: Engine) -> None:
    past = (
        PastProbability(701, DEAL, 20, noon("02-01")),
        PastProbability(702, DEAL, None, noon("03-01")),
        PastProbability(703, OFFER, 90, noon("03-02")),
    )
    company = ReportClient(engine, replace(to_come(), past_probabilities=past), MID_MARCH)

    def set_for(step: str, as_of: str) -> object:
        return company.row("forecast", step, **STEPS, as_of=as_of).cells["set_probability"]

    days = ("2026-01-31", "2026-02-02", "2026-03-01", "2026-03-15")
    assert [set_for("deal", day) for day in days] == [0.2, None, 0.6, 0.6]
    assert [set_for("offer", day) for day in days] == [0.9, 0.9, 0.9, 0.3]
    # F1 at 20 %, F2 at its own 25 %, F4, F9 and F10 at 10 %, F12 in Offer at 90 %.
    then = company.report("forecast", **MARCH_TO_MAY, as_of="2026-01-31").rows[1].cells
    assert then["weighted_amount"] == Decimal("577.01")
    assert then["set_amount"] == Decimal("527.01")


def test_the_forecast_has_a_total_for_each_of_the_three_probabilities(
    company: ReportClient,
) -> None:
    april = company.row("forecast", "2026-04", **MARCH_TO_MAY).cells
    # 1000, 1000 and 30 of Deal and Offer, 0.05 of Contact. F2 has 25 % of its own.
    assert april["weighted_amount"] == Decimal("859.01")
    assert april["set_amount"] == Decimal("1209.01")
    assert april["measured_amount"] == Decimal("473.67")


def test_step_figures_equal_the_naive_count() -> None:
    seen = 0

    def agree(world: World, query: SampleQuery) -> None:
        nonlocal seen
        pipeline = ("pipeline", query.filters.keys("pipeline"))
        filters = replace(query.filters, compare=None, lead_filter=LeadFilter((pipeline,)))
        actual = run(forecast_steps.REPORT, filters, query.scope, engine_of(world), "EUR")
        oracle = Forecast(world, filters, query.scope)
        reached = closed_of_late(world, oracle.filters, oracle.scope)
        open_ = oracle.leads()[1]
        for row in actual.rows:
            [step] = [step for step in world.steps if step.key == row.key]
            won = reached.get(step.id, [])
            assert row.cells["measured_rate"] == Rate(sum(won), len(won))
            here = [stay for stay in open_ if stay.then.step_id == step.id]
            assert row.cells["open_leads"] == len(here)
            per_cent = probability_at(world, step, filters.as_of)
            assert row.cells["set_probability"] == (None if per_cent is None else per_cent / 100)
            seen += len(won)

    for_each_query("forecast.steps", agree, crowds, turns=2)
    assert seen > 100


def test_the_pipeline_filter_may_be_none_or_several(company: ReportClient) -> None:
    for keys in (["none"], [pipeline.key for pipeline in company.world.pipelines]):
        assert company.report("forecast", view="steps", pipeline=keys).columns

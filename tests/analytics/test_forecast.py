"""The forecast report, counted by hand."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from leadlight.analytics.engine.duckdb import Engine
from leadlight.analytics.query.phrases import BadFilter
from tests.analytics.asking import MID_MARCH, ReportClient
from tests.analytics.forecasts import MARCH_TO_MAY, figures, to_come
from tests.analytics.world import Category, Tag


@pytest.fixture
def company(engine: Engine) -> ReportClient:
    return ReportClient(engine, to_come(), MID_MARCH)


def test_an_open_lead_counts_on_its_expected_day_and_a_won_lead_on_its_closing_day(
    company: ReportClient,
) -> None:
    result = company.report("forecast", **MARCH_TO_MAY)
    assert figures(result, "open_leads") == {
        "2026-03": 1,
        "2026-04": 5,
        "2026-05": 1,
        "overdue": 1,
        "later": 1,
        "undated": 1,
        "all_open": 10,
        "total": 7,
    }
    won = figures(result, "won_amount")
    assert (won["2026-03"], won["2026-04"], won["total"]) == (500, 0, 500)


def test_the_probability_of_a_lead_even_0_overrides_that_of_its_step(
    company: ReportClient,
) -> None:
    result = company.report("forecast", **MARCH_TO_MAY)
    # April: 1000 at the step's 60 %, 1000 at the lead's own 25 %, 0.05 at 10 %, 30 at 30 %.
    assert figures(result, "weighted_amount") == {
        "2026-03": Decimal("8.00"),
        "2026-04": Decimal("859.01"),
        "2026-05": Decimal("0.00"),
        "overdue": Decimal("7.00"),
        "later": Decimal("6.00"),
        "undated": Decimal("9.00"),
        "all_open": Decimal("889.01"),
        "total": Decimal("867.01"),
    }
    assert figures(result, "open_amount")["2026-05"] == Decimal("1000.00")


def test_a_lead_without_any_probability_weighs_nothing_and_is_noted(engine: Engine) -> None:
    world = to_come()
    steps = tuple(replace(step, probability=None) for step in world.steps)
    company = ReportClient(engine, replace(world, steps=steps), MID_MARCH)
    result = company.report("forecast", **MARCH_TO_MAY)
    assert result.totals["weighted_amount"] == Decimal("250.00")
    notes = {note.code: note.count for note in result.notes}
    # F1, F4, F5, F7 and F12; F2 and F3 have probabilities of their own.
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


BELOW = ("overdue", "later", "undated", "all_open")


@pytest.mark.parametrize("grouping", ["bucket", "user", "team", "pipeline", "source"])
@pytest.mark.parametrize(
    ("days", "below"),
    [
        (("2026-03-01", "2026-03-31"), {"overdue": 1, "later": 7, "undated": 1, "all_open": 10}),
        # F7, expected today, and the five of April are still to come before May.
        (
            ("2026-05-01", "2026-05-02"),
            {"overdue": 1, "sooner": 6, "later": 2, "undated": 1, "all_open": 10},
        ),
        # A period that is over: what is not overdue is later.
        (("2026-02-01", "2026-02-28"), {"overdue": 1, "later": 8, "undated": 1, "all_open": 10}),
    ],
)
def test_the_other_open_leads_are_below_the_total_of_every_period(
    company: ReportClient, grouping: str, days: tuple[str, str], below: dict[str, int]
) -> None:
    asked = {"start": days[0], "to": days[1], "group_by": grouping}
    result = company.report("forecast", **asked)
    assert {row.key: row.cells["open_leads"] for row in result.further_rows} == below
    assert result.totals["open_leads"] + sum(below.values()) - below["all_open"] == 10
    assert company.leads("forecast", "open_leads", "overdue", **asked) == ["F6"]
    assert company.leads("forecast", "weighted_amount", "undated", **asked) == ["F8"]
    assert company.leads("forecast", "won_amount", "overdue", **asked) == []


def test_all_open_leads_are_those_open_in_the_company_on_that_day(company: ReportClient) -> None:
    everything = company.row("forecast", "all_open", **MARCH_TO_MAY).cells
    open_now = company.report("company", period="this_year").totals
    assert everything["open_leads"] == open_now["open_leads"] == 10
    # 3000 and 0.05 of March to May, 30 and 80, then 70 (F6), 60 (F11) and 90 (F8).
    assert everything["open_amount"] == open_now["open_amount"] == Decimal("3330.05")


@pytest.mark.parametrize("column", ["open_leads", "open_amount", "weighted_amount", "set_amount"])
def test_the_total_and_the_rows_below_it_add_up_to_all_open_leads(
    company: ReportClient, column: str
) -> None:
    result = company.report("forecast", **MARCH_TO_MAY)
    *parts, everything = (row.cells[column] for row in result.further_rows)
    assert result.totals[column] + sum(parts) == everything


def test_the_total_is_named_by_its_period(company: ReportClient) -> None:
    result = company.report("forecast", **MARCH_TO_MAY)
    assert str(result.total_title) == "Total 2026-03-01 – 2026-05-31"


def test_no_lead_is_both_overdue_and_in_the_current_month(company: ReportClient) -> None:
    # F6 was expected on the 14th of March, F7 is on the 15th, which is today.
    assert company.leads("forecast", "open_leads", "2026-03", **MARCH_TO_MAY) == ["F7"]
    listed = [
        key
        for row in company.report("forecast", **MARCH_TO_MAY).rows
        if row.key != "all_open"
        for key in company.leads("forecast", "open_leads", row.key, **MARCH_TO_MAY)
    ]
    assert len(listed) == len(set(listed)) == 10
    assert company.leads("forecast", "open_leads", "all_open", **MARCH_TO_MAY) == sorted(listed)


def test_today_is_the_local_day_of_as_of(company: ReportClient) -> None:
    # 22:59 in London is 23:59 of the 14th in Paris; a minute later it is the 15th there.
    before = company.report("forecast", **MARCH_TO_MAY, as_of="2026-03-14T22:59:59+00:00")
    assert figures(before, "open_leads")["2026-03"] == 2
    assert figures(before, "open_leads")["overdue"] == 0
    after = company.report("forecast", **MARCH_TO_MAY, as_of="2026-03-14T23:00:00+00:00")
    assert figures(after, "open_leads")["2026-03"] == 1
    assert figures(after, "open_leads")["overdue"] == 1


def test_a_forecast_as_of_a_past_day_ignores_later_records(company: ReportClient) -> None:
    # On 9 March F9, F10 and F12 were todo, and F6 was still to come.
    then = company.report("forecast", **MARCH_TO_MAY, as_of="2026-03-09")
    assert figures(then, "open_leads") == {
        "2026-03": 2,
        "2026-04": 7,
        "2026-05": 1,
        "overdue": 0,
        "later": 1,
        "undated": 1,
        "all_open": 12,
        "total": 10,
    }
    assert then.totals["won_amount"] == 0


def test_the_default_period_is_this_month_and_the_next_three(company: ReportClient) -> None:
    keys = [row.key for row in company.report("forecast").rows]
    assert keys == ["2026-03", "2026-04", "2026-05", "2026-06", *BELOW]
    weeks = [row.key for row in company.report("forecast", period="next_8_weeks").rows]
    assert (weeks[0], weeks[8], len(weeks)) == ("2026-W11", "2026-W19", 13)
    days = [row.key for row in company.report("forecast", period="next_7_days").rows]
    assert (days[0], days[7], len(days)) == ("2026-03-15", "2026-03-22", 12)


# The list


def test_a_list_begins_with_the_greatest_weighted_amount(company: ReportClient) -> None:
    found = company.drilldown("forecast", "open_leads", "2026-04", **MARCH_TO_MAY)
    actual = [(row["lead"], row["weight"], row["weighted_amount"]) for row in found.rows]
    assert actual == [
        ("F1", Decimal("0.60"), Decimal("600.00")),
        ("F2", Decimal("0.25"), Decimal("250.00")),
        ("F12", Decimal("0.30"), Decimal("9.00")),
        ("F4", Decimal("0.10"), Decimal("0.01")),
        ("F5", Decimal("0.10"), None),
    ]
    assert found.amount == Decimal("2030.05")
    weighted = company.drilldown("forecast", "weighted_amount", "2026-04", **MARCH_TO_MAY)
    assert weighted.amount == Decimal("859.01")
    assert weighted.count == 5


def test_a_list_of_won_leads_has_no_weights(company: ReportClient) -> None:
    found = company.drilldown("forecast", "won_amount", **MARCH_TO_MAY)
    assert [row["lead"] for row in found.rows] == ["F9"]
    assert "weight" not in found.spec.keys
    with pytest.raises(BadFilter, match="Unknown column: “weight”"):
        company.drilldown("forecast", "won_amount", how={"order": "weight"}, **MARCH_TO_MAY)


# Credit


def test_open_leads_are_credited_to_the_owner_or_by_a_switch_to_the_creator(
    company: ReportClient,
) -> None:
    owners = company.report("forecast", group_by="user", **MARCH_TO_MAY)
    assert figures(owners, "open_leads") == {
        "ana": 6,
        "bo": 1,
        "overdue": 1,
        "later": 1,
        "undated": 1,
        "all_open": 10,
        "total": 7,
    }
    creators = company.report("forecast", group_by="user", credit="creator", **MARCH_TO_MAY)
    assert figures(creators, "open_leads")["bo"] == 7
    of_bo = company.report("forecast", user="bo", **MARCH_TO_MAY)
    assert figures(of_bo, "open_leads")["overdue"] == 0


# Rows of tags


def test_the_forecast_can_be_grouped_by_tag(engine: Engine) -> None:
    world = to_come()
    leads = tuple(replace(one, tag_ids=(61,) if one.key == "F1" else ()) for one in world.leads)
    world = replace(
        world, leads=leads, categories=(Category(51, "c", "C"),), tags=(Tag(61, "big", "Big", 51),)
    )
    company = ReportClient(engine, world, MID_MARCH)
    result = company.report("forecast", group_by="category:c", **MARCH_TO_MAY)
    weighted = figures(result, "weighted_amount")
    assert (weighted["big"], weighted[None], weighted["overdue"]) == (
        Decimal("600.00"),
        Decimal("267.01"),
        Decimal("7.00"),
    )

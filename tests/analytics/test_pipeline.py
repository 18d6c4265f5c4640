"""Pipeline performance of the worked company, counted by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from leadlight.analytics.engine.duckdb import Engine
from leadlight.analytics.metrics.columns import Rate
from leadlight.analytics.query.phrases import BadFilter
from tests.analytics.asking import ReportClient
from tests.analytics.busy import NOW, lead
from tests.analytics.laws import PARIS
from tests.analytics.strategies import company as company_of
from tests.analytics.worked import worked_company

JANUARY = {"start": "2026-01-01", "to": "2026-01-31", "pipeline": "p"}
FEBRUARY = {"start": "2026-02-01", "to": "2026-02-28", "pipeline": "p"}
OUTCOMES = ("advanced", "won", "lost", "cancelled", "moved_back", "left_pipeline", "still_here")


@pytest.fixture
def company(engine: Engine) -> ReportClient:
    return ReportClient(engine, worked_company())


def outcomes_by_step(company: ReportClient, **query: Any) -> dict[str, dict[str, int]]:
    """Return, by step, the numbers of leads entered and of each outcome, without zeros."""
    rows = company.report("pipeline", **query).rows
    return {
        str(row.key): {key: row.cells[key] for key in ("entered", *OUTCOMES) if row.cells[key]}
        for row in rows
    }


def test_entries_in_january_have_these_outcomes(company: ReportClient) -> None:
    assert outcomes_by_step(company, **JANUARY) == {
        "contact": {"entered": 3, "advanced": 2, "lost": 1},
        "offer": {"entered": 2, "advanced": 2},
        "deal": {"entered": 2, "won": 2},
    }


def test_entries_in_january_leave_out_skipped_steps_by_the_switch(company: ReportClient) -> None:
    assert outcomes_by_step(company, **JANUARY, skipping="visited") == {
        "contact": {"entered": 3, "advanced": 2, "lost": 1},
        "offer": {"entered": 1, "advanced": 1},
        "deal": {"entered": 2, "won": 2},
    }


def test_the_total_is_the_whole_pipeline_in_which_nothing_advances(company: ReportClient) -> None:
    result = company.report("pipeline", **JANUARY)
    assert str(result.total_title) == "Whole pipeline"
    totals = result.totals
    for name in ("advanced", "advanced_amount", "cumulative_rate"):
        assert totals[name] is None
    assert totals["conversion_rate"] == Rate(2, 3)
    named = next(one for one in result.columns if one.key == "conversion_rate")
    assert str(result.title_in_total(named)) == "Win rate of entries"


@pytest.mark.parametrize("skipping", ["reached", "visited"])
def test_entries_in_february_have_these_outcomes(company: ReportClient, skipping: str) -> None:
    assert outcomes_by_step(company, **FEBRUARY, skipping=skipping) == {
        "contact": {"entered": 2, "advanced": 1, "still_here": 1},
        "offer": {"entered": 1, "moved_back": 1},
        "deal": {},
    }


def test_rows_are_the_steps_in_their_order(company: ReportClient) -> None:
    rows = company.report("pipeline", **JANUARY).rows
    assert [(row.key, row.label) for row in rows] == [
        ("contact", "Contact"),
        ("offer", "Offer"),
        ("deal", "Deal"),
    ]


def test_the_total_counts_each_lead_once_by_its_last_outcome(company: ReportClient) -> None:
    january = company.report("pipeline", **JANUARY).totals
    assert {key: january[key] for key in ("entered", *OUTCOMES) if january[key]} == {
        "entered": 3,
        "won": 2,
        "lost": 1,
    }
    # L4 moved back to Contact and was cancelled there; L5 was re-opened there.
    february = company.report("pipeline", **FEBRUARY).totals
    assert {key: february[key] for key in ("entered", *OUTCOMES) if february[key]} == {
        "entered": 2,
        "cancelled": 1,
        "still_here": 1,
    }
    assert january["conversion_rate"] == Rate(2, 3)
    assert company.leads("pipeline", "won", **JANUARY) == ["L1", "L2"]


def test_as_of_an_earlier_day_later_outcomes_are_unknown(company: ReportClient) -> None:
    # On 15 January L2 was still in Contact, and L1 in Offer.
    assert outcomes_by_step(company, **JANUARY, as_of="2026-01-15") == {
        "contact": {"entered": 3, "advanced": 1, "still_here": 2},
        "offer": {"entered": 1, "still_here": 1},
        "deal": {},
    }


def test_a_lead_won_as_of_a_past_day_is_won_in_its_step(company: ReportClient) -> None:
    first_of_march = outcomes_by_step(company, **FEBRUARY, as_of="2026-03-01")
    assert first_of_march["contact"] == {"entered": 2, "advanced": 1, "won": 1}


def test_counts_have_amounts(company: ReportClient) -> None:
    contact = company.row("pipeline", "contact", **JANUARY).cells
    assert contact["entered_amount"] == Decimal(1700)
    assert contact["advanced_amount"] == Decimal(1500)
    assert contact["lost_amount"] == Decimal(200)
    assert company.row("pipeline", "deal", **JANUARY).cells["won_amount"] == Decimal(1500)


def test_conversion_rates_are_by_step_and_cumulative_from_the_first(company: ReportClient) -> None:
    rates = [
        (row.cells["conversion_rate"], row.cells["cumulative_rate"])
        for row in company.report("pipeline", **JANUARY).rows
    ]
    assert rates == [(Rate(2, 3), Rate(3, 3)), (Rate(2, 2), Rate(2, 3)), (Rate(2, 2), Rate(2, 3))]


def test_days_in_step_are_of_ended_stays(company: ReportClient) -> None:
    january = {row.key: row.cells for row in company.report("pipeline", **JANUARY).rows}
    # Contact: L1 5 days; L2 from 6 January 10:00 to the 16th 9:00; L3 34 days and an hour, then
    # lost. Offer: L1 10 days. Deal: L1 14.125 days, then won; L2 15 days, 14 hours and a half.
    assert january["contact"]["median_days_in_step"] == pytest.approx(10 - 1 / 24)
    assert january["contact"]["p75_days_in_step"] == pytest.approx((10 - 1 / 24 + 34 + 1 / 24) / 2)
    assert january["offer"]["median_days_in_step"] == 10
    second = 15 + 14.5 / 24
    assert january["deal"]["median_days_in_step"] == pytest.approx((14.125 + second) / 2)


def test_a_stay_that_begins_after_the_closing_is_left_out(engine: Engine) -> None:
    # Won on the 5th, then moved on the 8th and the 9th: only the first stay counts.
    moved = (("02-08", "step", 41), ("02-09", "step", 42))
    world = company_of(PARIS, (lead(1, "02-01", ("02-05", "status", "won"), *moved),))
    asked = ReportClient(engine, world, NOW)
    days = {
        row.key: row.cells["median_days_in_step"]
        for row in asked.report(
            "pipeline", start="2024-02-01", to="2024-02-29", pipeline="loans"
        ).rows
    }
    assert days == {"step-0": 7, "step-1": None, "step-2": None}


def test_days_here_are_the_days_since_the_lead_entered_the_step(company: ReportClient) -> None:
    # L5 was created on 31 January at 23:10 UTC; now is 15 March, 11:00 UTC.
    contact = company.row("pipeline", "contact", **FEBRUARY).cells
    assert contact["median_days_here"] == pytest.approx(42 + (11 + 50 / 60) / 24)
    assert company.row("pipeline", "deal", **FEBRUARY).cells["median_days_here"] is None


def test_days_here_grow_with_time(company: ReportClient) -> None:
    before = company.row("pipeline", "contact", **FEBRUARY).cells["median_days_here"]
    later = ReportClient(company.engine, company.world, company.now.replace(hour=17))
    after = later.row("pipeline", "contact", **FEBRUARY).cells["median_days_here"]
    assert after - before == pytest.approx(0.25)  # type: ignore[operator]


def test_every_figure_lists_its_leads(company: ReportClient) -> None:
    assert company.leads("pipeline", "entered", "offer", **JANUARY) == ["L1", "L2"]
    assert company.leads("pipeline", "lost", "contact", **JANUARY) == ["L3"]
    assert company.leads("pipeline", "cumulative_rate", "deal", **JANUARY) == ["L1", "L2", "L3"]
    assert company.leads("pipeline", "median_days_in_step", "offer", **JANUARY) == ["L1"]
    assert company.leads("pipeline", "median_days_here", "contact", **FEBRUARY) == ["L5"]


def test_entries_are_credited_to_the_owner_or_to_the_creator(company: ReportClient) -> None:
    assert company.leads("pipeline", "entered", "contact", **JANUARY, user="ana") == ["L1", "L2"]
    assert company.leads("pipeline", "entered", "contact", **JANUARY, user="bo") == ["L3"]
    by_creator = {**JANUARY, "user": "ana", "credit": "creator"}
    assert company.leads("pipeline", "entered", "contact", **by_creator) == ["L1", "L2", "L3"]


@pytest.mark.parametrize("keys", [[], ["none"], ["p", "q"], ["p", "none"]])
@pytest.mark.parametrize("view", ["", "moves", "people", "between", "ageing"])
def test_the_report_requires_exactly_one_pipeline(
    company: ReportClient, keys: list[str], view: str
) -> None:
    with pytest.raises(BadFilter, match="This report shows one pipeline"):
        company.report("pipeline", **(JANUARY | {"pipeline": keys, "view": view}))


# Moves


def test_moves_of_january_and_february_are_counted_by_both_steps(company: ReportClient) -> None:
    def moves(**query: Any) -> dict[str | None, dict[str, Any]]:
        rows = company.report("pipeline", view="moves", **query).rows
        return {row.key: {key: n for key, n in row.cells.items() if n} for row in rows}

    assert moves(**JANUARY) == {
        "contact": {"moves": 2, "moved_amount": Decimal(1500), "to:offer": 1, "to:deal": 1},
        "offer": {"moves": 1, "moved_amount": Decimal(1000), "to:deal": 1},
        "deal": {},
    }
    assert moves(**FEBRUARY) == {
        "contact": {"moves": 1, "moved_amount": Decimal(800), "to:offer": 1},
        "offer": {"moves": 1, "moved_amount": Decimal(800), "to:contact": 1},
        "deal": {},
    }
    assert company.leads("pipeline", "to:deal", "contact", view="moves", **JANUARY) == ["L2"]
    assert company.leads("pipeline", "to:deal", view="moves", **JANUARY) == ["L1", "L2"]


# Ageing


def test_open_leads_are_counted_by_their_days_in_the_step(engine: Engine) -> None:
    # Ages on 10 April, from the last entry: L1 5, L2 8, L3 30, L4 31, L5 91 and L6 0 days.
    leads = (
        lead(1, "01-01", ("04-05", "step", 41)),
        lead(2, "04-02"),
        lead(3, "03-11", amount=None),
        lead(4, "03-10"),
        lead(5, "01-10"),
        lead(6, "04-10", step=42),
        lead(7, "01-10", ("02-01", "status", "lost")),
    )
    asked = ReportClient(engine, company_of(PARIS, leads), NOW)
    query = {"view": "ageing", "pipeline": "loans"}
    result = asked.report("pipeline", **query)
    rows = {row.key: dict(row.cells) for row in result.rows} | {None: dict(result.totals)}
    bands = ("open", "week", "month", "quarter", "older")
    assert {key: [cells[f"{band}_leads"] for band in bands] for key, cells in rows.items()} == {
        "step-0": [4, 0, 2, 1, 1],
        "step-1": [1, 1, 0, 0, 0],
        "step-2": [1, 1, 0, 0, 0],
        None: [6, 2, 2, 1, 1],
    }
    assert rows["step-0"]["month_amount"] == Decimal(100)  # L3 has none
    assert (rows["step-0"]["median_age"], rows["step-0"]["oldest_age"]) == (30.5, 91)
    assert (rows["step-1"]["median_age"], rows[None]["oldest_age"]) == (5, 91)
    assert asked.leads("pipeline", "month_leads", "step-0", **query) == ["L2", "L3"]
    assert asked.leads("pipeline", "oldest_age", "step-1", **query) == ["L1"]
    assert {note.code: note.count for note in result.notes}["long_unknown"] == 6


@pytest.mark.parametrize(("gone", "long", "unknown"), [(10, ["L21", "L22"], 5), (9, [], 3 + 5)])
def test_long_stays_are_listed_from_ten_stays_that_ended_onward(
    engine: Engine, gone: int, long: list[str], unknown: int
) -> None:
    # Half of the stays ended with a move to a later step, half with the lead won, after 4 days. The
    # stays that ended otherwise were longer; they do not count.
    onward = [
        lead(number, "03-01", ("03-05", *(("step", 42) if number % 2 else ("status", "won"))))
        for number in range(1, gone + 1)
    ]
    lost = [lead(number, "02-01", ("03-30", "status", "lost")) for number in range(30, 45)]
    open_ones = [lead(20, "04-06"), lead(21, "04-05"), lead(22, "01-02")]
    asked = ReportClient(engine, company_of(PARIS, (*onward, *lost, *open_ones)), NOW)
    query = {"view": "ageing", "pipeline": "loans"}
    assert asked.leads("pipeline", "long_leads", "step-0", **query) == long
    # No stay in the step to which five leads moved has ended.
    notes = asked.report("pipeline", **query).notes
    assert [note.count for note in notes if note.code == "long_unknown"] == [unknown]


# People


def test_the_people_view_has_entries_and_rates_by_user_and_step(company: ReportClient) -> None:
    rows = company.report("pipeline", view="people", **JANUARY).rows
    cells_by_user = {
        row.key: {key: cell for key, cell in row.cells.items() if cell} for row in rows
    }
    assert cells_by_user["ana"] == {
        "entered:contact": 2,
        "rate:contact": Rate(2, 2),
        "entered:offer": 2,
        "rate:offer": Rate(2, 2),
        "entered:deal": 2,
        "rate:deal": Rate(2, 2),
    }
    assert (cells_by_user["bo"]["entered:contact"], cells_by_user["bo"]["rate:contact"]) == (
        1,
        Rate(0, 1),
    )
    visited = {**JANUARY, "skipping": "visited", "view": "people"}
    assert company.row("pipeline", "ana", **visited).cells["entered:offer"] == 1


# Between two days


def between(company: ReportClient, **query: Any) -> dict[str | None, dict[str, Any]]:
    result = company.report("pipeline", view="between", **query)
    rows = {row.key: row.cells for row in result.rows} | {"whole": result.totals}
    return {
        key: {name: n for name, n in cells.items() if n and not name.endswith("_amount")}
        for key, cells in rows.items()
    }


def test_the_between_view_compares_two_days(company: ReportClient) -> None:
    # On 15 January L1 is in Offer, L2 and L3 in Contact. At the end of 10 February L1 and L2 are
    # won, L3 is lost, and L4 and L5 are in Contact.
    days = {"start": "2026-01-15", "to": "2026-02-10", "pipeline": "p"}
    assert between(company, **days) == {
        "contact": {"at_start": 2, "came_in": 2, "won": 1, "lost": 1, "at_end": 2},
        "offer": {"at_start": 1, "won": 1},
        "deal": {},
        "whole": {"at_start": 3, "came_in": 2, "won": 2, "lost": 1, "at_end": 2},
    }
    assert company.leads("pipeline", "won", "offer", view="between", **days) == ["L1"]
    assert company.leads("pipeline", "came_in", view="between", **days) == ["L4", "L5"]


def test_moves_within_the_pipeline_have_no_total_between_two_days(company: ReportClient) -> None:
    days = {"start": "2026-01-09", "to": "2026-01-20", "pipeline": "p"}
    totals = company.report("pipeline", view="between", **days).totals
    for name in ("moved_up", "moved_up_amount", "moved_down", "moved_down_amount"):
        assert totals[name] is None
    assert totals["left"] == 0


def test_the_cards_of_two_days_name_the_days_and_the_leads_of_the_first(
    company: ReportClient,
) -> None:
    days = {"start": "2026-01-15", "to": "2026-02-10", "pipeline": "p"}
    result = company.report("pipeline", view="between", **days)
    titles = {one.key: str(result.title_in_total(one)) for one in result.columns}
    assert titles["at_start"] == "Open on 2026-01-15"
    assert titles["won"] == "Won, of the 3 open on 2026-01-15"
    assert titles["at_end"] == "Open on 2026-02-10"
    assert titles["left"] == "Other exits"


def test_a_move_leaves_one_step_and_comes_into_another(company: ReportClient) -> None:
    days = {"start": "2026-01-09", "to": "2026-01-20", "pipeline": "p"}
    assert between(company, **days) == {
        "contact": {"at_start": 3, "moved_up": 2, "at_end": 1},
        "offer": {},
        "deal": {"came_in": 2, "at_end": 2},
        "whole": {"at_start": 3, "at_end": 3},
    }
    back = {"start": "2026-02-06", "to": "2026-02-08", "pipeline": "p"}
    assert between(company, **back)["offer"] == {"at_start": 1, "moved_down": 1}


def test_a_handed_over_lead_leaves_one_user_and_comes_to_the_other(company: ReportClient) -> None:
    days = {"start": "2026-01-08", "to": "2026-01-09", "pipeline": "p"}
    ana, bo = (between(company, **days, user=user)["contact"] for user in ("ana", "bo"))
    assert ana == {"at_start": 3, "left": 1, "at_end": 2}
    assert bo == {"came_in": 1, "at_end": 1}
    left = company.drilldown("pipeline", "left", "contact", view="between", user="ana", **days)
    assert [(lead["lead"], lead["owner"], lead["credited"]) for lead in left.rows] == [
        ("L3", "Bo", "Ana")
    ]


def test_the_last_day_is_not_later_than_as_of(company: ReportClient) -> None:
    # The closing of 20 February was not yet recorded on 15 February.
    days = {"start": "2026-02-10", "to": "2026-02-28", "pipeline": "p", "as_of": "2026-02-15"}
    assert between(company, **days)["contact"] == {"at_start": 2, "won": 1, "at_end": 1}


def test_the_default_period_is_this_month_until_now(company: ReportClient) -> None:
    # L5 was re-opened on 2 March.
    result = company.report("pipeline", view="between", pipeline="p")
    assert str(result.period.first) == "2026-03-01"
    assert between(company, pipeline="p")["contact"] == {"came_in": 1, "at_end": 1}

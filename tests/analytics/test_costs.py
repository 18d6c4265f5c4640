"""Costs in reports: hand-made figures of a trade show, a campaign and two lists.

It is 15 March 2026. The stand costs 90.00 from January to March: 1.00 on each of 90 days.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from leadlight.analytics.insight.changes.changes import report_changes
from leadlight.analytics.query.periods import Calendar
from leadlight.analytics.query.query_params import Clock
from leadlight.analytics.query.scope import ALL_LEADS, Scope
from tests.analytics.asking import ReportClient
from tests.analytics.worked import ANA, BO, worked_company
from tests.analytics.world import Category, Cost, Prospect, ProspectingList, Tag, World

JANUARY = {"start": "2026-01-01", "to": "2026-01-31"}
FEBRUARY = {"start": "2026-02-01", "to": "2026-02-28"}
QUARTER = {"start": "2026-01-01", "to": "2026-03-31"}
BY_ACTION = {"group_by": "category:action"}
OLD, MARCH_10 = datetime(2025, 12, 1, tzinfo=UTC), datetime(2026, 3, 10, tzinfo=UTC)
FIRST, LAST = date(2026, 1, 1), date(2026, 3, 31)
STAND = Cost(1, "Stand", Decimal(90), FIRST, LAST, OLD, tag_id=61)
SALON, WEB = 61, 62


def company_with(*costs: Cost) -> World:
    """Return the worked company: L1 is of the show and of the web, L2 of the show.

    L1 was the prospect P1 of the list of web addresses, which Bo imported on 4 January.
    """
    world = worked_company()
    first, second, *others = world.leads
    converted = datetime(2026, 1, 5, 9, tzinfo=UTC)
    return replace(
        world,
        categories=(Category(51, "action", "Action"),),
        tags=(Tag(SALON, "salon", "Salon", 51), Tag(WEB, "web", "Web", 51)),
        leads=(
            replace(first, tag_ids=(SALON, WEB), prospect_id=401, prospecting_list_id=82),
            replace(second, tag_ids=(SALON,)),
            *others,
        ),
        prospecting_lists=(
            ProspectingList(81, "fair", "Fair", ANA, date(2026, 1, 4), "show", Decimal(100)),
            ProspectingList(82, "addresses", "Addresses", BO, date(2026, 1, 4), "web"),
        ),
        prospects=(Prospect(401, "P1", 82, converted, BO, converted),),
        costs=costs,
    )


@pytest.fixture
def shows(engine) -> ReportClient:
    flyers = Cost(
        2, "Flyers", Decimal("0.10"), date(2026, 1, 30), date(2026, 2, 1), OLD, tag_id=WEB
    )
    return ReportClient(engine, company_with(STAND, flyers))


@pytest.fixture
def lists(engine) -> ReportClient:
    bought = Cost(3, "Addresses", Decimal(30), FIRST, LAST, OLD, prospecting_list_id=82)
    ads = Cost(4, "Ads", Decimal(59), date(2026, 2, 1), LAST, OLD, source="web")
    return ReportClient(engine, company_with(bought, ads))


def costs_of(cells) -> tuple[object, object, object]:
    rate = cells["return_on_cost"]
    return cells["cost"], (rate.numerator, rate.denominator), cells["cost_per_won_lead"]


# By category


def test_a_month_of_a_cost_of_three_months(shows):
    result = shows.report("categories", **FEBRUARY, **BY_ACTION)
    rows = {row.key: costs_of(row.cells) for row in result.rows}
    cost = Decimal("0.04")  # of 0.03, 0.03 and 0.04 on three days
    assert rows["salon"] == (28, (1500, 28), 14)
    assert rows["web"] == (cost, (1000, cost), cost)
    assert costs_of(result.totals) == (
        Decimal("28.04"),
        (1500, Decimal("28.04")),
        Decimal("14.02"),
    )


def test_without_a_won_lead_there_is_no_cost_of_one(shows):
    result = shows.report("categories", **JANUARY, **BY_ACTION)
    rows = {row.key: costs_of(row.cells) for row in result.rows}
    assert rows["salon"] == (31, (0, 31), None)
    assert costs_of(result.totals)[0] == Decimal("31.06")


def test_days_to_come_do_not_cost_yet(shows):
    total = costs_of(shows.report("categories", **QUARTER, **BY_ACTION).totals)
    assert total[0] == Decimal(31 + 28 + 15) + Decimal("0.10")


@pytest.mark.parametrize("amount", ["0.00", "0.01", "0.89", "1000.01", "999999999999.99"])
def test_days_add_up_to_the_cost(amount, engine):
    cost = replace(STAND, amount=Decimal(amount), last_on=date(2026, 1, 7))
    client = ReportClient(engine, company_with(cost))
    days = [f"2026-01-0{day}" for day in range(1, 8)]
    parts = [
        client.report("categories", start=day, to=day, **BY_ACTION).totals["cost"] for day in days
    ]
    cents = int(Decimal(amount) * 100)
    places = range(7)
    assert [part * 100 for part in parts] == [
        cents * (place + 1) // 7 - cents * place // 7 for place in places
    ]
    assert sum(parts) == Decimal(amount)


def test_a_cost_counts_from_the_instant_at_which_it_was_recorded(engine):
    client = ReportClient(engine, company_with(replace(STAND, created_at=MARCH_10)))
    asked = {**FEBRUARY, **BY_ACTION}
    assert client.report("categories", **asked).totals["cost"] == 28
    past = client.report("categories", as_of="2026-03-09T00:00:00Z", **asked)
    assert past.totals["cost"] is None


def test_a_filter_leaves_costs_out_and_a_note_counts_them(shows):
    asked = {**FEBRUARY, **BY_ACTION}
    for narrowed in ({"user": "ana"}, {"pipeline": "p"}, {"tag": "salon"}, {"user": "none"}):
        result = shows.report("categories", **asked, **narrowed)
        for row in (*(one.cells for one in result.rows), result.totals):
            assert costs_of(row) == (None, (0, 0), None)
        assert {note.code: note.count for note in result.notes}["undivided_costs"] == 2
    found = shows.drilldown("categories", "undivided_costs", user="ana", **asked)
    assert sorted(row["cost"] for row in found.rows) == ["Flyers", "Stand"]


def test_readers_of_some_leads_see_no_cost_of_tags(shows):
    result = shows.report("categories", Scope(False, ANA), **FEBRUARY, **BY_ACTION)
    assert costs_of(result.totals) == (None, (0, 0), None)
    codes = {note.code for note in result.notes}
    assert "costs" in codes
    assert "undivided_costs" not in codes


def test_a_cost_lists_its_costs(shows):
    asked = {**FEBRUARY, **BY_ACTION}
    found = shows.drilldown("categories", "cost", "salon", **asked)
    assert found.rows == (
        {
            "cost": "Stand",
            "spent_on": "Salon",
            "first_on": FIRST,
            "last_on": LAST,
            "whole_amount": Decimal(90),
            "amount": Decimal(28),
        },
    )
    assert (found.subject, found.count, found.amount) == ("cost", 1, 28)
    assert shows.drilldown("categories", "cost", **asked).amount == Decimal("28.04")


# Prospecting lists


def test_by_list_a_cost_of_a_source_has_a_row_of_its_own(lists):
    result = lists.report("prospecting", prospects_by="event", **FEBRUARY)
    rows = {row.key: costs_of(row.cells) for row in result.rows}
    cost = Decimal("9.33")  # of 30.00: 19.66 until 28 February, 10.33 until 31 January
    assert rows["addresses"] == (cost, (1000, cost), cost)
    assert rows[None] == (28, (0, 28), None)
    whole = Decimal("37.33")
    assert costs_of(result.totals) == (whole, (1000, whole), whole)


def test_by_source_a_source_has_the_costs_of_its_lists_and_its_own(lists):
    asked = {"prospects_by": "event", "group_by": "source", **FEBRUARY}
    result = lists.report("prospecting", **asked)
    whole = Decimal("37.33")
    assert {row.key: costs_of(row.cells) for row in result.rows} == {
        "web": (whole, (1000, whole), whole)
    }
    assert costs_of(result.totals) == (whole, (1000, whole), whole)


def test_by_day_of_import_a_list_counts_with_its_costs_until_today(lists):
    result = lists.report("prospecting", **JANUARY)
    rows = {row.key: row.cells["cost"] for row in result.rows}
    assert rows == {"addresses": Decimal("24.66"), "fair": Decimal(100)}
    assert lists.report("prospecting", **FEBRUARY).totals["cost"] == 28


def test_by_user_a_list_costs_its_owner(lists):
    asked = {"prospects_by": "event", "group_by": "user", **FEBRUARY}
    rows = {row.key: row.cells["cost"] for row in lists.report("prospecting", **asked).rows}
    assert (rows["bo"], rows["ana"], rows[None]) == (Decimal("9.33"), None, 28)


def test_another_filter_leaves_the_costs_of_sources_out(lists):
    asked = {"prospects_by": "event", **FEBRUARY}
    for narrowed in ({"user": "bo"}, {"prospecting_list": "addresses"}, {"team": "sales"}):
        result = lists.report("prospecting", **asked, **narrowed)
        assert result.totals["cost"] == Decimal("9.33")
        assert {note.code: note.count for note in result.notes}["undivided_costs"] == 1
    unassigned = lists.report("prospecting", user="none", **asked)
    assert unassigned.totals["cost"] is None


def test_a_reader_of_some_leads_sees_the_costs_of_the_lists_of_colleagues(lists):
    asked = {"prospects_by": "event", **FEBRUARY}
    own = lists.report("prospecting", Scope(False, BO), **asked)
    other = lists.report("prospecting", Scope(False, ANA), **asked)
    assert (own.totals["cost"], other.totals["cost"]) == (Decimal("9.33"), None)


def test_a_list_with_a_cost_of_its_own_is_among_the_costs(lists):
    found = lists.drilldown("prospecting", "cost", **JANUARY)
    assert {(row["cost"], row["spent_on"], row["amount"]) for row in found.rows} == {
        ("Fair", "Fair", Decimal(100)),
        ("Addresses", "Addresses", Decimal("24.66")),
    }
    assert found.amount == Decimal("124.66")


def test_a_new_cost_is_a_change_since_it_was_recorded(engine):
    client = ReportClient(engine, company_with(replace(STAND, created_at=MARCH_10)))
    report, filters = client.read("categories", {**FEBRUARY, **BY_ACTION})
    clock = Clock(client.now, client.world.zone, Calendar(), filters.period.first)
    found = report_changes(
        *(report, filters, datetime(2026, 3, 9, tzinfo=UTC), ALL_LEADS, engine, clock),
        column_key="cost",
    )
    [one] = [difference for difference in found.differences if difference.column.key == "cost"]
    assert (one.then, one.now, one.by) == (None, 28, 28)
    assert one.reasons == {"recorded": (1, 28)}
    [changed] = found.changed
    assert (changed.row["cost"], changed.row["whole_amount"], changed.now) == ("Stand", 90, 28)

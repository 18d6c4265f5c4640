"""The attribution bridge between two credit rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import ibis
import pytest

from leadlight.analytics.engine.duckdb import Engine
from leadlight.analytics.insight.attribution_bridge import (
    MovedLeads,
    build_bridge,
    has_bridge,
    moved_leads,
)
from leadlight.analytics.query.lead_filter import WITHOUT
from leadlight.analytics.query.phrases import BadFilter
from leadlight.analytics.query.scope import ALL_LEADS
from tests.analytics.asking import ReportClient
from tests.analytics.laws import LawQuery, check_law
from tests.analytics.questions import TABLES
from tests.analytics.star import engine_of
from tests.analytics.worked import worked_company
from tests.analytics.world import Goal, World

pytestmark = pytest.mark.search

TRIED = [name for name, table in TABLES.items() if has_bridge(table)]


@pytest.fixture
def company(engine: Engine) -> ReportClient:
    return ReportClient(engine, worked_company())


JANUARY = {"start": "2026-01-01", "to": "2026-01-31"}


def test_januarys_creations_move_from_ana_to_bo(company: ReportClient) -> None:
    """Ana created L3, and Bo owns it now."""
    report, filters = company.read("team", JANUARY)
    found = build_bridge(report, filters, ALL_LEADS, company.engine, "created_leads")
    steps = {
        user_row.key: (user_row.before, user_row.received, user_row.handed_over, user_row.after)
        for user_row in found.rows
    }
    assert steps == {"ana": (3, 0, 1, 2), "bo": (0, 1, 0, 1)}
    assert (found.total.received, found.total.handed_over, found.total.after) == (1, 1, 3)
    given_by_ana = moved_leads(found, ALL_LEADS, company.engine, "ana", "given")
    assert given_by_ana.count == 1
    assert [(lead.lead, lead.amount) for lead in given_by_ana.leads] == [("L3", 1)]
    assert moved_leads(found, ALL_LEADS, company.engine, "ana", "taken").leads == ()
    assert moved_leads(found, ALL_LEADS, company.engine, "bo", "taken").leads == given_by_ana.leads


def test_no_lead_moves_in_january_when_credit_goes_to_the_creator(company: ReportClient) -> None:
    report, filters = company.read("team", {**JANUARY, "credit": "creator"})
    found = build_bridge(report, filters, ALL_LEADS, company.engine, "created_leads")
    assert [(user_row.key, user_row.received, user_row.handed_over) for user_row in found.rows] == [
        ("ana", 0, 0)
    ]


def test_a_rate_has_no_bridge(company: ReportClient) -> None:
    report, filters = company.read("team", JANUARY)
    with pytest.raises(BadFilter):
        build_bridge(report, filters, ALL_LEADS, company.engine, "win_rate")


def test_a_goal_has_no_bridge(engine: Engine) -> None:
    """A goal belongs to a user and has no leads that could be handed over."""
    goal = Goal(1, 11, None, "won_amount", None, "month", date(2026, 1, 1), Decimal(9))
    company = ReportClient(engine, replace(worked_company(), goals=(goal,)))
    report, filters = company.read("team", JANUARY)
    assert "goal" in company.report("team", **JANUARY).totals
    found = build_bridge(report, filters, ALL_LEADS, company.engine)
    assert "won_amount" in [column.key for column in found.columns]
    assert "goal" not in [column.key for column in found.columns]


def test_a_repeated_bridge_query_is_not_compiled_again(
    company: ReportClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    report, filters = company.read("team", JANUARY)

    def asked() -> MovedLeads:
        found = build_bridge(report, filters, ALL_LEADS, company.engine, "created_leads")
        return moved_leads(found, ALL_LEADS, company.engine, "ana", "given")

    first = asked()
    monkeypatch.setattr(ibis, "to_sql", None)
    assert asked().leads == first.leads


@pytest.mark.parametrize("name", TRIED)
def test_both_ends_equal_the_report_and_transfers_add_up(name: str) -> None:
    taken = 0

    def law(asked: LawQuery, world: World) -> None:
        nonlocal taken
        engine, scope = engine_of(world), asked.scope
        columns = build_bridge(asked.report, asked.filters, scope, engine).columns
        column = columns[asked.day.day % len(columns)]
        found = build_bridge(asked.report, asked.filters, scope, engine, column.key)
        for side, filters in (("before", found.before), ("after", found.after)):
            by_user = replace(filters, group_by="user")
            rows = asked.of(world, by_user).rows
            said = {row.key: row.cells[column.key] for row in rows}
            ends = {user_row.key: getattr(user_row, side) for user_row in found.rows}
            assert {key: end for key, end in ends.items() if end} == {
                key: cell for key, cell in said.items() if cell
            }
        for user_row in found.rows:
            assert user_row.before + user_row.received - user_row.handed_over == user_row.after
        assert found.total.received == found.total.handed_over
        assert found.total.before == found.total.after
        taken += found.total.received > 0
        for user_row in found.rows:
            whole = moved_leads(found, scope, engine, user_row.key or WITHOUT, "given")
            assert whole.count == len(whole.leads)
            assert sum(lead.amount for lead in whole.leads) == user_row.handed_over
            rest = moved_leads(
                found, scope, engine, user_row.key or WITHOUT, "given", limit=5, offset=1
            )
            assert (rest.count, rest.leads) == (whole.count, whole.leads[1:6])

    check_law(name, law, turns=8, among=is_wide)
    assert taken


def is_wide(asked: LawQuery) -> bool:
    """Return whether the query leaves no lead out and credits the owner at the event."""
    filters = asked.filters
    is_narrow = filters.chosen or filters.as_of or not asked.scope.sees_all
    return not is_narrow and filters.switch("credit") == "event"

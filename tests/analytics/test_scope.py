"""Scope of a reader: a seller, their manager, an outsider, and a reader who sees everything."""

from __future__ import annotations

from typing import Any

import pytest

from leadlight.analytics.engine.duckdb import Engine
from leadlight.analytics.query.phrases import BadFilter
from leadlight.analytics.query.scope import ALL_LEADS, Scope
from tests.analytics.asking import ReportClient
from tests.analytics.busy import NOW, busy_company, lead
from tests.analytics.laws import PARIS
from tests.analytics.strategies import company as company_of

SELLER = Scope(sees_all=False, user_id=12)
MANAGER = Scope(sees_all=False, user_id=11, team_ids=frozenset({21}))
OUTSIDER = Scope(sees_all=False, user_id=13)
LEAVER = Scope(sees_all=False, user_id=14)
NOBODY = Scope(sees_all=False)
YEAR = {"start": "2024-01-01", "to": "2024-04-10"}


@pytest.fixture
def company(engine: Engine) -> ReportClient:
    return ReportClient(engine, busy_company(), NOW)


@pytest.mark.parametrize(
    ("scope", "leads"),
    [
        (ALL_LEADS, ["L1", "L10", "L11", "L12", "L2", "L3", "L4", "L5", "L6", "L7", "L9"]),
        # Leads the seller owns today, also L4, which was handed over to them.
        (SELLER, ["L3", "L4"]),
        # Own leads, also L7 and L9 of the other team, and all of the team, also L6 without owner.
        (MANAGER, ["L1", "L10", "L2", "L3", "L4", "L6", "L7", "L9"]),
        (OUTSIDER, []),
        (NOBODY, []),
    ],
)
def test_a_reader_sees_own_leads_and_those_of_managed_teams(
    company: ReportClient, scope: Scope, leads: list[str]
) -> None:
    assert company.leads("company", "created_leads", scope=scope, **YEAR) == leads
    result = company.report("company", scope, **YEAR)
    assert result.totals["created_leads"] == len(leads)
    assert [note.code for note in result.notes if note.code == "scope"] == (
        [] if scope.sees_all else ["scope"]
    )


@pytest.mark.parametrize("column", ["created_leads", "won_leads", "lost_leads", "open_leads"])
@pytest.mark.parametrize("grouping", ["bucket", "user", "team", "source", "category:region"])
def test_an_outsider_sees_no_figures_and_no_lists(
    company: ReportClient, column: str, grouping: str
) -> None:
    asked = {**YEAR, "group_by": grouping, "bucket": "month"}
    result = company.report("company", OUTSIDER, **asked)
    assert not any(row.cells[column] for row in result.rows)
    assert not result.totals[column]
    assert company.leads("company", column, scope=OUTSIDER, **asked) == []


def test_an_outsider_sees_no_name_but_their_own(company: ReportClient) -> None:
    def labels(scope: Scope, grouping: str) -> list[str | None]:
        report = company.report("company", scope, **YEAR, group_by=grouping)
        return [row.label for row in report.rows]

    assert labels(OUTSIDER, "user") == ["Bo"]
    assert labels(OUTSIDER, "team") == []
    assert labels(OUTSIDER, "source") == []
    assert labels(OUTSIDER, "prospecting_list") == []
    # L3 was closed before it had a team, and makes the row without key.
    assert labels(MANAGER, "team") == ["North", "Équipe sud", None]
    assert labels(NOBODY, "user") == []


def test_a_manager_sees_the_names_of_the_team(company: ReportClient) -> None:
    day = {"start": "2024-01-01", "to": "2024-01-01"}
    rows = company.report("team", MANAGER, **day).rows
    assert [row.key for row in rows] == ["ana", "bo"]
    south = Scope(sees_all=False, user_id=13, team_ids=frozenset({22}))
    # Zoe is inactive and has a row only with figures.
    assert [row.key for row in company.report("team", south, **day).rows] == ["bo", "o'neil; --"]


def test_the_credited_user_of_a_visible_lead_is_named(company: ReportClient) -> None:
    rows = {row.key: row for row in company.report("team", SELLER, **YEAR).rows}
    # L3 was closed before it had an owner, and makes the row without key.
    assert rows.keys() == {"ana", "bo", None}
    assert rows["ana"].cells["created_leads"] == 1  # L4, handed over to the reader later


@pytest.mark.parametrize("scope", [SELLER, MANAGER, OUTSIDER])
@pytest.mark.parametrize(
    ("grouping", "key"),
    [("user", "gone"), ("team", "south"), ("prospecting_list", "web"), ("source", "web")],
)
def test_a_hidden_row_is_refused_like_one_that_does_not_exist(
    company: ReportClient, scope: Scope, grouping: str, key: str
) -> None:
    def answered(key: str) -> str:
        try:
            return str(company.leads("company", "won_leads", key, scope=scope, **asked))
        except BadFilter as refusal:
            return str(refusal).replace(key, "KEY")

    asked = {**YEAR, "group_by": grouping}
    shown = {row.key for row in company.report("company", scope, **asked).rows}
    if key not in shown:
        assert answered(key) == answered("ghost")
    assert answered("ghost") == "This report has no row “KEY”."


def test_the_scope_is_that_of_today_for_any_as_of(engine: Engine) -> None:
    given = lead(1, "02-01", ("03-01", "owner", 12), ("03-01", "team", 22), team=21)
    asked = ReportClient(engine, company_of(PARIS, (given,)), NOW)
    past = {"start": "2024-02-01", "to": "2024-02-29", "as_of": "2024-02-10"}

    def seen(**scope: Any) -> list[str]:
        reader = Scope(sees_all=False, **scope)
        return asked.leads("company", "open_leads", scope=reader, **past)

    assert seen(user_id=11) == []
    assert seen(user_id=12) == ["L1"]
    assert seen(user_id=13, team_ids=frozenset({21})) == []
    assert seen(user_id=13, team_ids=frozenset({22})) == ["L1"]
    # For a reader who may see the lead, it is credited to Ana as it was then.
    rows = asked.report("team", Scope(sees_all=False, user_id=12), **past).rows
    assert {row.key: row.cells["open_leads"] for row in rows if row.key == "ana"} == {"ana": 1}


def test_filters_apply_within_the_scope(company: ReportClient) -> None:
    def seen(scope: Scope, **query: Any) -> list[str]:
        return company.leads("company", "created_leads", scope=scope, **YEAR, **query)

    assert seen(SELLER, user="ana") == ["L4"]
    assert seen(SELLER, user="ana", credit="owner") == []
    assert seen(SELLER, team="south") == []
    assert seen(OUTSIDER, user=["ana", "bo", "none"]) == []
    assert seen(MANAGER, user="none") == ["L6"]
    assert seen(MANAGER, tag="none") == ["L10", "L3", "L4", "L7", "L9"]


def test_leads_without_owner_and_team_need_the_right_to_see_all(
    company: ReportClient,
) -> None:
    for scope in (SELLER, MANAGER, OUTSIDER, NOBODY):
        assert "L5" not in company.leads("company", "created_leads", scope=scope, **YEAR)
    assert "L5" in company.leads("company", "created_leads", scope=ALL_LEADS, **YEAR)


@pytest.mark.parametrize("grouping", ["prospecting_list", "source", "user", "bucket"])
def test_prospecting_lists_of_others_are_not_named(company: ReportClient, grouping: str) -> None:
    asked = {"start": "2023-12-01", "to": "2024-04-10", "group_by": grouping, "bucket": "year"}
    result = company.report("prospecting", LEAVER, **asked)
    assert [row.key for row in result.rows] == (["2023", "2024"] if grouping == "bucket" else [])
    # Of a list of others, the seller sees the prospects that became their leads, but no cost.
    rows = company.report("prospecting", SELLER, **asked | {"group_by": "prospecting_list"}).rows
    assert [(row.key, row.cells["prospects"], row.cells["cost"]) for row in rows] == [
        ("web", 2, None)
    ]

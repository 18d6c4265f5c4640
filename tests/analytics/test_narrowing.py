"""Leads that each filter leaves, counted by hand."""

from __future__ import annotations

from typing import Any

import pytest

from leadlight.analytics.engine.duckdb import Engine
from tests.analytics.asking import ReportClient
from tests.analytics.busy import NOW, busy_company

YEAR = {"start": "2024-01-01", "to": "2024-04-10"}
EVERY = {1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12}  # L8 is in the bin
UNTAGGED = {3, 4, 7, 9, 10, 11, 12}


@pytest.fixture
def company(engine: Engine) -> ReportClient:
    return ReportClient(engine, busy_company(), NOW)


def created(company: ReportClient, **query: Any) -> set[int]:
    leads = company.leads("company", "created_leads", **YEAR, **query)
    total = company.report("company", **YEAR, **query).totals["created_leads"]
    assert total == len(leads)
    return {int(key.removeprefix("L")) for key in leads}


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ({}, EVERY),
        # Any of the tags; no tag at all
        ({"tag": "a"}, {1, 5, 6}),
        ({"tag": "c"}, {2, 6}),
        ({"tag": ["a", "c"]}, {1, 2, 5, 6}),
        ({"tag": ["a", "b", "c"]}, {1, 2, 5, 6}),
        ({"tag": "none"}, UNTAGGED),
        ({"tag": ["none", "c"]}, UNTAGGED | {2, 6}),
        # All of the tags
        ({"tag": ["a", "b"], "tags": "all"}, {1, 6}),
        ({"tag": ["a", "b", "c"], "tags": "all"}, {6}),
        ({"tag": "a", "tags": "all"}, {1, 5, 6}),
        ({"tag": ["none", "a"], "tags": "all"}, set()),
        ({"tag": "none", "tags": "all"}, UNTAGGED),
        # Credited at creation
        ({"user": "bo"}, {3}),
        ({"user": ["ana", "gone"]}, EVERY - {3, 5, 6}),
        ({"user": "none"}, {5, 6}),
        ({"user": ["none", "bo"]}, {3, 5, 6}),
        ({"user": "bo", "credit": "owner"}, {3, 4}),
        ({"user": "bo", "credit": "creator"}, {2}),
        ({"user": "none", "credit": "creator"}, {3, 5, 6, 7, 9, 11, 12}),
        ({"team": "south"}, {7, 11, 12}),
        ({"team": "south", "credit": "owner"}, {7, 9, 11, 12}),
        ({"team": "none"}, {5}),
        ({"team": ["none", "south"]}, {5, 7, 11, 12}),
        ({"team": "north", "user": "none"}, {6}),
        # Fields of the lead
        ({"pipeline": "cars"}, {4}),
        ({"pipeline": "loans"}, EVERY - {4}),
        ({"pipeline": ["cars", "loans"]}, EVERY),
        ({"pipeline": "none"}, set()),
        ({"source": "web"}, {1, 3}),
        ({"source": "Salon d'été"}, {9}),
        ({"source": "none"}, EVERY - {1, 3, 9}),
        ({"source": ["none", "web"]}, EVERY - {9}),
        ({"source": "no'where; --"}, set()),
        ({"prospecting_list": "fair"}, {6}),
        ({"prospecting_list": ["fair", "web"]}, {3, 6, 10}),
        ({"prospecting_list": "none"}, EVERY - {3, 6, 10}),
        ({"prospecting_list": ["none", "fair"]}, EVERY - {3, 10}),
        ({"client": "acme"}, {7}),
        ({"client": "none"}, EVERY - {7}),
        ({"client": ["none", "acme"]}, EVERY),
        # Several dimensions are combined with AND
        ({"tag": "a", "user": "none"}, {5, 6}),
        ({"tag": "a", "user": "none", "prospecting_list": "none"}, {5}),
    ],
)
def test_a_filter_leaves_exactly_the_matching_leads(
    company: ReportClient, query: dict[str, Any], left: set[int]
) -> None:
    assert created(company, **query) == left


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ({"user": "bo"}, {4}),
        ({"user": "bo", "credit": "creator"}, set()),
        ({"user": "ana", "credit": "creator"}, {4}),
        ({"user": "none"}, set()),
    ],
)
def test_a_user_filter_follows_the_credit_of_the_figure(
    company: ReportClient, query: dict[str, Any], left: set[int]
) -> None:
    leads = company.leads("company", "lost_leads", **YEAR, **query, pipeline="cars")
    assert {int(key.removeprefix("L")) for key in leads} == left


def test_a_user_filter_on_open_leads_means_the_owner(company: ReportClient) -> None:
    def still_open(**query: Any) -> set[int]:
        leads = company.leads("company", "open_leads", **YEAR, **query)
        total = company.report("company", **YEAR, **query).totals["open_leads"]
        assert total == len(leads)
        return {int(key.removeprefix("L")) for key in leads}

    assert still_open() == {6, 7, 9, 11}
    assert still_open(user="ana") == {7, 9}
    assert still_open(user="none") == {6}
    assert still_open(team="south") == {7, 9, 11}
    assert still_open(team="south", credit="creator") == {7, 11}
    assert still_open(user="none", credit="creator") == {6, 7, 9, 11}
    rows = company.report("company", **YEAR, user="ana", bucket="month").rows
    assert [row.cells["open_leads"] for row in rows] == [1, 3, 2, 2]

"""Losses of a small company, counted by hand.

| lead | created | closed | step | seller | amount | tags |
|---|---|---|---|---|---|---|
| L1 | 2 Jan | lost 12 Jan | Step 1 | Ana | 100 | a |
| L2 | 2 Jan | lost 22 Jan | Step 0 | Ana | 200 | a, b |
| L3 | 3 Jan | lost 2 Feb, moved to the other pipeline on 5 Feb | Step 0 | Bo | – | – |
| L4 | 3 Jan | won 13 Jan | Step 0 | Ana | 500 | – |
| L5 | 4 Jan | cancelled 24 Jan | Step 0 | Bo | 50 | c |
| L6 | 4 Jan | lost 10 Jan, re-opened 20 Jan | Step 0 | Ana | 100 | a |
| L7 | 5 Jan by Bo | lost 15 Jan | Step 3 | Ana since 6 Jan | 300 | c |

Tags a and b are reasons for losing, c is a reason for cancelling.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from leadlight.analytics.engine.duckdb import Engine
from leadlight.analytics.metrics.columns import Rate
from leadlight.analytics.query.scope import Scope
from tests.analytics.asking import ReportClient
from tests.analytics.busy import NOW, lead
from tests.analytics.strategies import company as company_of

DAYS = {"start": "2024-01-01", "to": "2024-02-29"}
WON, LOST, CANCELLED = ("status", "won"), ("status", "lost"), ("status", "cancelled")
ALPS, BRITTANY, CROPS = 61, 62, 63
WORLD = company_of(
    ZoneInfo("Europe/Paris"),
    (
        lead(1, "01-02", ("01-05", "step", 41), ("01-12", *LOST), tag_ids=(ALPS,)),
        lead(2, "01-02", ("01-22", *LOST), amount="200", tag_ids=(ALPS, BRITTANY)),
        lead(
            3,
            "01-03",
            ("02-02", *LOST),
            ("02-05", "pipeline", 32),
            ("02-05", "step", 44),
            owner=12,
            amount=None,
        ),
        lead(4, "01-03", ("01-13", *WON), amount="500"),
        lead(5, "01-04", ("01-24", *CANCELLED), owner=12, amount="50", tag_ids=(CROPS,)),
        lead(6, "01-04", ("01-10", *LOST), ("01-20", "status", "todo"), tag_ids=(ALPS,)),
        lead(
            7,
            "01-05",
            ("01-06", "owner", 11),
            ("01-15", *LOST),
            owner=12,
            step=43,
            amount="300",
            tag_ids=(CROPS,),
            creator_id=12,
        ),
    ),
)


@pytest.fixture
def company(engine: Engine) -> ReportClient:
    return ReportClient(engine, WORLD, NOW)


def figures(cells: Any) -> tuple[Any, ...]:
    """The figures of a row: count, amount, three shares as fractions, median days."""
    lost, amount, *shares, days = (cells[key] for key in cells)
    return (lost, amount, *((one.numerator, one.denominator) for one in shares), days)


def money(amount: int) -> Decimal:
    return Decimal(f"{amount}.00")


def rows_of(company: ReportClient, **query: Any) -> dict[str | None, tuple[Any, ...]]:
    result = company.report("losses", **DAYS, **query)
    rows = {row.key: figures(row.cells) for row in result.rows}
    return rows | {"total": figures(result.totals)}


def test_leads_are_lost_for_reasons(company: ReportClient) -> None:
    assert rows_of(company) == {
        "a": (2, money(300), (2, 4), (money(300), money(600)), (2, 6), 15.0),
        "b": (1, money(200), (1, 4), (money(200), money(600)), (1, 6), 20.0),
        None: (2, money(300), (2, 4), (money(300), money(600)), (2, 6), 20.0),
        "total": (4, money(600), (4, 4), (money(600), money(600)), (4, 6), 15.0),
    }


def test_cancelled_leads_count_with_their_reasons_by_the_switch(company: ReportClient) -> None:
    assert rows_of(company, include_cancelled="yes") == {
        "a": (2, money(300), (2, 5), (money(300), money(650)), (2, 6), 15.0),
        "b": (1, money(200), (1, 5), (money(200), money(650)), (1, 6), 20.0),
        "c": (2, money(350), (2, 5), (money(350), money(650)), (2, 6), 15.0),
        None: (1, money(0), (1, 5), (money(0), money(650)), (1, 6), 30.0),
        "total": (5, money(650), (5, 5), (money(650), money(650)), (5, 6), 20.0),
    }


def lost_of_closed(company: ReportClient, **query: Any) -> dict[str | None, Rate]:
    """The share of closed leads of the rows in which leads were closed."""
    rows = company.report("losses", **DAYS, **query).rows
    return {row.key: rate for row in rows if (rate := row.cells["closed_share"]).denominator}


def test_a_lead_is_lost_in_the_step_it_was_in_at_its_closing(company: ReportClient) -> None:
    assert lost_of_closed(company, group_by="step") == {
        "step-0": Rate(2, 4),
        "step-1": Rate(1, 1),
        "step-3": Rate(1, 1),
    }
    assert company.leads("losses", "lost_leads", "step-0", **DAYS, group_by="step") == ["L2", "L3"]


def test_losses_are_credited_to_the_owner_at_closing(company: ReportClient) -> None:
    assert lost_of_closed(company, group_by="user") == {"ana": Rate(3, 4), "bo": Rate(1, 2)}


def test_losses_are_credited_to_the_creator_by_the_switch(company: ReportClient) -> None:
    asked = {"group_by": "user", "credit": "creator"}
    assert company.row("losses", "bo", **DAYS, **asked).cells["lost_leads"] == 1
    assert company.leads("losses", "lost_leads", "bo", **DAYS, **asked) == ["L7"]


def test_each_month_has_its_own_loss_rate(company: ReportClient) -> None:
    assert lost_of_closed(company, group_by="bucket", bucket="month") == {
        "2024-01": Rate(3, 5),
        "2024-02": Rate(1, 1),
    }


def test_a_reopened_lead_was_lost_until_then(company: ReportClient) -> None:
    assert company.leads("losses", "lost_leads", **DAYS, as_of="2024-01-18") == ["L1", "L6", "L7"]


def test_the_reasons_of_each_seller(company: ReportClient) -> None:
    result = company.report("losses", **DAYS, view="people")
    assert {
        row.key: tuple(row.cells.values()) for row in result.rows if row.cells["lost_leads"]
    } == {
        "ana": (3, 2, 1, 1),
        "bo": (1, 0, 0, 1),
    }
    assert dict(result.totals) == {
        "lost_leads": 4,
        "reason:a": 2,
        "reason:b": 1,
        "no_reason": 2,
    }
    assert company.leads("losses", "reason:a", "ana", **DAYS, view="people") == ["L1", "L2"]


def test_the_reasons_of_each_step_of_a_pipeline(company: ReportClient) -> None:
    result = company.report("losses", **DAYS, view="steps", pipeline="loans")
    assert {row.key: tuple(row.cells.values()) for row in result.rows} == {
        "step-0": (2, 1, 1, 1),
        "step-1": (1, 1, 0, 0),
        "step-2": (0, 0, 0, 0),
    }
    assert tuple(result.totals.values()) == (3, 2, 1, 1)


@pytest.mark.parametrize("query", [{}, {"view": "people"}])
def test_a_company_without_reasons_gets_a_note(engine: Engine, query: dict[str, str]) -> None:
    plain = replace(WORLD, categories=tuple(replace(c, reason_for=None) for c in WORLD.categories))
    result = ReportClient(engine, plain, NOW).report("losses", **DAYS, **query)
    assert "no_reasons" in [note.code for note in result.notes]
    assert result.totals["lost_leads"] == 4


def test_a_company_with_reasons_gets_no_note(company: ReportClient) -> None:
    assert "no_reasons" not in [note.code for note in company.report("losses", **DAYS).notes]


def test_a_seller_sees_the_losses_of_own_leads(company: ReportClient) -> None:
    bo = Scope(sees_all=False, user_id=12)
    assert company.report("losses", bo, **DAYS).totals["closed_share"] == Rate(1, 2)

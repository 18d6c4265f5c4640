"""Tests of changes in whole reports: their samples, and how often chance alone is coloured."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from leadlight.analytics.engine.duckdb import Engine
from leadlight.analytics.export.sheets import with_compared
from leadlight.analytics.metrics.columns import Column
from leadlight.analytics.reports.contract import Result
from leadlight.analytics.stats.differences import Mean, Quantile, Total, quantile_ranks
from leadlight.presentation.comparisons import Change, ColumnComparison, basis_of
from tests.analytics.asking import ReportClient
from tests.analytics.star import empty_star
from tests.analytics.worked import ANA, BO, CONTACT, worked_company
from tests.analytics.world import Fact, Lead, World
from tests.seeds import IS_SEARCH

pytestmark = pytest.mark.answers

NOW = datetime(2026, 1, 1, 6, tzinfo=UTC)
HALVES = {"start": "2025-07-01", "to": "2025-12-31", "compare": "previous", "bucket": "month"}


@pytest.fixture(scope="module")
def own_engine() -> Iterator[Engine]:
    engine = empty_star()
    yield engine
    engine.close()


@cache
def drawn(number: int, leads: int = 900, grown: float = 1.0) -> World:
    """Return a company without trend: leads at a constant rate, amounts and days log-normal.

    With `grown`, the amounts of the leads closed from July on are so many times as large.
    """
    chance = random.Random(f"company {number}")
    first = datetime(2024, 3, 1, tzinfo=UTC)
    created_leads = []
    for place in range(leads):
        created = first + timedelta(days=671 * chance.random())
        closed = created + timedelta(days=chance.lognormvariate(3, 1))
        outcome = chance.choices(("won", "lost", "cancelled"), (0.5, 0.4, 0.1))[0]
        amount = chance.lognormvariate(8, 1) * (grown if closed >= JULY else 1)
        changes = [
            (created, "created", None),
            (created, "pipeline", 31),
            (created, "step", CONTACT),
            (created, "status", "todo"),
            (created, "owner", chance.choice((ANA, BO))),
            (created, "amount", Decimal(f"{amount:.2f}") if chance.random() < 0.95 else None),
        ]
        if closed < NOW:
            changes.append((closed, "status", outcome))
        facts = tuple(Fact(kind, value, at, at) for at, kind, value in changes)
        created_leads.append(Lead(1000 + place, f"L{place}", facts, creator_id=ANA))
    company = worked_company()
    return World(
        zone=ZoneInfo("Europe/Paris"),
        users=company.users,
        teams=company.teams,
        memberships=company.memberships,
        pipelines=company.pipelines,
        steps=company.steps,
        leads=tuple(created_leads),
    )


JULY = datetime(2025, 7, 1, tzinfo=UTC)


def changes_of(result: Result) -> Iterator[tuple[Column, Change]]:
    """Yield the changes of all cells, totals included."""
    assert result.compared is not None
    for column in result.columns:
        comparison, key = ColumnComparison(column), column.key
        pairs = [(row, then) for row, then in with_compared(result) if then is not None]
        cells = [
            (row.cells[key], then.cells[key], basis_of(result, key, row, then))
            for row, then in pairs
        ]
        totals = (result.totals[key], result.compared.totals[key], basis_of(result, key))
        for now, before, basis in (*cells, totals):
            change = comparison.between(now, before, basis)
            if change is not None:
                yield column, change


# Samples


def test_a_report_has_samples_only_if_it_is_compared(own_engine: Engine) -> None:
    client = ReportClient(own_engine, drawn(0), NOW)
    alone = client.report("company", start=HALVES["start"], to=HALVES["to"], bucket="month")
    compared = client.report("company", **HALVES)
    assert not alone.total_samples
    assert not any(row.samples for row in alone.rows)
    assert all(row.samples for row in compared.rows)
    assert dict(alone.totals) == dict(compared.totals)
    assert [dict(row.cells) for row in alone.rows] == [dict(row.cells) for row in compared.rows]


@pytest.mark.parametrize("group_by", ["bucket", "user"])
def test_samples_equal_those_of_the_leads_themselves(own_engine: Engine, group_by: str) -> None:
    world = drawn(0)
    result = ReportClient(own_engine, world, NOW).report(
        "company", **HALVES, group_by=group_by if group_by != "bucket" else ""
    )
    assert result.compared is not None
    for row in (None, *result.rows):
        samples = row.samples if row else result.total_samples
        won = [lead for lead in world.leads if _is_won_in(world, lead, row and row.key)]
        amounts = [float(_value(lead, "amount")) for lead in won if _value(lead, "amount")]
        days = sorted(_days(lead) for lead in won)
        squares = sum(amount * amount for amount in amounts)
        total, deal = samples["won_amount"], samples["mean_deal"]
        assert isinstance(total, Total)
        assert isinstance(deal, Mean)
        assert total == pytest.approx((len(amounts), sum(amounts), squares))
        assert deal == pytest.approx((len(won), sum(amounts), squares))
        assert samples["mean_days_to_win"] == pytest.approx(
            (len(days), sum(days), sum(one * one for one in days))
        )
        for key, share in (("p25", 0.25), ("median", 0.5), ("p75", 0.75)):
            found = samples[f"{key}_days_to_win"]
            assert isinstance(found, Quantile)
            ranks = quantile_ranks(len(days), share)
            ends = [days[rank - 1] for rank in ranks] if ranks else [None, None]
            assert found.cases == len(days)
            assert [found.low, found.high] == pytest.approx(ends)


def _is_won_in(world: World, lead: Lead, key: str | None) -> bool:
    closing = lead.facts[-1]
    if closing.value != "won":
        return False
    day = world.day(closing.occurred_at)
    owner = {ANA: "ana", BO: "bo"}[_value(lead, "owner")]
    is_in_period = HALVES["start"] <= day.isoformat() <= HALVES["to"]
    return is_in_period and key in (None, owner, f"{day:%Y-%m}")


def _value(lead: Lead, kind: str) -> object:
    return next(fact.value for fact in lead.facts if fact.kind == kind)


def _days(lead: Lead) -> float:
    return (lead.facts[-1].occurred_at - lead.facts[0].occurred_at).total_seconds() / 86_400


@pytest.mark.parametrize("report", ["leads", "pipeline", "prospecting"])
def test_changes_of_figures_that_follow_facts_until_now_are_not_tested(
    own_engine: Engine, report: str
) -> None:
    """The earlier leads, entries and lists had more time."""
    more = {"pipeline": "p"} if report == "pipeline" else {}
    query = {name: value for name, value in HALVES.items() if name != "bucket"}
    result = ReportClient(own_engine, drawn(0), NOW).report(report, **query, **more)
    assert not result.total_samples
    assert {change.sense for _column, change in changes_of(result)} <= {""}


def test_prospecting_by_event_is_tested(own_engine: Engine) -> None:
    query = {name: value for name, value in HALVES.items() if name != "bucket"}
    client = ReportClient(own_engine, drawn(0), NOW)
    assert client.report("prospecting", **query, prospects_by="event").total_samples


# Chance alone


COMPANIES = 100 if IS_SEARCH else 12


def test_a_company_that_did_not_change_has_at_most_5_percent_of_changes_coloured(
    own_engine: Engine,
) -> None:
    coloured = compared = 0
    by_column: dict[str, int] = {}
    for number in range(COMPANIES):
        client = ReportClient(own_engine, drawn(number), NOW)
        for more in ({}, {"group_by": "user"}):
            for column, change in changes_of(client.report("company", **HALVES, **more)):
                compared += column.higher_is_better is not None
                coloured += bool(change.sense)
                by_column[column.key] = by_column.get(column.key, 0) + bool(change.sense)
    assert compared > 80 * COMPANIES
    assert coloured <= 0.05 * compared, by_column


def test_amounts_three_times_as_large_are_coloured(own_engine: Engine) -> None:
    grown = drawn(1, 900, 3.0)
    result = ReportClient(own_engine, grown, NOW).report("company", **HALVES)
    senses = {
        column.key: change.sense
        for column, change in list(changes_of(result))
        if column.key in ("won_amount", "lost_amount", "mean_deal", "open_amount")
    }  # the last of each column: the total
    assert senses == {
        "won_amount": "better",
        "lost_amount": "worse",
        "mean_deal": "better",
        "open_amount": "",
    }

"""A report as of a past instant equals the report that was run at that instant."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from leadlight.accounts.models import Organization
from leadlight.accounts.readers import SYSTEM
from leadlight.analytics.query.query_params import QueryParams
from leadlight.analytics.query.scope import ALL_LEADS
from leadlight.analytics.reports import CATALOGUE, EVERY_TABLE
from leadlight.analytics.reports.contract import Report
from leadlight.replication.replica import Replica
from leadlight.reporting.reader import ReportReader
from leadlight.reporting.reader import clock as company_clock
from leadlight.sales.models import (
    Activity,
    ActivityType,
    Category,
    Lead,
    Outcome,
    Prospect,
    ProspectingList,
    Tag,
)
from tests.analytics.laws import shown
from tests.sales.conftest import Company
from tests.seeds import IS_SEARCH, drawn

pytestmark = [pytest.mark.answers, pytest.mark.search]

STEPS = 7


@dataclass(frozen=True)
class Market:
    """Data that sales need in addition to the company's users and steps."""

    company: Company
    call: ActivityType
    reached: Outcome
    fair: ProspectingList


@pytest.fixture
def market(company: Company) -> Market:
    call = ActivityType.objects.create(name="Call", kind="call")
    reached = Outcome.objects.create(activity_type=call, name="Spoken", is_reached=True)
    Tag.objects.create(name="Glass", category=Category.objects.create(name="Product"))
    fair = ProspectingList.objects.create(name="Fair", user=company.ana, cost=Decimal(100))
    return Market(company, call, reached, fair)


def ago(days: int) -> datetime:
    return timezone.now() - timedelta(days)


def new_lead(market: Market, chance: random.Random, **details: Any) -> None:
    """Record a lead that was created weeks ago."""
    lead = Lead.create(
        title="Windows",
        by=market.company.ana,
        owner=chance.choice((market.company.ana, market.company.bo, None)),
        amount=chance.choice((None, 100, 250)),
        estimated_closing_on=ago(chance.randrange(-40, 10)).date(),
        at=ago(chance.randrange(30, 60)),
        **details,
    )
    lead.tags.add(*Tag.objects.all()[: chance.randrange(2)])


def convert(market: Market, chance: random.Random) -> None:
    prospect = Prospect.objects.filter(converted_at=None).first()
    if prospect:
        new_lead(market, chance, prospect=prospect)
        Prospect.objects.filter(pk=prospect.pk).update(converted_at=timezone.now())


def work_on(market: Market, chance: random.Random, **on: Any) -> None:
    Activity.objects.create(
        activity_type=market.call,
        outcome=chance.choice((None, market.reached)),
        user=market.company.bo,
        occurred_at=ago(chance.randrange(20)),
        **on,
    )


def sell(market: Market, chance: random.Random) -> None:
    """Apply one random change of a kind whose history is stored."""
    company, by = market.company, market.company.ana
    lead = chance.choice(Lead.objects.all())
    steps = (company.offer, company.deal, company.elsewhere)
    closing: Callable[..., None] = chance.choice((lead.win, lead.win, lead.lose, lead.cancel))
    todo: list[Callable[[], object]] = [
        lambda: new_lead(market, chance),
        lambda: convert(market, chance),
        lambda: Prospect.objects.create(prospecting_list=market.fair, user=company.bo),
        lambda: work_on(market, chance, lead=lead),
        lambda: work_on(market, chance, prospect=Prospect.objects.last()),
        lambda: lead.move_to(chance.choice(steps), by=by) if lead.is_open else None,
        lambda: lead.assign_to(chance.choice((company.bo, None)), by=by),
        lambda: lead.set_amount(chance.randrange(1000), by=by),
        lambda: lead.set_probability(chance.choice((None, 0, 80)), by=by),
        lambda: lead.set_estimated_closing(ago(chance.randrange(-40, 10)).date(), by=by),
        lambda: closing(by=by) if lead.is_open else lead.reopen(by=by),
        lambda: closing(by=by) if lead.is_open else None,
        lambda: lead.restore(by=by) if lead.is_deleted else lead.bin(by=by),
    ]
    chance.choice(todo)()


def question(table: Report, company: Company, today: date) -> QueryParams:
    """Return a query for the last and the next weeks, with the parameters that the table needs."""
    days = {"from": today - timedelta(70), "to": today + timedelta(50)}
    params: dict[str, list[str]] = {name: [day.isoformat()] for name, day in days.items()}
    params |= {"pipeline": [company.offer.pipeline.key]} if table.needs else {}
    return params | ({"view": [table.view]} if table.view else {})


def answer(table: Report, params: QueryParams, now: datetime, replica: Replica) -> Any:
    """Return everything that a reader sees at this instant."""
    clock = company_clock(Organization.current(), replica, now)
    asker = ReportReader(SYSTEM, ALL_LEADS, clock, replica.engine, "EUR")
    return shown(asker.run(CATALOGUE[table.key], params))


@pytest.mark.parametrize("seed", range(4 if IS_SEARCH else 1))
def test_a_report_as_of_the_past_equals_the_one_recorded_then(
    market: Market, replica: Replica, seed: int
) -> None:
    """Some tables are queried after each step, and all at the end as of that step."""
    chance = drawn(f"past answers {seed}")
    tables = chance.sample(EVERY_TABLE, len(EVERY_TABLE))
    today = timezone.now().date()
    Prospect.objects.create(prospecting_list=market.fair, user=market.company.ana)
    for _ in range(6):
        new_lead(market, chance)
    recorded = []
    for step in range(STEPS):
        for _ in range(5):
            sell(market, chance)
        replica.catch_up()
        now = timezone.now()
        for table in tables[step::STEPS]:
            params = question(table, market.company, today)
            recorded.append((table, params, now, answer(table, params, now, replica)))
    for _ in range(5):
        sell(market, chance)
    replica.catch_up()
    changed = 0
    for table, params, instant, told in recorded:
        past = {**params, "as_of": [instant.isoformat()]}
        assert answer(table, past, timezone.now(), replica) == told
        changed += answer(table, params, timezone.now(), replica) != told
    assert changed > len(recorded) // 2

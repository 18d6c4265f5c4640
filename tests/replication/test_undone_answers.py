"""After an undo, reports equal those before the action; as of the time between, they show it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.utils import timezone

from leadlight.accounts.models import Organization
from leadlight.accounts.readers import SYSTEM
from leadlight.analytics.query.query_params import QueryParams
from leadlight.analytics.query.scope import ALL_LEADS
from leadlight.analytics.reports import CATALOGUE, EVERY_TABLE
from leadlight.analytics.reports.contract import Report
from leadlight.replication.checks import check
from leadlight.replication.replica import Replica
from leadlight.reporting.reader import ReportReader
from leadlight.reporting.reader import clock as company_clock
from leadlight.sales.models import ActivityType, Category, Lead, Tag
from leadlight.sales.models.actions import acting
from leadlight.sales.undo import undo
from tests.analytics.laws import shown
from tests.sales.conftest import Company, at

pytestmark = pytest.mark.answers

# A step that was left and entered again by an undo counts as two stays, with two moves.
STAYS = {("pipeline", view) for view in ("", "moves", "people", "ageing")} | {("leads", "quality")}
TABLES = [table for table in EVERY_TABLE if (table.key, table.view or "") not in STAYS]


def answers(company: Company, replica: Replica, now: datetime, **more: Any) -> dict[str, Any]:
    """Return the rows of every table for the last months, at an instant."""
    replica.catch_up()
    clock = company_clock(Organization.current(), replica, now)
    reader = ReportReader(SYSTEM, ALL_LEADS, clock, replica.engine, "EUR")
    return {
        f"{table.key} {table.view}": shown(reader.run(CATALOGUE[table.key], params))
        for table in TABLES
        for params in [question(table, company) | more]
    }


def question(table: Report, company: Company) -> QueryParams:
    params = {"from": ["2026-09-01"], "to": ["2026-12-31"]}
    params |= {"pipeline": [company.offer.pipeline.key]} if table.needs else {}
    return params | ({"view": [table.view]} if table.view else {})


def test_reports_after_an_undo_equal_those_before(company: Company, replica: Replica) -> None:
    Tag.objects.create(name="Glass", category=Category.objects.create(name="Product"))
    call = ActivityType.objects.create(name="Call", kind="call")
    leads = [
        Lead.create(
            title=f"{number}",
            by=company.ana,
            owner=(company.ana, company.bo)[number % 2],
            amount=100 * number,
            at=at(10, number),
        )
        for number in range(1, 7)
    ]
    leads[0].win(by=company.ana, at=at(11, 1))
    leads[1].lose(by=company.ana, at=at(11, 2))
    for lead in leads[2:]:
        lead.move_to(company.offer, by=company.ana, at=at(11, 3))
    before = answers(company, replica, timezone.now())
    with acting("one", company.ana) as action:
        leads[0].bin(by=company.ana)
        leads[1].reopen(by=company.ana)
        leads[2].win(by=company.ana)
        leads[3].move_to(company.deal, by=company.ana)
        leads[4].assign_to(company.ana, by=company.ana)
        leads[5].set_amount(1, by=company.ana)
        leads[5].log_activity(call, by=company.ana)
    between = timezone.now()
    shown_between = answers(company, replica, between)
    undo(action, by=company.ana)
    after = answers(company, replica, timezone.now())
    assert after == before
    assert len([key for key in before if shown_between[key] != before[key]]) > len(before) // 2
    as_of = answers(company, replica, timezone.now(), as_of=[between.isoformat()])
    # An undo deletes the activities of its action, and with them their past.
    deleted = {"activities None", "activities goals"}
    assert {key for key in as_of if as_of[key] != shown_between[key]} == deleted
    assert not [str(one) for one in check()]

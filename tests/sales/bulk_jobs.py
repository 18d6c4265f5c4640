"""Leads and bulk jobs for tests of bulk changes."""

from __future__ import annotations

from itertools import count
from typing import Any

from leadlight.accounts.models import User
from leadlight.sales.bulk import counts, start
from leadlight.sales.models import (
    BulkJob,
    Lead,
)
from leadlight.sales.models.actions import acting
from tests.sales.conftest import Company, at
from tests.sales.undone_actions import row

keys = (f"bulk {number}" for number in count())


def admin() -> User:
    return User.objects.create_user("ada@example.com", first_name="Ada", role="admin")


def new_leads(company: Company, number: int) -> list[Lead]:
    return [
        Lead.create(title=f"Lead {one}", by=company.ana, owner=company.ana, at=at(1, 5))
        for one in range(number)
    ]


def begin(by: User, verb: str, given: Any, leads: Any = None, **rows: Any) -> BulkJob:
    chosen = Lead.objects.order_by("pk") if leads is None else leads
    with acting(next(keys), by) as action:
        return start(action, verb, given, chosen, **rows)


def rows() -> list[dict[str, Any]]:
    return [row(lead) for lead in Lead.objects.order_by("pk")]


def of(job: BulkJob) -> dict[str, int]:
    return {state: number for state, number in counts(job).items() if number}

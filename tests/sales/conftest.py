"""Company with two salespeople, for tests of leads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from leadlight.accounts.models import Membership, Organization, Team, User
from leadlight.sales import bulk, bulk_undo
from leadlight.sales.models import Pipeline, Step
from tests.recorded_company import recorded_rows


@dataclass(frozen=True)
class Company:
    """Users, teams and steps of the company: Ana is in the North team, Bo in the South team.

    One pipeline has three steps, the other one step.
    """

    ana: User
    bo: User
    north: Team
    south: Team
    contact: Step
    offer: Step
    deal: Step
    elsewhere: Step


def found(zone: str = "Europe/Paris") -> Company:
    Organization(name="Worked company", time_zone=zone).save()
    ana, bo = (
        User.objects.create_user(f"{name.lower()}@example.com", first_name=name)
        for name in ("Ana", "Bo")
    )
    north, south = Team.objects.create(name="North"), Team.objects.create(name="South")
    Membership.objects.create(team=north, user=ana)
    Membership.objects.create(team=south, user=bo)
    sales = Pipeline.objects.create(name="Sales", is_default=True)
    steps = [
        Step.objects.create(pipeline=sales, name=name, position=position)
        for position, name in enumerate(("Contact", "Offer", "Deal"), start=1)
    ]
    loans = Pipeline.objects.create(name="Loans")
    elsewhere = Step.objects.create(pipeline=loans, name="Request", position=1)
    return Company(ana, bo, north, south, *steps, elsewhere)


company = recorded_rows(found)


def at(month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    """Return an instant of 2026 in UTC."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.fixture
def ada(company: Company) -> User:
    """Admin of the company."""
    return User.objects.create_user("ada@example.com", first_name="Ada", role="admin")


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bulk jobs of more than two rows run in the background, in batches of three."""
    for module in (bulk, bulk_undo):
        monkeypatch.setattr(module, "AT_ONCE", 2)
        monkeypatch.setattr(module, "BATCH", 3)

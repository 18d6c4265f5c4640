"""A small company and its users; each page is requested as each of them.

Olga owns the lead. Tom is in her team, Mona manages it, Uma is in another team, Ada is the admin,
and Ina's account is closed. People see only their own leads and those of the teams they manage.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.contrib.auth.models import update_last_login
from django.contrib.auth.signals import user_logged_in
from django.test import Client as Browser

from leadlight.accounts.models import Membership, Organization, Team, User
from leadlight.sales.models import (
    Activity,
    ActivityType,
    Category,
    Client,
    Lead,
    Outcome,
    Pipeline,
    ProspectingList,
    Step,
    Tag,
)
from tests.prospects import add_prospect
from tests.recorded_company import RecordedCompany, made_once, recorded_company
from tests.web.worked import Readers, cast_of_readers, worked_company

PASSWORD = "a pane of green glass"


def at(day: int, hour: int = 9) -> datetime:
    """Return an instant in January 2026; Paris is an hour ahead of UTC."""
    return datetime(2026, 1, day, hour, tzinfo=UTC)


@dataclass(frozen=True)
class Cast:
    organization: Organization
    olga: User
    tom: User
    mona: User
    uma: User
    ada: User
    ina: User
    steps: tuple[Step, ...]
    lead: Lead


def person(name: str, team: Team | None = None, role: str = "user", **more: bool) -> User:
    user = User.objects.create_user(
        f"{name.lower()}@example.com", PASSWORD, first_name=name, last_name="Glass", role=role
    )
    if team:
        Membership.objects.create(team=team, user=user, **more)
    return user


@pytest.fixture
def cast(recorded_cast: RecordedCompany, db: None) -> Iterator[Cast]:
    recorded_cast.restore()
    names = ("olga", "tom", "mona", "uma", "ada", "ina")
    people = [User.objects.get(email=f"{name}@example.com") for name in names]
    steps = tuple(Step.objects.order_by("position"))
    yield Cast(Organization.current(), *people, steps, Lead.objects.get())
    recorded_cast.uninstall()


def _small_company() -> Cast:
    organization = Organization(
        name="Delorme Glazing", time_zone="Europe/Paris", privacy=Organization.Privacy.OWN
    )
    organization.save()
    north, south = Team.objects.create(name="North"), Team.objects.create(name="South")
    olga, tom = person("Olga", north), person("Tom", north)
    mona = person("Mona", north, "manager", is_manager=True)
    uma, ada, ina = person("Uma", south), person("Ada", role="admin"), person("Ina", north)
    User.objects.filter(pk=ina.pk).update(is_active=False)
    pipeline = Pipeline.objects.create(name="Direct sales", is_default=True)
    steps = tuple(
        Step.objects.create(pipeline=pipeline, name=name, position=position, probability=percent)
        for position, name, percent in [(1, "Contact", 10), (2, "Offer", 40), (3, "Deal", 70)]
    )
    return Cast(organization, olga, tom, mona, uma, ada, ina, steps, _lead(olga, mona, steps))


small_company = made_once(_small_company)
recorded_cast = recorded_company(lambda _folder: _small_company())


def _lead(olga: User, mona: User, steps: tuple[Step, ...]) -> Lead:
    """Create Olga's lead: converted from a prospect, moved, won and reopened."""
    call = ActivityType.objects.create(name="Phone call", kind="call")
    reached = Outcome.objects.create(activity_type=call, name="Reached", is_reached=True)
    rows = ProspectingList.objects.create(name="Spring fair")
    row = add_prospect(rows, {"Company": "Hotel Astoria", "Phone": "01 42 68 53 00"})
    lead = Lead.create(
        title="Hotel windows",
        by=olga,
        owner=olga,
        amount=Decimal("1234.56"),
        estimated_closing_on=date(2026, 3, 31),
        at=at(5),
        client=Client.objects.create(name="Hôtel Élysée"),
        source="Fair",
        prospect=row,
        description="Write to lea@hotel.example\nor call +33 6 12 34 56 78 <soon>",
    )
    lead.tags.add(
        Tag.objects.create(name="Urgent"),
        Tag.objects.create(name="Windows", category=Category.objects.create(name="Product")),
    )
    for day, target, result in [(4, {"prospect": row}, None), (6, {"lead": lead}, reached)]:
        Activity.objects.create(
            activity_type=call,
            outcome=result,
            user=olga,
            occurred_at=at(day),
            recorded_at=at(day),
            content=f"Said on the {day}th",
            **target,
        )
    lead.move_to(steps[1], by=olga, at=at(7))
    lead.win(by=mona, at=at(20))
    lead.reopen(by=mona, at=at(21))
    return lead


recorded_worked_company = recorded_company(worked_company)


@pytest.fixture
def readers(recorded_worked_company: RecordedCompany, db: None) -> Iterator[Readers]:
    """Readers of the worked company, in which people see only their own leads."""
    recorded_worked_company.restore()
    yield cast_of_readers()
    recorded_worked_company.uninstall()


@pytest.fixture
def shared(readers: Readers) -> Readers:
    """The same readers in a company in which everybody sees everything."""
    Organization.objects.update(privacy="shared")
    return readers


@pytest.fixture
def visit() -> Iterator[Callable[..., Browser]]:
    """Return a browser in which the given user, or nobody, is signed in.

    The user's row is not changed, so that a test that only reads can leave its replica to the next.
    """
    is_disconnected = user_logged_in.disconnect(dispatch_uid="update_last_login")

    def visit(user: User | None = None, language: str = "en") -> Browser:
        browser = Browser(headers={"accept-language": language})
        if user:
            browser.force_login(user)
        return browser

    yield visit
    assert is_disconnected
    user_logged_in.connect(update_last_login, dispatch_uid="update_last_login")

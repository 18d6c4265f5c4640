"""Generator of a benchmark company of any size, inserted in bulk.

Its leads have plausible figures but no meaningful texts, unlike those of the demo. Each has about
4.5 recorded versions and 4 activities.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.color import no_style
from django.db import connection, transaction

from benchmark.lead_histories import Writer
from benchmark.rows import DAYS, START, Company
from leadlight.accounts.models import Membership, Organization, Team, User
from leadlight.replication import changes, triggers
from leadlight.sales import derived_columns
from leadlight.sales.models import (
    Activity,
    ActivityType,
    Category,
    Goal,
    Lead,
    LeadEvent,
    Outcome,
    Pipeline,
    Prospect,
    ProspectingList,
    Step,
    Tag,
)

GOAL: dict[str, Any] = {"starts_on": START, "target": 100}
BATCH = 10_000  # leads per batch of inserted rows


def generate(
    leads: int, seed: int = 1, progress: Callable[[str, int, int], None] = lambda *_: None
) -> None:
    """Fill an empty database with a company of that many leads, equal for equal seeds.

    Raises ValueError if the database is not empty.
    """
    if Lead.objects.exists() or User.objects.exists():
        raise ValueError("The database is not empty.")
    chance = random.Random(seed)  # noqa: S311
    with transaction.atomic():
        company = _company(leads, chance)
        writer = Writer(company, chance, leads)
        triggers.remove(connection)
        for number in range(1, leads + 1):
            writer.lead(number)
            if number % BATCH == 0 or number == leads:
                writer.flush()
                progress("leads", number, leads)
        Lead.objects.update(**derived_columns.expressions())
        _reset_sequences()
    changes.install(connection)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _reset_sequences() -> None:
    models = [Lead, LeadEvent, Activity, Prospect]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)


def _company(leads: int, chance: random.Random) -> Company:
    Organization(name="Measured", time_zone="Europe/Paris").save()
    teams = [Team.objects.create(name=f"Team {number}") for number in range(1, 9)]
    users = User.objects.bulk_create(
        User(
            email=f"seller{number}@example.com",
            first_name="Seller",
            last_name=f"{number:04}",
            role=User.Role.ADMIN if number == 0 else User.Role.USER,
            password="!",  # noqa: S106
        )
        for number in range(max(50, min(3000, leads // 330)))
    )
    memberships = [Membership(team=chance.choice(teams), user=user) for user in users]
    Membership.objects.bulk_create(memberships)
    _goals(teams, users)
    pipelines = [
        Pipeline.objects.create(name=f"Pipeline {number}", is_default=number == 1)
        for number in (1, 2, 3)
    ]
    return Company(
        users=[user.pk for user in users],
        team_of={one.user_id: one.team_id for one in memberships},
        steps={pipeline.pk: _steps(pipeline) for pipeline in pipelines},
        tags=[_tags("Product", 12), _tags("Region", 8, reason_for="both")],
        lists=[_list(number, chance.choice(users)) for number in range(1, 21)],
        outcomes=_activity_types(),
    )


def _goals(teams: list[Team], users: list[User]) -> None:
    """Create a monthly goal of activities per user, and a quarterly one of an amount per team."""
    Goal.objects.bulk_create(
        [
            *(Goal(user=user, measure="activities", period="month", **GOAL) for user in users),
            *(Goal(team=team, measure="won_amount", period="quarter", **GOAL) for team in teams),
        ]
    )


def _steps(pipeline: Pipeline) -> list[int]:
    return [
        Step.objects.create(
            pipeline=pipeline, name=f"Step {place}", position=place, probability=place * 15
        ).pk
        for place in range(1, 6)
    ]


def _tags(name: str, count: int, reason_for: str = "") -> list[int]:
    category = Category.objects.create(name=name, reason_for=reason_for)
    return [
        Tag.objects.create(name=f"{name} {number}", category=category).pk
        for number in range(1, count + 1)
    ]


def _list(number: int, user: User) -> int:
    created_at = datetime.combine(START, datetime.min.time(), UTC) + timedelta(
        days=number * DAYS // 20
    )
    return ProspectingList.objects.create(
        name=f"List {number}", user=user, source="Fair", cost=number * 100, created_at=created_at
    ).pk


def _activity_types() -> dict[int, list[int]]:
    outcomes = {}
    for kind in ("call", "meeting", "email"):
        made = ActivityType.objects.create(name=kind.title(), kind=kind)
        outcomes[made.pk] = [
            Outcome.objects.create(activity_type=made, name=name, is_reached=name == "Reached").pk
            for name in ("Reached", "Not reached", "Voicemail")
        ]
    return outcomes

"""Rows and columns without figures, in reports as of an instant before their creation."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from leadlight.analytics.engine.duckdb import Engine
from tests.analytics.asking import ReportClient
from tests.analytics.worked import ANA, SALES, worked_company
from tests.analytics.world import (
    Activity,
    ActivityType,
    Category,
    Named,
    Outcome,
    Person,
    Tag,
    World,
)

ADDED = datetime(2026, 3, 1, 9, tzinfo=UTC)
BEFORE, AFTER = "2026-02-28T18:00+01:00", "2026-03-02T18:00+01:00"
MONTHS = {"start": "2026-01-01", "to": "2026-03-31"}


@pytest.fixture
def company(engine: Engine) -> ReportClient:
    return ReportClient(engine, grown(worked_company()))


def grown(world: World) -> World:
    """Return the worked company with a row of each kind that was added on 1 March.

    The team Sales was added then, too, but has leads from before: an import brought them.
    """
    call, visit = ActivityType(91, "call", "Call"), ActivityType(92, "visit", "Visit", "", ADDED)
    return replace(
        world,
        users=(
            *world.users,
            Person(13, "new", "New", created_at=ADDED),
            Person(14, "gone", "Gone", is_active=False, deactivated_at=ADDED),
            Person(15, "left", "Left", is_active=False),
        ),
        teams=(Named(SALES, "sales", "Sales", ADDED), Named(22, "west", "West", ADDED)),
        pipelines=(*world.pipelines, Named(32, "q", "Q", ADDED)),
        categories=(Category(51, "c", "C", reason_for="lost"),),
        tags=(Tag(61, "old", "Old", 51), Tag(62, "dear", "Dear", 51, ADDED)),
        activity_types=(call, visit, ActivityType(93, "mail", "Mail", "", ADDED)),
        outcomes=(Outcome(201, "seen", "Seen", 92, created_at=ADDED),),
        activities=(Activity(1, *[datetime(2026, 2, 3, 9, tzinfo=UTC)] * 2, ANA, 93),),
    )


def names(company: ReportClient, as_of: str, grouping: str, report: str = "company") -> list[str]:
    result = company.report(report, **MONTHS, as_of=as_of, group_by=grouping)
    return sorted(row.label for row in result.rows if row.label)


@pytest.mark.parametrize(
    ("report", "grouping", "before", "after"),
    [
        ("team", "user", ["Ana", "Bo", "Gone"], ["Ana", "Bo", "New"]),
        ("company", "team", ["Sales"], ["Sales", "West"]),
        ("company", "pipeline", ["P"], ["P", "Q"]),
        ("categories", "category:c", ["Old"], ["Dear", "Old"]),
        ("activities", "activity_type", ["Call", "Mail"], ["Call", "Mail", "Visit"]),
    ],
)
def test_empty_rows_begin_with_their_creation_and_end_with_the_closing_of_an_account(
    company: ReportClient, report: str, grouping: str, before: list[str], after: list[str]
) -> None:
    assert names(company, BEFORE, grouping, report) == before
    assert names(company, AFTER, grouping, report) == after


@pytest.mark.parametrize(
    ("report", "query", "new"),
    [("activities", {}, {"visit", "seen"}), ("losses", {"view": "people"}, {"dear"})],
)
def test_columns_of_types_outcomes_and_reasons_begin_with_their_creation(
    company: ReportClient, report: str, query: dict[str, str], new: set[str]
) -> None:
    keys = {
        as_of: {
            column.key.rpartition(":")[2]
            for column in company.report(report, **MONTHS, as_of=as_of, **query).columns
        }
        for as_of in (BEFORE, AFTER)
    }
    assert new <= keys[AFTER]
    assert not new & keys[BEFORE]
    if report == "activities":  # added later, and used before
        assert "mail" in keys[BEFORE]

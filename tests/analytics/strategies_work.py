"""Random activities and prospects of a random company, and fixed goals."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tests.analytics.world import (
    Activity,
    ActivityType,
    Cost,
    Fact,
    Goal,
    Lead,
    Outcome,
    Prospect,
    ProspectingList,
    World,
)

LONG_AGO = datetime(2023, 1, 1, tzinfo=UTC)
LISTS = (
    ProspectingList(81, "fair", "Trade fair", 11, date(2024, 1, 1)),
    ProspectingList(82, "web", "Web", 13, date(2024, 2, 29), "web"),
    ProspectingList(83, "old", "old", None, date(2023, 12, 31), "web"),
)
COSTLY_LISTS = (
    replace(LISTS[0], cost=Decimal(100)),
    LISTS[1],
    replace(LISTS[2], cost=Decimal("33.33")),
)
TYPES = (ActivityType(91, "call", "Call", "call"), ActivityType(92, "mail", "E-mail", "email"))
OUTCOMES = (
    Outcome(201, "spoken", "Connected", 91, is_reached=True),
    Outcome(202, "voicemail", "Voicemail", 91),
    Outcome(203, "answered", "Connected", 92, is_reached=True),
)
OF_TYPE = ((91, None), (91, 201), (91, 202), (92, None), (92, 203))
GOALS = (
    Goal(301, 11, None, "activities", 91, "month", date(2024, 1, 1), Decimal(3)),
    Goal(302, 11, None, "activities", 91, "month", date(2024, 3, 1), Decimal(5)),
    Goal(303, 12, None, "won_amount", None, "quarter", date(2023, 12, 31), Decimal(10_000)),
    Goal(304, 12, None, "won_leads", None, "year", date(2024, 2, 29), Decimal(2)),
    Goal(305, None, 21, "activities", None, "quarter", date(2024, 1, 1), Decimal(20)),
    Goal(306, 13, None, "activities", 91, "month", date(2024, 2, 1), Decimal(0)),
)
# Spread over parts of months and years, of one day, of some cents, and recorded late.
COSTS = (
    Cost(
        701, "Stand", Decimal("1000.01"), date(2023, 12, 30), date(2024, 1, 2), LONG_AGO, tag_id=61
    ),
    Cost(702, "Flyers", Decimal("0.05"), date(2024, 1, 1), date(2024, 3, 31), LONG_AGO, tag_id=61),
    Cost(703, "Party", Decimal(77), date(2024, 2, 29), date(2024, 2, 29), LONG_AGO, tag_id=62),
    Cost(
        704, "Ads", Decimal("365.25"), date(2023, 6, 1), date(2024, 12, 31), LONG_AGO, source="web"
    ),
    Cost(
        *(705, "Addresses", Decimal(10), date(2024, 1, 20), date(2024, 2, 10), LONG_AGO),
        prospecting_list_id=82,
    ),
    Cost(
        *(706, "Late", Decimal(9), date(2024, 1, 20), date(2024, 1, 21)),
        *(datetime(2024, 3, 1, tzinfo=UTC), 81),
    ),
)
LAGS = (timedelta(0), timedelta(microseconds=1), timedelta(30))


@st.composite
def busy(draw: Any, world: World, instants: st.SearchStrategy[Any], fewest: int = 0) -> World:
    """The company with prospects, some of them converted to leads, and with activities.

    `fewest` is the minimum of activities; the minimum of prospects is half of it.
    """
    users = st.sampled_from((None, 11, 12, 13, 14))
    prospects, leads = [], list(world.leads)
    for number in range(draw(st.integers(fewest // 2, 4))):
        created_at = draw(instants)
        converted_at = draw(st.one_of(st.none(), instants))
        list_id = draw(st.sampled_from(LISTS)).id
        owner_id = draw(users)
        row = Prospect(401 + number, f"P{number}", list_id, created_at, owner_id, converted_at)
        prospects.append(row)
        if number < len(leads) and (converted_at or draw(st.booleans())):
            leads[number] = replace(
                leads[number], prospect_id=row.id, prospecting_list_id=row.prospecting_list_id
            )
    lead_ids = (None, *(lead.id for lead in leads))
    prospect_ids = (None, *(row.id for row in prospects))
    activities = []
    for number in range(draw(st.integers(fewest, 10))):
        occurred_at = draw(instants)
        type_id, outcome_id = draw(st.sampled_from(OF_TYPE))
        activities.append(
            Activity(
                501 + number,
                occurred_at,
                occurred_at + draw(st.sampled_from(LAGS)),
                draw(users),
                type_id,
                outcome_id,
                draw(st.sampled_from(lead_ids)),
                draw(st.sampled_from(prospect_ids)),
            )
        )
    return replace(
        world,
        leads=tuple(leads),
        prospects=tuple(prospects),
        prospecting_lists=COSTLY_LISTS,
        activities=tuple(activities),
    )


def crowded(world: World, copies: int) -> World:
    """Return the company with this number of copies of each lead; only the first has activities."""
    leads = tuple(
        replace(
            lead,
            id=lead.id + 1000 * copy,
            key=f"{lead.key}-{copy}" if copy else lead.key,
            prospect_id=None if copy else lead.prospect_id,
        )
        for lead in world.leads
        for copy in range(copies)
    )
    return replace(world, leads=leads)


def experienced(world: World, since: datetime) -> World:
    """Return the company with enough closed leads to judge its other leads by.

    Each pipeline gets 13 to 16 leads that moved quickly from step to step; 9 to 11 of them are won.
    """
    leads = [
        _as_usual(world, pipeline.id, number, since)
        for pipeline in world.pipelines
        for number in range(13 + len(world.leads) % 4)
    ]
    return replace(world, leads=(*world.leads, *leads))


def _as_usual(world: World, pipeline_id: int, number: int, since: datetime) -> Lead:
    """Return a closed lead with stays of 18 to 72 hours; two of three leads are won."""
    stay = timedelta(hours=18) * (number % 4 + 1)
    steps = [step.id for step in world.steps if step.pipeline_id == pipeline_id]
    changes: list[tuple[str, Any, datetime]] = [
        ("created", None, since),
        ("pipeline", pipeline_id, since),
        ("owner", (11, 12, 13)[number % 3], since),
        ("team", (21, 22)[number % 2], since),
        *(("step", step_id, since + place * stay) for place, step_id in enumerate(steps)),
        ("status", ("won", "won", "lost")[number % 3], since + len(steps) * stay),
    ]
    facts = tuple(Fact(kind, value, at, at) for kind, value, at in changes)
    row_id = 1000 * pipeline_id + number
    return Lead(row_id, f"U{row_id}", facts)

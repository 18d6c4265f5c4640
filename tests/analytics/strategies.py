"""Random companies.

Days and hours are drawn from edge cases: around midnight, clock changes, leap days, ends of months
and years, and a day that a time zone skipped.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tests.analytics.strategies_work import COSTS, GOALS, LISTS, OUTCOMES, TYPES, busy
from tests.analytics.world import (
    Category,
    ChoiceField,
    Fact,
    Lead,
    Membership,
    Named,
    PastPosition,
    PastProbability,
    Person,
    Step,
    Tag,
    World,
)

ORDINARY = (
    date(2023, 3, 1),
    date(2023, 12, 31),
    date(2024, 1, 1),
    date(2024, 2, 28),
    date(2024, 2, 29),
    date(2024, 3, 1),
    date(2024, 3, 10),  # New York springs forward
    date(2024, 3, 30),
    date(2024, 3, 31),  # Paris springs forward
    date(2024, 4, 1),
)
DAYS = {
    "Europe/Paris": ORDINARY,
    "America/New_York": ORDINARY,
    "Asia/Kolkata": ORDINARY,
    "America/Santiago": (*ORDINARY, date(2024, 4, 6), date(2024, 4, 7)),  # falls back at midnight
    # Samoa had no 30 December 2011.
    "Pacific/Apia": tuple(date(2011, 12, day) for day in (1, 26, 28, 29, 31))
    + tuple(date(2012, 1, day) for day in (1, 2, 31)),
}
HOURS = (time(0), time(0, 0, 0, 1), time(2, 30), time(12), time(23, 30), time.max)
LAGS = (timedelta(0), timedelta(microseconds=1), timedelta(hours=3), timedelta(30))
# Expected closing days: around the periods of the laws and the random queries.
EXPECTED = (
    None,
    *ORDINARY,
    *(date(2024, month, day) for month, day in ((6, 30), (7, 1), (7, 2), (7, 31), (8, 1))),
    *(date(2011, 12, 31), date(2012, 1, 2), date(2012, 1, 31)),
)
PROBABILITIES = (None, None, 0, 33, 100)
AMOUNTS = (None, Decimal(0), Decimal("0.01"), Decimal("33.33"), Decimal(1000), Decimal("9e9"))

ZONES = st.sampled_from(sorted(DAYS)).map(ZoneInfo)

USERS = (
    Person(11, "ana", "Ana"),
    Person(12, "bo", "bo"),
    Person(13, "o'neil; --", "Bo"),
    Person(14, "gone", "Zoe", is_active=False),
)
TEAMS = (Named(21, "north", "North"), Named(22, "south", "Équipe sud"))
MEMBERSHIPS = (
    Membership(21, 11, is_manager=True),
    Membership(21, 12),
    Membership(22, 12),
    Membership(22, 14),
)
PIPELINES = (Named(31, "loans", "Loans"), Named(32, "cars", "Cars"))
STEPS = tuple(
    Step(40 + place, f"step-{place}", f"Step {place}", 31 + place // 3, place % 3 + 1, per_cent)
    for place, per_cent in enumerate((10, None, 65, 0, 50, 100))
)
PAST_PROBABILITIES = tuple(
    PastProbability(700 + number, step_id, per_cent, datetime(*day, 11, tzinfo=UTC))
    for number, (step_id, per_cent, day) in enumerate(
        (
            (40, 90, (2024, 2, 1)),
            (40, None, (2024, 3, 1)),
            (41, 50, (2024, 3, 30)),
            (42, 20, (2011, 12, 28)),
            (42, 1, (2011, 12, 28)),
        )
    )
)
PAST_POSITIONS = tuple(
    PastPosition(800 + number, step_id, position, datetime(*day, 11, tzinfo=UTC))
    for number, (step_id, position, day) in enumerate(
        (
            (40, 2, (2024, 2, 1)),
            (41, 1, (2024, 2, 1)),
            (42, 0, (2024, 3, 1)),
            (42, 9, (2024, 3, 1)),
            (43, 7, (2024, 3, 20)),
        )
    )
)
CATEGORIES = (
    Category(51, "region", "Region", reason_for="lost"),
    Category(52, "product", "Product", reason_for="cancelled"),
)
TAGS = (
    Tag(61, "a", "Alps", 51),
    Tag(62, "b", "Brittany", 51),
    Tag(63, "c", "Crops", 52),
)
# Two fields share a choice; the order of choices is not that of the alphabet.
FIELDS = (
    ChoiceField(76, "sector", "Sector", ("retail", "o'neil; --", "industry", "farms")),
    ChoiceField(77, "size", "Size", ("small", "retail")),
)
CLIENTS = (Named(71, "acme", "Acme"),)
SOURCES = ("web", "Salon d'été")


CHOSEN = (
    (),
    ((76, "retail"),),
    ((76, "retail"), (77, "retail")),
    ((76, "o'neil; --"), (77, "small")),
    ((76, "industry"), (77, "small")),
    ((77, "small"),),
)


@cache
def instants(zone: ZoneInfo) -> st.SearchStrategy[datetime]:
    """UTC instants whose local day is an edge case."""
    return st.builds(
        lambda day, hour, fold: datetime.combine(day, hour.replace(fold=fold), zone).astimezone(
            UTC
        ),
        st.sampled_from(DAYS[zone.key]),
        st.sampled_from(HOURS),
        st.sampled_from((0, 1)),
    )


def weighted(*choices: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """One of these strategies; a strategy listed twice is drawn twice as often."""
    return st.sampled_from(range(len(choices))).flatmap(lambda place: choices[place])


@cache
def changes() -> st.SearchStrategy[tuple[tuple[str, Any], ...]]:
    """Changes of a lead at one instant: moves, hand-overs, corrections and deletions."""

    def of(kind: str, values: Any) -> st.SearchStrategy[tuple[tuple[str, Any], ...]]:
        return st.sampled_from(values).map(lambda value: ((kind, value),))

    into = st.sampled_from(STEPS).map(
        lambda step: (("pipeline", step.pipeline_id), ("step", step.id))
    )
    handed = st.builds(
        lambda owner, team: (("owner", owner), ("team", team)),
        st.sampled_from((None, 11, 12, 13, 14)),
        st.sampled_from((None, 21, 22)),
    )
    return st.one_of(
        into,
        handed,
        of("owner", (None, 11, 12, 13)),
        of("amount", AMOUNTS),
        of("probability", PROBABILITIES),
        of("expected", EXPECTED),
        of("deleted", (True, False, False, False)),
    )


# Statuses of a lead in sequence: mostly closed, sometimes re-opened or re-closed.
COURSES = (
    (),
    ("won",),
    ("won",),
    ("won",),
    ("lost",),
    ("cancelled",),
    ("standby",),
    ("lost", "won"),
    ("won", "todo"),
    ("cancelled", "todo", "won"),
)


@st.composite
def leads(draw: Any, number: int, zone: ZoneInfo, can_be_backdated: bool) -> Lead:
    created_at = draw(instants(zone))
    lag = draw(st.sampled_from(LAGS))
    step = draw(st.sampled_from(STEPS))
    course = [(("status", status),) for status in draw(st.sampled_from(COURSES))]
    said = [
        (at if can_be_backdated else max(at, created_at), draw(st.sampled_from(LAGS)), change)
        for change in [*course, *draw(st.lists(changes(), max_size=3))]
        for at in [draw(instants(zone))]
    ]
    statuses = [at for at, _, change in said if change[0][0] == "status"]
    opening = {
        "created": None,
        "pipeline": step.pipeline_id,
        "step": step.id,
        "status": "todo",
        "owner": draw(st.sampled_from((None, 11, 11, 12, 13, 14))),
        "team": draw(st.sampled_from((None, 21, 22))),
        "amount": draw(st.sampled_from(AMOUNTS)),
        "probability": draw(st.sampled_from(PROBABILITIES)),
        "expected": draw(st.sampled_from(EXPECTED)),
    }
    facts = [
        Fact(kind, value, min([created_at, *statuses]) if kind == "status" else created_at, known)
        for kind, value in opening.items()
        if value is not None or kind == "created"
        for known in [created_at + lag]
    ]
    facts += [
        Fact(kind, value, at, max(at, created_at + lag) + late)
        for at, late, change in said
        for kind, value in change
    ]
    return Lead(
        id=100 + number,
        key=f"L{number}",
        facts=tuple(facts),
        creator_id=draw(st.sampled_from((None, 11, 12))),
        source=draw(st.sampled_from((None, *SOURCES))),
        client_id=draw(st.sampled_from((None, 71))),
        prospecting_list_id=draw(st.sampled_from((None, 81, 82))),
        tag_ids=draw(st.sampled_from(((), (61,), (61, 62), (61, 62, 63), (62, 63)))),
        choices=CHOSEN[number % len(CHOSEN)],
    )


@st.composite
def worlds(
    draw: Any,
    *,
    zones: st.SearchStrategy[ZoneInfo] = ZONES,
    can_be_backdated: bool = True,
    fewest: int = 5,
    most: int = 12,
    fewest_activities: int = 0,
) -> World:
    zone = draw(zones)
    number = draw(st.integers(fewest, most))
    world = company(
        zone, tuple(draw(leads(place, zone, can_be_backdated)) for place in range(number))
    )
    world = replace(world, past_positions=PAST_POSITIONS)
    return draw(busy(world, instants(zone), fewest_activities))


def company(zone: ZoneInfo, leads: tuple[Lead, ...]) -> World:
    return World(
        zone,
        USERS,
        TEAMS,
        MEMBERSHIPS,
        PIPELINES,
        STEPS,
        CATEGORIES,
        TAGS,
        CLIENTS,
        LISTS,
        leads,
        activity_types=TYPES,
        outcomes=OUTCOMES,
        costs=COSTS,
        goals=GOALS,
        past_probabilities=PAST_PROBABILITIES,
        fields=FIELDS,
    )

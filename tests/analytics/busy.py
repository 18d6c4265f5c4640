"""A company with leads of every kind, so that every figure has some."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from tests.analytics.strategies import company
from tests.analytics.strategies_work import COSTLY_LISTS
from tests.analytics.world import Activity, Fact, Lead, Prospect, World

NOW = datetime(2024, 4, 10, 12, tzinfo=UTC)
DAY = timedelta(1)


def lead(
    number: int,
    created: str,
    *changes: tuple[str, str, Any],
    owner: int | None = 11,
    team: int | None = 21,
    amount: str | None = "100",
    step: int = 40,
    expected: date | None = None,
    **more: Any,
) -> Lead:
    """A lead of 2024. Days have the form 02-29; `changes` are (day, kind, value), at noon UTC."""
    opening = [
        ("created", None),
        ("pipeline", 31 if step < 43 else 32),
        ("step", step),
        ("owner", owner),
        ("team", team),
        ("amount", Decimal(amount) if amount else None),
        ("expected", expected),
    ]
    all_changes = [(created, kind, value) for kind, value in opening] + list(changes)
    facts = [
        Fact(kind, value, at(day), max(at(day), at(created))) for day, kind, value in all_changes
    ]
    return Lead(100 + number, f"L{number}", tuple(facts), **more)


def at(day: str) -> datetime:
    return datetime.strptime(f"2024-{day} 12", "%Y-%m-%d %H").replace(tzinfo=UTC)


def done(
    number: int,
    day: str,
    user_id: int | None,
    kind: tuple[int, int | None],
    lead_id: int | None = None,
    prospect_id: int | None = None,
) -> Activity:
    return Activity(500 + number, at(day), at(day), user_id, *kind, lead_id, prospect_id)


SPOKEN, VOICEMAIL, CALL, MAIL, ANSWERED = (91, 201), (91, 202), (91, None), (92, None), (92, 203)
PROSPECTS = (
    Prospect(401, "P1", 81, at("02-02"), 11, at("02-12")),
    Prospect(402, "P2", 82, at("02-29"), None, at("03-02")),
    Prospect(403, "P3", 82, at("03-01"), 12),
    Prospect(404, "P4", 82, at("03-01"), 11),
)
ACTIVITIES = (
    done(1, "02-02", 11, SPOKEN, 101),
    done(2, "02-02", 11, VOICEMAIL, 101),
    done(3, "02-19", 12, MAIL, 101),
    done(4, "02-21", 11, CALL, 101),  # after the closing of the lead
    done(5, "02-10", 11, SPOKEN, None, 401),
    done(6, "02-11", 12, VOICEMAIL, None, 401),
    done(7, "03-01", 12, ANSWERED, None, 402),
    done(8, "03-02", 12, SPOKEN, 103, 402),
    done(9, "03-02", 12, VOICEMAIL, None, 403),
    done(10, "03-03", None, CALL, 104),
    done(11, "03-04", 14, MAIL),
    done(12, "03-05", 12, MAIL, 108),  # its lead is in the bin
    done(13, "03-06", 13, SPOKEN, 107),
)


def busy_company() -> World:
    return replace(
        leads_of_every_kind(),
        prospects=PROSPECTS,
        prospecting_lists=COSTLY_LISTS,
        activities=ACTIVITIES,
    )


def leads_of_every_kind() -> World:
    won, lost, cancelled = ("status", "won"), ("status", "lost"), ("status", "cancelled")
    return company(
        ZoneInfo("Europe/Paris"),
        (
            lead(1, "02-01", ("02-20", *won), tag_ids=(61, 62), source="web", creator_id=11),
            lead(2, "02-03", ("03-01", *won), amount=None, tag_ids=(63,), creator_id=12),
            lead(
                3,
                "03-02",
                ("02-25", *won),
                owner=12,
                amount="50.50",
                source="web",
                prospecting_list_id=82,
                prospect_id=402,
            ),
            lead(4, "02-10", ("03-05", "owner", 12), ("03-20", *lost), step=43, creator_id=11),
            lead(5, "02-11", ("02-12", *cancelled), owner=None, team=None, tag_ids=(61,)),
            lead(
                6,
                "02-12",
                owner=None,
                tag_ids=(61, 62, 63),
                expected=date(2024, 5, 2),
                prospecting_list_id=81,
                prospect_id=401,
            ),
            lead(
                7,
                "02-13",
                ("03-01", *won),
                ("03-09", "status", "todo"),
                team=22,
                client_id=71,
                expected=date(2024, 4, 9),
            ),
            lead(8, "02-14", ("03-03", *won), ("03-10", "deleted", True)),
            lead(9, "01-05", ("03-10", "team", 22), amount=None, source="Salon d'été"),
            lead(10, "01-06", ("04-05", *won), owner=14, prospecting_list_id=82, creator_id=14),
            lead(11, "04-02", owner=14, team=22, expected=date(2024, 4, 10)),
            lead(12, "03-07", ("03-08", *lost), owner=14, team=22, amount="0"),
        ),
    )

"""A company in which every kind of lead there is stands behind some number."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from tests.analytics.strategies import company
from tests.analytics.world import Fact, Lead, World

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
    **more: Any,
) -> Lead:
    """A lead of 2024, days written 02-29; `changes` are (day, kind, value), at noon UTC."""
    opening = [
        ("created", None),
        ("pipeline", 31 if step < 43 else 32),
        ("step", step),
        ("owner", owner),
        ("team", team),
        ("amount", Decimal(amount) if amount else None),
    ]
    told = [(created, kind, value) for kind, value in opening] + list(changes)
    facts = [Fact(kind, value, at(day), max(at(day), at(created))) for day, kind, value in told]
    return Lead(100 + number, f"L{number}", tuple(facts), **more)


def at(day: str) -> datetime:
    return datetime.strptime(f"2024-{day} 12", "%Y-%m-%d %H").replace(tzinfo=UTC)


def busy_company() -> World:
    won, lost, cancelled = ("status", "won"), ("status", "lost"), ("status", "cancelled")
    return company(
        ZoneInfo("Europe/Paris"),
        (
            lead(1, "02-01", ("02-20", *won), tag_ids=(61, 62), source="web", creator_id=11),
            lead(2, "02-03", ("03-01", *won), amount=None, tag_ids=(63,), creator_id=12),
            lead(3, "03-02", ("02-25", *won), owner=12, amount="50.50", source="web"),
            lead(4, "02-10", ("03-05", "owner", 12), ("03-20", *lost), step=43, creator_id=11),
            lead(5, "02-11", ("02-12", *cancelled), owner=None, team=None, tag_ids=(61,)),
            lead(6, "02-12", owner=None, tag_ids=(61, 62, 63), prospecting_list_id=81),
            lead(7, "02-13", ("03-01", *won), ("03-09", "status", "todo"), team=22, client_id=71),
            lead(8, "02-14", ("03-03", *won), ("03-10", "deleted", True)),
            lead(9, "01-05", ("03-10", "team", 22), amount=None, source="Salon d'été"),
            lead(10, "01-06", ("04-05", *won), owner=14, prospecting_list_id=82, creator_id=14),
            lead(11, "04-02", owner=14, team=22),
            lead(12, "03-07", ("03-08", *lost), owner=14, team=22, amount="0"),
        ),
    )

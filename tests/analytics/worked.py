"""The worked company of the report definitions, as plain data."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from tests.analytics.world import Fact, Lead, Membership, Named, Person, Step, World

ANA, BO = 11, 12
SALES = 21
CONTACT, OFFER, DEAL = 41, 42, 43


def worked_company() -> World:
    """Return the worked company: two users, five leads, January to March 2026 in Paris."""
    return World(
        zone=ZoneInfo("Europe/Paris"),
        users=(Person(ANA, "ana", "Ana"), Person(BO, "bo", "Bo")),
        teams=(Named(SALES, "sales", "Sales"),),
        memberships=(Membership(SALES, ANA), Membership(SALES, BO)),
        pipelines=(Named(31, "p", "P"),),
        steps=(
            Step(CONTACT, "contact", "Contact", 31, 1, 10),
            Step(OFFER, "offer", "Offer", 31, 2, 30),
            Step(DEAL, "deal", "Deal", 31, 3, 60),
        ),
        leads=(
            _lead(
                (1, ANA, "01-05 09:00", "1000"),
                ("01-10 09:00", "step", OFFER),
                ("01-20 09:00", "step", DEAL),
                ("02-03 12:00", "status", "won"),
            ),
            _lead(
                (2, ANA, "01-06 10:00", "500"),
                ("01-16 09:00", "step", DEAL),
                ("01-31 23:30", "status", "won"),
            ),
            _lead(
                (3, ANA, "01-07 08:00", "200"),
                ("01-09 09:00", "owner", BO),
                ("02-10 09:00", "status", "lost"),
            ),
            _lead(
                (4, BO, "02-02 08:00", "800"),
                ("02-05 09:00", "step", OFFER),
                ("02-07 09:00", "step", CONTACT),
                ("02-20 09:00", "status", "cancelled"),
            ),
            _lead(
                (5, BO, "01-31 23:10", "300"),
                ("02-11 09:00", "status", "won"),
                ("03-02 09:00", "status", "todo"),
            ),
        ),
    )


def _lead(opening: tuple[int, int, str, str], *changes: tuple[str, str, Any]) -> Lead:
    """Return a lead of the worked company; all facts are recorded when they happen."""
    number, seller, created_at, amount = opening
    facts = [
        (created_at, "created", None),
        (created_at, "pipeline", 31),
        (created_at, "step", CONTACT),
        (created_at, "status", "todo"),
        (created_at, "owner", seller),
        (created_at, "team", SALES),
        (created_at, "amount", Decimal(amount)),
        *changes,
    ]
    told = tuple(Fact(kind, value, _in_2026(at), _in_2026(at)) for at, kind, value in facts)
    return Lead(100 + number, f"L{number}", told, creator_id=seller)


def _in_2026(text: str) -> datetime:
    """Parse an instant of 2026 such as `02-03 12:00` (UTC)."""
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)

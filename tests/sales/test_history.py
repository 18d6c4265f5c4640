"""Replay of events, without a database."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from leadlight.sales.models.event_log import FIELDS, EventFields, replay
from leadlight.sales.models.plain_values import plain_decimal


def event(day: int, kind: str, value: str = "") -> EventFields:
    return EventFields(datetime(2026, 1, day, tzinfo=UTC), kind, value)


def test_the_last_event_of_a_kind_determines_the_value() -> None:
    state = replay([event(1, "created"), event(1, "owner", "3"), event(2, "owner", "")])
    assert state == {"created_at": datetime(2026, 1, 1, tzinfo=UTC), "owner_id": None}


def test_the_closing_follows_the_last_status_event() -> None:
    closed = replay([event(1, "status", "lost"), event(2, "status", "won")])
    assert closed["closed_at"] == datetime(2026, 1, 2, tzinfo=UTC)
    reopened = replay([event(1, "status", "won"), event(3, "status", "standby")])
    assert reopened == {"status": "standby", "closed_at": None}


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("pipeline", 7),
        ("owner", None),
        ("status", "standby"),
        ("amount", Decimal("1000.50")),
        ("amount", Decimal(3)),
        ("amount", None),
        ("probability", 0),
        ("estimated_closing", date(2024, 2, 29)),
        ("deleted", True),
        ("deleted", False),
    ],
)
def test_values_round_trip_through_their_text(kind: str, value: object) -> None:
    field = FIELDS[kind]
    assert field.read(field.write(value)) == value


def test_amounts_are_formatted_without_zero_decimals() -> None:
    written = [plain_decimal(amount) for amount in (Decimal("1000.00"), Decimal("10.5"), None)]
    assert written == ["1000", "10.50", ""]

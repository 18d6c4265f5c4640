"""Amounts and instants as events and files write them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal


def plain_decimal(amount: Decimal | None) -> str:
    """1000 → "1000", 10.5 → "10.50", None → "": an amount as events and files write it."""
    if amount is None:
        return ""
    return f"{amount:.2f}".removesuffix(".00")


def plain_instant(instant: datetime | None) -> str:
    """An instant in UTC as events write it: "2026-01-31T14:05:00Z"; None → ""."""
    if instant is None:
        return ""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")

"""Text format of amounts and instants in events and files."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal


def plain_decimal(amount: Decimal | None) -> str:
    """Format an amount for events and files: 1000 → "1000", 10.5 → "10.50", None → ""."""
    if amount is None:
        return ""
    return f"{amount:.2f}".removesuffix(".00")


def plain_instant(instant: datetime | None) -> str:
    """Format an instant in UTC for events: "2026-01-31T14:05:00Z"; None → ""."""
    if instant is None:
        return ""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")

"""Local days, in the company's time zone."""

from __future__ import annotations

from datetime import date, datetime, time

from django.utils import timezone

from leadlight.presentation import formats


def today() -> date:
    return timezone.now().astimezone(formats.company().zone).date()


def start_of(day: date, at: time | None = None) -> datetime:
    """Return the instant at which a day starts, or that of a time on it."""
    return datetime.combine(day, at or time(), formats.company().zone)

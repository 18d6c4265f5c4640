"""Clock of the tests. It starts at the same instant in each test and advances at each reading.

`tests.surroundings` replaces Django's clock with it before any model is loaded. Each reading is a
millisecond later than the one before, so that successive events have increasing instants on a
machine of any speed.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

from django.utils import timezone

START = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
TICK = timedelta(milliseconds=1)

_readings = count()


def now() -> datetime:
    """Return the current instant of the test clock, in UTC."""
    return START + next(_readings) * TICK


def restart() -> None:
    """Reset the clock to its start."""
    go_on_from(0)


def readings() -> int:
    """Return the number of readings since the start. Calling it counts as a reading."""
    return next(_readings)


def go_on_from(readings: int) -> None:
    """Set the clock to its state after this many readings."""
    global _readings
    _readings = count(readings)


def install() -> None:
    """Replace `django.utils.timezone.now` with this clock."""
    timezone.now = now

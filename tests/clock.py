"""The clock of the tests: it starts at the same instant for each test, and moves when it is read.

`tests.surroundings` puts it in the place of Django's before any model is loaded. Each reading is a
millisecond later than the one before, so that what happens one after the other has instants in
that order, on a machine of any speed.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

from django.utils import timezone

START = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
TICK = timedelta(milliseconds=1)

_readings = count()


def now() -> datetime:
    """The present instant, in UTC."""
    return START + next(_readings) * TICK


def restart() -> None:
    """Set the clock to its start."""
    go_on_from(0)


def readings() -> int:
    """Count the readings since the start. Counting is one."""
    return next(_readings)


def go_on_from(readings: int) -> None:
    """Set the clock to where it stands after so many readings."""
    global _readings
    _readings = count(readings)


def install() -> None:
    """Let Django, and all that asks it for the present, read this clock."""
    timezone.now = now

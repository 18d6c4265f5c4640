"""Reminders of leads: the instant of the next work on a lead, and the planned activity."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from leadlight.sales.models.activities import ActivityType
from leadlight.sales.models.event_log import Kind
from leadlight.sales.models.valid_values import valid_instant, valid_minutes, valid_text

if TYPE_CHECKING:
    from leadlight.sales.models.lead_changes import Changes

LONGEST_REMINDER_NOTE = 500


@dataclass(frozen=True)
class Reminder:
    """Instant at which a lead is to be worked on again, and the activity planned then.

    With `is_all_day`, `at` is the start of a local day and the reminder has no time. `minutes` is
    the duration of the planned activity, None if it is not known.
    """

    at: datetime
    is_all_day: bool = False
    minutes: int | None = None
    activity_type: ActivityType | None = None
    note: str = ""


def remind(changes: Changes, reminder: Reminder | None) -> None:
    """Set all parts of a reminder; None removes it."""
    changes[Kind.REMINDER] = valid_instant(reminder.at if reminder else None)
    changes[Kind.REMINDER_ALL_DAY] = reminder is not None and reminder.is_all_day
    changes[Kind.REMINDER_MINUTES] = valid_minutes(reminder.minutes if reminder else None)
    activity_type = reminder.activity_type if reminder else None
    changes[Kind.REMINDER_ACTIVITY] = activity_type.pk if activity_type else None
    note = valid_text(reminder.note if reminder else "", LONGEST_REMINDER_NOTE)
    changes[Kind.REMINDER_NOTE] = note

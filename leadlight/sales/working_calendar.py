"""Working days of the company, for due days that are counted in them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from leadlight.accounts.models import Holiday
from leadlight.accounts.organization import organization

A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class WorkingCalendar:
    """Days of the week on which nobody works, as ISO weekdays, and holidays."""

    weekend: Collection[int]
    holidays: Collection[date]

    @classmethod
    def current(cls) -> WorkingCalendar:
        """Return the calendar of the company."""
        days = Holiday.objects.values_list("day", flat=True)
        return cls(frozenset(organization().weekend), frozenset(days))

    def is_working(self, day: date) -> bool:
        return day.isoweekday() not in self.weekend and day not in self.holidays

    def after(self, start: date, count: int) -> date:
        """Return the working day that is `count` working days after `start`.

        With a `count` of 0, it is `start` itself or the next working day.
        """
        day = start
        while count or not self.is_working(day):
            day += A_DAY
            count -= min(count, self.is_working(day))
        return day

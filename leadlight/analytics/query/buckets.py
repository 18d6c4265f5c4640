"""Number of a day's bucket (day, week, month, quarter or year) as an Ibis expression."""

from __future__ import annotations

import ibis
from ibis.expr.types import DateValue, IntegerValue

from leadlight.analytics.query.periods import EPOCH, MONTHS, Calendar, Unit


def bucket_number(day: DateValue, unit: Unit, calendar: Calendar) -> IntegerValue:
    """Return the number of a day's bucket, as `periods.bucket_of` computes it."""
    if unit in ("day", "week"):
        days = day.delta(ibis.date(EPOCH), unit="day")
        return days if unit == "day" else (days + 4 - calendar.first_weekday) // 7
    months = day.year() * 12 + day.month() - 1
    if unit == "month":
        return months
    return (months - (calendar.fiscal_year_start_month - 1)) // MONTHS[unit]

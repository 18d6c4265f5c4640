"""Public holidays of France by year (Code du travail, article L3133-1)."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils.translation import gettext_noop

# Month and day → name.
FIXED = {
    (1, 1): gettext_noop("New Year's Day"),
    (5, 1): gettext_noop("Labour Day"),
    (5, 8): gettext_noop("Victory in Europe Day"),
    (7, 14): gettext_noop("Bastille Day"),
    (8, 15): gettext_noop("Assumption Day"),
    (11, 1): gettext_noop("All Saints' Day"),
    (11, 11): gettext_noop("Armistice Day"),
    (12, 25): gettext_noop("Christmas Day"),
}
# Days after Easter Sunday → name.
MOVING = {
    1: gettext_noop("Easter Monday"),
    39: gettext_noop("Ascension Day"),
    50: gettext_noop("Whit Monday"),
}


def easter(year: int) -> date:
    """Return Easter Sunday of the Gregorian calendar (anonymous algorithm)."""
    a, (b, c) = year % 19, divmod(year, 100)
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    k = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    month, day = divmod(h + k - 7 * ((a + 11 * h + 22 * k) // 451) + 114, 31)
    return date(year, month, day + 1)


def french_holidays(year: int) -> dict[date, str]:
    """Return the holidays of a year, day → name, in order.

    If two fall on one day, as in 2008, the one with a fixed date gives the name.
    """
    sunday = easter(year)
    days = {sunday + timedelta(after): name for after, name in MOVING.items()}
    days |= {date(year, month, day): name for (month, day), name in FIXED.items()}
    return dict(sorted(days.items()))

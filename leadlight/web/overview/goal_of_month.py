"""Goal for the won amount of the current month, its pace, and the coverage of the gap.

The goal of users and teams is that of the forecast, which spreads a goal evenly over the days of
its quarter or year. The company's own goal, which the forecast leaves out, is spread the same way.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from django.urls import reverse

from leadlight.accounts.models import User
from leadlight.analytics.metrics.columns import Rate
from leadlight.analytics.query.periods import Calendar, Unit, bucket_of
from leadlight.analytics.reports.contract import Result
from leadlight.presentation import formats, values
from leadlight.sales import goals as rules
from leadlight.sales.models import Goal
from leadlight.web.overview.linked import Linked, explained, linked, listed
from leadlight.web.overview.month import Month

UNITS: tuple[Unit, ...] = ("month", "quarter", "year")


@dataclass(frozen=True)
class MonthGoal:
    """Goal of the month with its progress; `percent` and `elapsed_percent` are from 0 to 100.

    `pace` is empty in the first days of a month. `coverage` is the open amount `expected` this
    month, divided by the `gap` to the goal; None if the goal is reached.
    """

    target: Linked
    share: str
    pace: str
    percent: int
    elapsed_percent: int
    gap: Linked
    expected: Linked
    coverage: Linked | None


def goal_of_month(
    forecast: Result, month: Month, user: User, *, is_of_company: bool
) -> MonthGoal | None:
    """Return the goal of the month from the forecast of the month; None without a goal."""
    report, filters = forecast.report, forecast.filters
    own = _of_company(user, month, filters.calendar) if is_of_company else None
    amount = own or cast("Decimal | None", forecast.totals.get("goal"))
    if not amount:
        return None
    won, expected = (cast(Decimal, forecast.totals[key]) for key in ("won_amount", "open_amount"))
    gap = max(amount - won, Decimal(0))
    share = Rate(won, amount).value or 0

    def figure(key: str, kind: str, value: Decimal | Rate) -> Linked:
        if own:
            return linked(kind, value, reverse("goals"))
        return explained(report, filters, key, value, kind)

    return MonthGoal(
        target=figure("goal", "money", amount),
        share=formats.percent(share, 0),
        pace="" if month.is_too_early else values.glance("money", won / month.elapsed),
        percent=min(100, int(100 * share)),
        elapsed_percent=round(100 * month.elapsed),
        gap=figure("gap", "money", gap),
        expected=listed(report, filters, "open_amount", expected),
        coverage=figure("coverage", "ratio", Rate(expected, gap)) if gap else None,
    )


def _of_company(user: User, month: Month, calendar: Calendar) -> Decimal | None:
    """Return the company's own goal for the month: of the shortest period that has one."""
    found = rules.visible(user).filter(user=None, team=None, measure=Goal.Measure.WON_AMOUNT)
    for unit in UNITS:
        window = bucket_of(month.today, unit, calendar)
        for goal in rules.in_force(found.filter(period=unit), window.last):
            days = (window.last - window.first).days + 1
            return round(Decimal(goal.target) * month.last.day / days, 2)
    return None

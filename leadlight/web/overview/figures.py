"""Figures of the current month, each with its change and a trend of twelve months.

All figures come from reports. For the trends, each report is run once by month.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import cast

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from leadlight.accounts.models import User
from leadlight.analytics.metrics import deals
from leadlight.analytics.metrics.activities import ACTIVITIES
from leadlight.analytics.metrics.columns import Column
from leadlight.analytics.reports import activities, company
from leadlight.analytics.reports.contract import Report, Result
from leadlight.analytics.reports.forecast import amounts
from leadlight.presentation import values
from leadlight.presentation.cards import Card, card, trend_to_date
from leadlight.presentation.goal_progress import Params
from leadlight.presentation.links import report_address
from leadlight.presentation.values import has_no_value, size_of
from leadlight.reporting.reader import ReportReader
from leadlight.web.overview.goal_of_month import MonthGoal, goal_of_month
from leadlight.web.overview.linked import Linked, explained, listed
from leadlight.web.overview.month import Month


def only(report: Report, *columns: Column) -> Report:
    """Return a report with only these columns, without warnings, trend and prefetch."""
    return replace(
        report,
        columns=lambda query: columns,
        headlines=tuple(column.key for column in columns),
        warnings=(),
        trend=None,
        prefetch=None,
    )


WIN_RATE = deals.WIN_RATE.of_closed
COMPANY = only(company.REPORT, deals.WON_AMOUNT, WIN_RATE, deals.CREATED_LEADS, deals.OPEN_AMOUNT)
ACTIVE = only(activities.REPORT, ACTIVITIES)
ALL_OPEN = amounts.REPORT.further_row("all_open")
FORECAST = replace(
    amounts.REPORT,
    headlines=("won_amount", "open_amount", "weighted_amount", "goal", "gap", "coverage"),
    further_rows=(ALL_OPEN,) if ALL_OPEN else (),
    warnings=(),
    notes=lambda query: (),
)


@dataclass(frozen=True)
class Expected:
    """Amount expected this month: the won amount plus the `weighted` amount of open leads."""

    value: str
    exact: str
    address: str
    weighted: Linked
    trend: SafeString | str


@dataclass(frozen=True)
class Figures:
    """Cards of the overview.

    `weighted` is the weighted amount of all open leads, for a month without a goal. `is_empty` is
    True if all figures are 0 in all months of the trends.
    """

    won: Card
    win_rate: Card
    created: Card
    open: Card
    active: Card
    expected: Expected
    goal: MonthGoal | None
    weighted: Linked
    is_empty: bool


def figures(
    reader: ReportReader, user: User, month: Month, narrowing: Params, *, is_of_company: bool
) -> Figures:
    """Return the figures of the month, for the leads and activities that `narrowing` selects."""
    now = reader.headlines(COMPANY, month.to_date | narrowing)
    done = reader.headlines(ACTIVE, month.to_date | narrowing)
    forecast = reader.headlines(FORECAST, month.whole | narrowing)
    months = reader.run(COMPANY, month.by_month | narrowing)
    active_months = reader.run(ACTIVE, month.by_month | narrowing)
    return Figures(
        won=_card(now, months, deals.WON_AMOUNT),
        win_rate=_card(now, months, WIN_RATE),
        created=_card(now, months, deals.CREATED_LEADS),
        open=_card(now, months, deals.OPEN_AMOUNT),
        active=_card(done, active_months, ACTIVITIES),
        expected=_expected(forecast, months),
        goal=goal_of_month(forecast, month, user, is_of_company=is_of_company),
        weighted=_weighted(forecast),
        is_empty=not any(
            size_of(row.cells[column.key])
            for result in (months, active_months)
            for row in result.rows
            for column in result.columns
        ),
    )


def _card(result: Result, months: Result, column: Column) -> Card:
    """Return a card with its trend; the fraction or compared value is empty without a value."""
    shown, compared = card(result, column), result.compared
    if has_no_value(result.totals[column.key]):
        shown = replace(shown, fraction="")
    if compared and has_no_value(compared.totals[column.key]):
        shown = replace(shown, before="")
    return replace(shown, trend=_trend(column, _points(months, column)))


def _points(months: Result, column: Column) -> list[float | None]:
    return [size_of(row.cells[column.key]) for row in months.rows]


def _trend(column: Column, points: Sequence[float | None]) -> SafeString | str:
    """Return the sparkline of a figure, with the range of the previous months in words."""
    before = [point for point in points[:-1] if point is not None]
    if not before or not any(points):
        return ""
    words = _("Previous %(months)s months: from %(least)s to %(most)s.") % {
        "months": len(points) - 1,
        "least": _glance(column, min(before)),
        "most": _glance(column, max(before)),
    }
    return trend_to_date(points, words)


def _glance(column: Column, size: float) -> str:
    kind = "share" if column.kind == "rate" else column.kind
    return values.glance(kind, Decimal(size) if kind == "money" else size)


def _expected(forecast: Result, months: Result) -> Expected:
    won, weighted = (
        cast(Decimal, forecast.totals[key]) for key in ("won_amount", "weighted_amount")
    )
    points = [*_points(months, deals.WON_AMOUNT)[:-1], float(won + weighted)]
    return Expected(
        value=values.glance("money", won + weighted),
        exact=values.text("money", won + weighted),
        address=report_address(forecast.report, forecast.filters),
        weighted=explained(forecast.report, forecast.filters, "weighted_amount", weighted, "money"),
        trend=_trend(deals.WON_AMOUNT, points),
    )


def _weighted(forecast: Result) -> Linked:
    """Return the weighted amount of all open leads."""
    [row] = forecast.further_rows
    value = row.cells["weighted_amount"]
    return listed(forecast.report, forecast.filters, "weighted_amount", value, row)

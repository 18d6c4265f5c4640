"""Comparison of a figure with that of another period, in words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest

from leadlight.analytics.metrics.activities import EFFORT_PER_WIN
from leadlight.analytics.metrics.columns import Rate, Span
from leadlight.analytics.metrics.deals import (
    CREATED_LEADS,
    LOST_LEADS,
    OPEN_LEADS,
    WIN_RATE,
    WON_AMOUNT,
    WON_AMOUNT_SHARE,
    WON_LEADS,
)
from leadlight.analytics.query.periods import Calendar, Period, bucket_named
from leadlight.analytics.reports.ranking import OF_CLOSED
from leadlight.presentation.comparisons import ColumnComparison, days_of

pytestmark = pytest.mark.answers


@pytest.mark.parametrize(
    ("column", "now", "before", "text", "sense"),
    [
        # 20 calls per sale instead of 25: a fifth less, which is better.
        (EFFORT_PER_WIN, Rate(40, 2), Rate(25, 1), "20%", "better"),
        (EFFORT_PER_WIN, Rate(30, 1), Rate(25, 1), "20%", "worse"),
        (WIN_RATE.of_closed, Rate(100, 400), Rate(100, 500), "5.0 pts", ""),  # 1.96 × 2.8 pts
        (
            WIN_RATE.of_closed,
            Rate(200, 800),
            Rate(200, 1000),
            "5.0 pts",
            "better",
        ),  # 1.96 × 2.0 pts
    ],
)
def test_ratios_change_by_per_cent_and_rates_by_percentage_points(column, now, before, text, sense):
    change = ColumnComparison(column).between(now, before)
    assert (change.text, change.sense) == (text, sense)


def test_an_undefined_ratio_is_not_compared():
    assert ColumnComparison(EFFORT_PER_WIN).between(Rate(40, 0), Rate(25, 1)) is None


@pytest.mark.parametrize(
    ("column", "now", "before", "days", "could_be"),
    [
        (WON_LEADS, 8, 2, (30, 30), True),  # 2 (1 + 10 + 45) / 1024
        (WON_LEADS, 9, 1, (30, 30), False),  # 2 (1 + 10) / 1024
        (LOST_LEADS, 1, 9, (30, 30), False),
        (WON_LEADS, 3, 0, (30, 30), True),  # 2 / 8
        (WON_LEADS, 3, 0, (30, 90), False),  # 2 / 64: a quarter of the days
        (CREATED_LEADS, 8, 2, (30, 30), True),
        (OPEN_LEADS, 8, 2, (30, 30), False),  # a state, not a count of events
        (WIN_RATE.of_closed, Rate(1, 4), Rate(1, 5), (30, 30), True),
        (WIN_RATE.of_closed, Rate(9, 10), Rate(3, 10), (30, 30), False),
        (WON_AMOUNT, Decimal(8), Decimal(2), (30, 30), False),
        (
            WON_AMOUNT_SHARE,
            Rate(Decimal(8), Decimal(9)),
            Rate(Decimal(2), Decimal(9)),
            (1, 1),
            False,
        ),
        (EFFORT_PER_WIN, Rate(8, 1), Rate(2, 1), (30, 30), False),
    ],
)
def test_a_change_that_could_be_chance_is_neither_better_nor_worse(
    column, now, before, days, could_be
):
    change = ColumnComparison(column).between(now, before, days)
    assert change is not None
    assert change.could_be_chance is could_be
    if could_be:
        assert (change.sense, change.word) == ("", "could be chance")
        assert change.arrow in ("≈▲", "≈▼")
    else:
        assert change.word in ("better", "worse", "more", "less")


def test_an_equal_figure_is_called_unchanged():
    assert ColumnComparison(WON_LEADS).between(3, 3).word == "unchanged"


def test_figures_that_depend_on_all_rows_are_not_compared():
    _won, _closed, _rate, interval, places, estimate = OF_CLOSED
    assert ColumnComparison(interval).between(Span(0.1, 0.2), Span(0.3, 0.4)) is None
    assert ColumnComparison(places).between(Span(1, 2), Span(3, 4)) is None
    assert ColumnComparison(estimate).between(0.2, 0.4) is None


@pytest.mark.parametrize(
    ("month", "days"),
    [(None, 51), ("2026-01", 17), ("2026-02", 28), ("2026-03", 6)],
)
def test_a_time_row_counts_only_its_days_within_the_period(month, days):
    """The period is from 15 January to 6 March 2026."""
    result = SimpleNamespace(period=Period(date(2026, 1, 15), date(2026, 3, 6)))
    row = SimpleNamespace(bucket=month and bucket_named(month, Calendar()))
    assert days_of(result, row) == days
    assert days_of(result) == 51

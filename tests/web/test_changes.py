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
    OPEN_AMOUNT,
    OPEN_LEADS,
    WIN_RATE,
    WON_AMOUNT,
    WON_AMOUNT_SHARE,
    WON_LEADS,
)
from leadlight.analytics.query.periods import Calendar, Period, bucket_named
from leadlight.analytics.reports.ranking import OF_CLOSED
from leadlight.analytics.stats.differences import Count, Proportion, Total
from leadlight.presentation.comparisons import Basis, ColumnComparison, days_of

pytestmark = pytest.mark.answers


@pytest.mark.parametrize(
    ("column", "now", "before", "text", "sense"),
    [
        # 20 calls per sale instead of 25: a fifth less, which no test applies to.
        (EFFORT_PER_WIN, Rate(40, 2), Rate(25, 1), "20%", ""),
        (EFFORT_PER_WIN, Rate(30, 1), Rate(25, 1), "20%", ""),
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
    basis = None
    if column.evidence:
        samples = (Proportion(rate.numerator, rate.denominator) for rate in (now, before))
        basis = Basis(*samples, 1, 1)
    change = ColumnComparison(column).between(now, before, basis)
    assert (change.text, change.sense) == (text, sense)


def test_an_undefined_ratio_is_not_compared():
    assert ColumnComparison(EFFORT_PER_WIN).between(Rate(40, 0), Rate(25, 1)) is None


@pytest.mark.parametrize(
    ("now", "before", "arrow", "text"),
    [
        (445_528, -3_000, "▲", "from −3,000"),
        (-3_000, 445_528, "▼", "from 445,528"),
        (-6_000, -3_000, "▼", "100%"),
        (-1_500, -3_000, "▲", "50%"),
        (0, -3_000, "▲", "100%"),
    ],
)
def test_a_change_from_below_zero_has_the_direction_of_the_difference(now, before, arrow, text):
    change = ColumnComparison(OPEN_AMOUNT).between(Decimal(now), Decimal(before))
    assert (change.arrow, change.text) == (arrow, text)


SUMS = Total(40, 80.0, 200.0), Total(40, 40.0, 50.0)


@pytest.mark.parametrize(
    ("column", "now", "before", "basis", "arrow", "sense", "word"),
    [
        (WON_LEADS, 25, 10, Basis(Count(25), Count(10), 30, 30), "▲", "better", "better"),
        (LOST_LEADS, 25, 10, Basis(Count(25), Count(10), 30, 30), "▲", "worse", "worse"),
        (CREATED_LEADS, 25, 10, Basis(Count(25), Count(10), 30, 30), "▲", "", "more"),
        (WON_LEADS, 20, 12, Basis(Count(20), Count(12), 30, 30), "≈▲", "", "could be chance"),
        (WON_LEADS, 9, 1, Basis(Count(9), Count(1), 30, 30), "≈▲", "", "too few cases to judge"),
        (WON_LEADS, 90, 1, Basis(Count(90), Count(1), 30, 30), "≈▲", "", "too few cases to judge"),
        # Fewer in all, but more by day: neither better nor worse.
        (WON_LEADS, 20, 40, Basis(Count(20), Count(40), 7, 30), "▼", "", "less"),
        (WON_AMOUNT, Decimal(80), Decimal(40), Basis(*SUMS, 30, 30), "▲", "better", "better"),
        (WON_AMOUNT, Decimal(80), Decimal(40), Basis(*SUMS, 60, 30), "≈▲", "", "could be chance"),
        (OPEN_LEADS, 80, 20, None, "▲", "", "more"),  # a state: no test applies
        (WON_AMOUNT, Decimal(8), Decimal(2), None, "▲", "", "more"),
        (LOST_LEADS, 2, 8, None, "▼", "", "less"),
        (EFFORT_PER_WIN, Rate(80, 10), Rate(20, 10), None, "▲", "", "more"),
    ],
)
def test_only_a_change_beyond_chance_is_better_or_worse(
    column, now, before, basis, arrow, sense, word
):
    change = ColumnComparison(column).between(now, before, basis)
    assert (change.arrow, change.sense, change.text_alternative) == (arrow, sense, word)
    assert change.could_be_chance is arrow.startswith("≈")


@pytest.mark.parametrize("column", [OPEN_LEADS, OPEN_AMOUNT, WON_AMOUNT_SHARE, EFFORT_PER_WIN])
def test_states_shares_of_amounts_and_ratios_have_no_evidence(column):
    assert column.evidence is None


def test_an_equal_figure_is_called_unchanged():
    assert ColumnComparison(WON_LEADS).between(3, 3).text_alternative == "unchanged"


def test_figures_that_depend_on_all_rows_are_not_compared():
    _won, _closed, _rate, interval, places, estimate = OF_CLOSED
    assert ColumnComparison(interval).between(Span(0.1, 0.2), Span(0.3, 0.4)) is None
    assert ColumnComparison(places).between(Span(1, 2), Span(3, 4)) is None
    assert ColumnComparison(estimate).between(0.2, 0.4) is None


@pytest.mark.parametrize(
    ("month", "today", "days"),
    [
        (None, date(2026, 4, 1), 51),
        ("2026-01", date(2026, 4, 1), 17),
        ("2026-02", date(2026, 4, 1), 28),
        ("2026-03", date(2026, 4, 1), 6),
        (None, date(2026, 2, 10), 27),
        ("2026-02", date(2026, 2, 10), 10),
        ("2026-03", date(2026, 2, 10), 0),
    ],
)
def test_a_time_row_counts_only_its_days_within_the_period_so_far(month, today, days):
    """The period is from 15 January to 6 March 2026."""
    result = SimpleNamespace(
        period=Period(date(2026, 1, 15), date(2026, 3, 6)), filters=SimpleNamespace(today=today)
    )
    row = SimpleNamespace(bucket=month and bucket_named(month, Calendar()))
    assert days_of(result, row) == days

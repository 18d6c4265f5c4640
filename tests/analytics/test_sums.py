"""Prediction interval of a sum of amounts, each won or not: by hand, by laws and by simulation."""

from __future__ import annotations

import random
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadlight.analytics.stats.sums import SumMoments, prediction_interval

pytestmark = pytest.mark.search

Amounts = list[tuple[float, float]]
"""Amount, then its probability."""


def moments_of(amounts: Amounts) -> SumMoments:
    return SumMoments(
        sum(p * amount for amount, p in amounts),
        sum(p * (1 - p) * amount**2 for amount, p in amounts),
        sum(amount for amount, p in amounts if p == 1),
        sum(amount for amount, p in amounts if p > 0),
    )


def test_the_range_of_a_hundred_equal_amounts_is_that_of_the_binomial_distribution() -> None:
    """Of 100 tosses of a coin, 44 to 56 are heads in 80.7 of 100 cases."""
    low, high = prediction_interval(moments_of([(1, 0.5)] * 100))
    assert (low, high) == (
        pytest.approx(50 - 1.2816 * 5, abs=1e-3),
        pytest.approx(56.408, abs=1e-3),
    )


@pytest.mark.parametrize(
    ("amounts", "ends"),
    [
        ([], (0, 0)),
        ([(100, 0.0)], (0, 0)),
        ([(100, 1.0)], (100, 100)),
        ([(100, 1.0), (40, 0.0)], (100, 100)),
        ([(100, 0.5)], (0, 100)),
    ],
)
def test_the_range_ends_at_the_sure_and_at_the_possible_sum(
    amounts: Amounts, ends: tuple[float, float]
) -> None:
    assert prediction_interval(moments_of(amounts)) == ends


@given(
    st.lists(
        st.tuples(st.floats(0, 1e7), st.integers(0, 100).map(lambda per_cent: per_cent / 100)),
        max_size=30,
    )
)
def test_the_range_lies_around_the_expected_sum_and_within_the_possible_one(
    amounts: Amounts,
) -> None:
    moments = moments_of(amounts)
    low, high = prediction_interval(moments)
    slack = 1e-9 * (1 + moments.possible)
    assert moments.sure - slack <= low <= moments.expected + slack
    assert moments.expected - slack <= high <= moments.possible + slack


@pytest.mark.parametrize("number", [10, 30, 120])
@pytest.mark.parametrize("spread", [0.3, 1.0])
def test_the_range_contains_the_sum_in_eight_of_ten_simulated_futures(
    number: int, spread: float
) -> None:
    drawn = random.Random(number)
    futures = hits = 0
    for _ in range(60):
        amounts = [
            (drawn.lognormvariate(9, spread), drawn.choice((0.1, 0.25, 0.5, 0.75)))
            for _ in range(number)
        ]
        low, high = prediction_interval(moments_of(amounts))
        for _ in range(50):
            total = sum(amount for amount, p in amounts if drawn.random() < p)
            futures += 1
            hits += low <= total <= high
    allowed = 4 * sqrt(0.8 * 0.2 / futures) + 0.02  # chance, and the approximation
    assert abs(hits / futures - 0.8) < allowed


def test_the_range_contains_few_unlikely_amounts_more_often_than_in_eight_of_ten_futures() -> None:
    drawn = random.Random(5)
    futures = hits = 0
    for _ in range(60):
        amounts = [(drawn.lognormvariate(9, 1), 0.1) for _ in range(8)]
        low, high = prediction_interval(moments_of(amounts))
        for _ in range(50):
            total = sum(amount for amount, p in amounts if drawn.random() < p)
            futures += 1
            hits += low <= total <= high
    assert 0.78 < hits / futures < 0.95

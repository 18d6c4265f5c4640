"""Comparison of the curves with lifelines, an independent survival analysis library.

Functions import lifelines: it loads pandas and SciPy, seconds that other tests should not pay.
"""

from __future__ import annotations

import warnings
from math import isnan
from typing import Any

import pytest

from leadlight.analytics.stats.survival import CLOSED, OPEN, Counts, Curves, curves

CODES = {OPEN: 0, "won": 1, "lost": 2, "cancelled": 3}


def fitted(counted: Counts, event: int) -> Any:
    """Fit the Aalen-Johansen estimator of lifelines to the same leads.

    By default lifelines moves tied leads to random ages, so that variances differ each time. Its
    formulas are valid for ties, so the check for ties is switched off. It also requires ages above
    0, so all ages are one day greater.
    """

    from lifelines import AalenJohansenFitter

    class Tied(AalenJohansenFitter):
        @staticmethod
        def _check_for_duplicates(durations: object, events: object) -> bool:
            return False

    durations, events = expanded(counted)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Tied().fit(durations, events, event_of_interest=event)


def expanded(counted: Counts) -> tuple[list[int], list[int]]:
    each = [(age + 1, CODES[how]) for (age, how), number in counted.items() for _ in range(number)]
    return [age for age, _ in each], [code for _, code in each]


def assert_agrees(counted: Counts) -> None:
    """Assert that shares, variances and bands at every age are equal to 1e-9."""
    actual = curves(counted)
    for outcome in CLOSED:
        if not any(how == outcome for _, how in counted):
            assert set(actual.by_outcome[outcome].shares) == {0.0}
            continue
        fit = fitted(counted, CODES[outcome])
        shares = fit.cumulative_density_.iloc[:, 0]
        ends = fit.confidence_interval_
        for place, age in enumerate(actual.ages):
            assert actual.by_outcome[outcome].shares[place] == pytest.approx(
                shares[age + 1], abs=1e-9
            )
            variance = fit.variance_[age + 1]
            if isnan(variance):  # lifelines divides by the number of leads left, here 0
                continue
            assert actual.by_outcome[outcome].variances[place] == pytest.approx(variance, abs=1e-9)
            estimate = actual.at(outcome, age)
            if estimate and estimate.low is not None:
                upper, lower = ends.loc[age + 1]
                assert sorted((upper, lower)) == pytest.approx(
                    [estimate.low, estimate.high], abs=1e-9
                )
    assert_open_agrees(actual, counted)


def assert_open_agrees(actual: Curves, counted: Counts) -> None:
    from lifelines import KaplanMeierFitter

    durations, events = expanded(counted)
    fit = KaplanMeierFitter().fit(durations, [code > 0 for code in events])
    shares, ends = fit.survival_function_.iloc[:, 0], fit.confidence_interval_
    for place, age in enumerate(actual.ages):
        assert actual.by_outcome[OPEN].shares[place] == pytest.approx(shares[age + 1], abs=1e-9)
        estimate = actual.at(OPEN, age)
        if estimate and estimate.low is not None:
            assert [estimate.low, estimate.high] == pytest.approx(list(ends.loc[age + 1]), abs=1e-9)

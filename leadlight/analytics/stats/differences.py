"""Significance tests of the difference between a figure of one period and of another.

A figure has a *sample* for each period: the numbers on which its test is based. The null
hypothesis is that the facts of both periods are drawn from one distribution, independently. The
level is 95 %: of figures that did not really change, at most about one in twenty is found to
differ. With fewer than 10 cases in either period, there is no test.
"""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from math import floor, hypot, sqrt
from typing import NamedTuple

from leadlight.analytics.stats.proportions import (
    MIN_CASES,
    Z,
    counts_could_be_equal,
    rates_could_be_equal,
)


class Verdict(Enum):
    """Result of a test: significantly more, or less, no significant change, or too few cases."""

    MORE = "more"
    LESS = "less"
    CHANCE = "chance"
    FEW = "few"


class Count(NamedTuple):
    """Number of events."""

    cases: int


class Proportion(NamedTuple):
    """Successes among cases."""

    successes: int
    cases: int


class Total(NamedTuple):
    """Sum of an amount over events, with the sum of the squared amounts."""

    cases: int
    total: float
    squares: float


class Mean(NamedTuple):
    """Mean of a value over cases, as the sum of the values and of their squares."""

    cases: int
    total: float
    squares: float


class Quantile(NamedTuple):
    """Quantile of a value over cases, with the ends of its confidence interval if it has one."""

    cases: int
    value: float
    low: float | None
    high: float | None


Sample = Count | Proportion | Total | Mean | Quantile


@lru_cache(maxsize=8192, typed=True)  # a Total equals the Mean of the same numbers
def verdict(now: Sample, before: Sample, days: int = 1, other_days: int = 1) -> Verdict:
    """Test whether a figure of `days` days differs significantly from one of `other_days` days.

    Counts and sums are compared per day, other figures as they are. Raises TypeError for samples of
    different kinds.
    """
    if min(now.cases, before.cases) < MIN_CASES or days < 1 or other_days < 1:
        return Verdict.FEW
    match now, before:
        case Count(first), Count(second):
            equal = counts_could_be_equal(first, second, days, other_days)
            return _verdict(first * other_days - second * days, is_significant=not equal)
        case Proportion(), Proportion():
            by = now.successes / now.cases - before.successes / before.cases
            return _verdict(by, is_significant=not rates_could_be_equal(now, before))
        case Total(), Total():
            return _of_standardized(total_difference(now, before, days, other_days))
        case Mean(), Mean():
            return _of_standardized(mean_difference(now, before))
        case Quantile(), Quantile():
            between = quantile_difference(now, before)
            if between is None:
                return Verdict.FEW
            low, high = between
            return _verdict(now.value - before.value, is_significant=low > 0 or high < 0)
        case _:
            raise TypeError(f"{type(now).__name__} is not compared with {type(before).__name__}")


def _of_standardized(by: float) -> Verdict:
    return _verdict(by, is_significant=abs(by) > Z)


def _verdict(by: float, *, is_significant: bool) -> Verdict:
    if not is_significant or not by:
        return Verdict.CHANCE
    return Verdict.MORE if by > 0 else Verdict.LESS


def total_difference(now: Total, before: Total, days: int = 1, other_days: int = 1) -> float:
    """Return the difference of two sums per day, in units of its standard deviation.

    Amounts of independent events at a constant rate have a compound Poisson sum, whose variance is
    estimated by the sum Q of the squared amounts (S. A. Klugman, H. H. Panjer and G. E. Willmot,
    "Loss models", 4th ed. (2012), section 9.3). Given the amounts of both periods, each belongs to
    the first one with the probability d1 / (d1 + d2), so that the difference S1 / d1 - S2 / d2 has
    exactly the mean 0 and the variance (Q1 + Q2) / (d1 d2). For periods of equal length, the result
    is (S1 - S2) / sqrt(Q1 + Q2): a sum of amounts with random signs, divided by the length of their
    vector. The test is then valid for any distribution of the amounts, and large amounts make the
    result smaller (B. Efron, "Student's t-test under symmetry conditions", JASA 64 (1969)).
    """
    spread = sqrt((now.squares + before.squares) * days * other_days)
    return (now.total * other_days - before.total * days) / spread if spread else 0.0


def mean_difference(now: Mean, before: Mean) -> float:
    """Return the difference of two means in units of its standard error.

    The standard error is that of a random division of all values between the periods (permutation
    test): s sqrt(1/n1 + 1/n2), with the standard deviation s of all values (E. J. G. Pitman,
    "Significance tests which may be applied to samples from any populations", Supplement to the
    Journal of the Royal Statistical Society 4 (1937)). With Welch's standard error, from the
    deviations of each period, one in five pairs of samples with 10 and 200 skewed values would
    differ significantly by chance alone.
    """
    n = now.cases + before.cases
    total = now.total + before.total
    squares = now.squares + before.squares
    deviations = squares - total * total / n
    if deviations <= ROUNDED * squares:
        return 0.0
    error = sqrt(deviations / (n - 1) * (1 / now.cases + 1 / before.cases))
    return (now.total / now.cases - before.total / before.cases) / error


ROUNDED = 1e-12  # relative to a sum of squares: the possible rounding error of its parts


def quantile_difference(now: Quantile, before: Quantile) -> tuple[float, float] | None:
    """Return the confidence interval of `now` − `before`; None if either has no interval.

    Each quantile has a distribution-free interval, between two of its sorted values
    (`quantile_ranks`). The lower end of the result is the difference less the root of the sum of
    two squares: of the distances from `now` to its lower end and from `before` to its upper end.
    The upper end uses the other two ends. Newcombe combines intervals of rates likewise. G. Y. Zou
    and A. Donner, "Construction of confidence limits about effect measures: a general approach",
    Statistics in Medicine 27 (2008).
    """
    if now.low is None or now.high is None or before.low is None or before.high is None:
        return None
    by = now.value - before.value
    return (
        by - hypot(now.value - now.low, before.high - before.value),
        by + hypot(now.high - now.value, before.value - before.low),
    )


def quantile_ranks(n: int, share: float) -> tuple[int, int] | None:
    """Return the ranks (from 1) of the values that enclose a quantile; None for too few values.

    The number of values below the true quantile is binomial; the ranks come from its normal
    approximation with continuity correction. W. J. Conover, "Practical nonparametric statistics",
    3rd ed. (1999), section 3.2. `metrics.evidence` computes the same ranks in SQL.
    """
    half = Z * sqrt(n * share * (1 - share))
    low = floor(n * share - half + 0.5)
    above = floor(n * (1 - share) - half + 0.5)
    return (low, n + 1 - above) if low >= 1 and above >= 1 else None

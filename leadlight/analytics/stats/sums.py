"""Prediction interval (80 %) of a sum of independent amounts, each of which is won or not."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

LEVEL = 0.8
Z = NormalDist().inv_cdf((1 + LEVEL) / 2)


@dataclass(frozen=True)
class SumMoments:
    """Sums over amounts a, each with its probability p.

    `expected` is the sum of pa, `variance` that of p(1 - p)a²; `sure` is the sum of the amounts
    with p = 1, `possible` of those with p > 0.
    """

    expected: float
    variance: float
    sure: float
    possible: float


def prediction_interval(moments: SumMoments) -> tuple[float, float]:
    """Return the 80 % prediction interval of the sum.

    The sum has the mean Σpa and, if the amounts are won independently of each other, the variance
    Σp(1 - p)a². Its distribution is taken as normal (W. Feller, "An introduction to probability
    theory and its applications", vol. 2, 2nd ed. (1971), section VIII.4: Lindeberg's theorem), cut
    off at the least and the greatest possible sum. With few amounts, or one much larger than the
    others, the interval contains the sum more often than 8 times in 10.
    """
    half = Z * sqrt(max(0.0, moments.variance))
    return (
        min(max(moments.expected - half, moments.sure), moments.possible),
        max(min(moments.expected + half, moments.possible), moments.sure),
    )

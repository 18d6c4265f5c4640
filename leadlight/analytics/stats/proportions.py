"""Statistics of proportions: confidence intervals, ranks, shrunk rates, significance tests.

All functions compute on given counts; there is no random sampling and no query. Rates are fractions
from 0 to 1. The level is 95 % throughout: an interval contains the true value in at least about 95
of 100 samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, lgamma, log, log1p, sqrt
from statistics import NormalDist

Interval = tuple[float, float]
Cases = tuple[int, int]
"""Successes, then trials."""

MIN_CASES = 10
"""Minimum number of cases; figures with fewer are not tested and are shown in grey."""

LEAST_WEIGHT = 2.0
ROUNDED = 1e-12  # relative to a sum: the possible rounding error of its parts
SIGNIFICANCE_LEVEL = 0.05
Z = NormalDist().inv_cdf(1 - SIGNIFICANCE_LEVEL / 2)


# One rate


def wilson(successes: int, n: int, z: float = Z) -> Interval:
    """Return Wilson's score interval of a rate; 0 to 1 for no trials.

    Raises ValueError unless 0 <= successes <= n. E. B. Wilson, "Probable inference, the law of
    succession, and statistical inference", JASA 22 (1927); recommended for any n by L. D. Brown,
    T. T. Cai and A. DasGupta, "Interval estimation for a binomial proportion", Statistical
    Science 16 (2001).
    """
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} of {n} is no rate")
    if n == 0:
        return 0.0, 1.0
    rate = successes / n
    middle = rate + z * z / (2 * n)
    half = z * sqrt(rate * (1 - rate) / n + (z / (2 * n)) ** 2)
    denominator = 1 + z * z / n
    low = max(0.0, (middle - half) / denominator) if successes else 0.0
    high = min(1.0, (middle + half) / denominator) if successes < n else 1.0
    return low, high


# One median


def median_ranks(n: int) -> tuple[int, int] | None:
    """Return the ranks, from 1, of the sorted values around the median; None if `n` is below 6.

    This is the narrowest symmetric pair that encloses the median in at least 95 of 100 samples. It
    is exact for any distribution, since each value is below the median with probability 1/2.
    W. R. Thompson, Annals of Mathematical Statistics 7 (1936); W. J. Conover, "Practical
    nonparametric statistics", 3rd ed. (1999), section 3.2.
    """
    low = n // 2
    both = _log_binomial(low, n, 0.5)
    term = exp(both)
    enclosed = term if n % 2 == 0 else 2 * term
    while low > 0 and enclosed < 1 - SIGNIFICANCE_LEVEL:
        term *= low / (n - low + 1)
        low -= 1
        enclosed += 2 * term
    return (low, n + 1 - low) if low > 0 else None


# Two figures


def difference(first: Cases, second: Cases, z: float = Z) -> Interval:
    """Return the confidence interval of first rate − second; -1 to 1 if either has no trials.

    Hybrid score interval with continuity correction: method 11 of R. G. Newcombe, "Interval
    estimation for the difference between independent proportions", Statistics in Medicine 17
    (1998). Without the correction, 2 of 2 would differ significantly from 0 of 2; with sample sizes
    as unequal as 1 and 100, one in seven pairs would differ significantly by chance alone.
    """
    if not first[1] or not second[1]:
        return -1.0, 1.0
    rate, other = first[0] / first[1], second[0] / second[1]
    low, high = _corrected(*first, z)
    other_low, other_high = _corrected(*second, z)
    return (
        rate - other - sqrt((rate - low) ** 2 + (other_high - other) ** 2),
        rate - other + sqrt((high - rate) ** 2 + (other - other_low) ** 2),
    )


def _corrected(successes: int, n: int, z: float) -> Interval:
    """Return Wilson's interval with continuity correction, for at least one case."""
    rate, miss = successes / n, 1 - successes / n
    middle, whole = 2 * successes + z * z, 2 * (n + z * z)
    low, high = 0.0, 1.0
    if successes:
        low = (middle - 1 - z * sqrt(z * z - 2 - 1 / n + 4 * rate * (n * miss + 1))) / whole
    if successes < n:
        high = (middle + 1 + z * sqrt(z * z + 2 - 1 / n + 4 * rate * (n * miss - 1))) / whole
    return max(0.0, low), min(1.0, high)


def rates_could_be_equal(first: Cases, second: Cases) -> bool:
    """Return whether chance alone may explain the difference of two rates."""
    low, high = difference(first, second)
    return low <= 0 <= high


def counts_could_be_equal(first: int, second: int, days: int = 1, other_days: int = 1) -> bool:
    """Return whether chance alone may explain the difference of two counts per day.

    Counts of independent events at a constant rate are Poisson; given their sum, the first count is
    binomial with the probability days / (days + other_days). The test is exact: its p-value is
    twice the probability of the smaller tail. J. Przyborowski and
    H. Wilenski, "Homogeneity of results in testing samples from Poisson series", Biometrika 31
    (1940).
    """
    n, share = first + second, days / (days + other_days)
    tail = _at_most(first, n, share) if first <= n * share else _at_most(second, n, 1 - share)
    return 2 * tail > SIGNIFICANCE_LEVEL


# Many rates side by side


@dataclass(frozen=True)
class Prior:
    """Prior distribution of the rate of a row: the rate of all rows, and its weight.

    `weight` is in cases: a row with as many cases of its own gets an estimate half-way between its
    own rate and the common `mean`. It is infinite if chance explains the differences between the
    rows; then the estimate of every row is the mean. The distribution is a beta distribution with
    the parameters `alpha` and `beta`.
    """

    mean: float
    weight: float

    @property
    def alpha(self) -> float:
        return self.mean * self.weight if self.mean else 0.0

    @property
    def beta(self) -> float:
        return (1 - self.mean) * self.weight if self.mean < 1 else 0.0

    @property
    def is_common(self) -> bool:
        """True if chance alone explains the differences between the rows."""
        return self.weight == inf

    def estimate(self, successes: int, n: int) -> float:
        """Return the shrunk rate of a row with these cases: the mean of the posterior."""
        if self.is_common or not n:
            return self.mean
        return (successes + self.weight * self.mean) / (n + self.weight)


def fitted_prior(rows: Sequence[Cases]) -> Prior | None:
    """Fit the beta-binomial prior of the rows, by moments; None if no row has cases.

    The variance of the rates (each weighted by its cases) beyond chance gives the correlation of
    two cases of a row, 1 / (weight + 1). J. C. Kleinman, "Proportions with extraneous variance:
    single and independent samples", JASA 68 (1973), with weights n.

    The weight is at least 2 cases, as in Laplace's rule of succession. Otherwise, the fit to a few
    rows may be a distribution in which every rate is 0 or 1.
    """
    rows = [(successes, n) for successes, n in rows if n]
    cases = sum(n for _, n in rows)
    if not cases:
        return None
    mean = sum(successes for successes, _ in rows) / cases
    chance = mean * (1 - mean)
    spread = sum(n * (successes / n - mean) ** 2 for successes, n in rows)
    freedom = len(rows) - 1
    beyond = spread - chance * freedom
    possible = chance * (cases - sum(n * n for _, n in rows) / cases - freedom)
    if beyond <= ROUNDED * spread or possible <= 0:
        return Prior(mean, inf)
    return Prior(mean, max(LEAST_WEIGHT, possible / beyond - 1))


def rank_ranges(rows: Sequence[Cases]) -> list[tuple[int, int] | None]:
    """Return for each row its best and worst possible rank; None for a row without cases.

    A row ranks behind the rows that are significantly better and before those that are
    significantly worse; all others may be on either side. Each pair is compared by Newcombe's
    interval, at a level divided among the comparisons of a row (Bonferroni), so that a row's range
    contains its true rank in at least 95 of 100 samples. M. Mogstad, J. P. Romano, A. M. Shaikh and
    D. Wilhelm, "Inference for ranks with applications to mobility across neighbourhoods and
    academic achievement across countries", Review of Economic Studies 91 (2024).
    """
    ranked = [place for place, (_, n) in enumerate(rows) if n]
    z = NormalDist().inv_cdf(1 - SIGNIFICANCE_LEVEL / 2 / max(1, len(ranked) - 1))
    rates = [rows[place][0] / rows[place][1] for place in ranked]
    ends = [_corrected(*rows[place], z) for place in ranked]
    above = [(high - rate) ** 2 for rate, (_, high) in zip(rates, ends, strict=True)]
    better, worse = [0] * len(ranked), [0] * len(ranked)
    from_the_worst = sorted(range(len(ranked)), key=rates.__getitem__)
    for one, (rate, (low, _)) in enumerate(zip(rates, ends, strict=True)):
        below = (rate - low) ** 2
        for other in from_the_worst:
            if rates[other] >= low:
                break
            if (rate - rates[other]) ** 2 > below + above[other]:
                better[other] += 1
                worse[one] += 1
    ranges: list[tuple[int, int] | None] = [None] * len(rows)
    for one, place in enumerate(ranked):
        ranges[place] = (1 + better[one], len(ranked) - worse[one])
    return ranges


def _at_most(k: int, n: int, share: float) -> float:
    """Return the binomial probability of at most `k` of `n`; `k` must not exceed n × share."""
    term = exp(_log_binomial(k, n, share))
    odds = (1 - share) / share
    total = 0.0
    while term > total * 1e-17:
        total += term
        if k == 0:
            break
        term *= k / (n - k + 1) * odds
        k -= 1
    return total


def _log_binomial(k: int, n: int, share: float) -> float:
    ways = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
    return ways + k * log(share) + (n - k) * log1p(-share)

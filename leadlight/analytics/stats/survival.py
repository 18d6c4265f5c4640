"""Survival analysis of leads: outcomes by age, with open leads as censored observations.

An open lead is not a failure: it is censored at its current age. So the risk of an outcome at an
age is measured on the leads that reached the age. The cumulative share won by an age is the
sum, over the ages up to it, of the share still open × the fraction of these leads won at that age.
Won, lost and cancelled are competing risks: their shares and the share still open add up to 1.
If no lead is open, each share is the plain proportion.

The input is counts by age in whole days; at one age, closings come before censored leads.
O. O. Aalen and S. Johansen, "An empirical transition matrix for non-homogeneous Markov chains based
on censored observations", Scandinavian Journal of Statistics 5 (1978); J. D. Kalbfleisch and
R. L. Prentice, "The statistical analysis of failure time data", 2nd ed. (2002), section 8.2. The
share still open is the estimate of E. L. Kaplan and P. Meier, JASA 53 (1958).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, inf, log, sqrt
from typing import NamedTuple

from leadlight.analytics.stats.proportions import MIN_CASES, Z

CLOSED = ("won", "lost", "cancelled")
OPEN = "open"
AGES = (30, 60, 90, 180, 365)  # days; the columns of tables
EXACT = 1e-12  # shares closer than this to 0 or 1 count as 0 or 1

Counts = Mapping[tuple[int, str], int]
"""Number of leads by age in days and outcome: age at closing, or current age of open leads."""


class Estimate(NamedTuple):
    """Share with its 95 % confidence interval, whose ends are None if the share is 0 or 1."""

    share: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class StepFunction:
    """Step function of age: the share from each age until the next, and its variance."""

    shares: tuple[float, ...]
    variances: tuple[float, ...]


@dataclass(frozen=True)
class Curves:
    """Shares of leads by age: won so far, lost so far, cancelled so far, and still open.

    `ages` are the ages at which leads were closed or censored, in order; `at_risk` is the number of
    leads that reached each age, of `leads` in all. There are no estimates for ages beyond `last`,
    because the expected number of leads old enough (all leads × the estimated probability of not
    being censored before) is below 10 there. `last` is infinite if all leads are closed, and -1 for
    fewer than 10 leads.
    """

    leads: int
    ages: tuple[int, ...]
    at_risk: tuple[int, ...]
    last: float
    by_outcome: Mapping[str, StepFunction]

    def at(self, outcome: str, age: int) -> Estimate | None:
        """Return the share with an outcome by the end of an age; None past `last`.

        `outcome` is won, lost, cancelled, open or closed. The confidence interval is computed for
        log(-log(share)), which keeps its ends between 0 and 1.
        """
        if age > self.last:
            return None
        if outcome == "closed":
            share, low, high = self._at(OPEN, age)
            return Estimate(1 - share, *_complement(high, low))
        return self._at(outcome, age)

    def first(self, outcome: str, share: float) -> int | None:
        """Return the first age at which this share of all leads has the outcome, or None."""
        steps = zip(self.ages, self.by_outcome[outcome].shares, strict=True)
        ages = (age for age, so_far in steps if so_far >= share - EXACT and age <= self.last)
        return next(ages, None)

    def _at(self, outcome: str, age: int) -> Estimate:
        place = bisect_right(self.ages, age) - 1
        if place < 0:
            return Estimate(float(outcome == OPEN), None, None)
        steps = self.by_outcome[outcome]
        return _with_interval(steps.shares[place], steps.variances[place])


def curves(counts: Counts) -> Curves:
    """Return the curves of the leads with these counts."""
    ages = sorted({age for age, _ in counts})
    leads = at_risk = sum(counts.values())
    still_open, greenwood, last = 1.0, 0.0, -1.0
    followed = float(leads)  # expected number of leads not censored before this age
    risks, openings = [], []
    incidences = {outcome: _Incidence() for outcome in CLOSED}
    for age in ages:
        if followed >= MIN_CASES:
            last = age
        closings = {outcome: counts.get((age, outcome), 0) for outcome in CLOSED}
        closed, censored = sum(closings.values()), counts.get((age, OPEN), 0)
        left = at_risk - closed
        term = closed / at_risk / left if left else 0.0  # with nobody at risk, nothing changes
        for outcome, incidence in incidences.items():
            incidence.add(closings[outcome], at_risk, still_open, term)
        greenwood += term
        still_open *= left / at_risk
        risks.append(at_risk)
        openings.append((still_open, still_open**2 * greenwood))
        if censored:
            followed *= 1 - censored / left
        at_risk = left - censored
    if followed >= MIN_CASES:
        last = inf
    steps = {outcome: StepFunction(*_columns(one.steps)) for outcome, one in incidences.items()}
    return Curves(
        leads, tuple(ages), tuple(risks), last, {**steps, OPEN: StepFunction(*_columns(openings))}
    )


class _Incidence:
    """Cumulative incidence of one outcome with its variance, updated age by age.

    The variance is that of the delta method in D. Collett, "Modelling survival data in medical
    research", 3rd ed. (2015), chapter 12: three sums over all earlier ages, with the terms that
    depend on the current share factored out.
    """

    def __init__(self) -> None:
        self.share = self.own = 0.0
        self.all_closings = (0.0, 0.0, 0.0)
        self.own_closings = (0.0, 0.0)
        self.steps: list[tuple[float, float]] = []

    def add(self, closings: int, at_risk: int, still_open: float, term: float) -> None:
        """Add an age; `term` is Greenwood's term of all closings."""
        self.share += still_open * closings / at_risk
        share = self.share
        zeroth, first, second = self.all_closings
        zeroth, first, second = zeroth + term, first + term * share, second + term * share**2
        part = still_open * closings / at_risk**2
        constant, linear = self.own_closings
        constant, linear = constant + part, linear + part * share
        self.own += still_open**2 * closings * (at_risk - closings) / at_risk**3
        self.all_closings, self.own_closings = (zeroth, first, second), (constant, linear)
        of_all = share**2 * zeroth - 2 * share * first + second
        variance = of_all + self.own - 2 * (share * constant - linear)
        self.steps.append((share, max(0.0, variance)))


def _columns(steps: list[tuple[float, float]]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    return tuple(share for share, _ in steps), tuple(variance for _, variance in steps)


def _with_interval(share: float, variance: float) -> Estimate:
    if share < EXACT:
        return Estimate(0.0, None, None)
    if share > 1 - EXACT:
        return Estimate(1.0, None, None)
    width = Z * sqrt(variance) / (share * -log(share))
    return Estimate(share, share ** exp(width), share ** exp(-width))


def _complement(high: float | None, low: float | None) -> tuple[float | None, float | None]:
    """Return the ends of the complement of an interval."""
    return (None if high is None else 1 - high), (None if low is None else 1 - low)

"""What becomes of leads as they age, while some of them are still open.

A lead that is open has not failed to be won: it is only known not to have been closed *until* the
age it has today. So at each age only the leads that came to it are asked what happened then, and
the share won by an age is added up of: the share still open until then, times the part of these
that was won at that age. Won, lost and cancelled exclude one another, and together with still open
they are all the leads at every age. Where no lead is open, each share is the plain one.

Plain arithmetic on counts by age. Ages are whole days; of one age, closings come before the leads
that are open at it. O. O. Aalen and S. Johansen, "An empirical transition matrix for
non-homogeneous Markov chains based on censored observations", Scandinavian Journal of Statistics 5
(1978); J. D. Kalbfleisch and R. L. Prentice, "The statistical analysis of failure time data", 2nd
ed. (2002), section 8.2. Still open is the estimate of E. L. Kaplan and P. Meier, JASA 53 (1958).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, inf, log, sqrt
from typing import NamedTuple

from leadlight.analytics.stats.proportions import FEW, Z

CLOSED = ("won", "lost", "cancelled")
OPEN = "open"
AGES = (30, 60, 90, 180, 365)  # in days: what tables tell of
EXACT = 1e-12  # shares nearer to 0 or 1 are these

Counts = Mapping[tuple[int, str], int]
"""How many leads were closed at an age as won, lost or cancelled, or are open and of that age."""


class Estimate(NamedTuple):
    """A share, and between what the true one lies, 95 times in 100; None where it is 0 or 1."""

    share: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Steps:
    """A share from each age on until the next, and the variance of its estimate."""

    shares: tuple[float, ...]
    variances: tuple[float, ...]


@dataclass(frozen=True)
class Curves:
    """What became of so many `leads` by age: `of` won, lost, cancelled and open.

    `ages` are those at which leads were closed or are open, in order, and `at_risk` how many came
    to each without being closed before. Nothing is told of ages beyond the `last`: for these fewer
    than 10 leads are old enough, as estimated from those still open (the leads times the chance to
    be followed so long). It is infinite where all are closed, and -1 of fewer than 10 leads.
    """

    leads: int
    ages: tuple[int, ...]
    at_risk: tuple[int, ...]
    last: float
    by_outcome: Mapping[str, Steps]

    def at(self, outcome: str, age: int) -> Estimate | None:
        """The share won, lost, cancelled, open or closed by the end of an age; None past the last.

        The band is that of log(-log(share)), whose ends are shares themselves.
        """
        if age > self.last:
            return None
        if outcome == "closed":
            share, low, high = self._at(OPEN, age)
            return Estimate(1 - share, *_turned(high, low))
        return self._at(outcome, age)

    def first(self, outcome: str, share: float) -> int | None:
        """The first age by which this share of all is closed so; None if never or not yet."""
        steps = zip(self.ages, self.by_outcome[outcome].shares, strict=True)
        told = (age for age, so_far in steps if so_far >= share - EXACT and age <= self.last)
        return next(told, None)

    def _at(self, outcome: str, age: int) -> Estimate:
        place = bisect_right(self.ages, age) - 1
        if place < 0:
            return Estimate(float(outcome == OPEN), None, None)
        steps = self.by_outcome[outcome]
        return _banded(steps.shares[place], steps.variances[place])


def curves(counts: Counts) -> Curves:
    """The curves of these leads."""
    ages = sorted({age for age, _ in counts})
    leads = at_risk = sum(counts.values())
    still_open, greenwood, last = 1.0, 0.0, -1.0
    followed = float(leads)  # how many would be open to be seen at this age, had none been closed
    risks, openings = [], []
    incidences = {outcome: _Incidence() for outcome in CLOSED}
    for age in ages:
        if followed >= FEW:
            last = age
        closings = {outcome: counts.get((age, outcome), 0) for outcome in CLOSED}
        closed, censored = sum(closings.values()), counts.get((age, OPEN), 0)
        left = at_risk - closed
        term = closed / at_risk / left if left else 0.0  # with none left, nothing changes any more
        for outcome, incidence in incidences.items():
            incidence.add(closings[outcome], at_risk, still_open, term)
        greenwood += term
        still_open *= left / at_risk
        risks.append(at_risk)
        openings.append((still_open, still_open**2 * greenwood))
        if censored:
            followed *= 1 - censored / left
        at_risk = left - censored
    if followed >= FEW:
        last = inf
    steps = {outcome: Steps(*_columns(one.steps)) for outcome, one in incidences.items()}
    return Curves(
        leads, tuple(ages), tuple(risks), last, {**steps, OPEN: Steps(*_columns(openings))}
    )


class _Incidence:
    """One outcome's share by age, with its variance, added up age by age.

    The variance is the one from the delta method in D. Collett, "Modelling survival data in medical
    research", 3rd ed. (2015), chapter 12: three sums over all earlier ages, of which the terms
    that depend on the present share are taken out of the sum.
    """

    def __init__(self) -> None:
        self.share = self.own = 0.0
        self.all_closings = (0.0, 0.0, 0.0)
        self.own_closings = (0.0, 0.0)
        self.steps: list[tuple[float, float]] = []

    def add(self, closings: int, at_risk: int, still_open: float, term: float) -> None:
        """At this age; `term` is Greenwood's of all the closings."""
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


def _banded(share: float, variance: float) -> Estimate:
    if share < EXACT:
        return Estimate(0.0, None, None)
    if share > 1 - EXACT:
        return Estimate(1.0, None, None)
    width = Z * sqrt(variance) / (share * -log(share))
    return Estimate(share, share ** exp(width), share ** exp(-width))


def _turned(high: float | None, low: float | None) -> tuple[float | None, float | None]:
    """The ends of what is left to 1."""
    return (None if high is None else 1 - high), (None if low is None else 1 - low)

"""Naive oracle of the rankings: win rates, intervals, rank ranges and estimates.

The oracle uses exact fractions where possible. The ends of an interval are computed as roots of the
defining equation; the product uses the solved formula.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from statistics import NormalDist
from typing import Any

import pytest

from tests.analytics import naive_prospecting
from tests.analytics.agreeing import Expected, ExpectedRow
from tests.analytics.naive_facts import events_of, is_credited
from tests.analytics.naive_leads import asked
from tests.analytics.naive_rows import Has, lines
from tests.analytics.world import World

Cases = tuple[int, int]
HALF, LEAST_WEIGHT = Fraction(1, 2), 2


@dataclass
class Ranked(Expected):
    """Result of the oracle with rows of few cases, rank ranges and the fitted prior."""

    few: frozenset[str] = frozenset()
    cases: tuple[Cases, ...] = ()
    places: tuple[tuple[int, int], ...] = ()
    weight: Fraction | None = None  # None if the rows differ by no more than chance

    @property
    def mean(self) -> Fraction:
        return _mean(self.cases)

    @property
    def said(self) -> dict[str, dict[str, Any]]:
        """Expected values of the notes by code; empty with fewer than two rows."""
        if len(self.cases) < 2:
            return {}
        first = sum(best == 1 for best, _worst in self.places)
        of_all = (sum(won for won, _ in self.cases), sum(closed for _, closed in self.cases))
        prior = {} if self.weight is None else {"weight": self.weight}
        return {
            "ranks": {"ranked": len(self.cases), "first": first},
            "estimate": {**prior, "mean": of_all},
        }


def of_leads(world: World, filters: Any, scope: Any) -> Ranked:
    """Rank users, teams or tags by the leads closed in the period."""
    facts = [
        event
        for lead, then in asked(world, filters, scope)
        for event in events_of(world, filters, lead, then)[1:]
        if event.day in filters.period and is_credited(world, filters, event)
    ]
    rows = lines(world, filters.group_by or "user", filters, scope, facts, [])
    return _ranked(rows, facts, filters.switch("leave_cancelled_out") == "yes")


def of_prospects(world: World, filters: Any, scope: Any) -> Ranked:
    """Rank lists or sources by the closed leads that their prospects became."""
    facts = [
        fact
        for fact in naive_prospecting.facts_of(world, filters, scope)
        if fact.kind in ("won", "lost", "cancelled")
    ]
    grouping = filters.group_by or "prospecting_list"
    kinds = naive_prospecting.kinds(world)
    rows = lines(world, grouping, filters, scope, facts, [], kinds)
    return _ranked(rows, facts, filters.switch("leave_cancelled_out") == "yes")


def _ranked(
    rows: list[tuple[str | None, str | None, Has]], facts: list[Any], leave_out: bool
) -> Ranked:
    found = [
        _line(key, [fact for fact in facts if has(fact)], leave_out) for key, _name, has in rows
    ]
    named = [line for line in found if line.key is not None and line.cells["win_rate"][1]]
    cases = tuple(line.cells["win_rate"] for line in named)
    places, weight = ranges(cases), fitted(cases)
    for line, place, (won, closed) in zip(named, places, cases, strict=True):
        line.cells["win_rate_ranks"] = place
        line.cells["win_rate_estimate"] = (
            _mean(cases) if weight is None else (won + weight * _mean(cases)) / (closed + weight)
        )
    few = frozenset(str(line.key) for line in named if line.cells["win_rate"][1] < 10)
    return Ranked(
        found, _line(None, facts, leave_out), few=few, cases=cases, places=places, weight=weight
    )


def _line(key: str | None, facts: list[Any], leave_out: bool) -> ExpectedRow:
    became = [fact.then.status for fact in facts]
    won = became.count("won")
    closed = won + became.count("lost") + (0 if leave_out else became.count("cancelled"))
    cells = {
        "won_leads": won,
        "decided_leads" if leave_out else "closed_leads": closed,
        "win_rate": (won, closed),
        "win_rate_interval": pytest.approx(interval(won, closed), abs=1e-9, rel=0)
        if closed
        else None,
        "win_rate_ranks": None,
        "win_rate_estimate": None,
    }
    return ExpectedRow(key, cells)


def _mean(cases: tuple[Cases, ...]) -> Fraction:
    return Fraction(sum(won for won, _ in cases), sum(closed for _, closed in cases))


# One rate


def interval(won: int, closed: int, error: float = 0.05, correction: Fraction | int = 0) -> Any:
    """Return the Wilson interval of a rate, with `error` as the probability outside.

    The ends are the rates *p* with *(won - n p)² = z² n p (1 - p)*, where `correction` is
    subtracted from *won* at the lower end and added at the upper end.
    """
    squared = NormalDist().inv_cdf(1 - error / 2) ** 2
    low = _root(won - correction, closed, squared, -1) if won else 0.0
    high = _root(won + correction, closed, squared, 1) if won < closed else 1.0
    return low, high


def _root(won: Fraction | int, n: int, squared: float, side: int) -> float:
    half = won + squared / 2
    return (half + side * sqrt(half**2 - (n + squared) * won**2 / n)) / (n + squared)


# Several rates


def ranges(cases: tuple[Cases, ...]) -> tuple[tuple[int, int], ...]:
    """Return the best and worst rank of each row.

    A row ranks below all significantly better rows and above all significantly worse rows. The
    level of 5 % is divided by the number of other rows (Bonferroni).
    """
    error = 0.05 / max(1, len(cases) - 1)
    return tuple(
        (
            1 + sum(_is_better(other, one, error) for other in cases),
            len(cases) - sum(_is_better(one, other, error) for other in cases),
        )
        for one in cases
    )


def _is_better(one: Cases, other: Cases, error: float) -> bool:
    """Return whether Newcombe's corrected interval of the difference is above 0."""
    rate, other_rate = one[0] / one[1], other[0] / other[1]
    low, _ = interval(*one, error, HALF)
    _, high = interval(*other, error, HALF)
    return rate - other_rate - sqrt((rate - low) ** 2 + (high - other_rate) ** 2) > 0


def fitted(cases: tuple[Cases, ...]) -> Fraction | None:
    """Return the weight of the common rate in cases, by Kleinman's moments with weights *n*.

    The intraclass correlation is the spread of the rates beyond chance, divided by the spread if
    all cases of a row were equal. None if the spread is not beyond chance.
    """
    if not cases:
        return None
    mean, every = _mean(cases), sum(n for _, n in cases)
    one_case = mean * (1 - mean)
    spread = sum(n * (Fraction(won, n) - mean) ** 2 for won, n in cases)
    by_chance = sum(one_case * (1 - Fraction(n, every)) for _, n in cases)
    if_alike = sum(one_case * n * (1 - Fraction(n, every)) for _, n in cases)
    if spread <= by_chance or if_alike == by_chance:
        return None
    alike = (spread - by_chance) / (if_alike - by_chance)
    return max(Fraction(LEAST_WEIGHT), (1 - alike) / alike)

"""Tests of differences, checked by hand, by enumeration and by simulation with a fixed seed."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import combinations, product
from math import comb, floor, sqrt
from statistics import fmean, pstdev, quantiles

import pytest

from leadlight.analytics.stats.differences import (
    Count,
    Mean,
    Proportion,
    Quantile,
    Sample,
    Total,
    Verdict,
    mean_difference,
    quantile_difference,
    quantile_ranks,
    total_difference,
    verdict,
)
from leadlight.analytics.stats.proportions import MIN_CASES, median_ranks

pytestmark = pytest.mark.answers

QUARTILES = (0.25, 0.5, 0.75)


def total(amounts: list[float]) -> Total:
    return Total(len(amounts), sum(amounts), sum(one * one for one in amounts))


def mean(values: list[float]) -> Mean:
    return Mean(*total(values))


def quantile(values: list[float], share: float) -> Quantile:
    value = quantiles(values, n=4, method="inclusive")[QUARTILES.index(share)]
    ranks = quantile_ranks(len(values), share)
    if ranks is None:
        return Quantile(len(values), value, None, None)
    in_order = sorted(values)
    return Quantile(len(values), value, *(in_order[rank - 1] for rank in ranks))


# Few cases


@pytest.mark.parametrize(
    ("many", "few"),
    [
        (Count(1000), Count(9)),
        (Proportion(1000, 1000), Proportion(0, 9)),
        (Total(10, 1e6, 1e11), Total(9, 1.0, 1.0)),
        (Mean(10, 1e6, 1e11), Mean(9, 1.0, 1.0)),
        (Quantile(50, 9.0, 8.0, 10.0), Quantile(9, 1.0, 1.0, 1.0)),
        (Quantile(50, 9.0, 8.0, 10.0), Quantile(12, 1.0, None, None)),
    ],
)
def test_fewer_than_ten_cases_on_either_side_are_too_few_to_judge(
    many: Sample, few: Sample
) -> None:
    assert verdict(many, few) is Verdict.FEW
    assert verdict(few, many) is Verdict.FEW


def test_a_period_without_past_days_is_not_judged() -> None:
    assert verdict(Count(50), Count(100), 0, 30) is Verdict.FEW


# Each test


@pytest.mark.parametrize(
    ("now", "before", "days", "found"),
    [
        (Count(20), Count(10), (30, 30), Verdict.CHANCE),  # 2 P(X ≤ 10), X of 30: 0.099
        (Count(25), Count(10), (30, 30), Verdict.MORE),  # 0.017
        (Count(10), Count(25), (30, 30), Verdict.LESS),
        (Count(20), Count(40), (30, 30), Verdict.LESS),
        (Count(20), Count(40), (15, 30), Verdict.CHANCE),
        (Count(20), Count(40), (7, 30), Verdict.MORE),  # 2.9 a day after 1.3
        (Proportion(9, 10), Proportion(3, 10), (1, 1), Verdict.MORE),
        (Proportion(3, 10), Proportion(9, 10), (1, 1), Verdict.LESS),
        (Proportion(5, 10), Proportion(3, 10), (1, 1), Verdict.CHANCE),
        (total([100.0] * 40), total([100.0] * 20), (30, 30), Verdict.MORE),  # 20 / √60 = 2.6
        (total([100.0] * 40), total([100.0] * 30), (30, 30), Verdict.CHANCE),  # 10 / √70 = 1.2
        (total([100.0] * 40), total([100.0] * 20), (60, 30), Verdict.CHANCE),
        (total([100.0] * 40), total([100.0] * 40), (60, 30), Verdict.LESS),
        (mean([1.0, 3.0] * 10), mean([2.0, 4.0] * 10), (1, 1), Verdict.LESS),
        (mean([1.0, 3.0] * 10), mean([1.0, 4.0] * 10), (1, 1), Verdict.CHANCE),
        (mean([7.0] * 10), mean([7.0] * 20), (1, 1), Verdict.CHANCE),
        (Quantile(20, 30.0, 24.0, 40.0), Quantile(20, 20.0, 16.0, 27.0), (1, 1), Verdict.MORE),
        (Quantile(20, 30.0, 23.0, 40.0), Quantile(20, 20.0, 16.0, 28.0), (1, 1), Verdict.CHANCE),
        (Quantile(20, 20.0, 16.0, 27.0), Quantile(20, 30.0, 24.0, 40.0), (1, 1), Verdict.LESS),
    ],
)
def test_a_difference_beyond_chance_has_a_direction(
    now: Sample, before: Sample, days: tuple[int, int], found: Verdict
) -> None:
    assert verdict(now, before, *days) is found


def test_a_larger_sum_can_be_significant_while_its_mean_is_unchanged() -> None:
    """Twice as many deals of the same size: a larger sum, and an equal mean."""
    now, before = (80, 800.0, 9000.0), (40, 400.0, 4500.0)
    assert verdict(Total(*now), Total(*before)) is Verdict.MORE
    assert verdict(Mean(*now), Mean(*before)) is Verdict.CHANCE


def test_samples_of_different_kinds_are_not_compared() -> None:
    with pytest.raises(TypeError, match="Count is not compared with Mean"):
        verdict(Count(10), Mean(10, 1.0, 1.0))


def test_the_interval_of_a_difference_combines_the_squared_half_widths_of_both_quantiles() -> None:
    low, high = quantile_difference(
        Quantile(20, 30.0, 26.0, 42.0), Quantile(20, 20.0, 15.0, 23.0)
    ) or (0.0, 0.0)
    assert (low, high) == (10 - sqrt(4**2 + 3**2), 10 + sqrt(12**2 + 5**2))


def test_the_standard_error_of_means_is_that_over_all_divisions_of_the_values() -> None:
    values = [1.0, 2.0, 2.5, 9.0, 4.0, 30.0, 7.0]
    by = []
    for chosen in combinations(range(7), 3):
        first = [values[place] for place in chosen]
        second = [one for place, one in enumerate(values) if place not in chosen]
        by.append(fmean(first) - fmean(second))
    found = mean_difference(mean(values[:3]), mean(values[3:]))
    assert found == pytest.approx((fmean(values[:3]) - fmean(values[3:])) / pstdev(by))


@pytest.mark.parametrize(("days", "other_days"), [(1, 1), (1, 2), (3, 1)])
def test_the_deviation_of_sums_is_that_of_amounts_in_random_periods(
    days: int, other_days: int
) -> None:
    """Each amount is in the first period with the share of its days."""
    amounts, share = [1.0, 5.0, 2.0, 30.0, 4.0], days / (days + other_days)
    variance = 0.0
    for is_first in product((True, False), repeat=5):
        weight, by = 1.0, 0.0
        for amount, first in zip(amounts, is_first, strict=True):
            weight *= share if first else 1 - share
            by += amount / days if first else -amount / other_days
        variance += weight * by * by
    by = sum(amounts[:2]) / days - sum(amounts[2:]) / other_days
    found = total_difference(total(amounts[:2]), total(amounts[2:]), days, other_days)
    assert found == pytest.approx(by / sqrt(variance))


def test_a_single_amount_larger_than_all_others_makes_no_change_significant() -> None:
    assert verdict(total([1.0] * 20 + [1e6]), total([1.0] * 20)) is Verdict.CHANCE


# Ranks


@pytest.mark.parametrize("share", QUARTILES)
def test_the_ranks_enclose_the_quantile_in_about_95_of_100_samples(share: float) -> None:
    known = 0
    for n in range(MIN_CASES, 301):
        ranks = quantile_ranks(n, share)
        if ranks is None:
            continue
        known += 1
        low, high = ranks
        of = [comb(n, below) * share**below * (1 - share) ** (n - below) for below in range(n + 1)]
        assert 0.93 <= sum(of[low:high]) <= 0.99
    assert known >= 301 - 16


def test_quartiles_of_fewer_than_16_values_have_no_ranks() -> None:
    assert [quantile_ranks(15, share) for share in (0.25, 0.75)] == [None, None]
    assert quantile_ranks(16, 0.25) == (1, 8)
    assert quantile_ranks(16, 0.75) == (9, 16)


@pytest.mark.parametrize("n", [10, 12, 20, 25, 30, 50, 100])
def test_the_ranks_of_a_median_are_those_of_the_exact_ones(n: int) -> None:
    assert quantile_ranks(n, 0.5) == median_ranks(n)


# Simulation: both periods drawn from one distribution


def skewed(chance: random.Random) -> float:
    return chance.lognormvariate(3, 1)


def very_skewed(chance: random.Random) -> float:
    return chance.lognormvariate(3, 1.5)


def in_whole_days(chance: random.Random) -> float:
    return float(floor(chance.expovariate(1 / 8)))


DRAWS = 1000
MOST = 0.05 + 2 * sqrt(0.05 * 0.95 / DRAWS)  # with the error of the simulation: 6.4 %
SIZES = [(12, 12), (30, 20), (20, 100), (80, 80)]
DRAWN = [skewed, very_skewed, in_whole_days]


def share_found(draw: Callable[[random.Random], tuple[Sample, Sample, int, int]]) -> float:
    """Return the share of random pairs of samples that are found to differ."""
    chance = random.Random(20261127)
    found = [verdict(*draw(chance)) for _draw in range(DRAWS)]
    return sum(one in (Verdict.MORE, Verdict.LESS) for one in found) / DRAWS


def events(chance: random.Random, rate: float) -> int:
    """Return a Poisson number."""
    number, at = 0, chance.expovariate(rate)
    while at < 1:
        number, at = number + 1, at + chance.expovariate(rate)
    return number


@pytest.mark.parametrize("of", DRAWN)
@pytest.mark.parametrize(("n", "other_n"), SIZES)
def test_means_of_one_distribution_differ_in_at_most_5_percent(
    n: int, other_n: int, of: Callable[[random.Random], float]
) -> None:
    def draw(chance: random.Random) -> tuple[Sample, Sample, int, int]:
        values = [of(chance) for _one in range(n + other_n)]
        return mean(values[:n]), mean(values[n:]), 1, 1

    assert share_found(draw) <= MOST


@pytest.mark.parametrize("of", DRAWN)
@pytest.mark.parametrize(("n", "other_n"), SIZES)
@pytest.mark.parametrize("share", QUARTILES)
def test_quantiles_of_one_distribution_differ_in_at_most_5_percent(
    share: float, n: int, other_n: int, of: Callable[[random.Random], float]
) -> None:
    def draw(chance: random.Random) -> tuple[Sample, Sample, int, int]:
        values = [of(chance) for _one in range(n + other_n)]
        return quantile(values[:n], share), quantile(values[n:], share), 1, 1

    assert share_found(draw) <= MOST


@pytest.mark.parametrize("of", DRAWN)
@pytest.mark.parametrize(("days", "other_days"), [(30, 30), (28, 31), (10, 60)])
@pytest.mark.parametrize("rate", [0.8, 3.0])
def test_sums_of_one_distribution_differ_in_at_most_5_percent(
    rate: float, days: int, other_days: int, of: Callable[[random.Random], float]
) -> None:
    def draw(chance: random.Random) -> tuple[Sample, Sample, int, int]:
        now = total([of(chance) for _one in range(events(chance, rate * days))])
        before = total([of(chance) for _one in range(events(chance, rate * other_days))])
        return now, before, days, other_days

    assert share_found(draw) <= MOST


@pytest.mark.parametrize(("days", "other_days"), [(30, 30), (28, 31), (10, 60)])
def test_counts_at_one_rate_differ_in_at_most_5_percent(days: int, other_days: int) -> None:
    def draw(chance: random.Random) -> tuple[Sample, Sample, int, int]:
        now, before = events(chance, days), events(chance, other_days)
        return Count(now), Count(before), days, other_days

    assert share_found(draw) <= MOST


def test_rates_of_one_probability_differ_in_at_most_5_percent() -> None:
    def draw(chance: random.Random) -> tuple[Sample, Sample, int, int]:
        won = [chance.random() < 0.3 for _one in range(90)]
        return Proportion(sum(won[:30]), 30), Proportion(sum(won[30:]), 60), 1, 1

    assert share_found(draw) <= MOST


def test_a_doubled_figure_is_nearly_always_significant() -> None:
    """With 80 cases, a doubled figure is found significant nearly always."""

    def values(chance: random.Random, factor: float) -> list[float]:
        return [factor * chance.lognormvariate(3, 0.7) for _one in range(80)]

    for sample in (total, mean, lambda drawn: quantile(drawn, 0.5)):

        def draw(
            chance: random.Random, sample: Callable[[list[float]], Sample] = sample
        ) -> tuple[Sample, Sample, int, int]:
            return sample(values(chance, 2)), sample(values(chance, 1)), 1, 1

        assert share_found(draw) >= 0.9

"""Intervals, ranks and shrinkage, checked against published tables, by hand and by laws."""

from __future__ import annotations

import random
from math import comb, inf

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from leadlight.analytics.stats.proportions import (
    Cases,
    counts_could_be_equal,
    difference,
    fitted_prior,
    median_ranks,
    rank_ranges,
    rates_could_be_equal,
    wilson,
)

pytestmark = pytest.mark.search


def cases(most: int = 2000, least: int = 1) -> st.SearchStrategy[Cases]:
    return st.integers(least, most).flatmap(
        lambda n: st.tuples(st.integers(0, n), st.just(n)),
    )


# One rate


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_intervals_equal_table_1_of_newcombe(
    successes: int, n: int, low: float, high: float
) -> None:
    """R. G. Newcombe, Statistics in Medicine 17 (1998), pages 857 to 872: method 3."""
    assert wilson(successes, n) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_the_wilson_interval_without_cases_is_0_to_1() -> None:
    assert wilson(0, 0) == (0, 1)


@pytest.mark.parametrize(("successes", "n"), [(3, 2), (-1, 2), (0, -1)])
def test_wilson_refuses_impossible_counts(successes: int, n: int) -> None:
    with pytest.raises(ValueError, match="no rate"):
        wilson(successes, n)


@given(cases())
def test_wilson_ends_solve_the_score_equation_and_enclose_the_rate(found: Cases) -> None:
    """Each end differs from the observed rate by 1.96 of its own standard deviations."""
    successes, n = found
    low, high = wilson(successes, n)
    assert 0 <= low <= successes / n <= high <= 1
    for end in (low, high):
        if 0 < end < 1:
            squares = (successes / n - end) ** 2 * n
            assert squares == pytest.approx(1.959964**2 * end * (1 - end), rel=1e-4)


@given(cases())
def test_the_wilson_interval_of_failures_mirrors_that_of_successes(found: Cases) -> None:
    successes, n = found
    low, high = wilson(successes, n)
    assert wilson(n - successes, n) == (pytest.approx(1 - high), pytest.approx(1 - low))


@given(cases(500), st.integers(2, 9))
def test_more_cases_at_the_same_rate_narrow_the_wilson_interval(found: Cases, times: int) -> None:
    low, high = wilson(*found)
    closer_low, closer_high = wilson(found[0] * times, found[1] * times)
    assert low <= closer_low <= closer_high <= high
    assert closer_high - closer_low < high - low


@given(cases(500))
def test_one_more_success_raises_both_ends_of_the_wilson_interval(found: Cases) -> None:
    successes, n = found
    assume(successes < n)
    low, high = wilson(successes, n)
    assert low < wilson(successes + 1, n)[0]
    assert high < wilson(successes + 1, n)[1] or successes + 1 == n


# One median


@pytest.mark.parametrize(
    ("n", "ranks"),
    [
        (0, None),
        (1, None),
        (5, None),
        (6, (1, 6)),
        (8, (1, 8)),
        (9, (2, 8)),
        (10, (2, 9)),
        (12, (3, 10)),
        (15, (4, 12)),
        (17, (5, 13)),
        (20, (6, 15)),
        (25, (8, 18)),
        (30, (10, 21)),
        (50, (18, 33)),
        (100, (40, 61)),
    ],
)
def test_median_ranks_equal_the_critical_ranks_of_the_sign_test(
    n: int, ranks: tuple[int, int] | None
) -> None:
    """Lower rank: the two-sided 5 % critical value of the sign test plus 1, as in usual tables."""
    assert median_ranks(n) == ranks


@pytest.mark.parametrize("n", [*range(6, 130), 999, 1000])
def test_median_ranks_are_the_closest_with_95_percent_coverage(n: int) -> None:
    ranks = median_ranks(n)
    assert ranks is not None
    low, high = ranks
    assert high == n + 1 - low

    def enclosing(low: int) -> int:
        return sum(comb(n, below) for below in range(low, n - low + 1))

    assert 20 * enclosing(low) >= 19 * 2**n
    assert 20 * enclosing(low + 1) < 19 * 2**n


def test_median_ranks_of_a_million_values_follow_the_normal_approximation() -> None:
    ranks = median_ranks(1_000_000)
    assert ranks is not None
    assert abs(ranks[0] - (500_000.5 - 1.959964 * 500)) <= 1


# Two figures


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0428, 0.3422),
        ((9, 10), (3, 10), 0.1013, 0.8387),
        ((6, 7), (2, 7), -0.0290, 0.8423),
        ((5, 56), (0, 29), -0.0667, 0.2037),
        ((0, 10), (0, 20), -0.2005, 0.3445),
        ((0, 10), (0, 10), -0.3445, 0.3445),
    ],
)
def test_intervals_of_differences_equal_table_2_of_newcombe(
    first: Cases, second: Cases, low: float, high: float
) -> None:
    """R. G. Newcombe, Statistics in Medicine 17 (1998), pages 873 to 890: method 11."""
    found = difference(first, second)
    assert found == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


@pytest.mark.parametrize(
    ("n", "m"), [(1, 1), (1, 40), (1, 100), (2, 2), (2, 30), (3, 3), (4, 4), (5, 20), (10, 10)]
)
def test_equal_rates_are_found_different_with_probability_5_percent_at_most(n: int, m: int) -> None:
    """For any common rate; the probabilities of all outcomes found different are added up."""
    apart = [
        (x, y)
        for x in range(n + 1)
        for y in range(m + 1)
        if not rates_could_be_equal((x, n), (y, m))
    ]
    for rate in (per_cent / 100 for per_cent in range(1, 100)):
        times = (
            comb(n, x) * comb(m, y) * rate ** (x + y) * (1 - rate) ** (n + m - x - y)
            for x, y in apart
        )
        assert sum(times) <= 0.05


@given(cases(), cases())
def test_swapping_two_rates_negates_the_interval_of_their_difference(
    first: Cases, second: Cases
) -> None:
    low, high = difference(first, second)
    assert -1 <= low <= first[0] / first[1] - second[0] / second[1] <= high <= 1
    assert difference(second, first) == (pytest.approx(-high), pytest.approx(-low))
    assert rates_could_be_equal(first, second) == rates_could_be_equal(second, first)


@given(cases(least=0))
def test_a_rate_does_not_differ_from_itself_or_from_a_rate_without_cases(found: Cases) -> None:
    assert difference(found, (0, 0)) == (-1, 1)
    assert rates_could_be_equal(found, (0, 0))
    assert rates_could_be_equal(found, found)


@pytest.mark.parametrize(
    ("first", "second", "could_be"),
    [
        (0, 0, True),
        (1, 0, True),
        (5, 0, True),  # 2 / 32
        (6, 0, False),  # 2 / 64
        (8, 2, True),  # 2 (1 + 10 + 45) / 1024
        (9, 1, False),  # 2 (1 + 10) / 1024
        (100, 130, True),  # 30, less the continuity correction of 1, is below 1.96 √230 = 29.7
        (100, 132, False),
        (1_000_000, 1_000_000, True),
        (1_000_000, 1_003_000, False),
    ],
)
def test_counts_of_equal_days_are_compared_by_a_two_sided_sign_test(
    first: int, second: int, could_be: bool
) -> None:
    assert counts_could_be_equal(first, second) is could_be
    assert counts_could_be_equal(second, first) is could_be


@pytest.mark.parametrize(
    ("first", "second", "could_be"),
    [
        (3, 0, False),  # all of 3 in a quarter of the days: 2 / 64
        (2, 0, True),  # 2 / 16
        (0, 10, True),  # none of 10: 2 (3/4)^10 = 0.11
        (0, 13, False),  # 2 (3/4)^13 = 0.048
        (10, 30, True),
    ],
)
def test_counts_of_unequal_days_are_compared_as_rates_per_day(
    first: int, second: int, could_be: bool
) -> None:
    assert counts_could_be_equal(first, second, 1, 3) is could_be
    assert counts_could_be_equal(second, first, 3, 1) is could_be


@given(st.integers(0, 300), st.integers(0, 300), st.integers(1, 40), st.integers(1, 40))
def test_comparing_counts_equals_the_exact_binomial_test(
    first: int, second: int, days: int, other_days: int
) -> None:
    n, whole = first + second, days + other_days
    ways = [comb(n, k) * days**k * other_days ** (n - k) for k in range(n + 1)]
    smaller = min(sum(ways[: first + 1]), sum(ways[first:]))
    assert counts_could_be_equal(first, second, days, other_days) == (40 * smaller > whole**n)


# Many rates


def test_a_prior_worked_out_by_hand() -> None:
    """Rates 0.3 and 0.7 of 20 cases each: the sum of squares is 1.6, of which 0.25 is by chance."""
    prior = fitted_prior([(6, 20), (14, 20)])
    assert prior is not None
    assert prior.mean == 0.5
    assert prior.weight == pytest.approx(0.25 * (40 - 20 - 1) / (1.6 - 0.25) - 1)
    assert prior.weight == pytest.approx(68 / 27)
    assert prior.alpha == prior.beta == pytest.approx(34 / 27)
    assert prior.estimate(6, 20) == pytest.approx((6 + 34 / 27) / (20 + 68 / 27))
    assert prior.estimate(0, 0) == 0.5


def test_rows_that_differ_by_chance_have_the_common_rate() -> None:
    prior = fitted_prior([(4, 10), (6, 10), (0, 0)])
    assert prior is not None
    assert prior.is_common
    assert prior.weight == inf
    assert prior.estimate(6, 10) == prior.estimate(0, 0) == 0.5


@pytest.mark.parametrize("rows", [[(2, 6), (7, 12)], [(1, 6), (7, 18)]])
def test_rows_that_differ_exactly_as_expected_by_chance_have_the_common_rate(
    rows: list[Cases],
) -> None:
    """The sums of squares, 1/4 and 2/9, equal p(1 - p) exactly, but are slightly greater in
    floating point."""
    prior = fitted_prior(rows)
    assert prior is not None
    assert prior.is_common
    assert prior.estimate(*rows[0]) == prior.mean


def test_rows_without_cases_have_no_prior() -> None:
    assert fitted_prior([]) is None
    assert fitted_prior([(0, 0)]) is None


@pytest.mark.parametrize("rows", [[(3, 10)], [(1, 1), (0, 1)], [(0, 9), (0, 4)], [(9, 9), (4, 4)]])
def test_rows_that_give_no_variance_between_rows_have_the_common_rate(rows: list[Cases]) -> None:
    prior = fitted_prior(rows)
    assert prior is not None
    assert prior.is_common
    assert prior.mean == sum(x for x, _ in rows) / sum(n for _, n in rows)


def test_rows_of_rates_0_and_1_follow_the_rule_of_succession() -> None:
    """With two rows only, the estimate for 2 of 2 is (2 + 1) / (2 + 2)."""
    for n in (2, 10):
        prior = fitted_prior([(0, n), (n, n)])
        assert prior is not None
        assert prior.weight == 2
        assert prior.estimate(n, n) == (n + 1) / (n + 2)
        assert prior.estimate(0, n) == 1 / (n + 2)


def test_the_prior_is_recovered_from_simulated_rows() -> None:
    drawn = random.Random(1973)
    rows = []
    for _ in range(2000):
        rate, n = drawn.betavariate(6, 14), drawn.randint(5, 100)
        rows.append((sum(drawn.random() < rate for _ in range(n)), n))
    prior = fitted_prior(rows)
    assert prior is not None
    assert prior.mean == pytest.approx(0.3, abs=0.01)
    assert prior.weight == pytest.approx(20, rel=0.15)


@given(st.lists(cases(200, least=0), min_size=1, max_size=12))
def test_an_estimate_is_between_the_rate_of_the_row_and_the_common_rate(rows: list[Cases]) -> None:
    prior = fitted_prior(rows)
    assert (prior is None) == (not any(n for _, n in rows))
    if prior is None:
        return
    for successes, n in rows:
        own = successes / n if n else prior.mean
        estimate = prior.estimate(successes, n)
        assert min(own, prior.mean) - 1e-12 <= estimate <= max(own, prior.mean) + 1e-12


def test_rates_far_apart_have_one_rank_each() -> None:
    assert rank_ranges([(0, 100), (100, 100), (50, 100)]) == [(3, 3), (1, 1), (2, 2)]


def test_rates_close_together_may_be_in_any_order() -> None:
    assert rank_ranges([(5, 10), (6, 10), (0, 0), (4, 10)]) == [(1, 3), (1, 3), None, (1, 3)]


def test_a_rate_of_few_cases_has_a_wide_rank_range() -> None:
    """0 of 3 is significantly below 90 of 100, but not below 10 of 100."""
    assert rank_ranges([(90, 100), (10, 100), (0, 3)]) == [(1, 1), (2, 3), (2, 3)]


def test_a_single_rate_has_rank_1() -> None:
    assert rank_ranges([(3, 7), (0, 0)]) == [(1, 1), None]
    assert rank_ranges([]) == []


@given(st.lists(cases(300, least=0), max_size=15), st.randoms())
def test_rank_ranges_include_the_observed_rank_in_any_order_of_rows(
    rows: list[Cases], shuffled: random.Random
) -> None:
    ranges = rank_ranges(rows)
    rates = [successes / n for successes, n in rows if n]
    for (successes, n), found in zip(rows, ranges, strict=True):
        assert (found is None) == (n == 0)
        if found:
            better = sum(rate > successes / n for rate in rates)
            worse = sum(rate < successes / n for rate in rates)
            assert 1 <= found[0] <= 1 + better
            assert len(rates) - worse <= found[1] <= len(rates)
    order = list(range(len(rows)))
    shuffled.shuffle(order)
    assert rank_ranges([rows[place] for place in order]) == [ranges[place] for place in order]


def test_rank_ranges_include_the_true_rank_in_95_percent_of_samples() -> None:
    """In at least 95 % of 400 samples of six users, for each of the users."""
    drawn = random.Random(2024)
    truth = (0.5, 0.45, 0.4, 0.3, 0.25, 0.1)
    held = [0] * len(truth)
    for _ in range(400):
        rows = [(sum(drawn.random() < rate for _ in range(80)), 80) for rate in truth]
        for place, found in enumerate(rank_ranges(rows)):
            assert found is not None
            held[place] += found[0] <= place + 1 <= found[1]
    assert min(held) >= 0.95 * 400

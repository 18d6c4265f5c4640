"""Cumulative incidence curves by age, checked by hand, by laws and against lifelines."""

from __future__ import annotations

import warnings
from fractions import Fraction
from math import inf, sqrt

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from leadlight.analytics.stats.proportions import MIN_CASES
from leadlight.analytics.stats.survival import CLOSED, OPEN, Counts, Curves, curves
from tests.analytics.by_lifelines import assert_agrees, expanded
from tests.seeds import examples

pytestmark = pytest.mark.search

# Twelve leads by age in days and outcome; open leads are censored at their age today.
WORKED: Counts = {
    (2, "won"): 2,
    (2, "lost"): 1,
    (3, OPEN): 1,
    (5, "won"): 2,
    (5, OPEN): 1,
    (7, "cancelled"): 1,
    (9, "won"): 1,
    (9, OPEN): 3,
}
"""
at risk:     12 at 2, 9 at 3, 8 at 5, 5 at 7, 4 at 9
still open:  9/12 = 3/4; at 5: 3/4 · 6/8 = 9/16; at 7: · 4/5 = 9/20; at 9: · 3/4 = 27/80
won:         2/12 = 1/6; at 5: + 3/4 · 2/8 = 3/16 → 17/48; at 9: + 9/20 · 1/4 = 9/80 → 7/15
lost:        1/12;  cancelled at 7: 9/16 · 1/5 = 9/80
old enough:  12 until 3, then 12 · 8/9 = 32/3 until 5, then 32/3 · 5/6 = 80/9 < 10
"""

ages = st.integers(0, 40)
counts = st.dictionaries(
    st.tuples(ages, st.sampled_from((OPEN, *CLOSED))), st.integers(1, 9), min_size=1, max_size=40
)
all_closed = st.dictionaries(
    st.tuples(ages, st.sampled_from(CLOSED)), st.integers(1, 9), min_size=1, max_size=40
)


def share(actual: Curves, outcome: str, age: int) -> float:
    estimate = actual.at(outcome, age)
    assert estimate is not None
    return estimate.share


# By hand


def test_shares_equal_those_worked_out_by_hand() -> None:
    actual = curves(WORKED)
    assert (actual.leads, actual.ages) == (12, (2, 3, 5, 7, 9))
    assert actual.at_risk == (12, 9, 8, 5, 4)
    by_hand = {
        OPEN: [Fraction(3, 4), Fraction(3, 4), Fraction(9, 16), Fraction(9, 20), Fraction(27, 80)],
        "won": [
            Fraction(1, 6),
            Fraction(1, 6),
            Fraction(17, 48),
            Fraction(17, 48),
            Fraction(7, 15),
        ],
        "lost": [Fraction(1, 12)] * 5,
        "cancelled": [Fraction(0)] * 3 + [Fraction(9, 80)] * 2,
    }
    for outcome, shares in by_hand.items():
        assert actual.by_outcome[outcome].shares == pytest.approx(
            [float(one) for one in shares], abs=1e-15
        )


def test_a_share_holds_until_the_next_age_and_is_null_for_too_few_leads() -> None:
    actual = curves(WORKED)
    assert actual.last == 5
    assert actual.at("won", 0) == (0.0, None, None)
    assert actual.at(OPEN, 1) == (1.0, None, None)
    assert [share(actual, "won", age) for age in (2, 4)] == [pytest.approx(1 / 6)] * 2
    assert share(actual, "closed", 5) == pytest.approx(7 / 16)
    assert actual.at("won", 6) is None


def test_the_variance_at_the_first_age_is_that_of_a_binomial_share() -> None:
    actual = curves(WORKED)
    assert actual.by_outcome["won"].variances[0] == pytest.approx(1 / 6 * 5 / 6 / 12)
    assert actual.by_outcome[OPEN].variances[0] == pytest.approx(3 / 4 * 1 / 4 / 12)


def test_the_median_is_null_until_half_of_all_leads_have_the_outcome() -> None:
    half = curves({(3, "won"): 4, (8, "won"): 2, (9, "lost"): 6})
    assert half.first("won", 0.5) == 8
    assert half.first("lost", 0.5) == 9
    assert curves({(3, "won"): 5, (9, "lost"): 7}).first("won", 0.5) is None


def test_a_median_at_an_age_with_too_few_leads_is_null() -> None:
    """Ten leads are open at age 1, so that each of the two left weighs half later on."""
    actual = curves({(1, OPEN): 10, (4, "won"): 2})
    assert actual.by_outcome["won"].shares[-1] == 1.0
    assert actual.last == 1
    assert actual.first("won", 0.5) is None


def test_nine_leads_give_no_curve_and_ten_do() -> None:
    assert curves({(1, "won"): MIN_CASES - 1}).last == -1
    assert curves({(1, "won"): MIN_CASES}).last == inf
    assert curves({}).last == -1
    assert curves({}).at("won", 0) is None


def test_shares_are_constant_once_all_leads_are_closed() -> None:
    actual = curves({(1, "won"): 3, (4, "lost"): 9})
    assert share(actual, "won", 10_000) == 0.25
    assert actual.at(OPEN, 10_000) == (0.0, None, None)


def test_an_open_lead_is_censored_and_not_counted_as_lost() -> None:
    """Open leads counted as lost would give a share of 1/4; open leads left out would give 1."""
    actual = curves({(5, OPEN): 10, (10, "won"): 10, (20, "lost"): 10, (20, OPEN): 10})
    assert share(actual, "won", 10) == pytest.approx(1 / 3)


# Laws


@given(counts)
def test_shares_add_up_to_one_at_each_age_and_never_fall(counted: Counts) -> None:
    actual = curves(counted)
    every = [actual.by_outcome[outcome].shares for outcome in (*CLOSED, OPEN)]
    assert [sum(shares) for shares in zip(*every, strict=True)] == pytest.approx(
        [1.0] * len(actual.ages)
    )
    for outcome in CLOSED:
        shares = actual.by_outcome[outcome].shares
        assert list(shares) == sorted(shares)
    assert list(actual.by_outcome[OPEN].shares) == sorted(
        actual.by_outcome[OPEN].shares, reverse=True
    )


@given(counts)
def test_a_confidence_band_encloses_its_share_within_0_and_1(counted: Counts) -> None:
    actual = curves(counted)
    for age in range(int(min(actual.last, 50)) + 1):
        for outcome in (*CLOSED, OPEN, "closed"):
            estimate = actual.at(outcome, age)
            assert estimate is not None
            if estimate.low is None or estimate.high is None:
                assert estimate.share in (0, 1)
            else:
                assert 0 <= estimate.low <= estimate.share <= estimate.high <= 1


@given(all_closed)
def test_without_open_leads_each_share_is_binomial(counted: Counts) -> None:
    """Shares and variances are those of plain binomial shares."""
    actual = curves(counted)
    leads = sum(counted.values())
    for place, age in enumerate(actual.ages):
        for outcome in CLOSED:
            by_then = sum(
                number for (when, how), number in counted.items() if how == outcome and when <= age
            )
            plain = by_then / leads
            assert actual.by_outcome[outcome].shares[place] == pytest.approx(plain)
            assert actual.by_outcome[outcome].variances[place] == pytest.approx(
                plain * (1 - plain) / leads, abs=1e-12
            )


@given(counts, st.integers(1, 5))
def test_leads_closed_at_later_ages_do_not_change_earlier_shares(
    counted: Counts, extra: int
) -> None:
    """A lead that is open at the greatest age is closed later; earlier shares stay the same."""
    oldest = max(age for age, _ in counted)
    assume((oldest, OPEN) in counted)
    later = {key: number for key, number in counted.items() if key != (oldest, OPEN)}
    later[oldest + extra, "won"] = counted[oldest, OPEN]
    before, after = curves(counted), curves(later)
    for outcome in (*CLOSED, OPEN):
        upto = len(before.ages) - 1
        assert after.by_outcome[outcome].shares[:upto] == before.by_outcome[outcome].shares[:upto]


# Comparison with lifelines


@examples(25)
@given(counts)
def test_curves_of_random_leads_agree_with_lifelines(counted: Counts) -> None:
    assert_agrees(counted)


def test_curves_of_the_worked_leads_agree_with_lifelines() -> None:
    assert_agrees(WORKED)


def test_spreading_ties_keeps_the_share_and_changes_the_variance_slightly() -> None:
    """By default lifelines spreads leads closed at one age over slightly different ages.

    The share stays the same, and the standard error changes by at most 10 %.
    """
    from lifelines import AalenJohansenFitter

    actual = curves(WORKED)
    durations, events = expanded(WORKED)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = AalenJohansenFitter(seed=1).fit(durations, events, event_of_interest=1)
    at_last = fit.cumulative_density_.iloc[-1, 0]
    assert actual.by_outcome["won"].shares[-1] == pytest.approx(at_last, abs=1e-9)
    assert sqrt(fit.variance_.iloc[-1]) == pytest.approx(
        sqrt(actual.by_outcome["won"].variances[-1]), rel=0.1
    )

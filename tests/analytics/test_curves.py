"""Curves by age: by hand, by their laws, and by the library that statisticians use."""

from __future__ import annotations

import warnings
from fractions import Fraction
from math import inf, sqrt

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from lifelines import AalenJohansenFitter

from leadlight.analytics.stats.proportions import FEW
from leadlight.analytics.stats.survival import CLOSED, OPEN, Counts, Curves, curves
from tests.analytics.by_lifelines import assert_agrees, expanded
from tests.seeds import examples

pytestmark = pytest.mark.search

# Twelve leads by age in days: what was closed, and what is still open and no older.
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


def share(told: Curves, outcome: str, age: int) -> float:
    estimate = told.at(outcome, age)
    assert estimate is not None
    return estimate.share


# By hand


def test_the_shares_are_those_worked_out_by_hand() -> None:
    told = curves(WORKED)
    assert (told.leads, told.ages) == (12, (2, 3, 5, 7, 9))
    assert told.at_risk == (12, 9, 8, 5, 4)
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
        assert told.by_outcome[outcome].shares == pytest.approx(
            [float(one) for one in shares], abs=1e-15
        )


def test_a_share_holds_until_the_next_age_and_none_is_told_of_too_few() -> None:
    told = curves(WORKED)
    assert told.last == 5
    assert told.at("won", 0) == (0.0, None, None)
    assert told.at(OPEN, 1) == (1.0, None, None)
    assert [share(told, "won", age) for age in (2, 4)] == [pytest.approx(1 / 6)] * 2
    assert share(told, "closed", 5) == pytest.approx(7 / 16)
    assert told.at("won", 6) is None


def test_the_variance_of_the_first_age_is_that_of_a_plain_share() -> None:
    told = curves(WORKED)
    assert told.by_outcome["won"].variances[0] == pytest.approx(1 / 6 * 5 / 6 / 12)
    assert told.by_outcome[OPEN].variances[0] == pytest.approx(3 / 4 * 1 / 4 / 12)


def test_the_median_is_of_all_the_leads_and_waits_for_half_of_them() -> None:
    half = curves({(3, "won"): 4, (8, "won"): 2, (9, "lost"): 6})
    assert half.first("won", 0.5) == 8
    assert half.first("lost", 0.5) == 9
    assert curves({(3, "won"): 5, (9, "lost"): 7}).first("won", 0.5) is None


def test_a_median_that_too_few_have_come_to_is_not_told() -> None:
    """Ten leads are open at once, so that the two left make every later closing half of all."""
    told = curves({(1, OPEN): 10, (4, "won"): 2})
    assert told.by_outcome["won"].shares[-1] == 1.0
    assert told.last == 1
    assert told.first("won", 0.5) is None


def test_nine_leads_say_nothing_and_ten_do() -> None:
    assert curves({(1, "won"): FEW - 1}).last == -1
    assert curves({(1, "won"): FEW}).last == inf
    assert curves({}).last == -1
    assert curves({}).at("won", 0) is None


def test_once_all_are_closed_nothing_changes_any_more() -> None:
    told = curves({(1, "won"): 3, (4, "lost"): 9})
    assert share(told, "won", 10_000) == 0.25
    assert told.at(OPEN, 10_000) == (0.0, None, None)


def test_an_open_lead_is_no_failure() -> None:
    """Counted as lost, a quarter would have been won; left out, all of them."""
    told = curves({(5, OPEN): 10, (10, "won"): 10, (20, "lost"): 10, (20, OPEN): 10})
    assert share(told, "won", 10) == pytest.approx(1 / 3)


# Laws


@given(counts)
def test_the_shares_are_everything_at_each_age_and_never_fall(counted: Counts) -> None:
    told = curves(counted)
    every = [told.by_outcome[outcome].shares for outcome in (*CLOSED, OPEN)]
    assert [sum(shares) for shares in zip(*every, strict=True)] == pytest.approx(
        [1.0] * len(told.ages)
    )
    for outcome in CLOSED:
        shares = told.by_outcome[outcome].shares
        assert list(shares) == sorted(shares)
    assert list(told.by_outcome[OPEN].shares) == sorted(told.by_outcome[OPEN].shares, reverse=True)


@given(counts)
def test_a_band_encloses_its_share_within_0_and_1(counted: Counts) -> None:
    told = curves(counted)
    for age in range(int(min(told.last, 50)) + 1):
        for outcome in (*CLOSED, OPEN, "closed"):
            estimate = told.at(outcome, age)
            assert estimate is not None
            if estimate.low is None or estimate.high is None:
                assert estimate.share in (0, 1)
            else:
                assert 0 <= estimate.low <= estimate.share <= estimate.high <= 1


@given(all_closed)
def test_where_none_is_open_each_share_is_the_plain_one(counted: Counts) -> None:
    """And so are the variances: those of a binomial share."""
    told = curves(counted)
    leads = sum(counted.values())
    for place, age in enumerate(told.ages):
        for outcome in CLOSED:
            by_then = sum(
                number for (when, how), number in counted.items() if how == outcome and when <= age
            )
            plain = by_then / leads
            assert told.by_outcome[outcome].shares[place] == pytest.approx(plain)
            assert told.by_outcome[outcome].variances[place] == pytest.approx(
                plain * (1 - plain) / leads, abs=1e-12
            )


@given(counts, st.integers(1, 5))
def test_later_ages_change_nothing_of_earlier_ones(counted: Counts, extra: int) -> None:
    """A lead that is open at the greatest age is closed later: what was told stays."""
    oldest = max(age for age, _ in counted)
    assume((oldest, OPEN) in counted)
    later = {key: number for key, number in counted.items() if key != (oldest, OPEN)}
    later[oldest + extra, "won"] = counted[oldest, OPEN]
    before, after = curves(counted), curves(later)
    for outcome in (*CLOSED, OPEN):
        upto = len(before.ages) - 1
        assert after.by_outcome[outcome].shares[:upto] == before.by_outcome[outcome].shares[:upto]


# The library


@examples(25)
@given(counts)
def test_they_agree_with_lifelines(counted: Counts) -> None:
    assert_agrees(counted)


def test_they_agree_with_lifelines_on_the_worked_leads() -> None:
    assert_agrees(WORKED)


def test_spread_ties_change_the_share_by_nothing_but_the_variance() -> None:
    """Leads closed at one age, taken one after the other at slightly other ages, as lifelines does
    with ties by itself: the same share."""
    told = curves(WORKED)
    durations, events = expanded(WORKED)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = AalenJohansenFitter(seed=1).fit(durations, events, event_of_interest=1)
    at_last = fit.cumulative_density_.iloc[-1, 0]
    assert told.by_outcome["won"].shares[-1] == pytest.approx(at_last, abs=1e-9)
    assert sqrt(fit.variance_.iloc[-1]) == pytest.approx(
        sqrt(told.by_outcome["won"].variances[-1]), rel=0.1
    )

"""How a figure differs from the one it is compared with, in words."""

from __future__ import annotations

import pytest

from leadlight.analytics.activity_figures import EFFORT_PER_WIN
from leadlight.analytics.figures import WIN_RATE
from leadlight.analytics.measures import Rate
from leadlight.web.changes import Changes


@pytest.mark.parametrize(
    ("column", "now", "before", "text", "sense"),
    [
        # 20 calls for each sale instead of 25: a fifth less, and that is better.
        (EFFORT_PER_WIN, Rate(40, 2), Rate(25, 1), "20%", "better"),
        (EFFORT_PER_WIN, Rate(30, 1), Rate(25, 1), "20%", "worse"),
        (WIN_RATE, Rate(1, 4), Rate(1, 5), "5.0 pts", "better"),
    ],
)
def test_a_ratio_changes_by_a_part_and_a_rate_by_points(column, now, before, text, sense):
    change = Changes(column).of(now, before)
    assert (change.text, change.sense) == (text, sense)


def test_a_ratio_without_value_is_not_compared():
    assert Changes(EFFORT_PER_WIN).of(Rate(40, 0), Rate(25, 1)) is None

"""`leadlight report … --explain` as text: the confidence interval and the count of a figure."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("company")
FEBRUARY = (
    *("report", "company", "--from", "2026-02-01", "--to", "2026-02-28"),
    *("--as-of", "2026-03-15T12:00+01:00", "--explain"),
)


def test_a_rate_is_explained_with_its_confidence_interval_and_count(leadlight: Run) -> None:
    """Wilson interval of 2 of 4: 1/2 ± 1.96 · √(1/16 + 1.96²/64) / (1 + 1.96²/4), 15 % and 85 %."""
    lines = leadlight(*FEBRUARY, "win_rate").splitlines()
    [doubt] = [line for line in lines if "too few cases to judge" in line]
    assert doubt.startswith(
        "2 of 4: too few cases to judge. Chance alone could move the rate between 15% and 85%."
    )
    assert "Wilson score interval" in doubt
    assert "4 leads" in lines


def test_a_count_is_explained_without_a_confidence_interval(leadlight: Run) -> None:
    told = leadlight(*FEBRUARY, "won_leads")
    assert "2 leads" in told.splitlines()
    assert "too few cases" not in told

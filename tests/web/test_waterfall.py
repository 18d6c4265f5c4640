"""The waterfall between two days adds up in random companies."""

from __future__ import annotations

import pytest

from leadlight.presentation.charts.waterfall import parts_of
from tests.analytics.laws import LawQuery, try_out
from tests.analytics.world import World

pytestmark = pytest.mark.search


def test_the_changes_of_a_waterfall_lead_from_the_first_total_to_the_last() -> None:
    changed = 0

    def law(question: LawQuery, world: World) -> None:
        nonlocal changed
        result = question.of(world)
        amounts, counts = (list(parts_of(result, one)) for one in result.report.chart.waterfalls)
        for parts in (amounts, counts):
            first, *changes, last = parts
            assert first.end + sum(part.change for part in changes) == pytest.approx(last.end)
            assert [part.start for part in changes] == [
                pytest.approx(part.end) for part in parts[: len(changes)]
            ]
            changed += len(changes)

    try_out("pipeline.between", law, turns=8)
    assert changed > 5

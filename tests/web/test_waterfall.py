"""The waterfall between two days adds up in random companies."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest

from leadlight.presentation.charts.data import size_of
from leadlight.presentation.charts.report_charts import charts_of
from leadlight.presentation.charts.waterfall import parts_of
from tests.analytics.asking import ReportClient
from tests.analytics.laws import LawQuery, check_law
from tests.analytics.star import empty_star
from tests.analytics.worked import worked_company
from tests.analytics.world import World
from tests.web.test_charts import drawn, values

FEBRUARY = {"start": "2026-02-01", "to": "2026-02-28", "pipeline": "p"}


@pytest.fixture(scope="module")
def company():
    engine = empty_star()
    yield ReportClient(engine, worked_company())
    engine.close()


@pytest.mark.search
def test_the_first_total_of_a_waterfall_plus_its_changes_is_the_last_total() -> None:
    changed = 0

    def law(query: LawQuery, world: World) -> None:
        nonlocal changed
        result = query.of(world)
        amounts, counts = (list(parts_of(result, one)) for one in result.report.chart.waterfalls)
        for parts in (amounts, counts):
            first, *changes, last = parts
            assert first.end + sum(part.change for part in changes) == pytest.approx(last.end)
            assert [part.start for part in changes] == [
                pytest.approx(part.end) for part in parts[: len(changes)]
            ]
            changed += len(changes)

    check_law("pipeline.between", law, turns=8)
    assert changed > 5


def test_the_tick_of_the_compared_period_is_its_change_away_from_the_start_of_the_bar(
    company: ReportClient,
) -> None:
    result = company.report("pipeline", view="between", **FEBRUARY, compare="previous")
    then = result.compared
    assert then is not None
    charts = charts_of(result).charts
    waterfalls = {one.first: one for one in result.report.chart.waterfalls}
    assert len(charts) == len(waterfalls) == 2
    for waterfall, chart in zip(waterfalls.values(), charts, strict=True):
        bars, ticks = values(chart, "bars"), values(chart, "before")
        ends = {waterfall.first: 1, waterfall.last: 1}
        signs = dict.fromkeys(waterfall.added, 1) | dict.fromkeys(waterfall.removed, -1) | ends
        assert [tick["row"] for tick in ticks] == [bar["row"] for bar in bars]
        for bar, tick in zip(bars, ticks, strict=True):
            key = dict(parse_qsl(urlsplit(tick["href"]).query))["column"]
            assert bar["high"] == max(bar["start"], bar["end"], tick["size"])
            assert tick["size"] - bar["start"] == signs[key] * size_of(then.totals[key])
        assert chart.keys[-1].shape == "tick"
        assert "<svg" in drawn(chart)

"""The chart of prospecting: five stages of each list, each within the one before."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.utils import translation

from leadlight.analytics.reports.contract import Result, Row
from leadlight.presentation.charts.chart import Chart
from leadlight.presentation.charts.drawings import drawing_of
from leadlight.presentation.charts.report_charts import charts_of
from tests.analytics.asking import ReportClient
from tests.analytics.star import empty_star
from tests.analytics.worked import worked_company
from tests.web.test_charts import drawn, values

pytestmark = pytest.mark.answers

COLUMNS = ("prospects", "worked", "reached", "turned_into_leads", "won_leads")


@pytest.fixture(scope="module")
def empty():
    """The report of a company without prospects."""
    engine = empty_star()
    client = ReportClient(engine, worked_company())
    yield client.report("prospecting", start="2026-01-01", to="2026-03-15")
    engine.close()


def of_lists(empty: Result, **lists: tuple[int, ...]) -> Result:
    """Return the report with these lists, each with its five counts."""
    rate = next(column for column in empty.columns if column.key == "prospects_to_leads")

    def cells(counts: tuple[int, ...]) -> dict[str, Any]:
        sums = dict(zip(COLUMNS, counts, strict=True))
        return {**empty.totals, **sums, rate.key: rate.value(sums, sums)}

    blank = Row(None, None, empty.totals)
    rows = [replace(blank, key=key, label=key, cells=cells(one)) for key, one in lists.items()]
    totals = cells(tuple(map(sum, zip(*lists.values(), strict=True))))
    return replace(empty, rows=tuple(rows), totals=totals)


def only(result: Result) -> Chart:
    [chart] = charts_of(result).charts
    return chart


TWO = {"fair": (100, 80, 40, 12, 3), "web": (300, 90, 60, 9, 2)}


def test_each_list_has_its_five_stages_the_largest_list_first(empty):
    chart = only(of_lists(empty, **TWO))
    shown = [(bar["row"][4:], bar["size"]) for bar in values(chart, "bars")]
    assert shown == [
        *(("web", size) for size in TWO["web"]),
        *(("fair", size) for size in TWO["fair"]),
    ]
    assert [text["said"] for text in values(chart, "rates")] == ["3.0%", "12.0%"]
    assert chart.finding == ("Converted – highest: fair, 12 of 100 (12.0%); overall: 5.2%.")
    assert "<svg" in drawn(chart)
    assert "var(" not in drawing_of(chart).svg


def test_stages_have_shades_from_pale_to_dark_and_tooltips_with_their_share(empty):
    chart = only(of_lists(empty, **TWO))
    assert [key.ink.part for key in chart.keys] == [15, 36, 58, 79, 100]
    tips = [bar["tip"].split("\n")[:2] for bar in values(chart, "bars")[:2]]
    assert tips == [["web", "Prospects: 300"], ["web", "Contacted: 90 (30.0% of 300)"]]


def test_each_stage_links_to_its_list(empty):
    for bar in values(only(of_lists(empty, **TWO)), "bars"):
        asked = dict(parse_qsl(urlsplit(bar["href"]).query))
        size = dict(zip(COLUMNS, TWO[asked["row"]], strict=True))[asked["column"]]
        assert size == bar["size"]


def test_no_stage_hides_another_when_more_became_leads_than_were_reached(empty):
    chart = only(of_lists(empty, one=(10, 9, 3, 5, 0), two=(8, 8, 8, 8, 8)))
    sizes = [bar["size"] for bar in values(chart, "bars") if bar["row"].endswith("one")]
    assert sizes == [10, 9, 5, 3]


def test_a_single_list_is_shown_as_a_bar_for_each_stage(empty):
    chart = only(of_lists(empty, fair=TWO["fair"]))
    assert [(bar["row"][4:], bar["size"]) for bar in values(chart, "bars")] == [
        ("Prospects", 100),
        ("Contacted", 80),
        ("Reached", 40),
        ("Converted", 12),
        ("Won", 3),
    ]
    assert chart.finding == "Conversion rate: 12.0% (12 of 100)."


def test_over_time_an_unfinished_bucket_is_hatched_and_explained(empty):
    two = of_lists(empty, **TWO)
    rows = (two.rows[0], replace(two.rows[1], is_unfinished=True))
    chart = only(replace(two, grouping="bucket", rows=rows))
    hatched = [bar for bar in values(chart, "bars") if bar["fill"].startswith("url(")]
    assert [(bar["row"][4:], bar["size"]) for bar in hatched] == [("web", 300)]
    assert chart.keys[-1].shape == "hatched"
    assert "<svg" in drawn(chart)


def test_at_most_ten_lists_are_drawn(empty):
    lists = {f"l{n}": (n + 1, 0, 0, 0, 0) for n in range(12)}
    shown = charts_of(of_lists(empty, **lists))
    assert (shown.drawn, shown.rows) == (10, 12)
    assert shown.charts[0].finding == ""


def test_no_prospects_have_no_chart(empty):
    assert charts_of(empty).charts == ()


def test_the_compared_period_is_a_tick_at_the_first_stage_of_each_list(empty):
    then = of_lists(empty, fair=(120, 90, 20, 6, 1), gone=(7, 0, 0, 0, 0))
    chart = only(replace(of_lists(empty, **TWO), compared=then))
    shown = [(tick["row"][4:], tick["size"]) for tick in values(chart, "before")]
    assert shown == [("fair", 120)]
    assert "before: 90" in values(chart, "bars")[6]["tip"]
    assert [text["size"] for text in values(chart, "rates")] == [300, 120]
    assert chart.keys[-1].shape == "tick"
    assert "<svg" in drawn(chart)


def test_a_list_without_prospects_has_no_rate_beside_its_tick(empty):
    then = of_lists(empty, old=(120, 90, 20, 6, 1))
    chart = only(replace(of_lists(empty, fair=TWO["fair"], old=(0, 5, 3, 2, 1)), compared=then))
    assert [tick["size"] for tick in values(chart, "before")] == [120]
    assert [text["said"] for text in values(chart, "rates")] == ["12.0%"]


def test_over_time_the_compared_period_is_behind_the_bars(empty):
    two = replace(of_lists(empty, **TWO), grouping="bucket")
    chart = only(replace(two, compared=two))
    assert [tick["size"] for tick in values(chart, "before")] == [100, 300]
    assert chart.keys[-1].shape == "behind"
    assert "<svg" in drawn(chart)


def test_a_single_list_has_a_tick_at_each_stage(empty):
    then = of_lists(empty, fair=(120, 90, 20, 6, 1))
    chart = only(replace(of_lists(empty, fair=TWO["fair"]), compared=then))
    assert [tick["size"] for tick in values(chart, "before")] == [120, 90, 20, 6, 1]
    assert "<svg" in drawn(chart)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_chart_can_be_rendered_in_both_languages(empty, language):
    with translation.override(language):
        svg = drawn(only(of_lists(empty, **TWO)))
    assert "NaN" not in svg
    assert "undefined" not in svg

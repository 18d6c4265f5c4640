"""Charts show the values of the result, can be rendered, and link to the lists behind them."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
import vl_convert
from django.utils import translation

from leadlight.analytics.reports.contract import Result
from leadlight.presentation.charts import bars
from leadlight.presentation.charts.chart import Chart
from leadlight.presentation.charts.report_charts import charts_of
from tests.analytics.asking import ReportClient
from tests.analytics.forecasts import MARCH_TO_MAY, to_come
from tests.analytics.star import empty_star
from tests.analytics.worked import SALES, worked_company
from tests.analytics.world import Goal

pytestmark = pytest.mark.answers

MONTHS = {"start": "2026-01-01", "to": "2026-03-15", "bucket": "month"}
STYLES = Path(__file__).parents[2] / "leadlight/web/static/leadlight"
COUNTED = ["won_leads", "lost_leads", "cancelled_leads"]


@pytest.fixture(scope="module")
def company():
    engine = empty_star()
    yield ReportClient(engine, worked_company())
    engine.close()


def values(chart: Chart, name: str) -> list[dict]:
    [data] = [data for data in chart.vega["data"] if data["name"] == name]
    return data["values"]


def drawn(chart: Chart) -> str:
    """Render the chart as SVG with the Vega library, which does not render it for the page."""
    return vl_convert.vega_to_svg(json.loads(chart.text))


def only(result: Result) -> Chart:
    [chart] = charts_of(result).charts
    return chart


def test_charts_over_time_show_amount_rate_and_counts_of_each_bucket(company):
    result = company.report("company", **MONTHS)
    amount, rate, counts = charts_of(result).charts
    shown = Counter()
    for datum in values(counts, "bars"):
        shown[int(datum["row"][:4]), COUNTED[datum["place"]]] += datum["size"]
    for place, row in enumerate(result.rows):
        for column in COUNTED:
            assert shown[place, column] == row.cells[column]
    assert [datum["size"] for datum in values(amount, "bars")] == [0, 1500, 0]
    assert [datum["row"][4:] for datum in values(amount, "bars")] == [
        *("Jan 2026", "Feb 2026", "Mar 2026")
    ]
    assert [datum["size"] for datum in values(rate, "bars")] == [
        row.cells["win_rate"].value for row in result.rows
    ]


def test_every_chart_has_only_one_axis_of_sizes(company):
    for key in ("company", "team", "activities", "leads"):
        for chart in charts_of(company.report(key, **MONTHS, compare="last_year")).charts:
            assert len({axis["scale"] for axis in chart.vega["axes"]}) == 2


def test_every_chart_over_time_shows_the_compared_period_at_the_same_places(company):
    result = company.report("company", start="2026-02-01", to="2026-02-28", compare="previous")
    amount, rate, counts = charts_of(result).charts
    for chart in (amount, rate, counts):
        places = [{datum["row"] for datum in values(chart, name)} for name in ("bars", "before")]
        assert places[0] == places[1]
    assert sum(datum["size"] for datum in values(amount, "bars")) == 1500
    assert sum(datum["size"] for datum in values(amount, "before")) == 0
    assert sum(datum["size"] for datum in values(counts, "before")) == sum(
        result.compared.totals[column] for column in COUNTED
    )
    assert [chart.keys[-1].shape for chart in (amount, counts)] == ["behind", "behind"]


def test_an_unfinished_bucket_is_hatched_and_explained_in_the_legend(company):
    result = company.report("company", start="2026-02-05", to="2026-03-15", bucket="month")
    counts = charts_of(result).charts[-1]
    assert {datum["fill"] for datum in values(counts, "bars") if datum["size"]} == {
        "url(#hatch-lost)",
        "url(#hatch-cancelled)",
    }
    assert "hatched" in [key.shape for key in counts.keys]


def test_every_mark_links_to_the_list_of_its_figure(company):
    result = company.report("company", **MONTHS, compare="last_year")
    amount, rate, counts = charts_of(result).charts
    for chart, column in ((amount, "won_amount"), (rate, "win_rate")):
        for name, year in (("bars", "2026"), ("before", "2025")):
            for datum in values(chart, name):
                address = urlsplit(datum["href"])
                query = dict(parse_qsl(address.query))
                assert address.path == "/reports/company/leads/"
                assert query["column"] == column
                assert query["from"] == f"{year}-01-01"
                assert query["row"].startswith(year)
    for datum in values(counts, "bars"):
        assert f"column={COUNTED[datum['place']]}&" in datum["href"]


def test_a_tooltip_states_share_total_and_the_figure_before(company):
    counts = charts_of(company.report("team", **MONTHS, compare="last_year")).charts[-1]
    tips = {(d["row"][4:], d["place"]): d["tip"].splitlines() for d in values(counts, "bars")}
    assert tips["Bo", 1] == ["Bo", "Lost: 1 (50% of 2)", "1 Jan – 15 Mar 2026", "before: 0"]


def test_sellers_are_bars_in_descending_order(company):
    result = company.report("team", **MONTHS)
    amounts, counts = charts_of(result).charts
    assert [(d["row"][4:], d["size"]) for d in values(amounts, "bars")] == [
        ("Ana", 1500.0),
        ("Bo", 0.0),
    ]
    assert [(d["row"][4:], d["place"], d["size"]) for d in values(counts, "bars")] == [
        ("Ana", 0, 2),
        ("Bo", 0, 0),
        ("Bo", 1, 1),
        ("Bo", 2, 1),
    ]


def test_the_number_of_bars_is_limited_and_the_total_is_stated(company, monkeypatch):
    monkeypatch.setattr(bars, "MOST_BARS", 1)
    shown = charts_of(company.report("team", **MONTHS))
    assert (shown.drawn, shown.rows) == (1, 2)
    assert [datum["row"][4:] for datum in values(shown.charts[0], "bars")] == ["Ana"]


@pytest.mark.parametrize("report", ["company", "team"])
def test_an_empty_report_has_no_chart(report, company):
    assert charts_of(company.report(report, start="2020-01-01", to="2020-12-31")).charts == ()


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(
    "query",
    [
        {**MONTHS},
        {**MONTHS, "compare": "last_year"},
        {**MONTHS, "group_by": "user", "compare": "previous"},
        {"start": "2026-02-01", "to": "2026-02-01"},
        {"start": "2025-01-01", "to": "2026-03-15", "bucket": "day"},
    ],
)
def test_every_chart_can_be_rendered_without_an_error(query, language, company):
    with translation.override(language):
        for chart in charts_of(company.report("company", **query)).charts:
            svg = drawn(chart)
            assert svg.startswith("<svg")
            assert "NaN" not in svg
            assert "undefined" not in svg


def test_chart_labels_are_in_the_language_of_the_reader(company):
    with translation.override("fr"):
        chart = charts_of(company.report("company", **MONTHS)).charts[0]
        svg = drawn(chart)
    assert "févr. 2026" in svg
    assert re.search(r">1\s500\s€<", svg)
    assert "2 000" not in values(chart, "bars")[1]["tip"]
    assert (
        "1\N{NARROW NO-BREAK SPACE}500\N{NARROW NO-BREAK SPACE}€" in values(chart, "bars")[1]["tip"]
    )


def test_every_color_of_a_chart_is_defined_in_the_stylesheets(company):
    defined = set()
    for name in ("app.css", "reports.css"):
        defined |= set(re.findall(r"(--[\w-]+):", (STYLES / name).read_text()))
    query = {**MONTHS, "compare": "previous"}
    text = "".join(
        chart.text
        for report in ("company", "team")
        for chart in charts_of(company.report(report, **query)).charts
    )
    assert set(re.findall(r"var\((--[\w-]+)\)", text)) <= defined
    assert "--won" in text


def test_names_from_the_data_are_escaped_in_a_chart(company):
    result = company.report("team", **MONTHS)
    rows = tuple(replace(row, label="</template><script>&amp;") for row in result.rows)
    [chart, _counts] = charts_of(replace(result, rows=rows)).charts
    assert not {"<", ">", "&"} & set(chart.text)
    assert values(chart, "bars")[0]["row"][4:] == "</template><script>&amp;"
    assert json.loads(chart.text) == chart.vega


def test_a_chart_says_in_words_what_it_shows(company):
    months = {"start": "2025-12-01", "to": "2026-03-15", "bucket": "month"}
    [chart, *_others] = charts_of(company.report("company", **months)).charts
    assert chart.title == "Won amount"
    assert chart.finding == "Rose in 1 of the last 2 months; highest: Feb 2026 (€1,500)."
    assert chart.description.replace("\N{THIN SPACE}", " ") == (
        "Won amount, 1 Dec 2025 – 15 Mar 2026. Rose in 1 of the last 2 months; "
        "highest: Feb 2026 (€1,500). The table has the same figures."
    )
    assert chart.vega["description"] == chart.description


def test_a_chart_by_row_says_which_row_is_the_highest(company):
    [chart, *_others] = charts_of(company.report("team", **MONTHS)).charts
    assert chart.finding == "Highest: Ana, €1,500 (100% of the total)."


def test_too_few_buckets_have_no_course(company):
    for chart in charts_of(company.report("company", **MONTHS)).charts:
        assert chart.finding == ""  # March is unfinished


# Forecast


@pytest.fixture(scope="module")
def to_come_company():
    engine = empty_star()
    goals = (Goal(301, None, SALES, "won_amount", None, "month", date(2026, 1, 1), Decimal(800)),)
    yield ReportClient(engine, replace(to_come(), goals=goals))
    engine.close()


def test_a_forecast_stacks_won_weighted_and_remaining_amounts_next_to_the_goal(to_come_company):
    result = to_come_company.report("forecast", **MARCH_TO_MAY)
    chart = only(result)
    bars = {(int(d["row"][:4]), d["place"]): d["size"] for d in values(chart, "bars")}
    # Won, open, weighted: March 500, 80, 8; April 0, 2030.05, 859.01; May 0, 1000, 0.
    assert [bars[0, place] for place in (0, 1, 2)] == [500, 8, 72]
    assert [bars[1, place] for place in (0, 1, 2)] == pytest.approx([0, 859.01, 1171.04])
    assert [bars[2, place] for place in (0, 1, 2)] == [0, 0, 1000]
    assert [datum["size"] for datum in values(chart, "goals")] == [800, 800, 800]
    assert "column=open_amount" in values(chart, "bars")[2]["href"]
    assert [key.text for key in chart.keys][-2:] == ["Likely range (80%)", "Goal"]
    assert "<svg" in drawn(chart)


def test_a_forecast_shows_the_likely_range_of_each_bucket_with_open_leads(to_come_company):
    result = to_come_company.report("forecast", **MARCH_TO_MAY)
    chart = only(result)
    ranges = {int(d["row"][:4]): (d["low"], d["high"]) for d in values(chart, "ranges")}
    assert ranges == {
        place: tuple(map(float, row.cells["likely_range"]))
        for place, row in enumerate(result.main_rows)
    }
    # 80 with 10 %: 8 ± 1.2816 × 24, at least 0; 500 are won. In May, 1000 with 0 %.
    assert ranges[0] == (500, pytest.approx(538.76, abs=0.01))
    assert ranges[2] == (0, 0)
    assert chart.finding.replace("\N{THIN SPACE}", " ") == (
        "Likely total, Mar – May 2026: €528 to €2,206; goal: €2,400."
    )


def test_a_forecast_shows_what_was_won_in_the_compared_period(to_come_company):
    result = to_come_company.report("forecast", **MARCH_TO_MAY, compare="last_year")
    chart = only(result)
    assert [datum["size"] for datum in values(chart, "before")] == [0, 0, 0]
    assert chart.keys[-1].text.startswith("Won amount: ")
    assert "<svg" in drawn(chart)


def test_a_forecast_by_seller_shows_only_rows_with_expected_amounts(to_come_company):
    result = to_come_company.report("forecast", **MARCH_TO_MAY, group_by="team")
    chart = only(result)
    assert {d["row"][4:] for d in values(chart, "bars")} == {"Sales"}
    assert [datum["size"] for datum in values(chart, "goals")] == [2400]
    assert "<svg" in drawn(chart)


def test_a_forecast_without_expected_amounts_has_no_chart(to_come_company):
    result = to_come_company.report("forecast", start="2027-01-01", to="2027-02-28", bucket="month")
    assert charts_of(result).charts == ()

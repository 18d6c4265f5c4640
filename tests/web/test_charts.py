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
from leadlight.presentation.charts import report_charts
from leadlight.presentation.charts.report_charts import Chart, charts_of
from tests.analytics.asking import ReportClient
from tests.analytics.forecasts import MARCH_TO_MAY, to_come
from tests.analytics.star import empty_star
from tests.analytics.worked import SALES, worked_company
from tests.analytics.world import Goal

pytestmark = pytest.mark.answers

MONTHS = {"start": "2026-01-01", "to": "2026-03-15", "bucket": "month"}
STYLES = Path(__file__).parents[2] / "leadlight/web/static/leadlight"
COUNTED = {1: "won_leads", 2: "lost_leads", 3: "cancelled_leads"}


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


def test_a_chart_over_time_shows_counts_and_amount_of_each_bucket(company):
    result = company.report("company", **MONTHS)
    chart = only(result)
    shown = Counter()
    for datum in values(chart, "bars"):
        shown[int(datum["row"][:4]), COUNTED[datum["place"]]] += datum["count"]
    for place, row in enumerate(result.rows):
        for column in COUNTED.values():
            assert shown[place, column] == row.cells[column]
    assert [datum["amount"] for datum in values(chart, "line")] == [0, 1500, 0]
    assert [datum["row"][4:] for datum in values(chart, "line")] == [
        *("Jan 2026", "Feb 2026", "Mar 2026")
    ]


def test_the_compared_period_is_aligned_with_the_current_one(company):
    result = company.report("company", start="2026-02-01", to="2026-02-28", compare="previous")
    chart = only(result)
    now, before = values(chart, "line"), values(chart, "before")
    assert [datum["row"] for datum in before] == [datum["row"] for datum in now]
    assert sum(datum["amount"] for datum in now) == 1500
    assert sum(datum["amount"] for datum in before) == 0
    assert [key.mark for key in chart.keys][-2:] == ["amount-line", "before-line"]


def test_an_unfinished_bucket_is_hatched_and_explained_in_the_legend(company):
    chart = only(company.report("company", start="2026-02-05", to="2026-03-15", bucket="month"))
    assert {datum["fill"] for datum in values(chart, "bars") if datum["count"]} == {
        "url(#hatch-2)",
        "url(#hatch-3)",
    }
    assert "hatched" in [key.mark for key in chart.keys]


def test_every_mark_links_to_the_list_of_its_figure(company):
    chart = only(company.report("company", **MONTHS, compare="last_year"))
    for name, column in [("line", "won_amount"), ("before", "won_amount")]:
        for datum in values(chart, name):
            address = urlsplit(datum["href"])
            asked = dict(parse_qsl(address.query))
            assert address.path == "/reports/company/leads/"
            assert asked["column"] == column
            assert asked["from"] == ("2026-01-01" if name == "line" else "2025-01-01")
            assert asked["row"].startswith("2026" if name == "line" else "2025")
    for datum in values(chart, "bars"):
        assert f"column={COUNTED[datum['place']]}&" in datum["href"]


def test_sellers_are_bars_in_descending_order(company):
    result = company.report("team", **MONTHS)
    amounts, counts = charts_of(result).charts
    assert [(d["row"][4:], d["amount"]) for d in values(amounts, "line")] == [
        ("Ana", 1500.0),
        ("Bo", 0.0),
    ]
    assert [(d["row"][4:], d["place"], d["count"]) for d in values(counts, "bars")] == [
        ("Ana", 1, 2),
        ("Bo", 1, 0),
        ("Bo", 2, 1),
        ("Bo", 3, 1),
    ]


def test_the_number_of_bars_is_limited_and_the_total_is_stated(company, monkeypatch):
    monkeypatch.setattr(report_charts, "MOST_BARS", 1)
    shown = charts_of(company.report("team", **MONTHS))
    assert (shown.drawn, shown.rows) == (1, 2)
    assert [datum["row"][4:] for datum in values(shown.charts[0], "line")] == ["Ana"]


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


def test_a_chart_has_a_mark_for_each_count(company):
    svg = drawn(only(company.report("company", **MONTHS)))
    bars = re.findall(
        r'<path aria-label[^>]*|<path[^>]+fill="(?:var\(--chart|url\(#hatch)[^>]+', svg
    )
    assert len([bar for bar in bars if "--chart-" in bar and "amount" not in bar]) >= 3


def test_chart_labels_are_in_the_language_of_the_reader(company):
    with translation.override("fr"):
        chart = only(company.report("company", **MONTHS))
        svg = drawn(chart)
    assert "févr. 2026" in svg
    assert re.search(r">1\s500\s€<", svg)
    assert "2 000" not in values(chart, "line")[1]["tip"]
    assert (
        "1\N{NARROW NO-BREAK SPACE}500\N{NARROW NO-BREAK SPACE}€" in values(chart, "line")[1]["tip"]
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
    assert "--chart-1" in text


def test_names_from_the_data_are_escaped_in_a_chart(company):
    result = company.report("team", **MONTHS)
    rows = tuple(replace(row, label="</template><script>&amp;") for row in result.rows)
    [chart, _counts] = charts_of(replace(result, rows=rows)).charts
    assert not {"<", ">", "&"} & set(chart.text)
    assert values(chart, "line")[0]["row"][4:] == "</template><script>&amp;"
    assert json.loads(chart.text) == chart.vega


def test_a_chart_has_a_text_description(company):
    chart = only(company.report("company", **MONTHS))
    assert chart.title == "Won, lost and cancelled, and won amount"
    assert chart.description.replace("\N{THIN SPACE}", " ") == (
        "Won, lost and cancelled, and won amount, 1 Jan – 15 Mar 2026. "
        "The table below has the same figures."
    )


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
    bars = {(int(d["row"][:4]), d["place"]): d["amount"] for d in values(chart, "bars")}
    # Won, open, weighted: March 500, 80, 8; April 0, 2030.05, 859.01; May 0, 1000, 0.
    assert [bars[0, place] for place in (1, 2, 3)] == [500, 8, 72]
    assert [bars[1, place] for place in (1, 2, 3)] == pytest.approx([0, 859.01, 1171.04])
    assert [bars[2, place] for place in (1, 2, 3)] == [0, 0, 1000]
    assert [datum["amount"] for datum in values(chart, "line")] == [800, 800, 800]
    assert "column=open_amount" in values(chart, "bars")[2]["href"]
    assert [key.text for key in chart.keys][-1] == "Goal"
    assert "<svg" in drawn(chart)


def test_a_forecast_by_seller_shows_only_rows_with_expected_amounts(to_come_company):
    result = to_come_company.report("forecast", **MARCH_TO_MAY, group_by="team")
    chart = only(result)
    assert {d["row"][4:] for d in values(chart, "bars")} == {"Sales"}
    assert [datum["amount"] for datum in values(chart, "line")] == [2400]
    assert "<svg" in drawn(chart)


def test_a_forecast_without_expected_amounts_has_no_chart(to_come_company):
    result = to_come_company.report("forecast", start="2027-01-01", to="2027-02-28", bucket="month")
    assert charts_of(result).charts == ()

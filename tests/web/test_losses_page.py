"""The chart of losses and the order of its rows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from leadlight.presentation.charts.report_charts import charts_of
from leadlight.presentation.heat import Heat
from leadlight.presentation.tables import default_sort, ordered
from tests.analytics.asking import ReportClient
from tests.analytics.star import empty_star
from tests.analytics.test_losses import DAYS, WORLD

pytestmark = pytest.mark.answers


@pytest.fixture(scope="module")
def company():
    engine = empty_star()
    yield ReportClient(engine, WORLD)
    engine.close()


def bars(result):
    """The label, count and text of each bar, from the top."""
    [chart] = charts_of(result).charts
    [data] = [data for data in chart.vega["data"] if data["name"] == "bars"]
    # A row of the axis is its number in four digits, for the order, and its label.
    return [(datum["row"][4:], datum["size"], datum["said"]) for datum in data["values"]]


def test_reasons_are_bars_in_descending_order_with_their_share(company):
    result = company.report("losses", **DAYS, include_cancelled="yes")
    assert bars(result) == [
        ("Alps", 2, "2 · 40.0%"),
        ("Crops", 2, "2 · 40.0%"),
        ("Brittany", 1, "1 · 20.0%"),
        ("No reason", 1, "1 · 20.0%"),
    ]


def test_months_are_bars_over_time(company):
    charts = charts_of(company.report("losses", **DAYS, group_by="bucket")).charts
    assert [chart.name for chart in charts] == ["amount", "counts"]


def test_the_tables_of_reasons_are_shaded_by_the_share_of_the_row(company):
    result = company.report("losses", **DAYS, view="people")
    assert charts_of(result).charts == ()
    keys = [column.key for column in result.columns]
    cells = dict(zip(keys, (20, 9, 8, 3, *[0] * len(keys)), strict=False))
    result = replace(result, rows=tuple(replace(row, cells=cells) for row in result.rows))
    heat = Heat(result, result.rows)
    shades = [heat.classes(column)[0] for column in result.columns]
    assert shades[:4] == ["", " heat-5", " heat-4", " heat-2"]  # of 20 lost leads: 9, 8 and 3
    assert heat.words == "The stronger the colour, the larger the share of the row."


@pytest.mark.parametrize(
    ("query", "order"),
    [
        ({}, ["a", "b", None]),
        ({"group_by": "user"}, ["ana", "bo", "o'neil; --"]),
        ({"group_by": "step"}, ["step-0", "step-3", "step-1", "step-4", "step-2", "step-5"]),
        ({"view": "people"}, ["ana", "bo", "o'neil; --"]),
        ({"group_by": "bucket", "bucket": "month"}, ["2024-01", "2024-02"]),
        ({"view": "steps", "pipeline": "loans"}, ["step-0", "step-1", "step-2"]),
    ],
)
def test_rows_are_in_descending_order_of_losses_except_months_and_the_steps_of_a_pipeline(
    query, order, company
):
    result = company.report("losses", **DAYS, **query)
    assert [row.key for row in ordered(result, default_sort(result)).rows] == order


def test_the_compared_period_is_a_tick_on_each_bar(company):
    """L2 was lost for Alps and Brittany on 22 January, L1 for Alps on 12 January."""
    days = {"start": "2024-01-22", "to": "2024-01-31"}
    [chart] = charts_of(company.report("losses", **days, compare="previous")).charts
    [before] = [data["values"] for data in chart.vega["data"] if data["name"] == "before"]
    assert {one["row"][4:]: one["size"] for one in before if one["size"]} == {"Alps": 1}
    [legend] = chart.keys
    assert "Jan 2024" in legend.text
    [chart] = charts_of(company.report("losses", **days)).charts
    assert chart.keys == ()

"""Shades of the cells of a report's table, and their legend."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

import pytest

from leadlight.accounts.readers import SYSTEM
from leadlight.analytics.metrics.columns import Rate, Span
from leadlight.analytics.reports import EVERY_TABLE
from leadlight.presentation.cells import span_bar
from leadlight.presentation.heat import Heat
from leadlight.reporting.reader import report_reader
from tests.web.worked import MONTHS, html, report_page


def result_of(key, view=None, **cells):
    """Return a result whose rows have these figures, each a list by row, and zeros."""
    [report] = [one for one in EVERY_TABLE if (one.key, one.view) == (key, view)]
    params = {"from": ["2026-01-01"], "to": ["2026-02-28"]} | ({"view": [view]} if view else {})
    result = report_reader(SYSTEM).run(report, params | {"group_by": ["user"]})
    zeros = {column.key: _zero(column.kind) for column in result.columns}
    rows = [
        replace(
            result.rows[0], key=f"row-{place}", cells=zeros | dict(zip(cells, its, strict=True))
        )
        for place, its in enumerate(zip(*cells.values(), strict=True))
    ]
    return replace(result, rows=tuple(rows))


def _zero(kind):
    return {"count": 0, "money": Decimal(0), "rate": Rate(0, 0)}.get(kind)


def shades(result, key):
    """Return the level of each row's cell; 0 without a shade."""
    [column] = [column for column in result.columns if column.key == key]
    classes = Heat(result, result.rows).classes(column)
    return [int(name.removeprefix(" heat-") or 0) for name in classes]


def test_counts_and_amounts_are_shaded_by_their_part_of_the_highest(readers):
    result = result_of(
        "team",
        won_leads=[10, 5, 1, 0],
        won_amount=[Decimal(0), Decimal(300), Decimal(30), Decimal(301)],
    )
    assert shades(result, "won_leads") == [5, 3, 1, 0]
    assert shades(result, "won_amount") == [0, 5, 0, 5]


@pytest.mark.parametrize(
    ("report", "key"), [("team", "win_rate"), ("prospecting", "prospects_to_leads")]
)
def test_rates_of_enough_cases_are_shaded(report, key, readers):
    rates = [Rate(9, 9), Rate(8, 10), Rate(6, 10), Rate(4, 10), Rate(0, 0)]
    assert shades(result_of(report, **{key: rates}), key) == [0, 5, 3, 1, 0]


def test_rates_that_are_all_equal_are_not_shaded(readers):
    assert shades(result_of("team", win_rate=[Rate(5, 10)] * 4), "win_rate") == [0] * 4


@pytest.mark.parametrize("key", ["lost_leads", "created_leads", "mean_deal", "median_days_to_win"])
def test_figures_that_are_not_better_when_higher_are_not_shaded(readers, key):
    value = Decimal(5) if key == "mean_deal" else 5
    assert shades(result_of("team", **{key: [value] * 4}), key) == [0] * 4


def test_rows_and_cells_that_are_not_finished_are_not_shaded(readers):
    result = result_of("team", won_leads=[10, 2, 20, 4, 30])
    some, few, unfinished, other, cell = result.rows
    rows = (
        some,
        replace(few, is_few=True),
        replace(unfinished, is_unfinished=True),
        other,
        replace(cell, unfinished=frozenset({"won_leads"})),
    )
    assert shades(replace(result, rows=rows), "won_leads") == [5, 0, 0, 2, 0]


def test_a_table_of_two_rows_is_not_shaded(readers):
    assert shades(result_of("team", won_leads=[10, 5]), "won_leads") == [0, 0]
    assert shades(result_of("team", won_leads=[10, 5, 1]), "won_leads") == [5, 3, 1]


def test_months_are_shaded_by_the_square_root_of_their_part_of_the_highest(readers):
    amounts = {
        "won_amount": [Decimal(400)] * 3,
        "month:1": [Decimal(100), Decimal(50), Decimal(0)],
        "month:2": [Decimal(20), Decimal(10), Decimal(200)],
    }
    result = result_of("team", "months", **amounts)
    marked = tuple(replace(row, unfinished=frozenset()) for row in result.rows)
    result = replace(result, rows=marked)
    assert shades(result, "month:1") == [4, 3, 0]
    assert shades(result, "month:2") == [2, 1, 5]
    assert shades(result, "won_amount") == [0, 0, 0]


def test_shares_of_cohorts_are_shaded_from_the_lowest_to_the_highest_of_all(readers):
    [triangle] = [one for one in EVERY_TABLE if one.view == "triangle"]
    params = {"from": ["2025-11-01"], "to": ["2026-02-28"], "view": ["triangle"]}
    result = report_reader(SYSTEM).run(triangle, params)
    row = replace(result.rows[0], is_unfinished=False, unfinished=frozenset())
    shares = [Rate(1, 20), Rate(5, 20), Rate(9, 20), Rate(2, 4)]
    rows = tuple(replace(row, cells={**row.cells, "by_month:0": one}) for one in shares)
    assert shades(replace(result, rows=rows), "by_month:0")[0:4] == [1, 3, 5, 0]


def test_the_legend_stands_beside_a_shaded_table_only(readers, visit):
    browser = visit(readers.ada)
    page = report_page(browser)  # March is not over: two rows are left
    assert "heat-legend" not in page
    assert not re.search(r'class="number heat-\d', page)
    page = report_page(browser, query="from=2025-11-01&to=2026-02-28&bucket=month")
    assert re.search(r'class="number heat-\d', page)
    assert "The stronger the colour, the higher the value in its column." in page
    low, high = re.search(r"heat-legend[^>]*>(\w+) <span.*?</span> (\w+)<", page).groups()
    assert (low, high) == ("low", "high")


def test_the_diagonal_of_moves_is_blank(readers, visit):
    page = html(
        visit(readers.ada), f"/reports/pipeline/?view=moves&{MONTHS.partition('&bucket')[0]}"
    )
    rows = re.findall(r"<tr[^>]*><th scope=\"row\">.*?</tr>", page)
    blank = [row.split("<td").index(' class="number diagonal"></td>') for row in rows[:3]]
    assert [place - blank[0] for place in blank] == [0, 1, 2]


def test_the_diagonal_of_moves_is_as_wide_as_its_column_beside_changes(readers, visit):
    query = f"view=moves&{MONTHS.partition('&bucket')[0]}&compare=previous"
    page = html(visit(readers.ada), f"/reports/pipeline/?{query}")
    rows = re.findall(r"<tr[^>]*><th scope=\"row\">.*?</tr>", page)
    assert len({row.count("<td") for row in rows}) == 1


def test_an_interval_is_drawn_on_the_scale_of_its_column():
    assert 'x="16.0" y="2" width="16.0"' in span_bar(Span(0.2, 0.4), 0.8)
    assert 'x="0.0" y="2" width="1.0"' in span_bar(Span(0.0, 0.0), 0.0).replace('"1"', '"1.0"')

"""Columns of a report's table: their cells, those shown at first, and the reader's choice."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from html import unescape

import pytest
from django.utils.translation import gettext, override

from leadlight.accounts.readers import SYSTEM
from leadlight.analytics.metrics.columns import Rate
from leadlight.analytics.query.switches import SWITCHES
from leadlight.analytics.reports import EVERY_TABLE
from leadlight.presentation import labels
from leadlight.presentation.cells import CellRenderer
from leadlight.presentation.layout import MOST_SHOWN, chosen_cells, layout_of
from leadlight.presentation.links import ListAddresses
from leadlight.reporting.reader import report_reader
from leadlight.sales.models import Shortcut
from tests.web.pages import Page
from tests.web.worked import MONTHS, THEN, figure, html, report_page

TABLES = [f"{report.key}{f'.{report.view}' if report.view else ''}" for report in EVERY_TABLE]


def result_of(report, **switches):
    params = {name: [value] for name, value in switches.items() if value}
    params |= {"from": ["2026-01-01"], "to": ["2026-03-31"], "bucket": ["month"]}
    params |= {"view": [report.view]} if report.view else {}
    if report.unit is None and "bucket" not in report.groupings:
        del params["bucket"]
    if "category" in report.needs:
        params["group_by"] = ["category:region"]
    return report_reader(SYSTEM).run(report, params)


@pytest.mark.parametrize("report", EVERY_TABLE, ids=TABLES)
def test_every_column_is_in_one_cell_and_few_are_shown_at_first(report, readers):
    result = result_of(report)
    cells = layout_of(result)
    keys = [column.key for cell in cells for column in (cell.column, *cell.further)]
    assert sorted(keys) == sorted(column.key for column in result.columns)
    shown = [cell.key for cell in cells if cell.is_shown]
    assert shown
    assert len(shown) <= MOST_SHOWN or report.chart.kind == "heat"


@pytest.mark.parametrize("report", EVERY_TABLE, ids=TABLES)
def test_a_layout_names_only_columns_that_exist(report, readers):
    keys = {
        column.key
        for figure in (SWITCHES["monthly"] if "monthly" in report.switches else ("",))
        for column in result_of(report, monthly=figure).columns
    }
    named = [
        key
        for group in report.layout
        for cell in (*group.cells, *group.more)
        for key in ((cell,) if isinstance(cell, str) else cell)
        if not key.endswith("*")
    ]
    # The ranking has either of two columns, by a switch; two reports have goals if there are any.
    assert set(named) - keys <= {*("decided_leads", "goal", "gap", "coverage", "goal_reached_rate")}


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("report", EVERY_TABLE, ids=TABLES)
def test_no_group_has_the_title_of_one_of_its_columns(report, language, readers):
    result = result_of(report)
    with override(language):
        for cell in layout_of(result):
            titles = [labels.say(column.title_phrase) for column in (cell.column, *cell.further)]
            assert not cell.group or gettext(cell.group) not in titles


def headings(page):
    head = page[page.index("<thead>") : page.index("</thead>")]
    return re.findall(r'id="sort-([^"]+)"', head)


def test_chosen_columns_are_shown_and_kept_in_the_address(readers, visit):
    browser = visit(readers.ada)
    query = f"{MONTHS}&columns=mean_days_to_win&columns=won_leads"
    response = browser.get(f"/reports/company/?{query}")
    canonical = f"{MONTHS}&columns=won_leads&columns=mean_days_to_win"
    assert (response.status_code, response.url) == (302, f"/reports/company/?{canonical}")
    page = html(browser, response.url)
    assert headings(page) == ["label", "won_leads", "mean_days_to_win"]
    sort = re.search(r'id="sort-won_leads" href="([^"]+)"', page)[1]
    assert headings(html(browser, unescape(sort))) == ["label", "won_leads", "mean_days_to_win"]


def test_choosing_the_default_columns_leaves_no_trace(readers, visit):
    page = report_page(visit(readers.ada))
    usual = re.findall(r'name="columns" value="(\w+)" checked', page)
    query = "&".join(f"columns={key}" for key in usual)
    response = visit(readers.ada).get(f"/reports/company/?{MONTHS}&{query}")
    assert response.url == f"/reports/company/?{MONTHS}"


def test_a_chosen_column_that_no_report_has_is_refused(readers, visit):
    page = html(visit(readers.ada), f"/reports/company/?{MONTHS}&columns=luck", status=400)
    assert "The table has no column “luck”." in page


def test_a_chosen_column_made_from_data_may_be_missing(readers):
    result = result_of(EVERY_TABLE[0])
    assert chosen_cells(result, ["won_leads", "activities:fax"]) == ("won_leads",)
    assert chosen_cells(result, ["activities:fax"]) == ()


def test_a_shortcut_keeps_the_chosen_columns(readers, visit):
    browser = visit(readers.ada)
    query = f"{MONTHS}&columns=won_leads&columns=mean_days_to_win"
    form = {"report": "company", "query": query, "name": "Two columns", "sharing": "private"}
    assert browser.post("/shortcuts/new/", form).status_code == 302
    shortcut = Shortcut.objects.get(name="Two columns")
    assert shortcut.query == query
    page = browser.get(f"/shortcuts/{shortcut.key}/", follow=True).content.decode()
    assert headings(page) == ["label", "won_leads", "mean_days_to_win"]


def test_a_figure_beside_another_opens_its_own_list(readers, visit):
    page = report_page(visit(readers.ada))
    beside = re.search(
        r'<td class="aside"><a href="([^"]+column=lost_amount[^"]+)" title="([^"]+)">([^<]+)</a>',
        page[page.index("row=2026-02") :],
    )
    assert beside[2] == "Lost amount: €200"
    assert beside[3] == "€200"
    assert "Lead 3" in html(visit(readers.ada), unescape(beside[1]))
    assert figure(page, "lost_leads", "2026-02") == "1"


def test_the_bare_address_of_a_report_compares_with_the_period_before(readers, visit):
    response = visit(readers.ada).get("/reports/company/")
    assert response.url == "/reports/company/?compare=previous"
    page = html(visit(readers.ada), "/reports/company/?compare=none")
    assert "No comparison</option>" in page
    assert 'class="change' not in page


def asides(result, key, **cells):
    """Return what stands beside a figure of the first row, with these figures instead."""
    row = replace(result.rows[0], cells={**result.rows[0].cells, **cells})
    [cell] = [cell for cell in layout_of(result) if cell.key == key]
    writer = CellRenderer(cell, result, ListAddresses(result.report, result.filters))
    [html] = writer.cells([(row, None)], [""])
    return Page.read(html[html.index('class="aside"') :].partition(">")[2]).text.strip()


def test_an_amount_beside_an_amount_is_named_in_the_heading(readers, visit):
    page = html(visit(readers.ada), f"/reports/prospecting/?{MONTHS}&{THEN}")
    assert re.findall(r"<small title=\"([^\"]+)\"", page) == ["Won per prospect"]
    page = html(visit(readers.ada), f"/reports/company/?{MONTHS}&{THEN}")
    assert "Lost amount</small>" not in page  # beside a count


def test_figures_beside_another_keep_their_zeros(readers):
    result = result_of(EVERY_TABLE[0])
    quartiles = {"p25_days_to_win": 0.0, "p75_days_to_win": 4.0}
    assert asides(result, "median_days_to_win", median_days_to_win=1.0, **quartiles) == "0.0–4.0"
    assert asides(result, "lost_leads", lost_leads=2, lost_amount=Decimal(0)) == "€0"
    assert asides(result, "lost_leads", lost_leads=0, lost_amount=Decimal(0)) == ""


def test_a_rate_with_a_figure_beside_it_has_its_fraction_as_a_tooltip(readers):
    [people] = [one for one in EVERY_TABLE if (one.key, one.view) == ("pipeline", "people")]
    result = result_of(people)
    cell = layout_of(result)[0]
    row = replace(result.rows[0], cells={**result.rows[0].cells, cell.key: Rate(12, 40)})
    writer = CellRenderer(cell, result, ListAddresses(result.report, result.filters))
    assert 'title="12 of 40">30.0%</a>' in writer.cells([(row, None)], [""])[0]

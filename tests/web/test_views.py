"""Views of a report: their order, their periods, and the page of the team by month."""

from __future__ import annotations

import re
from html import unescape

import pytest

from leadlight.accounts.readers import SYSTEM
from leadlight.analytics.reports import CATALOGUE
from leadlight.reporting.reader import report_reader
from leadlight.web.reports.page import Answer, tabs
from tests.web.worked import THEN, html, report_page

MONTHS = "view=months&from=2026-01-01&to=2026-03-31"


def tabs_of(key, **params):
    report = CATALOGUE[key].selected_view({name: [value] for name, value in params.items()})
    result = report_reader(SYSTEM).run(report, {name: [value] for name, value in params.items()})
    return {tab.title: tab.address for tab in tabs(Answer(result, "", is_whole=False))}


def test_the_menu_opens_the_leads_by_month_of_creation_first(readers, visit):
    page = html(visit(readers.ada), "/")
    assert 'href="/reports/leads/?view=triangle"' in page
    assert list(tabs_of("leads"))[:2] == ["Cohorts by month", "Lead performance"]
    page = html(visit(readers.ada), "/reports/leads/")
    assert re.search(r'aria-current="page">Lead performance</a>', page)


def test_a_tab_has_its_own_period_until_the_reader_chooses_one(readers):
    addresses = tabs_of("leads")
    assert addresses["Cohorts by month"] == "/reports/leads/?view=triangle"
    chosen = tabs_of("leads", period="last_month")
    assert chosen["Cohorts by month"] == "/reports/leads/?view=triangle&period=last_month"
    back = tabs_of("leads", view="triangle")
    assert back["Lead performance"] == "/reports/leads/"


def test_then_and_now_opens_on_this_month(readers, visit):
    page = html(visit(readers.ada), f"/reports/pipeline/?pipeline=p&{THEN}")
    address = unescape(re.search(r'<a href="([^"]+)"[^>]*>Then and now</a>', page)[1])
    page = html(visit(readers.ada), address)
    assert re.search(r'value="this_month" selected', page)


def test_a_single_card_is_left_out_and_steps_have_no_cards(readers, visit):
    """The row of totals has the same figures."""
    browser = visit(readers.ada)
    for address in (
        f"/reports/team/?{MONTHS}&{THEN}",
        f"/reports/leads/?view=triangle&from=2026-01-01&to=2026-03-31&{THEN}",
        f"/reports/pipeline/?view=people&from=2026-01-01&to=2026-03-31&{THEN}",
    ):
        assert 'class="card figure"' not in html(browser, address)
    assert html(browser, f"/reports/company/?{THEN}").count('class="card figure"') == 5


# The team by month


def test_the_page_of_months_has_a_control_of_the_figure_and_none_of_comparison(readers, visit):
    page = html(visit(readers.ada), f"/reports/team/?{MONTHS}&compare=previous&{THEN}")
    assert 'name="monthly"' in page
    assert '<input type="hidden" name="compare" value="previous">' in page
    assert 'id="filter-compare"' not in page
    assert 'name="leave_cancelled_out"' not in page
    assert "No data for this period" not in page
    page = html(visit(readers.ada), f"/reports/team/?{MONTHS}&monthly=win_rate&{THEN}")
    assert 'name="leave_cancelled_out"' in page


def test_months_are_named_in_short_and_sorted_by_the_whole_period(readers, visit):
    page = html(visit(readers.ada), f"/reports/team/?{MONTHS}&monthly=won_leads&{THEN}")
    headings = re.findall(r'id="sort-([^"]+)"[^>]*>([^<]+)<', page)
    assert headings == [
        ("label", "User"),
        ("won_leads", "Won"),
        ("month:1", "Jan 2026"),
        ("month:2", "Feb 2026"),
        ("month:3", "Mar 2026"),
    ]
    assert re.search(r'aria-sort="descending"><a class="sort" id="sort-won_leads"', page)
    assert re.search(r'row=ana">2</a></td><td class="number zero">', page)


def test_a_list_of_a_month_tells_its_days(readers, visit):
    page = html(visit(readers.ada), f"/reports/team/leads/?{MONTHS}&{THEN}&column=month:2&row=ana")
    assert "From 1 Feb 2026 to 28 Feb 2026." in page


@pytest.mark.parametrize("compare", ["", "&compare=previous"])
def test_the_share_of_the_total_stands_beside_the_won_amount(readers, visit, compare):
    query = f"from=2026-01-01&to=2026-03-31{compare}"
    page = report_page(visit(readers.ada), "team", query)
    assert re.search(r'<td class="aside"><a href="[^"]+column=won_amount_share&amp;row=ana"', page)


# Steps as columns


@pytest.mark.parametrize(
    ("view", "key", "last"),
    [("moves", "to", "To another pipeline"), ("people", "rate", "Deal")],
)
def test_columns_of_steps_are_named_by_the_steps(readers, visit, view, key, last):
    days = "from=2026-01-01&to=2026-03-31"
    page = html(visit(readers.ada), f"/reports/pipeline/?view={view}&{days}&pipeline=p&{THEN}")
    headings = re.findall(r'id="sort-([^"]+)"[^>]*>([^<]+)<', page)
    steps = [title for column, title in headings if column.startswith(f"{key}:")]
    assert steps == ["Contact", "Offer", "Deal"]
    assert headings[-1][1] == last

"""Forms of the changes beside the figures: percentage, difference, and value before."""

from __future__ import annotations

import re
from decimal import Decimal
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from leadlight.accounts.readers import SYSTEM
from leadlight.analytics.metrics.columns import Rate
from leadlight.analytics.reports import CATALOGUE
from leadlight.presentation.comparisons import ColumnComparison
from leadlight.reporting.reader import report_reader
from leadlight.sales.models import Shortcut
from tests.web.pages import Page
from tests.web.worked import THEN, cells, figure, html, report_page

# Two leads were created in February, three in the 28 days before.
FEBRUARY = "from=2026-02-01&to=2026-02-28&bucket=month&compare=previous"


def change_of(page: str, column: str) -> str:
    """Return the text of the HTML cell with the change of a total."""
    totals = page[page.index('<tr class="totals">') :]
    totals = totals[totals.index(f"column={column}") :]
    found = re.search(r'<td class="change[^"]*"[^>]*>(.*?)</td>', totals, re.DOTALL)
    assert found
    return " ".join(unescape(re.sub("<[^>]+>", " ", found[1])).split())


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("", "≈▼ 33% too few cases to judge"),
        ("&change=difference", "≈▼ 1 too few cases to judge"),
        ("&change=before", "3"),
    ],
)
def test_the_change_of_a_total_has_the_chosen_form(readers, visit, query, text):
    page = report_page(visit(readers.ada), query=FEBRUARY + query)
    assert figure(page, "created_leads") == "2"
    assert change_of(page, "created_leads") == text


def test_a_value_before_opens_its_list(readers, visit):
    browser = visit(readers.ada)
    page = report_page(browser, "team", f"{FEBRUARY}&change=before")
    before = [
        unescape(address)
        for address in re.findall(r'<td class="change"[^>]*><a href="([^"]+)"', page)
        if "column=created_leads&amp;row=" in address
    ]
    assert before
    for address in before:
        asked = parse_qs(urlsplit(address).query)
        assert (asked["from"], asked["to"]) == (["2026-01-04"], ["2026-01-31"])
        assert "From 4 Jan 2026 to 31 Jan 2026." in Page.read(html(browser, address)).text


def test_the_form_is_kept_by_filters_headings_tabs_and_files(readers, visit):
    page = report_page(visit(readers.ada), "leads", f"{FEBRUARY}&change=difference")
    assert '<input type="hidden" name="change" value="difference" form="filters">' in page
    sorting = re.findall(r'id="sort-[^"]+" href="([^"]+)"', page)
    tabs = re.findall(
        r'<a href="([^"]+)"', page[page.index('class="tabs"') :].partition("</nav")[0]
    )
    exports = re.findall(r'href="([^"]+/export/(?:pdf|xlsx)[^"]*)"', page)
    assert sorting
    assert tabs
    assert exports
    assert all("change=difference" in address for address in (*sorting, *tabs, *exports))


def test_the_switch_is_only_where_something_is_compared(readers, visit):
    browser = visit(readers.ada)
    compared = report_page(browser, query=FEBRUARY)
    assert compared.count('id="change-') == 3
    assert re.search(r'id="change-1"[^>]* aria-current="true">Change in %<', compared)
    alone = FEBRUARY.replace("previous", "none")
    assert 'id="change-' not in report_page(browser, query=alone)


def test_the_default_form_is_not_in_the_address(readers, visit):
    response = visit(readers.ada).get(f"/reports/company/?{FEBRUARY}&{THEN}&change=percent")
    assert response.status_code == 302
    assert "change" not in response.url


def test_an_unknown_form_is_refused_with_a_sentence(readers, visit):
    page = html(visit(readers.ada), f"/reports/company/?{FEBRUARY}&change=%00=1", 400)
    assert "is not a form of changes. Use “percent”, “difference” or “before”." in page


def test_a_shortcut_keeps_the_form(readers, visit):
    browser = visit(readers.ada)
    query = f"{FEBRUARY}&change=before"
    form = {"report": "company", "query": query, "name": "February", "sharing": "private"}
    browser.post("/shortcuts/new/", form)
    kept = Shortcut.objects.get(name="February")
    assert parse_qs(kept.query)["change"] == ["before"]


def test_a_file_for_people_has_both_values_whatever_the_form(readers, visit):
    address = f"/reports/company/export/csv?{FEBRUARY}&{THEN}"
    browser = visit(readers.ada)
    files = [
        b"".join(browser.get(f"{address}{form}").streaming_content)
        for form in ("", "&change=difference", "&change=before")
    ]
    assert files[0] == files[1] == files[2]
    headings = files[0].decode().splitlines()[0].split(",")
    assert {"created_leads", "compared_created_leads"} <= set(headings)


def column_of(report: str, key: str):
    result = report_reader(SYSTEM).run(CATALOGUE[report], {"period": ["this_year"]})
    return next(one for one in result.columns if one.key == key)


@pytest.mark.parametrize(
    ("key", "now", "before", "text"),
    [
        ("won_amount", Decimal("1500"), Decimal("2000.50"), "▼ 500"),
        ("won_amount", Decimal("12.50"), Decimal("10"), "▲ 2.50"),
        ("won_amount", Decimal("100"), Decimal("0"), "▲ 100"),
        ("won_leads", 1234, 234, "▲ 1,000"),
        ("won_leads", 5, 5, "="),
        ("median_days_to_win", 10.26, 8.0, "▲ 2.3"),
        ("win_rate", Rate(1, 2), Rate(1, 4), "▲ 25.0 pts"),
    ],
)
def test_a_difference_has_the_decimals_of_its_figures(readers, key, now, before, text):
    comparison = ColumnComparison(column_of("company", key), is_difference=True)
    change = comparison.between(now, before)
    assert change is not None
    assert f"{change.arrow} {change.text}".strip() == text


def test_a_difference_from_nothing_has_no_text(readers):
    comparison = ColumnComparison(column_of("company", "won_leads"), is_difference=True)
    assert comparison.between(3, None) is None


def test_figures_are_the_same_in_every_form(readers, visit):
    browser = visit(readers.ada)
    seen = [
        [text for _address, text in cells(report_page(browser, "team", FEBRUARY + form))]
        for form in ("", "&change=difference", "&change=before")
    ]
    assert seen[0] == seen[1] == seen[2]

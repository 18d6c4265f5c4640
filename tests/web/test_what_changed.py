"""The page that explains, lead by lead, how a report changed since an earlier instant."""

from __future__ import annotations

import csv
import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from leadlight.analytics.reports import CATALOGUE
from leadlight.sales.models import Lead
from tests.seeds import in_rotation
from tests.web.pages import Page
from tests.web.worked import MONTHS, THEN, html, report_page

pytestmark = pytest.mark.answers

SINCE = "since=2026-03-01T12%3A00%3A00%2B01%3A00"
FEBRUARY = f"from=2026-02-01&to=2026-02-28&{THEN}&{SINCE}"
ADDRESS = f"/reports/company/changes/?{FEBRUARY}"


def lines(page: str) -> dict[str, list[str]]:
    """Return the cells of each figure, from the earlier to the later value."""
    table = page.partition("<table")[2].partition("</table>")[0]
    rows = re.findall(r'<th scope="row"[^>]*>([^<]+)</th>(.*?)</tr>', table, re.DOTALL)
    return {
        name: [
            re.sub(r"<[^>]+>", " ", cell).split()[0] if re.sub(r"<[^>]+>|\s", "", cell) else ""
            for cell in re.findall(r"<td[^>]*>(.*?)</td>", cells, re.DOTALL)
        ]
        for name, cells in rows
    }


def test_the_page_leads_back_in_the_language_of_the_reader(readers, visit):
    assert "← Performance de l’entreprise</a>" in html(visit(readers.ada, "fr"), ADDRESS)


def test_a_reopened_lead_explains_the_difference(readers, visit):
    """As of 1 March February had 3 won for 1,800; L5, 300, was reopened on 2 March."""
    page = html(visit(readers.ada), ADDRESS)
    minus = "\N{MINUS SIGN}"
    assert lines(page) == {
        "Won": ["3", f"{minus}1", f"{minus}1", "2"],
        "Won amount": ["€1,800", f"{minus}€300", f"{minus}€300", "€1,500"],
        "Open at period end": ["0", "+1", "+1", "1"],
        "Open amount": ["€0", "+€300", "+€300", "€300"],
    }
    assert "60.0% (3 of 5)" in Page.read(page).text


def test_leads_are_listed_only_for_a_chosen_figure(readers, visit):
    browser = visit(readers.ada)
    leads = re.compile(r'<a href="/leads/([^"]+)/">')
    response = browser.get(ADDRESS, follow=True)
    assert "column=" not in "".join(address for address, _status in response.redirect_chain)
    assert leads.findall(response.content.decode()) == []
    assert leads.findall(html(browser, f"{ADDRESS}&column=won_amount")) == ["L5"]


def test_each_cell_lists_the_leads_of_its_figure_and_reason(readers, visit):
    page = html(visit(readers.ada), ADDRESS)
    [address] = re.findall(r'href="([^"]+column=open_amount&amp;reason=reopened[^"]*)"', page)
    listed = html(visit(readers.ada), address.replace("&amp;", "&"))
    assert Page.read(listed).headings[0] == "What changed"
    assert "Open amount · Reopened" in Page.read(listed).text


def test_a_lead_saved_just_now_is_among_the_changes(readers, visit):
    before = timezone.now().isoformat()
    Lead.objects.get(key="L1").set_amount(900, by=readers.ada)
    query = f"from=2026-02-01&to=2026-02-28&since={before.replace('+', '%2B')}"
    page = html(visit(readers.ada), f"/reports/company/changes/?{query}")
    assert lines(page)["Won amount"][1] == "\N{MINUS SIGN}€100"
    assert "Amount changed" in Page.read(page).text


def test_the_file_has_every_lead_and_its_reason(readers, visit):
    address = ADDRESS.replace("/changes/?", "/changes/export/csv?") + "&column=won_amount"
    response = visit(readers.ada).get(address)
    rows = list(csv.reader(b"".join(response.streaming_content).decode().splitlines()))
    assert rows[0][:5] == ["reason", "then", "now", "difference", "lead"]
    assert [row[:5] for row in rows[1:]] == [["Reopened", "300.00", "0.00", "-300.00", "L5"]]


def test_changes_of_hidden_leads_are_not_shown(readers, visit):
    page = html(visit(readers.uma), ADDRESS)
    assert "No count or amount in this report has changed." in Page.read(page).text
    assert "/leads/L" not in page


@pytest.mark.search
@pytest.mark.parametrize(("key", "language"), in_rotation(CATALOGUE, ["en", "fr"]))
def test_every_report_links_to_its_changes(key, language, readers, visit):
    browser = visit(readers.ada, language)
    page = report_page(browser, key)
    [since_then, address] = re.findall(r'<a href="(/reports/\w+/changes/[^"]*)"', page)
    assert "since=2026-03-15T12" in since_then
    assert "as_of" not in since_then
    told = Page.read(html(browser, address.replace("&amp;", "&")))
    assert told.headings[0] == ("Ce qui a changé" if language == "fr" else "What changed")
    assert told.faults == []
    assert told.unlabelled == []


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("since=tomorrow", "“tomorrow” is not a date and time"),
        ("since=2999-01-01", "“2999-01-01” is in the future. Choose a past date."),
        (
            f"{THEN}&since=2026-03-16",
            "Choose a start date before the end date.",
        ),
        (f"{FEBRUARY}&column=win_rate", "This report has no total “win_rate”."),
        (f"{FEBRUARY}&column=won_leads&reason=rain", "Unknown reason: “rain”."),
        (
            f"{FEBRUARY}&column=won_leads&page=7",
            "Page “7” does not exist. Go back to the first page.",
        ),
        ("user=nobody", "Unknown user: “nobody”."),
        ("since=2026-03-01&since=2026-03-02", "Choose only one value for “since”."),
    ],
)
def test_an_invalid_query_is_refused(query, sentence, readers, visit):
    page = html(visit(readers.ada), f"/reports/company/changes/?{query}", status=400)
    assert sentence in Page.read(page).text


def test_a_day_without_a_time_means_its_end(readers, visit):
    browser = visit(readers.ada)
    asked = f"/reports/company/changes/?from=2026-02-01&to=2026-02-28&{THEN}"
    there = browser.get(f"{asked}&since=2026-03-01&since_time=12:00")
    assert SINCE in there["Location"]
    page = html(browser, there["Location"])
    assert re.findall(r'name="since(?:_time)?" value="([^"]*)"', page) == ["2026-03-01", "12:00:00"]
    evening = browser.get(f"{asked}&since=2026-03-01&since_time=")
    assert "since=2026-03-01T23%3A59%3A59.999999%2B01%3A00" in evening["Location"]
    page = html(browser, evening["Location"])
    assert re.findall(r'name="since(?:_time)?" value="([^"]*)"', page) == ["2026-03-01", ""]
    refused = browser.get(f"{asked}&since=2026-03-01&since_time=noon")
    assert refused.status_code == 400


def test_the_default_is_the_last_week(readers, visit):
    page = html(visit(readers.ada), f"/reports/company/changes/?{MONTHS}&{THEN}")
    assert 'value="2026-03-08"' in page


@pytest.mark.parametrize(
    ("page", "beside"),
    [
        ("changes", "since=2999-01-01&column=won_amount"),
        ("credit", "column=shoes"),
        ("explain", "column=shoes&row=2026-02"),
        ("leads", "column=shoes&row=2026-02&page=3"),
    ],
)
def test_a_refusal_links_back_to_the_report_with_its_query(page, beside, readers, visit):
    question = f"from=2026-02-01&to=2026-02-28&pipeline=p&{THEN}"
    told = html(visit(readers.ada), f"/reports/company/{page}/?{question}&{beside}", status=400)
    address = unescape(told.partition("←")[0].rpartition('href="')[2].partition('"')[0])
    assert parse_qs(urlsplit(address).query) == parse_qs(question)
    assert urlsplit(address).path == "/reports/company/"
    assert "Company performance" in html(visit(readers.ada), address)


def test_changing_the_instant_keeps_filters_and_list(readers, visit):
    query = f"{FEBRUARY}&pipeline=p&column=open_amount&reason=reopened"
    page = html(visit(readers.ada), f"/reports/company/changes/?{query}")
    [form] = re.findall(r'<form class="since".*?</form>', page, re.DOTALL)
    kept = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]+)"', form))
    assert kept["pipeline"] == "p"
    assert (kept["column"], kept["reason"]) == ("open_amount", "reopened")
    assert re.findall(r'max="([^"]+)"', form) == ["2026-03-15"]


def test_the_link_back_keeps_the_period(readers, visit):
    page = html(visit(readers.ada), f"/reports/company/changes/?period=this_month&{SINCE}")
    [back] = re.findall(r'href="(/reports/company/[^"]*)">←', page)
    assert back == "/reports/company/?period=this_month"
    assert 'name="period" value="this_month"' in page

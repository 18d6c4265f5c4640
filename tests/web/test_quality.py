"""The data quality strip below every report."""

from __future__ import annotations

import re
from datetime import date

import pytest

from leadlight.analytics.reports import CATALOGUE
from leadlight.sales.models import Lead
from tests.web.pages import Page
from tests.web.worked import MONTHS, html, report_page

pytestmark = pytest.mark.answers


def strip(browser, address: str) -> str:
    return html(browser, address, **{"HX-Request": "true"})


@pytest.mark.parametrize("key", CATALOGUE)
def test_every_report_loads_its_data_quality_strip_separately(key, readers, visit):
    browser = visit(readers.ada)
    page = report_page(browser, key)
    section = r'class="quality" hx-get="([^"]+)" hx-trigger="intersect once"[^>]*>'
    link = r'\s*<a href="\1" id="quality-heading">'
    address = re.search(section + link, page).group(1).replace("&amp;", "&")
    assert address.startswith(f"/reports/{key}/quality/?")
    assert "Reopened" not in Page.read(page).text
    part = strip(browser, address)
    assert part.lstrip().startswith("<section")
    whole = Page.read(html(browser, address))
    assert whole.headings == ["Data quality"]
    assert "Reopened" in whole.text
    assert whole.faults == []


def test_the_strip_shows_the_figures_without_the_faulty_leads(readers, visit):
    text = Page.read(html(visit(readers.ada), f"/reports/company/quality/?{MONTHS}")).text
    assert "Created: 4 instead of 5" in text
    assert "Open at period end: 0 instead of 1" in text


def test_overdue_leads_link_to_their_list(readers, visit):
    Lead.objects.get(key="L5").set_estimated_closing(date(2026, 3, 1), by=readers.ada)
    page = html(visit(readers.ada), f"/reports/company/quality/?{MONTHS}")
    [address] = re.findall(r'href="([^"]+column=overdue_leads[^"]*)"', page)
    listed = html(visit(readers.ada), address.replace("&amp;", "&"))
    assert re.findall(r'<th scope="row"><a href="/leads/([^"]+)/">', listed) == ["L5"]


def test_the_strip_hides_faults_of_hidden_leads(readers, visit):
    assert "Reopened" in Page.read(html(visit(readers.bo), "/reports/company/quality/")).text
    text = Page.read(html(visit(readers.uma), "/reports/company/quality/")).text
    assert "Reopened" not in text
    assert "No incomplete or outdated leads found here" in text


def test_the_strip_is_in_french(readers, visit):
    page = Page.read(html(visit(readers.ada, "fr"), f"/reports/company/quality/?{MONTHS}"))
    assert "Rouvertes" in page.text
    assert "Créées : 4 au lieu de 5" in page.text.replace("\N{NO-BREAK SPACE}", " ").replace(
        "\N{NARROW NO-BREAK SPACE}", " "
    )


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("user=nobody", "Unknown user: “nobody”."),
        ("shoes=1", "shoes"),
        ("from=2026-02-01&to=2026-01-01", "is before the first day"),
    ],
)
def test_an_invalid_query_is_refused(query, sentence, readers, visit):
    page = html(visit(readers.ada), f"/reports/company/quality/?{query}", status=400)
    assert sentence in Page.read(page).text


def test_an_unknown_report_is_not_found(readers, visit):
    assert visit(readers.ada).get("/reports/shoes/quality/").status_code == 404

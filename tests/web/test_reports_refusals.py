"""Invalid queries are refused with a message and a filter bar to correct them."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.web.pages import Page
from tests.web.worked import IN_PLACE


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("user=nobody", "Unknown user: “nobody”."),
        ("team=nobody", "Unknown team: “nobody”."),
        ("pipeline=x", "Unknown pipeline: “x”."),
        ("tag=x", "Unknown tag: “x”."),
        ("prospecting_list=x", "Unknown prospecting list: “x”."),
        ("client=x", "Unknown client: “x”."),
        ("user=%00", "Unknown user: “�”."),
        ("period=fortnight", "Unknown period: “fortnight”."),
        ("period=this_year&from=2026-01-01", "Choose either a period, or a first and a last day."),
        (
            "from=2026-02-01&to=2026-01-01",
            "The last day, 1 Jan 2026, is before the first day, 1 Feb 2026.",
        ),
        ("from=2026-02-30", "“2026-02-30” is not a date. Write it as 2026-01-31."),
        ("to=2026-02-01", "Choose the first day of the period."),
        ("from=1900-01-01&bucket=day", "Choose a shorter period or group by longer intervals."),
        (
            "bucket=hour",
            "“hour” is not possible for “Group by”. Choose one of: By day, By week, "
            "By month, By quarter and By year.",
        ),
        ("compare=tomorrow", "“tomorrow” is not possible for “Compare”"),
        ("group_by=shoe", "“shoe” is not possible for “Rows”"),
        ("group_by=category:x", "Unknown category: “x”."),
        ("credit=mine", "“mine” is not possible for “Attribution”"),
        ("leave_cancelled_out=perhaps", "“perhaps” is not possible for “Win rate”"),
        ("tags=none", "“none” is not possible for “Tags”"),
        ("as_of=yesterday", "“yesterday” is not a date and time"),
        ("as_of=2999-01-01", "“2999-01-01” is in the future. Choose a past date."),
        ("colour=blue", "Unknown filter: “colour”."),
        ("compare=previous&compare=last_year", "Choose only one value for “Compare”."),
        ("sort=colour", "The table has no column “colour”."),
        ("sort=label&sort=won_leads", "Choose only one value for “Order of the rows”."),
        ("rows=7", "“7” is not a valid number of rows. Use “all”."),
    ],
)
def test_an_invalid_query_gets_a_message_and_a_filter_bar(query, sentence, readers, visit):
    response = visit(readers.ada).get(f"/reports/company/?{query}")
    assert response.status_code == 400
    page = Page.read(response.content.decode())
    assert sentence in page.text
    assert {"filters", "filter-period"} <= set(page.ids)
    assert page.faults == []


def test_a_refused_choice_of_rows_lists_no_choices_where_there_are_none(readers, visit):
    response = visit(readers.ada).get("/reports/categories/?group_by=source")
    page = Page.read(response.content.decode())
    assert "“source” is not possible for “Rows”. Clear all filters" in " ".join(page.text.split())


def test_an_invalid_htmx_query_replaces_only_the_results(readers, visit):
    response = visit(readers.ada).get("/reports/company/?user=nobody", headers=IN_PLACE)
    assert response.status_code == 400
    assert response.content.decode().startswith('<div class="results" id="results">')


def test_the_filter_bar_keeps_the_valid_values_of_an_invalid_query(readers, visit):
    page = visit(readers.ada).get("/reports/company/?user=ana&bucket=month&tag=x").content.decode()
    assert '<option value="month" selected>' in page
    assert re.search(r'name="user" value="ana" checked', page)


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("view=ranking&period=last_year&user=nobody", "view=ranking&period=last_year"),
        (
            "view=ranking&from=2026-01-01&to=2026-03-31&credit=mine",
            "view=ranking&from=2026-01-01&to=2026-03-31",
        ),
        ("view=ranking&period=fortnight&user=bo", "view=ranking"),
        ("user=nobody", ""),
    ],
)
def test_starting_again_keeps_the_table_and_the_period(query, kept, readers, visit):
    page = visit(readers.ada).get(f"/reports/team/?{query}").content.decode()
    found = re.search('<a href="([^"]+)">Clear all filters</a>', page)
    assert unescape(found.group(1)) == "/reports/team/" + (f"?{kept}" if kept else "")
    assert visit(readers.ada).get(unescape(found.group(1)), follow=True).status_code == 200


def test_unknown_reports_and_formats_are_not_found(readers, visit):
    for path in ("/reports/secrets/", "/reports/secrets/leads/", "/reports/company/export/exe"):
        assert visit(readers.ada).get(path).status_code == 404


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(
    "path",
    [
        *("export/pdf?", "leads/export/csv?column=won_leads&", "credit/export/xlsx?"),
        *("changes/?", "quality/?", "leads/?column=won_leads&"),
    ],
)
def test_a_refused_file_or_list_names_the_control_and_leads_back(path, language, readers, visit):
    browser = visit(readers.ada, language)
    response = browser.get(f"/reports/team/{path}view=ranking&period=last_year&compare=x")
    assert response.status_code == 400
    page = Page.read(response.content.decode())
    assert {"en": "for “Compare”", "fr": "« Comparer »"}[language] in page.text.replace("\xa0", " ")
    assert "“compare”" not in page.text
    [back] = [link for link in page.links if "view=ranking" in link and "/reports/" in link]
    assert "period=last_year" in back


def test_the_period_control_shows_a_period_that_the_report_does_not_offer(readers, visit):
    """A forecast offers future periods; an address may have another one."""
    page = visit(readers.ada).get("/reports/forecast/?period=last_year", follow=True)
    assert re.search('<option value="last_year" selected>Last year', page.content.decode())

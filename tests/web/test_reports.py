"""The page of a report: its content, and the state in its address."""

from __future__ import annotations

import csv
import re
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leadlight.accounts.models import User
from leadlight.sales.models import Category, Client, Lead, Pipeline, ProspectingList, Tag
from tests.seeds import in_rotation
from tests.web.pages import Page
from tests.web.worked import (
    IN_PLACE,
    MONTHS,
    cells,
    figure,
    html,
    questions,
    report_page,
    row_names,
)

# Content


def test_february_has_the_figures_of_the_definitions(readers, visit):
    page = report_page(visit(readers.ada))
    said = {
        key: figure(page, key, "2026-02")
        for key in ("created_leads", "won_leads", "won_amount", "win_rate", "median_days_to_win")
    }
    assert said == {
        "created_leads": "2",
        "won_leads": "2",
        "won_amount": "1,500",
        "win_rate": "50.0%",
        "median_days_to_win": "27.3",
    }
    assert row_names(page) == ["January 2026", "February 2026", "March 2026"]


def test_null_is_shown_as_a_dash_and_zero_as_zero(readers, visit):
    page = report_page(visit(readers.ada))
    assert figure(page, "won_leads", "2026-01") == "0"
    table = page[page.index("<tbody>") :]
    january = table[: table.index("February 2026")]
    # win rate, mean deal and the median days; the fourth, the mean, is not shown at first
    assert january.count('<td class="number none">–</td>') == 3


def test_a_rate_shows_its_fraction_and_is_grey_for_few_cases(readers, visit):
    page = report_page(visit(readers.ada))
    assert re.search(
        r'class="number few"><a [^>]+>50\.0%</a></td><td class="aside">2 of 4</td>', page
    )
    assert "too few to judge" in page


def test_the_running_month_is_marked_unfinished(readers, visit):
    page = report_page(visit(readers.ada))
    assert page.count('<tr class="unfinished">') == 1
    assert "Hatched: not finished" in page


def test_future_months_are_marked_as_not_started(readers, visit):
    page = report_page(visit(readers.ada), "company", "from=2026-02-01&to=2026-05-31&bucket=month")
    assert page.count('<tr class="unfinished">') == 1
    assert page.count('<tr class="coming">') == 2
    assert "Grey rows: the period has not started." in page


def test_a_future_month_cut_by_the_period_is_unfinished(readers, visit):
    page = report_page(visit(readers.ada), "company", "from=2026-02-01&to=2026-04-15&bucket=month")
    assert page.count('<tr class="unfinished">') == 2
    assert 'class="coming"' not in page
    assert "have not started" not in page


def test_the_page_states_time_zone_instant_and_period(readers, visit):
    text = " ".join(Page.read(report_page(visit(readers.ada))).text.split())
    assert "From 1 Jan 2026 to 31 Mar 2026." in text
    assert "As recorded on 15 Mar 2026, 12:00." in text
    assert "Days in the time zone Europe/Paris." in text
    assert "These are past figures" in text


def test_changes_of_fewer_than_ten_cases_are_neither_better_nor_worse(readers, visit):
    query = "from=2026-02-01&to=2026-02-28&bucket=month&compare=previous"
    page = report_page(visit(readers.ada), query=query)
    cards = " ".join(Page.read(page[page.index("report-cards") :]).text.split())
    assert "≈▼ 33% too few cases to judge from 3" in cards  # created
    assert "≈▲ from 0 too few cases to judge from €0" in cards  # won amount
    assert "better" not in cards
    assert not re.search(r'class="change (better|worse)"', page)
    assert "from –" in cards  # win rate


def test_a_name_links_to_its_report_over_time(readers, visit):
    page = report_page(visit(readers.ada), "team")
    own = re.findall(r'<th scope="row"><a href="([^"]+)">Bo Berg</a>', page)[0]
    address = urlsplit(own.replace("&amp;", "&"))
    assert address.path == "/reports/company/"
    assert ("user", "bo") in parse_qsl(address.query)
    assert figure(html(visit(readers.ada), address.geturl()), "created_leads") == "2"


def test_a_month_links_to_its_days(readers, visit):
    page = report_page(visit(readers.ada))
    assert "/reports/company/?from=2026-02-01&amp;to=2026-02-28&amp;as_of=" in page


def test_sellers_without_leads_have_zeros_and_a_trend_is_drawn(readers, visit):
    page = report_page(visit(readers.ada), "team")
    assert sorted(row_names(page)) == ["Ada", "Ana Abreu", "Bo Berg", "Mona", "Uma"]
    assert page.count('class="trend"') == 1
    assert 'aria-label="from 0 to 0, at most 2"' in page


def test_each_category_is_a_grouping(readers, visit):
    Category.objects.create(key="line/product", name="Product line")
    page = report_page(visit(readers.ada), query=f"{MONTHS}&group_by=category:line/product")
    assert '<option value="category:line/product" selected>Rows: Product line</option>' in page
    assert row_names(page) == ["No tag"]
    assert "counts in each of their rows and once in the total" in page


# Sorting


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("label", ["Ada", "Ana Abreu", "Bo Berg", "Mona", "Uma"]),
        ("-label", ["Uma", "Mona", "Bo Berg", "Ana Abreu", "Ada"]),
        ("created_leads", ["Ada", "Mona", "Uma", "Bo Berg", "Ana Abreu"]),
        ("-win_rate", ["Ana Abreu", "Bo Berg", "Ada", "Mona", "Uma"]),
        ("", ["Ana Abreu", "Ada", "Bo Berg", "Mona", "Uma"]),
    ],
)
def test_rows_are_sorted_with_nulls_last(sort, names, readers, visit):
    query = f"{MONTHS}&sort={sort}" if sort else MONTHS
    assert row_names(report_page(visit(readers.ada), "team", query)) == names


def test_the_row_without_a_seller_is_last_in_every_order(readers, visit):
    from leadlight.sales.models import Lead

    lead = Lead.objects.get(key="L4")
    lead.assign_to(None, by=None)
    for sort in ("created_leads", "-created_leads", "label", "-label"):
        page = html(visit(readers.ada), f"/reports/team/?{MONTHS}&credit=owner&sort={sort}")
        assert row_names(page)[-1] == "Unassigned"


# Address


def test_an_address_with_empty_fields_redirects_to_the_canonical_one(readers, visit):
    query = "user=bo&bucket=&compare=&period=this_year&user=ana&from=&to=&credit=event"
    response = visit(readers.ada).get(f"/reports/company/?{query}")
    assert (response.status_code, response.url) == (302, "/reports/company/?user=ana&user=bo")


@pytest.mark.parametrize(
    "query",
    [
        "compare=none",
        "compare=previous",
        MONTHS,
        "period=all_time&compare=last_year&user=none&tags=all&sort=-won_leads",
    ],
)
def test_the_canonical_address_does_not_redirect(query, readers, visit):
    response = visit(readers.ada).get(f"/reports/company/?{query}")
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "private, no-store"


def test_changing_a_filter_returns_only_the_results_and_their_address(readers, visit):
    response = visit(readers.ada).get(
        "/reports/company/?period=all_time&compare=&user=bo", headers=IN_PLACE
    )
    page = response.content.decode()
    assert page.startswith('<div class="results" id="results">')
    assert response.headers["HX-Push-Url"] == "/reports/company/?period=all_time&user=bo"
    assert 'id="filters"' not in page
    assert re.search(r'id="resolved"[^>]*hx-swap-oob="true"', page)
    assert {"HX-Request", "HX-Target"} <= set(response.headers["Vary"].split(", "))


def test_removing_a_filter_returns_the_filter_bar_too(readers, visit):
    response = visit(readers.ada).get(
        "/reports/company/", headers={"hx-request": "true", "hx-target": "report"}
    )
    page = response.content.decode()
    assert page.startswith('<div class="report" id="report">')
    assert 'id="filters"' in page


def test_every_active_filter_is_a_chip_that_links_to_its_removal(readers, visit):
    query = "user=ana&user=bo&pipeline=p&credit=owner"
    page = html(visit(readers.ada), f"/reports/company/?{query}")
    removed = re.findall(r'class="remove" id="[^"]+" href="([^"]+)"', page)
    assert [address.replace("&amp;", "&") for address in removed] == [
        "/reports/company/?user=bo&pipeline=p&credit=owner",
        "/reports/company/?user=ana&pipeline=p&credit=owner",
        "/reports/company/?user=ana&user=bo&credit=owner",
        "/reports/company/?user=ana&user=bo&pipeline=p",
    ]
    assert "User: Ana Abreu" in page


def test_the_pipeline_that_a_report_needs_cannot_be_removed(readers, visit):
    page = html(visit(readers.ada), "/reports/pipeline/?pipeline=p")
    assert '<li class="chip">' in page
    assert 'class="remove"' not in page
    assert "Clear all" not in page
    page = html(visit(readers.ada), "/reports/pipeline/?pipeline=p&user=ana")
    assert page.count('class="remove"') == 1
    assert "Clear all" in page


# Markup and queries


@pytest.mark.search
@pytest.mark.answers
@pytest.mark.parametrize(
    ("key", "query", "language"),
    [
        (*question, said_in)
        for question, said_in in in_rotation(questions("", "team"), ["en", "fr"])
    ],
)
def test_the_page_respects_the_content_security_policy(key, query, language, readers, visit):
    page = Page.read(report_page(visit(readers.ada, language), key, query))
    assert page.faults == []
    assert page.unlabelled == []
    assert len(page.ids) == len(set(page.ids))


def test_names_from_the_data_are_escaped(readers, visit):
    User.objects.filter(key="bo").update(first_name="<b>&amp;", last_name="</template><script>")
    Tag.objects.create(name="<i>tag", key='"><script>alert(1)</script>')
    page = report_page(visit(readers.ada), "team", f"{MONTHS}&user=bo")
    assert "<b>&amp;" not in page
    assert "</template><script>" not in page
    assert "<script>alert" not in page
    assert "\\u003c/template\\u003e\\u003cscript\\u003e" in page


# The changes of an open transaction would be read again at each page.
@pytest.mark.django_db(transaction=True)
def test_the_number_of_queries_does_not_depend_on_the_number_of_rows(readers, visit):
    browser = visit(readers.ada)
    report_page(browser, "team")
    with CaptureQueriesContext(connection) as before:
        report_page(browser, "team")
    for number in range(20):
        User.objects.create_user(f"u{number}@example.com", first_name=f"U{number}")
        ProspectingList.objects.create(name=f"List {number}")
        Pipeline.objects.create(name=f"Pipeline {number}")
    report_page(browser, "team")
    with CaptureQueriesContext(connection) as after:
        page = report_page(browser, "team")
    assert len(row_names(page)) == 25
    assert len(after) == len(before)
    assert len(before) <= 22


# The changes of an open transaction would be read again at each page.
@pytest.mark.django_db(transaction=True)
def test_the_results_alone_take_few_queries(readers, visit):
    browser = visit(readers.ada)
    browser.get("/reports/team/", headers=IN_PLACE)
    with CaptureQueriesContext(connection) as queries:
        browser.get("/reports/team/", headers=IN_PLACE)
    assert len(queries) <= 10


def test_long_tables_are_truncated_with_a_link_to_all_rows(readers, visit, monkeypatch):
    monkeypatch.setattr("leadlight.presentation.tables.MOST_ROWS", 2)
    browser = visit(readers.ada)
    page = report_page(browser, "team", f"{MONTHS}&sort=label")
    assert row_names(page) == ["Ada", "Ana Abreu"]
    assert "3 of 5 rows are not shown here" in page
    [whole] = re.findall(r'<a href="([^"]+)">Show all rows', page)
    assert len(row_names(html(browser, whole.replace("&amp;", "&")))) == 5
    assert figure(page, "created_leads") == "5"


def test_every_figure_of_the_table_is_a_link(readers, visit):
    page = report_page(visit(readers.ada), query=MONTHS)
    assert len(cells(page)) + page.count('<td class="number none">') == 9 * 4


@pytest.mark.answers
@pytest.mark.parametrize("chosen", ["client=astoria", "source=Fair"])
def test_a_filter_narrows_the_page_its_list_and_its_file(chosen, readers, visit):
    client = Client.objects.create(key="astoria", name="Hotel Astoria")
    Lead.objects.filter(key="L1").update(client=client, source="Fair")
    browser, question = visit(readers.ada), f"{MONTHS}&{chosen}"
    assert figure(html(browser, f"/reports/company/?{question}"), "created_leads") == "1"
    listed = html(browser, f"/reports/company/leads/?{question}&column=created_leads")
    assert re.findall(r'<th scope="row"><a href="/leads/([^"]+)/">', listed) == ["L1"]
    [report, *_rest] = lines(browser, f"/reports/company/export/csv?{question}")
    assert report["created_leads"] == "1"
    written = lines(browser, f"/reports/company/leads/export/csv?{question}&column=created_leads")
    assert [line["lead"] for line in written if (line["lead"] or "").startswith("L")] == ["L1"]


def lines(browser, address):
    content = b"".join(browser.get(address).streaming_content).decode()
    return list(csv.DictReader(content.splitlines()))

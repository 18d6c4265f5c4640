"""Lists of the leads behind a figure, and downloaded files."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

import pytest
from python_calamine import CalamineWorkbook

from leadlight.accounts.models import User
from leadlight.analytics.insight.list_columns import LIST_SPECS
from leadlight.analytics.reports import CATALOGUE
from leadlight.reporting.reader import report_reader
from leadlight.sales.models import Category, Lead, Tag
from tests.seeds import IS_SEARCH
from tests.web.pages import Page
from tests.web.worked import MONTHS, THEN, cells, html, report_page

pytestmark = pytest.mark.answers

WON = f"/reports/company/leads/?{MONTHS}&{THEN}&column=won_leads"
COUNTED = ("created_leads", "won_leads", "lost_leads", "cancelled_leads", "open_leads")
SUMMED = ("won_amount", "lost_amount", "open_amount")


@pytest.fixture
def tagged(readers):
    """L1 and L4 have a source, L1 has two tags of a category."""
    line = Category.objects.create(key="line", name="Line")
    Lead.objects.get(key="L1").tags.add(
        *(Tag.objects.create(key=f"tag {name}&", name=name, category=line) for name in "AB")
    )
    Lead.objects.filter(key__in=["L1", "L4"]).update(source="Fair & square")
    return readers


def sums(page: str) -> tuple[int, Decimal]:
    text = Page.read(page).text
    count, amount = re.search(r"([\d,]+) leads?\s+· €([\d,.]+) in total", text).groups()
    return int(count.replace(",", "")), Decimal(amount.replace(",", ""))


def listed(page: str) -> list[str]:
    return re.findall(r'<th scope="row"><a href="/leads/([^"]+)/">', page)


def to_open(page: str, columns: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Yield column, address and figure of the cells to open; only the first zero of each column."""
    seen_empty = set()
    for address, text in cells(page):
        column = dict(parse_qsl(urlsplit(address).query))["column"]
        if column in columns and not (text == "0" and column in seen_empty):
            yield column, address, text
        if text == "0":
            seen_empty.add(column)


# A figure equals the length of its list


@pytest.mark.search
@pytest.mark.parametrize(
    ("key", "rows", "columns"),
    [
        ("company", "", (*COUNTED, *SUMMED)),
        ("company", "&group_by=category:line", ("created_leads", "lost_leads", "won_amount")),
        ("team", "&user=ana&user=bo", ("won_leads", "cancelled_leads", "open_amount")),
    ],
)
def test_every_figure_equals_the_length_of_its_list(key, rows, columns, tagged, visit):
    browser = visit(tagged.ada)
    page = report_page(browser, key, MONTHS + rows)
    for column, address, text in to_open(page, (*COUNTED, *SUMMED) if IS_SEARCH else columns):
        opened = html(browser, address)
        count, amount = sums(opened)
        assert len(listed(opened)) == count
        assert text == f"{count if column in COUNTED else amount:,}"


@pytest.mark.search
@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("mona", ("created_leads", "lost_leads", "open_leads")),
        ("ana", ("created_leads", "won_leads")),
    ],
)
def test_every_figure_equals_the_length_of_its_list_for_each_reader(name, columns, readers, visit):
    browser = visit(getattr(readers, name))
    for _column, address, text in to_open(report_page(browser), COUNTED if IS_SEARCH else columns):
        assert sums(html(browser, address))[0] == int(text)


def test_a_warning_links_to_its_leads(readers, visit):
    Lead.objects.get(key="L1").set_amount(None, by=None)
    page = html(visit(readers.ada), f"/reports/company/?{MONTHS}")
    [address] = re.findall(r'<a href="([^"]+)">Show them', page)
    assert listed(html(visit(readers.ada), address.replace("&amp;", "&"))) == ["L1"]


# The page


def test_a_list_states_its_figure_row_and_filters(readers, visit):
    page = Page.read(html(visit(readers.ada), f"{WON}&row=2026-02&user=ana"))
    assert page.headings == ["Won · February 2026"]
    text = " ".join(page.text.split())
    assert "From 1 Feb 2026 to 28 Feb 2026. Credited to Ana Abreu." in text
    assert "2 leads · €1,500 in total" in text
    assert "Leads won in this period and not reopened since." in text


@pytest.mark.parametrize(
    ("grouping", "row", "name"),
    [
        ("user", "bo", "Lost · Bo Berg"),
        ("user", "none", "Lost · Unassigned"),
        ("source", "Fair & square", "Lost · Fair & square"),
        ("category:line", "tag A&", "Lost · A"),
        ("category:line", "none", "Lost · No tag"),
    ],
)
def test_the_title_of_a_list_has_the_name_of_its_row(grouping, row, name, tagged, visit):
    browser = visit(tagged.ada)
    query = {"column": "lost_leads", "group_by": grouping, "row": row}
    response = browser.get("/reports/company/leads/", query, follow=True)
    assert Page.read(response.content.decode()).headings == [name]


def test_a_list_starts_with_the_largest_lead_and_sorts_by_any_column(readers, visit):
    browser = visit(readers.ada)
    created = f"/reports/company/leads/?{MONTHS}&column=created_leads"
    assert listed(html(browser, created)) == ["L1", "L4", "L2", "L5", "L3"]
    assert listed(html(browser, f"{created}&sort=amount")) == ["L3", "L5", "L2", "L4", "L1"]
    for key in LIST_SPECS["lead"].keys:
        assert sorted(listed(html(browser, f"{created}&sort={key}"))) == [
            f"L{n}" for n in range(1, 6)
        ]


def test_a_long_list_is_paginated_and_states_its_length(readers, visit, monkeypatch):
    monkeypatch.setattr("leadlight.web.reports.drilldown.LEADS_ON_A_PAGE", 2)
    browser = visit(readers.ada)
    first = f"/reports/company/leads/?{MONTHS}&column=created_leads"
    page = html(browser, first)
    assert "1 to 2 of 5" in Page.read(page).text
    assert sums(page) == (5, Decimal(2800))
    second = html(browser, f"{first}&page=2")
    third = html(browser, f"{first}&page=3")
    assert listed(page) + listed(second) + listed(third) == ["L1", "L4", "L2", "L5", "L3"]
    assert 'rel="prev"' in second
    assert 'rel="next"' in second
    assert 'rel="next"' not in third
    assert browser.get(f"{first}&page=4").status_code == 400


def test_a_list_links_to_its_leads_and_back_to_the_report(readers, visit):
    browser = visit(readers.ada)
    page = html(browser, WON)
    assert browser.get(f"/leads/{listed(page)[0]}/").status_code == 200
    [back] = re.findall(r'<a href="([^"]+)">← ', page)
    assert back.replace("&amp;", "&") == f"/reports/company/?{MONTHS}&{THEN}"


def test_a_figure_of_zero_has_an_empty_list(readers, visit):
    page = html(visit(readers.ada), f"{WON}&row=2026-01")
    assert sums(page) == (0, Decimal(0))
    assert "This number is 0, and the list is empty" in page


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("", "Choose a figure to list its leads."),
        ("column=shoes", "This report has no figure “shoes”."),
        ("column=won_leads&row=2031-01&from=2026-01-01&to=2026-02-01", "is outside the period"),
        ("column=won_leads&row=soon", "is not a day, week, month, quarter or year"),
        ("column=won_leads&row=nobody&group_by=user", "This report has no row “nobody”."),
        ("column=won_leads&sort=shoes", "Unknown column: “shoes”."),
        ("column=won_leads&page=0", "Page “0” does not exist. Go back to the first page."),
        ("column=won_leads&page=two", "Page “two” does not exist. Go back to the first page."),
        ("column=won_leads&page=99", "Page “99” does not exist. Go back to the first page."),
        ("column=won_leads&column=lost_leads", "Choose only one value for “column”."),
        ("column=won_leads&user=nobody", "Unknown user: “nobody”."),
    ],
)
def test_an_invalid_list_is_refused_with_a_message(query, sentence, readers, visit):
    response = visit(readers.ada).get(f"/reports/company/leads/?{query}")
    assert response.status_code == 400
    assert sentence in Page.read(response.content.decode()).text


@pytest.mark.parametrize("row", ["bo", "mona", "nobody"])
def test_the_row_of_a_hidden_user_lists_nothing(row, readers, visit):
    address = f"/reports/company/leads/?{MONTHS}&column=created_leads&group_by=user&row={row}"
    response = visit(readers.ana).get(address, follow=True)
    content = response.content.decode()
    page = Page.read(content)  # CSRF tokens in the whole content may contain any letters
    assert "Berg" not in page.text
    assert not [shown for shown in (page.text, *page.links) if "L4" in shown]
    if response.status_code == 200:
        assert sums(content)[0] == 0


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_list_respects_the_content_security_policy(language, readers, visit):
    page = Page.read(html(visit(readers.ada, language), WON))
    assert page.faults == []
    assert page.unlabelled == []


# Files


def file_of(browser, address):
    response = browser.get(address)
    assert response.status_code == 200
    return response, b"".join(response.streaming_content)


def rows_of(content: bytes, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(), newline=""), delimiter=delimiter))


def pages_of(content: bytes) -> dict[str, list[list[object]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_csv_has_the_figures_of_the_page_and_nothing_else(readers, visit):
    response, content = file_of(visit(readers.ada), f"/reports/company/export/csv?{MONTHS}&{THEN}")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = rows_of(content)
    assert {len(row) for row in rows} == {len(rows[0])}
    assert [row[0] for row in rows] == ["key", "2026-01", "2026-02", "2026-03", ""]
    assert [row[-1] for row in rows] == ["row_type", "row", "row", "row", "total"]
    february = dict(zip(rows[0], rows[2], strict=True))
    assert (february["key"], february["won_amount"], february["win_rate"]) == (
        "2026-02",
        "1500.00",
        "0.5",
    )


def test_csv_can_end_with_its_filters_and_definitions(readers, visit):
    browser = visit(readers.ada)
    query = f"{MONTHS}&{THEN}"
    data = rows_of(file_of(browser, f"/reports/company/export/csv?{query}")[1])
    told = rows_of(file_of(browser, f"/reports/company/export/csv-with-filters?{query}")[1])
    assert told[: len(data)] == data
    assert told[len(data)] == []
    about = dict(row for row in told[len(data) + 1 :])
    assert about["Time zone"] == "Europe/Paris"
    assert about["Address"] == f"http://testserver/reports/company/?{query}"
    assert about["Won"].startswith("Leads won in this period")


@pytest.mark.parametrize(
    ("kind", "ending"),
    [
        ("csv", ".csv"),
        ("csv-with-filters", "_with-filters.csv"),
        ("csv-excel", "_french-excel.csv"),
        ("csv-excel-with-filters", "_french-excel_with-filters.csv"),
        ("xlsx", ".xlsx"),
    ],
)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_name_of_a_file_says_what_is_in_it(kind, ending, language, readers, visit):
    browser, query = visit(readers.ada, language), f"{MONTHS}&{THEN}"
    for path, said in [
        (f"team/export/{kind}?{query}&view=ranking", "team_ranking_2026-01-01_2026-03-31"),
        (
            f"company/leads/export/{kind}?{query}&column=won_leads&row=2026-02",
            "company_won_leads_2026-02-01_2026-02-28",
        ),
    ]:
        response, _content = file_of(browser, f"/reports/{path}")
        assert response.headers["Content-Disposition"] == (
            f'attachment; filename="{said}_as-of-2026-03-15-1200{ending}"'
        )


def test_csv_for_french_excel_is_in_the_language_of_the_reader(readers, visit):
    _response, content = file_of(
        visit(readers.ada), f"/reports/company/export/csv-excel?{MONTHS}&{THEN}"
    )
    assert content.startswith(b"\xef\xbb\xbf")
    rows = rows_of(content.removeprefix(b"\xef\xbb\xbf"), ";")
    february = dict(zip(rows[0], rows[2], strict=True))
    assert february["Row"] == "February 2026"
    assert february["Won amount"] == "1500,00"


def test_a_workbook_has_the_figures_and_the_address_of_the_report(readers, visit):
    address = f"/reports/team/export/xlsx?{MONTHS}&{THEN}&sort=label"
    _response, content = file_of(visit(readers.ada), address)
    pages = pages_of(content)
    [header, *rows, totals] = pages["Team performance"]
    assert [row[1] for row in rows] == ["Ada", "Ana Abreu", "Bo Berg", "Mona", "Uma"]
    assert dict(zip(header, totals, strict=True))["Won amount"] == 1500
    about = dict(row for row in pages["About"])
    assert about["Address"] == f"http://testserver/reports/team/?{MONTHS}&{THEN}&sort=label"


@pytest.mark.parametrize(("name", "created"), [("ada", 5), ("mona", 3), ("ana", 2), ("uma", 0)])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_file_has_only_leads_visible_to_its_reader(kind, name, created, readers, visit):
    browser = visit(getattr(readers, name))
    _response, content = file_of(browser, f"/reports/team/export/{kind}?{MONTHS}&{THEN}")
    rows = rows_of(content) if kind == "csv" else pages_of(content)["Team performance"]
    [totals] = [row for row in rows if row[1:2] == ["Total"]]
    assert int(totals[2]) == created
    if name in ("ana", "uma"):
        assert not [row for row in rows if "Bo Berg" in row]
    listing = f"/reports/company/leads/export/csv?{MONTHS}&{THEN}&column=created_leads"
    _response, content = file_of(browser, listing)
    assert sum(row[:1] in ([f"L{n}"] for n in range(1, 6)) for row in rows_of(content)) == created


def test_the_file_of_a_list_states_the_days_of_its_row(readers, visit):
    query = f"{MONTHS}&{THEN}&column=won_leads&row=2026-02"
    address = f"/reports/company/leads/export/csv-with-filters?{query}"
    response, content = file_of(visit(readers.ada), address)
    about = dict(row for row in rows_of(content) if len(row) == 2)
    assert "From 1 Feb 2026 to 28 Feb 2026." in about["Question"]
    assert "company_won_leads_2026-02-01_2026-02-28" in response.headers["Content-Disposition"]


def test_the_total_of_the_forecast_stands_above_the_other_open_leads(readers, visit):
    query = f"from=2026-03-01&to=2026-04-30&bucket=month&{THEN}"
    page = html(visit(readers.ada), f"/reports/forecast/?{query}")
    foot = re.findall(r'<th scope="row">([^<]+)</th>', page.partition("<tfoot>")[2])
    rows = ["Past close date", "After the period", "No close date", "All open leads"]
    assert foot == ["Total Mar\N{THIN SPACE}–\N{THIN SPACE}Apr 2026", *rows]
    _response, content = file_of(visit(readers.ada), f"/reports/forecast/export/csv?{query}")
    assert [row[1] for row in rows_of(content)[3:8]] == foot
    _response, content = file_of(visit(readers.ada), f"/reports/forecast/export/xlsx?{query}")
    assert [row[1] for row in pages_of(content)["Forecast"][-5:]] == foot


def test_the_file_of_a_list_is_not_paginated(readers, visit, monkeypatch):
    monkeypatch.setattr("leadlight.web.reports.drilldown.LEADS_ON_A_PAGE", 2)
    address = f"/reports/company/leads/export/xlsx?{MONTHS}&column=created_leads&page=2"
    _response, content = file_of(visit(readers.ada), address)
    [header, *rows] = pages_of(content)["Created"]
    assert [dict(zip(header, row, strict=True))["Key"] for row in rows] == [
        *("L1", "L4", "L2", "L5", "L3")
    ]
    assert rows[0][header.index("Status")] == "Won"


def test_titles_that_look_like_formulas_are_escaped_in_every_file(readers, visit):
    Lead.objects.filter(key="L1").update(title="=HYPERLINK(1)")
    User.objects.filter(key="ana").update(first_name="@SUM(1)", last_name="")
    listing = f"/reports/company/leads/export/KIND?{MONTHS}&column=won_leads"
    browser = visit(readers.ada)
    rows = rows_of(file_of(browser, listing.replace("KIND", "csv"))[1])
    assert rows[1][LIST_SPECS["lead"].keys.index("title")] == "'=HYPERLINK(1)"
    assert rows[1][LIST_SPECS["lead"].keys.index("owner")] == "'@SUM(1)"
    pages = pages_of(file_of(browser, listing.replace("KIND", "xlsx"))[1])
    assert pages["Won"][1][LIST_SPECS["lead"].keys.index("title")] == "=HYPERLINK(1)"


@pytest.mark.parametrize("kind", ["csv", "csv-excel", "xlsx"])
@pytest.mark.parametrize(
    "path", ["export/{}?user=nobody", "leads/export/{}?column=shoes", "leads/export/{}"]
)
def test_an_invalid_query_gives_no_file(kind, path, readers, visit):
    response = visit(readers.ada).get(f"/reports/company/{path.format(kind)}")
    assert response.status_code == 400


def test_files_and_pages_equal_the_result_of_the_report_reader(readers, visit):
    params = {"from": ["2026-01-01"], "to": ["2026-03-31"], "group_by": ["user"]}
    result = report_reader(readers.ada).run(CATALOGUE["team"], params)
    _response, content = file_of(
        visit(readers.ada), "/reports/team/export/csv?from=2026-01-01&to=2026-03-31&sort=label"
    )
    [header, *rows] = rows_of(content)
    place = header.index("created_leads")
    assert [row[place] for row in rows[: len(result.rows)]] == [
        str(row.cells["created_leads"]) for row in result.rows
    ]

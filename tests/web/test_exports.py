"""A report as PDF, PNG and workbook with its chart: complete, and limited to the reader's scope."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from functools import reduce

import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from leadlight.accounts.models import Organization, User
from leadlight.analytics.engine.notes import OWN_LEADS_ONLY
from leadlight.analytics.export.sheets import result_sheet
from leadlight.analytics.reports import CATALOGUE
from leadlight.presentation import pdf as documents
from leadlight.reporting.reader import report_reader
from leadlight.sales.models import Category, Lead
from tests.seeds import IS_SEARCH
from tests.web.worked import MONTHS, THEN, html

pytestmark = pytest.mark.answers

COMPANY = f"/reports/company/export/KIND?{MONTHS}&{THEN}"
NOTHING = "/reports/company/export/KIND?from=2020-01-01&to=2020-12-31"
ADDRESS = f"http://testserver/reports/company/?{MONTHS}&{THEN}"


def file_of(browser, address, kind):
    response = browser.get(address.replace("KIND", kind))
    assert response.status_code == 200, response.content.decode()[:2000]
    return response, b"".join(response.streaming_content)


def read(content: bytes) -> tuple[PdfReader, str]:
    """Return a PDF and its text, with each run of white space replaced by one space."""
    pdf = PdfReader(io.BytesIO(content))
    return pdf, re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pdf.pages))


def size_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", png[16:24])


# As of the past

PAST = "These are past figures: anything recorded later is not counted."


@pytest.mark.parametrize(
    "address",
    [
        COMPANY,
        COMPANY.replace("/export/", "/leads/export/") + "&column=won_leads",
        COMPANY.replace("/export/", "/changes/export/") + "&since=2026-03-01&column=won_leads",
    ],
)
def test_only_files_as_of_the_past_state_that_they_are(address, readers, visit):
    browser = visit(readers.ada)
    now = address.replace(THEN, "as_of=")
    for place, is_past in ((address, True), (now, False)):
        for kind in ("csv-with-filters", "csv-excel-with-filters"):
            assert (PAST in file_of(browser, place, kind)[1].decode()) == is_past
        book = CalamineWorkbook.from_filelike(io.BytesIO(file_of(browser, place, "xlsx")[1]))
        about = book.get_sheet_by_name("About").to_python()
        assert (["As of a past date", PAST] in about) == is_past


def test_a_current_pdf_does_not_mention_the_past(readers, visit):
    _pdf, text = read(file_of(visit(readers.ada), COMPANY.replace(THEN, "as_of="), "pdf")[1])
    assert PAST not in text


# PDF


def test_a_pdf_has_the_figures_the_query_and_the_address_of_the_report(readers, visit):
    response, content = file_of(visit(readers.ada), COMPANY, "pdf")
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Content-Disposition"] == (
        'attachment; filename="company_2026-01-01_2026-03-31_as-of-2026-03-15-1200.pdf"'
    )
    pdf, text = read(content)
    assert pdf.metadata.title == "Company performance"
    for said in [
        "How many leads came in, how many were won, and how long did it take?",
        "From 1 Jan 2026 to 31 Mar 2026",
        "As recorded on 15 Mar 2026, 12:00. Days in the time zone Europe/Paris.",
        "Past figures, as of 15 Mar 2026, 12:00. These are past figures",
        "February 2026 2 1,500 50.0% 2 of 4 750 2 1 €200 1 27.3 26.5–28.2 1 €300",
        "Hatched: not finished",
        "Won leads ÷ closed leads. A cancelled lead counts as not won.",
        "The total is the total numerator ÷ the total denominator, not the average of the rows.",
    ]:
        assert said in text
    assert ADDRESS in text.replace(" ", "")


def test_every_page_of_a_pdf_is_numbered_and_repeats_the_headers(readers, visit):
    address = "/reports/company/export/pdf?from=2025-12-01&to=2026-03-15&bucket=day"
    pdf, _text = read(file_of(visit(readers.ada), address, "pdf")[1])
    texts = [page.extract_text() for page in pdf.pages]
    assert len(texts) > 2
    for number, text in enumerate(texts, start=1):
        assert f"{number} / {len(texts)}" in text
    day = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d+ \w+ \d{4}"
    with_days = [text for text in texts if re.search(day, text)]
    assert len(with_days) > 1
    assert all("Cancelled" in text for text in with_days)
    days = set(re.findall(day, " ".join(texts)))
    assert len(days) == 31 + 31 + 28 + 15


def test_a_pdf_is_in_the_language_of_its_reader(readers, visit):
    _pdf, text = read(file_of(visit(readers.ada, "fr"), COMPANY, "pdf")[1])
    assert "Performance de l’entreprise" in text
    assert "50,0 %" in text
    assert "1 500 €" in text


def test_user_text_is_escaped_in_a_pdf(readers, visit):
    name = '#panic("x") *b* $x$ `c` \\ <d> @e // f'
    User.objects.filter(key="ana").update(first_name=name[:30], last_name=name[30:])
    Organization.objects.update(name="#set page(paper: 1) \x01 end")
    _pdf, text = read(file_of(visit(readers.ada), f"/reports/team/export/KIND?{MONTHS}", "pdf")[1])
    assert '#panic("x") *b* $x$' in text
    assert "#set page(paper: 1)" in text


def test_an_empty_pdf_shows_zeros(readers, visit):
    _pdf, text = read(file_of(visit(readers.ada), NOTHING, "pdf")[1])
    assert "December 2020 0 0 – – 0 0 0 – 0" in text


def test_a_pdf_with_too_many_rows_is_refused_rather_than_truncated(readers, visit, monkeypatch):
    monkeypatch.setattr(documents, "MOST_ROWS", 2)
    response = visit(readers.ada).get(COMPANY.replace("KIND", "pdf"))
    assert response.status_code == 400
    assert "A PDF can have at most 2 rows, but this table has 3." in response.content.decode()


@pytest.mark.search
@pytest.mark.parametrize("key", CATALOGUE)
@pytest.mark.parametrize("kind", ["pdf", "xlsx"])
def test_every_table_of_every_report_can_be_downloaded(key, kind, readers, visit):
    """The comparison period is included if the other kind of file lacks it."""
    for number, table in enumerate(CATALOGUE[key].all_views):
        view = f"&view={table.view}" if table.view else ""
        with_or_without = ("", "&compare=previous")
        place = (number + (kind == "pdf")) % 2
        for more in with_or_without if IS_SEARCH else with_or_without[place : place + 1]:
            address = f"/reports/{key}/export/{kind}?from=2026-01-01&to=2026-03-31{view}{more}"
            response, content = file_of(visit(readers.ada), address, kind)
            assert len(content) > 1000
            assert (f"{key}_{table.view}_" if table.view else f"{key}_2026") in (
                response.headers["Content-Disposition"]
            )


# PNG


@pytest.mark.parametrize("key", ["company", "team"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_chart_is_downloaded_as_png_at_twice_the_size(key, language, readers, visit):
    address = f"/reports/{key}/export/KIND?{MONTHS}&compare=previous"
    response, content = file_of(visit(readers.ada, language), address, "png")
    assert response.headers["Content-Type"] == "image/png"
    width, height = size_of(content)
    assert width == 1920
    assert 600 < height < 2200


def test_an_empty_report_has_no_png_and_no_menu_item_for_it(readers, visit):
    browser = visit(readers.ada)
    response = browser.get(NOTHING.replace("KIND", "png"))
    assert response.status_code == 400
    assert "This table has no chart." in response.content.decode()
    empty = html(browser, "/reports/company/?from=2020-01-01&to=2020-12-31")
    assert "/export/pdf?" in empty
    assert "/export/png" not in empty
    assert f"/reports/company/export/png?{MONTHS}" in (
        html(browser, f"/reports/company/?{MONTHS}").replace("&amp;", "&")
    )


# The workbook


def parts_of(content: bytes) -> dict[str, str]:
    """Return the XML of each part of a workbook, by its path."""
    book = zipfile.ZipFile(io.BytesIO(content))
    return {name: book.read(name).decode() for name in book.namelist() if name.endswith(".xml")}


def series_of(chart: str, cells: list[list[object]]) -> dict[object, list[object]]:
    """Return the series of a chart by name, read from the cells that its formulas name."""

    def read_range(formula: str) -> list[object]:
        column, first, last = re.fullmatch(
            r"'[^']+'!\$([A-Z]+)\$(\d+)(?::\$\1\$(\d+))?", formula
        ).groups()
        place = reduce(lambda number, letter: number * 26 + ord(letter) - 64, column, 0) - 1
        return [row[place] for row in cells[int(first) - 1 : int(last or first)]]

    found = {}
    for one in re.findall(r"<c:ser>.*?</c:ser>", chart):
        name, _labels, values = re.findall(r"<c:f>(.*?)</c:f>", one)
        found[read_range(name)[0]] = read_range(values)
    return found


def test_a_workbook_has_native_charts_of_its_own_cells(readers, visit):
    browser, address = visit(readers.ada), f"/reports/company/export/KIND?{MONTHS}&{THEN}"
    content = file_of(browser, f"{address}&compare=last_year", "xlsx")[1]
    parts = parts_of(content)
    assert not [name for name in zipfile.ZipFile(io.BytesIO(content)).namelist() if "media" in name]
    pages = re.findall(r'<sheet name="([^"]+)"', parts["xl/workbook.xml"])
    assert pages == ["Company performance", "Chart", "About"]
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    cells = book.get_sheet_by_name("Company performance").to_python()
    counts, amount = parts["xl/charts/chart1.xml"], parts["xl/charts/chart2.xml"]
    assert '<c:barDir val="col"/><c:grouping val="stacked"/>' in counts
    assert series_of(counts, cells) == {
        "Won": [0, 2, 0],
        "Lost": [0, 1, 0],
        "Cancelled": [0, 1, 0],
    }
    assert "<c:lineChart>" in amount
    assert series_of(amount, cells) == {
        "Won amount": [0, 1500, 0],
        "Won amount (compared period)": [0, 0, 0],
    }
    assert "<c:v>January 2026</c:v>" in amount
    colours = re.findall(r"<c:ser>.*?<a:ln[^>]*><a:solidFill><a:srgbClr val=\"(\w+)\"", counts)
    assert colours == ["0B8074", "CF5223", "7F8999"]  # won, lost, cancelled
    assert '<a:prstDash val="dash"/>' in amount  # the compared period
    assert "Won, lost, cancelled" in parts["xl/drawings/drawing1.xml"]


@pytest.mark.parametrize("query", ["group_by=user", "group_by=user&compare=previous"])
def test_rows_that_are_no_periods_are_bars_from_top_to_bottom(query, readers, visit):
    address = f"/reports/company/export/KIND?{MONTHS}&{THEN}&{query}"
    parts = parts_of(file_of(visit(readers.ada), address, "xlsx")[1])
    counts = parts["xl/charts/chart1.xml"]
    assert '<c:barDir val="bar"/><c:grouping val="stacked"/>' in counts
    assert re.search(r'<c:catAx>.*?<c:orientation val="maxMin"/>', counts)
    assert re.search(r'<c:valAx>.*?<c:orientation val="minMax"/>.*?<c:crosses val="max"/>', counts)


def test_a_workbook_can_be_filtered_and_printed(readers, visit):
    parts = parts_of(file_of(visit(readers.ada), COMPANY, "xlsx")[1])
    page = parts["xl/worksheets/sheet1.xml"]
    assert re.search(r'<autoFilter ref="A1:[A-Z]+4"/>', page)  # 3 months, without the total
    assert '<pageSetup paperSize="9" fitToHeight="0" orientation="landscape"/>' in page
    assert '<pageSetUpPr fitToPage="1"/>' in page
    assert "<oddFooter>&amp;L&amp;A&amp;R&amp;P / &amp;N</oddFooter>" in page
    assert 'state="frozen"' in page
    titles = re.findall(r'name="_xlnm.Print_Titles"[^>]*>([^<]+)<', parts["xl/workbook.xml"])
    assert titles == ["'Company performance'!$1:$1"]


@pytest.mark.parametrize("key", CATALOGUE)
def test_the_charts_of_a_sheet_name_its_own_columns(key, readers):
    days = {"from": ["2026-01-01"], "to": ["2026-03-31"]}
    for table in CATALOGUE[key].all_views:
        view = {"view": [table.view]} if table.view else {}
        sheet = result_sheet(report_reader(readers.ada).run(CATALOGUE[key], days | view))
        known = {heading.key for heading in sheet.headings}
        for chart in sheet.charts:
            named = {*chart.columns, *chart.lines, *chart.across}
            assert named
            assert named <= known


@pytest.mark.parametrize(
    "address",
    [
        "/reports/company/leads/export/KIND?from=2026-01-01&column=created_leads",
        "/reports/leads/export/KIND?view=triangle",
        "/reports/activities/export/KIND?view=goals",
        NOTHING,
    ],
)
def test_a_list_a_heat_map_goals_and_an_empty_report_have_no_chart(address, readers, visit):
    parts = parts_of(file_of(visit(readers.ada), address, "xlsx")[1])
    assert not [name for name in parts if "chart" in name]
    assert '"Chart"' not in parts["xl/workbook.xml"]


def test_a_file_has_the_warnings_of_the_page(readers, visit):
    browser, note = visit(readers.mona), str(OWN_LEADS_ONLY)
    assert note in read(file_of(browser, COMPANY, "pdf")[1])[1]
    book = CalamineWorkbook.from_filelike(io.BytesIO(file_of(browser, COMPANY, "xlsx")[1]))
    assert ["Note", note] in book.get_sheet_by_name("About").to_python()


def test_a_file_by_reason_says_that_a_win_rate_by_reason_is_meaningless(readers, visit):
    browser = visit(readers.ada)
    address = f"/reports/company/export/KIND?{MONTHS}&group_by=category:region"
    said = "A win rate by reason is meaningless."
    assert said not in read(file_of(browser, address, "pdf")[1])[1]
    Category.objects.filter(key="region").update(reason_for="both")
    assert said in read(file_of(browser, address, "pdf")[1])[1]


def test_a_file_states_ratios_and_exclusions(readers, visit):
    Lead.objects.get(key="L1").set_amount(None, by=readers.ada)
    browser = visit(readers.ada)
    address = f"/reports/company/export/KIND?{MONTHS}&leave_cancelled_out=yes"
    book = CalamineWorkbook.from_object(io.BytesIO(file_of(browser, address, "xlsx")[1]))
    told = dict(book.get_sheet_by_name("About").to_python())
    assert "on the day it was closed." in told["Win rate"]
    assert told["Win rate"].endswith(
        "\nIn the total: Won: 2 ÷ Won or lost: 3. Cancelled leads, left out: 1."
    )
    without = "In the total: Without an amount, counted as 0: 1."
    assert told["Won amount"].endswith(f"\n{without}")
    assert "In the total" not in told["Won"]
    text = read(file_of(browser, address, "pdf")[1])[1]
    assert without in text
    assert "In the total: Won: 2 ÷ Won or lost: 3." in text


# Scope


@pytest.mark.parametrize(("name", "created"), [("ada", 5), ("mona", 3), ("ana", 2), ("uma", 0)])
def test_a_pdf_has_only_leads_visible_to_its_reader(name, created, readers, visit):
    address = f"/reports/team/export/KIND?{MONTHS}&{THEN}"
    _pdf, text = read(file_of(visit(getattr(readers, name)), address, "pdf")[1])
    assert re.search(rf"Created {created} ", text)
    assert ("Bo Berg" in text) == (name in ("ada", "mona"))


@pytest.mark.parametrize("kind", ["pdf", "png"])
def test_files_require_signing_in(kind, readers, visit):
    response = visit().get(COMPANY.replace("KIND", kind))
    assert response.status_code == 302
    assert response.url.startswith("/accounts/login/")


@pytest.mark.parametrize("kind", ["pdf", "png"])
def test_an_invalid_query_gives_no_file(kind, readers, visit):
    response = visit(readers.ada).get(f"/reports/company/export/{kind}?user=nobody")
    assert response.status_code == 400


@pytest.mark.parametrize("kind", ["pdf", "png"])
def test_a_list_is_not_offered_as_pdf_or_png(kind, readers, visit):
    address = f"/reports/company/leads/export/{kind}?{MONTHS}&column=won_leads"
    assert visit(readers.ada).get(address).status_code == 404

"""Exports (dict, JSON, CSV, XLSX) hold exactly the values of the result."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from leadlight.analytics.engine.duckdb import Engine
from leadlight.analytics.export import workbook
from leadlight.analytics.export.native_charts import SheetChart
from leadlight.analytics.export.results import (
    FRENCH_EXCEL,
    PLAIN,
    csv_of,
    drilldown_to_csv,
    drilldown_to_dict,
    to_csv,
    to_dict,
)
from leadlight.analytics.export.sheets import Heading, Sheet, drilldown_sheet, result_sheet
from leadlight.analytics.export.workbook import write_workbook
from leadlight.analytics.metrics.columns import Rate
from leadlight.analytics.reports.contract import Result, Row
from tests.analytics.asking import ReportClient
from tests.analytics.worked import worked_company

MONTHS = {"start": "2026-01-01", "to": "2026-03-15", "bucket": "month"}
FORMULAS = ["=1+1", "+33 1 42", "-2", "@SUM(A1)", "\t=1", "\r=1"]


@pytest.fixture
def company(engine: Engine) -> ReportClient:
    return ReportClient(engine, worked_company())


def rows_of(pieces: Any, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO("".join(pieces), newline=""), delimiter=delimiter))


def sheets_of(sheet: Sheet) -> dict[str, list[list[Any]]]:
    """Rows of each worksheet, as an independent library reads them."""
    file = io.BytesIO()
    write_workbook(sheet, file)
    book = CalamineWorkbook.from_filelike(io.BytesIO(file.getvalue()))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


# As a plain dict


def test_amounts_are_exact_text_and_rates_have_both_parts(company):
    february = to_dict(company.report("company", **MONTHS))["rows"][1]
    assert february["key"] == february["label"] == "2026-02"
    assert february["won_amount"] == "1500.00"
    assert february["win_rate"] == {"value": 0.5, "numerator": 2, "denominator": 4}
    assert february["median_days_to_win"] == 27.34375
    assert february["unfinished"] is False


def test_a_rate_with_a_zero_denominator_has_a_null_value(company):
    january = to_dict(company.report("company", **MONTHS))["rows"][0]
    assert january["win_rate"] == {"value": None, "numerator": 0, "denominator": 0}
    assert january["mean_deal"] is None


def test_a_share_of_money_has_amounts_as_text(company):
    [ana, *_] = to_dict(company.report("team", **MONTHS))["rows"]
    share = ana["won_amount_share"]
    assert share == {"value": 1.0, "numerator": "1500.00", "denominator": "1500.00"}
    assert "unfinished" not in ana


def test_rows_without_a_user_have_no_key(company):
    world = company.world
    first = world.leads[0]
    created = [fact for fact in first.facts if fact.kind in ("created", "pipeline", "step")][:3]
    orphan = replace(first, id=999, key="L9", facts=tuple(created))
    alone = ReportClient(company.engine, replace(world, leads=(*world.leads, orphan)), company.now)
    last = to_dict(alone.report("team", **MONTHS))["rows"][-1]
    assert (last["key"], last["label"], last["created_leads"]) == (None, "Unassigned", 1)


def test_a_dict_repeats_the_filters_with_their_dates(company):
    answer = to_dict(company.report("company", period="this_month", user="ana"))
    asked = answer["filters"]
    assert (asked["period"], asked["from"], asked["to"]) == (
        "this_month",
        "2026-03-01",
        "2026-03-15",
    )
    assert (asked["group_by"], asked["bucket"], asked["user"]) == ("bucket", "day", ["ana"])
    assert asked["query"] == "period=this_month&user=ana"
    assert answer["time_zone"] == "Europe/Paris"
    assert answer["as_of"] == "2026-03-15T12:00:00+01:00"


def test_the_compared_period_has_its_own_rows_and_totals(company):
    query = {"start": "2026-02-01", "to": "2026-02-28", "bucket": "month", "compare": "previous"}
    answer = to_dict(company.report("company", **query))
    assert answer["compared"]["period"] == {"from": "2026-01-04", "to": "2026-01-31"}
    assert answer["compared"]["totals"]["created_leads"] == 3
    assert to_dict(company.report("company", **MONTHS))["compared"] is None


def test_a_dict_can_be_encoded_as_json(company):
    answer = to_dict(company.report("team", **MONTHS, compare="last_year"))
    assert json.loads(json.dumps(answer)) == answer
    listed = drilldown_to_dict(company.drilldown("company", "won_leads", "2026-02", **MONTHS))
    assert json.loads(json.dumps(listed)) == listed


def test_a_list_has_its_column_its_row_and_all_its_leads(company):
    answer = drilldown_to_dict(company.drilldown("company", "won_leads", "2026-02", **MONTHS))
    assert (answer["column"]["key"], answer["row"]) == ("won_leads", "2026-02")
    assert (answer["count"], answer["amount"]) == (2, "1500.00")
    [first, second] = answer["leads"]
    assert (first["lead"], first["amount"], first["closed_on"]) == ("L1", "1000.00", "2026-02-03")
    assert second["days"] == 25.5625


def test_every_text_is_translated(company):
    answer = to_dict(company.report("company", **MONTHS), lambda phrase: f"«{phrase}»")
    assert answer["title"] == "«Company performance»"
    assert all(column["definition"].startswith("«") for column in answer["columns"])


# As CSV


def test_csv_has_a_header_row_and_ends_with_the_totals(company):
    header, *rows, totals = rows_of(to_csv(company.report("company", **MONTHS)))
    assert header[:4] == ["key", "label", "created_leads", "won_leads"]
    assert "win_rate_numerator" in header
    february = dict(zip(header, rows[1], strict=True))
    assert (february["key"], february["won_amount"]) == ("2026-02", "1500.00")
    assert (february["win_rate"], february["win_rate_denominator"]) == ("0.5", "4")
    assert [row[header.index("unfinished")] for row in rows] == ["0", "0", "1"]
    assert totals[:3] == ["", "Total", "5"]


def test_csv_for_french_excel_has_its_separator_bom_and_decimal_comma(company):
    text = "".join(to_csv(company.report("company", **MONTHS), style=FRENCH_EXCEL))
    assert text.startswith("\ufeffKey;Row;Created;")
    header, _january, february, *_ = rows_of(text, ";")
    found = dict(zip(header, february, strict=True))
    assert (found["Won amount"], found["Median sales cycle"]) == ("1500,00", "27,34375")


def test_dates_have_the_format_of_the_csv_style(company):
    listed = company.drilldown("company", "won_leads", "2026-02", **MONTHS)
    place = [heading.key for heading in drilldown_sheet(listed).headings].index("closed_on")
    assert rows_of(drilldown_to_csv(listed))[1][place] == "2026-02-03"
    assert rows_of(drilldown_to_csv(listed, style=FRENCH_EXCEL), ";")[1][place] == "03/02/2026"


def test_csv_has_further_columns_for_the_compared_period(company):
    result = company.report("team", **MONTHS, compare="last_year")
    header, ana, *_ = rows_of(to_csv(result))
    found = dict(zip(header, ana, strict=True))
    assert (found["won_leads"], found["compared_won_leads"]) == ("2", "0")


@pytest.mark.parametrize("text", FORMULAS)
def test_a_name_that_looks_like_a_formula_is_escaped_in_csv(text):
    sheet = Sheet("List", (Heading("title", "Title", "text"),), [(text,)])
    assert rows_of(csv_of(sheet))[1] == ["'" + text]


def test_negative_numbers_are_not_escaped_as_formulas():
    sheet = Sheet("List", (Heading("amount", "Amount", "money"),), [(Decimal("-5.00"),), (-1.5,)])
    assert rows_of(csv_of(sheet))[1:] == [["-5.00"], ["-1.5"]]


def test_csv_has_every_row_of_a_long_sheet():
    sheet = Sheet(
        "List", (Heading("n", "N", "count"),), ((number,) for number in range(50_000)), (1,)
    )
    assert len(rows_of(csv_of(sheet))) == 50_002


def test_csv_is_data_only_unless_the_filters_are_asked_for():
    about, definitions = (("Zone", "Europe/Paris"),), (("N", "A number."),)
    sheet = Sheet(
        "List", (Heading("n", "N", "count"),), [(1,)], about=about, definitions=definitions
    )
    assert rows_of(csv_of(sheet)) == [["n"], ["1"]]
    below = rows_of(csv_of(sheet, replace(PLAIN, with_about=True)))[2:]
    assert below == [[], ["Zone", "Europe/Paris"], ["N", "A number."]]


def test_csv_for_programs_tells_totals_and_further_rows_from_rows():
    sheet = Sheet("S", (Heading("n", "N", "count"),), [(1,), (2,)], (3,), further=((4,),))
    assert rows_of(csv_of(sheet)) == [
        ["n", "row_type"],
        ["1", "row"],
        ["2", "row"],
        ["3", "total"],
        ["4", "further"],
    ]
    assert rows_of(csv_of(sheet, FRENCH_EXCEL), ";")[1:] == [["1"], ["2"], ["3"], ["4"]]


# As XLSX


def expected(row: Row, result: Result) -> list[Any]:
    values: list[Any] = [row.key or "", row.label or "Unassigned"]
    for column in result.columns:
        value = row.cells[column.key]
        if isinstance(value, Rate):
            parts = [value.value, value.numerator, value.denominator]
            values += ["" if part is None else float(part) for part in parts]
        else:
            values.append("" if value is None else float(value))  # type: ignore[arg-type]
    return values


@pytest.mark.parametrize("report", ["company", "team"])
def test_a_workbook_read_by_another_program_equals_the_result(report, company):
    result = company.report(report, **MONTHS)
    pages = sheets_of(result_sheet(result))
    [header, *rows, totals] = pages[result.report.title]
    width = 2 + len(expected(result.rows[0], result)[2:])
    assert header[:3] == ["Key", "Row", "Created"]
    assert [row[:width] for row in rows] == [expected(row, result) for row in result.rows]
    total_row = Row("", "Total", result.totals)
    assert totals[:width] == expected(total_row, result)
    if report == "company":
        assert [row[width] for row in rows] == [False, False, True]


def test_a_list_in_a_workbook_has_dates_as_date_cells(company):
    listed = company.drilldown("company", "won_leads", "2026-02", **MONTHS)
    [header, first, _second] = sheets_of(drilldown_sheet(listed))["Won"]
    found = dict(zip(header, first, strict=True))
    assert found["Closed on"] == date(2026, 2, 3)
    assert (found["Lead"], found["Amount"], found["Days to close"]) == ("Lead L1", 1000, 29.125)


@pytest.mark.parametrize("text", ["=1+1", "https://example.com", "{=A1}", "@x"])
def test_a_name_is_never_a_formula_nor_a_link_in_a_workbook(text):
    sheet = Sheet("List", (Heading("title", "Title", "text"),), [(text,)])
    file = io.BytesIO()
    write_workbook(sheet, file)
    book = CalamineWorkbook.from_filelike(io.BytesIO(file.getvalue()))
    assert book.get_sheet_by_name("List").to_python()[1] == [text]


def test_a_workbook_has_the_filters_and_the_definitions_of_its_figures(company):
    about = (("Address", "https://example.com/reports/company/?from=2026-01-01"),)
    page = sheets_of(result_sheet(company.report("company", **MONTHS), about=about))["About"]
    assert page[0] == ["Address", "https://example.com/reports/company/?from=2026-01-01"]
    meaning = (
        "Won leads ÷ closed leads. A cancelled lead counts as not won. A closed "
        "lead counts on the day it was closed."
    )
    assert ["Win rate", meaning] in page


def test_a_list_longer_than_a_worksheet_continues_on_the_next(monkeypatch):
    monkeypatch.setattr(workbook, "MOST_ROWS", 3)
    headings = (Heading("n", "N", "count"),)
    pages = sheets_of(Sheet("A: list", headings, [(number,) for number in range(7)], (21,)))
    assert list(pages) == ["A  list", "A  list 2", "A  list 3", "About"]
    assert [row for name in list(pages)[:3] for row in pages[name][1:]] == [
        [number] for number in [*range(7), 21]
    ]


@pytest.mark.parametrize(
    ("chart", "texts"),
    [
        (SheetChart("A", "bar", across=("n", "m"), of_totals=True), ["$A$5", "$C$5"]),
        (SheetChart("A", "line", across=("n", "m"), is_time=True), ["$A$2", "$C$4"]),
        (SheetChart("A", "line", lines=("n", "m"), has_ranges=True), ["$A$2:$A$4", "hiLowLines"]),
        (SheetChart("A", "column", ("n",), ("m",), most=2), ["$A$2:$A$3", "$C$2:$C$3"]),
    ],
)
def test_a_chart_is_of_the_rows_or_of_the_totals(chart, texts):
    headings = (
        Heading("n", "N", "count"),
        Heading("label", "Row", "text"),
        Heading("m", "M", "money"),
    )
    rows = [(1, "a", 2), (3, "b", 4), (5, "c", 6)]
    file = io.BytesIO()
    write_workbook(Sheet("S", headings, rows, (9, "Total", 12), charts=(chart,)), file)
    xml = zipfile.ZipFile(file).read("xl/charts/chart1.xml").decode()
    for text in texts:
        assert text in xml

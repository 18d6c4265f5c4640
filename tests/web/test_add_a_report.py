"""The documentation page on adding a report is correct: its code, figures and French texts."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from leadlight.analytics import reports
from leadlight.analytics.metrics.columns import Rate
from leadlight.analytics.reports import CATALOGUE
from tests.analytics import laws, test_catalogue
from tests.analytics.asking import ReportClient
from tests.analytics.star import empty_star
from tests.analytics.worked import worked_company as worked_world
from tests.web.worked import MONTHS, THEN, figure, report_page

pytestmark = pytest.mark.answers

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "add-a-report.md").read_text()
KEY = "quick_wins"
NAME = f"leadlight.analytics.reports.{KEY}"
FEBRUARY = {"start": "2026-02-01", "to": "2026-02-28"}
LAWS = [
    test_catalogue.test_a_report_has_a_title_a_question_and_a_help_text,
    test_catalogue.test_every_figure_has_a_key_a_unit_and_a_definition,
    test_catalogue.test_an_address_is_parsed_back_to_the_same_filters,
    test_catalogue.test_rows_add_up_to_the_total,
    test_catalogue.test_as_of_a_past_instant_equals_a_report_on_what_was_recorded_by_then,
    test_catalogue.test_a_scope_gives_the_figures_of_a_company_with_only_its_leads,
]


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def made(name: str, code: str) -> ModuleType:
    module = ModuleType(name)
    exec(compile(code, f"{name} in add-a-report.md", "exec", dont_inherit=True), module.__dict__)
    return module


@pytest.fixture(autouse=True)
def added(monkeypatch):
    """The report of the page, inserted into the catalogue."""
    module = made(NAME, blocks("python")[0])
    monkeypatch.setitem(sys.modules, NAME, module)
    monkeypatch.setattr(reports, KEY, module, raising=False)
    monkeypatch.setitem(CATALOGUE, KEY, module.REPORT)
    monkeypatch.setitem(laws.TABLES, KEY, module.REPORT)
    return module


@pytest.fixture
def engine():
    engine = empty_star()
    yield engine
    engine.close()


@pytest.fixture
def company(engine):
    return ReportClient(engine, worked_world())


def test_the_tests_of_the_page_pass(company):
    module = made("the tests", blocks("python")[1])
    tests = [test for name, test in vars(module).items() if name.startswith("test_")]
    assert len(tests) == 4
    for test in tests:
        test(company)


def test_the_figures_on_the_page_equal_those_of_the_report(company):
    lines = re.findall(r"^\| (2026-\d\d-\d\d) \| (.+) \|$", PAGE, re.MULTILINE)
    assert len(lines) == 2
    for as_of, figures in lines:
        totals = company.report(KEY, **FEBRUARY, as_of=as_of).totals
        won, quick, share, amount = map(float, figures.split(" | "))
        assert totals["quick_rate"] == Rate(quick, won)
        assert round(totals["quick_rate"].value, 4) == share
        assert (totals["quick_leads"], totals["quick_amount"]) == (quick, amount)


def test_the_catalogue_lines_on_the_page_match_the_format_of_the_code():
    [change] = blocks("diff")
    catalogue = Path(reports.__file__).read_text()
    imported, listed = (line.removeprefix("+").strip() for line in change.splitlines())
    assert imported == f"{KEY},"
    assert re.search(r"\bcompany,", catalogue)
    assert listed.replace(KEY, "company") in catalogue


def test_the_french_translations_on_the_page_are_complete():
    marked = set(re.findall(r'gettext_noop\("(.+?)"\)', blocks("python")[0]))
    [french] = blocks("po")
    assert set(re.findall(r'^msgid "(.+)"$', french, re.MULTILINE)) == marked
    assert len(re.findall(r'^msgstr ".+"$', french, re.MULTILINE)) == len(marked)


@pytest.mark.parametrize("law", LAWS)
def test_the_added_report_obeys_the_laws_of_every_report(law):
    law(KEY)


def test_the_added_report_has_a_page_and_files(readers, visit):
    browser = visit(readers.ada)
    page = report_page(browser, KEY)
    assert figure(page, "quick_leads", "2026-02") == "1"
    assert "Amount won quickly" in page
    for kind in ("csv", "csv-excel", "xlsx", "pdf", "png"):
        response = browser.get(f"/reports/{KEY}/export/{kind}?{MONTHS}&{THEN}")
        assert response.status_code == 200
        assert b"".join(response.streaming_content)

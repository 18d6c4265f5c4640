"""Files whose names, headers and sheets contain names entered by users."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from email.message import Message
from html import unescape
from io import BytesIO
from itertools import count

import pytest
from python_calamine import CalamineWorkbook

from leadlight.analytics.export.native_charts import SheetChart
from leadlight.analytics.export.results import FRENCH_EXCEL, PLAIN, csv_of
from leadlight.analytics.export.sheets import Heading, Sheet
from leadlight.analytics.export.workbook import MOST_NAME, write_workbook
from leadlight.replication import replica
from leadlight.sales.models import Activity, ActivityType, Pipeline
from tests.seeds import IS_SEARCH
from tests.web.conftest import at

pytestmark = pytest.mark.database

FORMULAS = ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1"]
SINGLY = ("a\nb", 'a"b', "a;b", "😀", "Été", "a\\b", "=1+1")
TOGETHER = ('a\nb"c', "😀;Été\\b", "=1+1")
NAMES = [
    *("About", "ABOUT", "Chart", "History", "history", "'quoted'", "[]:*?/\\", "", "  ", "'"),
    *("x" * 200, "😀" * 40, "About" + " " * 40 + "x", "a\nb\x01c", "=1+1", "Sheet1"),
]


@pytest.fixture(autouse=True)
def left():
    yield
    replica.forget()


def sheet(title="Report", headings=("A", "B"), rows=((1, 2),)):
    return Sheet(
        title=title,
        headings=tuple(Heading(f"{one}.key", one, "count") for one in headings),
        rows=rows,
        totals=None,
        about=(("Asked", "all"),),
        definitions=(),
    )


def file_name(response):
    """Return the file name as a browser reads it."""
    header = Message()
    header["Content-Disposition"] = response.headers["Content-Disposition"]
    return header.get_filename()


@pytest.mark.search
@pytest.mark.parametrize("kind", ["csv", "csv-excel", "xlsx"])
def test_any_key_gives_a_valid_file_name(kind, cast, visit):
    browser = visit(cast.olga)
    keys = SINGLY if IS_SEARCH else TOGETHER
    for key in keys:
        called = ActivityType.objects.create(name=f"Sent {key}", kind="other", key=key)
        Activity.objects.create(
            activity_type=called, user=cast.olga, occurred_at=at(6), lead=cast.lead
        )
    for key in keys:
        question = {"from": "2026-01-01", "to": "2026-01-31", "column": f"activities:{key}"}
        response = browser.get(f"/reports/activities/leads/export/{kind}", question)
        b"".join(response)
        assert response.status_code == 200, key
        name = file_name(response)
        assert name.startswith("activities_activities:")
        ending = {"csv": ".csv", "csv-excel": "_french-excel.csv", "xlsx": ".xlsx"}[kind]
        assert re.search(rf"_2026-01-01_2026-01-31_as-of-[\d-]+{re.escape(ending)}$", name)
        assert key.replace("\n", "") in name.replace("\n", "")


@pytest.mark.parametrize("style", [PLAIN, FRENCH_EXCEL])
def test_a_header_that_looks_like_a_formula_is_escaped(style):
    text = "".join(csv_of(sheet(headings=FORMULAS), style))
    first = next(iter(text.lstrip("\ufeff").split("\r\n"))) if "\r=" not in text else text
    for formula in FORMULAS:
        assert f"'{formula}" in first


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("french", [False, True])
def test_any_name_gives_a_valid_workbook(name, french):
    said = {"About": "À propos", "Chart": "Graphique"}.get if french else None
    file = BytesIO()
    write_workbook(sheet(name), file, *([lambda phrase: said(str(phrase))] if french else []))
    book = CalamineWorkbook.from_filelike(BytesIO(file.getvalue()))
    first, about = book.sheet_names
    assert about == ("À propos" if french else "About")
    assert 0 < len(first.encode("utf-16-le")) / 2 <= MOST_NAME
    assert first.casefold() not in (about.casefold(), "history")
    assert not set(first) & set("[]:*?/\\") | ({"'"} & {first[0], first[-1]})
    assert first.isprintable()


@pytest.mark.parametrize("name", NAMES)
def test_any_name_gives_charts_of_the_page_of_that_name(name):
    file = BytesIO()
    charts = (SheetChart("A", "bar", ("A.key",)), SheetChart("B", "bar", across=("A.key", "B.key")))
    write_workbook(replace(sheet(name, rows=((1, 2), (3, 4))), charts=charts), file)
    first, chart, _about = CalamineWorkbook.from_filelike(BytesIO(file.getvalue())).sheet_names
    assert chart == "Chart"
    book = zipfile.ZipFile(file)
    for number in (1, 2):
        xml = book.read(f"xl/charts/chart{number}.xml").decode()
        formulas = unescape(" ".join(re.findall(r"<c:f>(.*?)</c:f>", xml, re.DOTALL)))
        named = re.findall(r"(?:'((?:[^']|'')*)'|(\w+))!\$", formulas)
        assert {(quoted or plain).replace("''", "'") for quoted, plain in named} == {first}


def test_parts_of_a_long_sheet_have_different_names(monkeypatch):
    monkeypatch.setattr("leadlight.analytics.export.workbook.MOST_ROWS", 2)
    file, numbers = BytesIO(), count()
    rows = [(next(numbers), 0) for _ in range(5)]
    write_workbook(sheet("x" * 40, rows=rows), file)
    names = CalamineWorkbook.from_filelike(BytesIO(file.getvalue())).sheet_names
    assert names == ["x" * 31, "x" * 29 + " 2", "x" * 29 + " 3", "About"]


def test_names_equal_to_the_about_sheet_give_a_valid_workbook(cast, visit):
    Pipeline.objects.update(name="About")
    ActivityType.objects.update(name="About")
    [called] = ActivityType.objects.all()
    for address in (
        f"/reports/activities/leads/export/xlsx?column=activities%3A{called.key}&period=all_time",
        "/reports/pipeline/export/xlsx?period=all_time",
    ):
        response = visit(cast.olga).get(address)
        b"".join(response)
        assert response.status_code == 200

"""Layout of a report on paper: orientation, size of type, and parts of a table that is too wide."""

from __future__ import annotations

import re

import pytest

from leadlight.presentation.paper import (
    LANDSCAPE,
    PAGE_LAYOUTS,
    PaperCell,
    PaperColumn,
    page_layout_for,
    paper_cells,
)
from leadlight.presentation.pdf.tables import parts
from tests.web.test_exports import file_of, read
from tests.web.worked import MONTHS, THEN, html


def column(title: str = "Won", text: str = "1,234,567") -> PaperColumn:
    return PaperColumn(title, "", "", "", ((PaperCell(text, "number"),),) * 3)


def test_a_cell_is_read_without_markup_and_hidden_words():
    row = (
        '<td class="number few"><a href="/x?a=1&amp;b=2" title="1 &gt; 0">5 &amp; 6</a></td>'
        '<td class="change worse" title="before: 3"><span aria-hidden="true">▲</span> 9 %'
        '<span class="visually-hidden"> worse</span></td><td></td>'
        '<td><svg class="trend" role="img"><polyline points="0,1"/></svg></td>'
    )
    figure, change, empty, trend = paper_cells(row)
    assert (figure.text, figure.looks) == ("5 & 6", "number few")
    assert (change.text, change.looks) == ("▲ 9 %", "change worse")
    assert (empty.text, trend.text) == ("", "")
    assert trend.svg.startswith("<svg")
    assert trend.svg.endswith("</svg>")


def test_a_table_is_upright_if_it_fits_then_smaller_then_wide():
    fits = [page_layout_for(["January"], [column()] * count) for count in range(1, 30)]
    places = [PAGE_LAYOUTS.index(fit) for fit in fits]
    assert places == sorted(places)
    assert set(places) == set(range(len(PAGE_LAYOUTS)))


def test_a_table_wider_than_a_page_is_split_into_parts_with_every_column():
    columns = [column(f"Column {number}") for number in range(40)]
    assert page_layout_for(["January"], columns) == PAGE_LAYOUTS[-1]
    found = list(parts(columns, 6, LANDSCAPE - 60))
    assert len(found) > 1
    assert [one for part in found for one in part] == columns
    assert all(sum(one.width(6) for one in part) <= LANDSCAPE - 60 for part in found)


@pytest.mark.answers
def test_a_pdf_has_the_columns_that_the_page_shows(readers, visit):
    browser = visit(readers.ada)
    query = f"{MONTHS}&{THEN}&columns=won_leads&columns=lost_leads"
    page = html(browser, f"/reports/company/?{query}")
    shown = re.findall(r'id="sort-(\w+)"', page)
    assert shown == ["label", "won_leads", "lost_leads"]
    text = read(file_of(browser, f"/reports/company/export/KIND?{query}", "pdf")[1])[1]
    assert "February 2026 2 1 €200" in text
    assert "Won Leads won in this period" in text
    assert "Cancelled Leads cancelled in this period" not in text

"""The page of the pipeline report: its funnel, its further tables, and the linked lists."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client as Browser
from django.utils import translation

from leadlight.presentation.charts.drawings import drawing_of
from leadlight.presentation.charts.report_charts import charts_of
from tests.analytics.asking import ReportClient
from tests.analytics.star import empty_star
from tests.analytics.worked import worked_company as toy_company
from tests.web.test_charts import drawn, values
from tests.web.worked import Readers, cells, figure, report_page, row_names

pytestmark = pytest.mark.answers

JANUARY = {"start": "2026-01-01", "to": "2026-01-31", "pipeline": "p"}


@pytest.fixture(scope="module")
def company():
    engine = empty_star()
    yield ReportClient(engine, toy_company())
    engine.close()


def test_the_funnel_shows_conversion_and_duration_of_each_step(company):
    [chart] = charts_of(company.report("pipeline", **JANUARY)).charts
    words = values(chart, "words")
    assert [(text["row"][4:], text["size"]) for text in words] == [
        ("Contact", 3),
        ("Offer", 2),
        ("Deal", 2),
    ]
    assert words[0]["said"].startswith("66.7% · ")
    assert "10" in words[1]["said"].split(" · ")[1]
    assert chart.title == "Entered, step conversion rate and median time in step"
    assert chart.finding == (
        "Largest loss: Contact, where 1 of 3 were lost or cancelled (33%). "
        "A step counts as entered when it or a later one is reached."
    )


def test_each_bar_of_the_funnel_is_stacked_by_what_became_of_the_leads(company):
    [chart] = charts_of(company.report("pipeline", **JANUARY)).charts
    assert [key.text for key in chart.keys] == ["Advanced", "Won in step", "Lost in step"]
    shown = [(bar["row"][4:], bar["place"], bar["size"]) for bar in values(chart, "bars")]
    assert [one for one in shown if one[2]] == [
        ("Contact", 0, 2),
        ("Contact", 2, 1),
        ("Offer", 0, 2),
        ("Deal", 1, 2),
    ]


def test_the_parts_of_the_funnel_add_up_to_what_entered_each_step(company):
    result = company.report("pipeline", **{**JANUARY, "to": "2026-03-15"})
    [chart] = charts_of(result).charts
    sums = {row.label: 0 for row in result.rows}
    for bar in values(chart, "bars"):
        sums[bar["row"][4:]] += bar["size"]
    assert sums == {row.label: row.cells["entered"] for row in result.rows}


def test_a_funnel_of_ten_steps_is_no_higher_than_260_pixels(company):
    result = company.report("pipeline", **JANUARY)
    rows = tuple(replace(row, key=f"{place}{row.key}") for place in range(4) for row in result.rows)
    [chart] = charts_of(replace(result, rows=rows[:10])).charts
    assert drawing_of(chart).height < 260 + 60  # with title and legend


def test_each_bar_of_the_funnel_links_to_its_list(company):
    [chart] = charts_of(company.report("pipeline", **JANUARY, skipping="visited")).charts
    assert chart.finding.endswith("A step counts as entered only if the lead was moved to it.")
    parts = {"Contact": "contact", "Offer": "offer", "Deal": "deal"}
    for bar in values(chart, "bars"):
        asked = dict(parse_qsl(urlsplit(bar["href"]).query))
        column = ("advanced", "won", "lost", "cancelled")[bar["place"]]
        assert (asked["column"], asked["row"]) == (column, parts[bar["row"][4:]])
        assert asked["skipping"] == "visited"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_funnel_can_be_rendered(company, language):
    with translation.override(language):
        [chart] = charts_of(company.report("pipeline", **JANUARY)).charts
        svg = drawn(chart)
    assert "NaN" not in svg
    assert "Contact" in svg
    assert svg.count("var(--series)") >= 3


def test_empty_reports_and_the_moves_table_have_no_chart(company):
    nothing = {"start": "2020-01-01", "to": "2020-12-31", "pipeline": "p"}
    assert charts_of(company.report("pipeline", **nothing)).charts == ()
    assert charts_of(company.report("pipeline", **JANUARY, view="moves")).charts == ()


def test_a_waterfall_leads_from_the_first_day_to_the_last(company):
    days = {"start": "2026-01-15", "to": "2026-02-10", "pipeline": "p", "view": "between"}
    amounts, counts = charts_of(company.report("pipeline", **days)).charts
    # L1, L2 and L3 were open, then won, won and lost; L4 came, L5 came and was not yet won.
    assert [(bar["row"][4:], bar["said"]) for bar in values(counts, "bars")] == [
        ("15 Jan 2026", "3"),
        ("Came in", "+2"),
        ("Won", "−2"),
        ("Lost", "−1"),
        ("10 Feb 2026", "2"),
    ]
    assert [(bar["start"], bar["end"]) for bar in values(counts, "bars")] == [
        *((0, 3), (3, 5), (5, 3), (3, 2), (0, 2))
    ]
    assert [bar["said"] for bar in values(amounts, "bars")] == [
        *("€1,700", "+€1,100", "−€1,500", "−€200", "€1,100")
    ]
    assert counts.finding == "Down 33%, from 3 on 15 Jan 2026 to 2 on 10 Feb 2026."
    won = dict(parse_qsl(urlsplit(values(amounts, "bars")[2]["href"]).query))
    assert (won["column"], won["view"]) == ("won_amount", "between")
    assert "<svg" in drawn(amounts)


def test_a_pipeline_in_which_nothing_was_has_no_waterfall(company):
    days = {"start": "2020-01-15", "to": "2020-02-10", "pipeline": "p", "view": "between"}
    assert charts_of(company.report("pipeline", **days)).charts == ()


# Pages


def signed_in(readers: Readers) -> Browser:
    browser = Browser()
    browser.force_login(readers.ada)
    return browser


def test_the_page_shows_the_default_pipeline_in_the_order_of_its_steps(readers):
    page = report_page(signed_in(readers), "pipeline", "from=2026-01-01&to=2026-01-31")
    assert row_names(page) == ["Contact", "Offer", "Deal"]
    assert figure(page, "entered", "contact") == "3"
    assert figure(page, "won", "deal") == "2"
    assert 'data-chart="chart-funnel"' in page


def test_every_figure_of_every_table_links_to_a_list(readers):
    browser = signed_in(readers)
    for view in ("", "moves", "people", "between"):
        page = report_page(browser, "pipeline", f"view={view}&from=2026-01-15&to=2026-02-10")
        found = [(address, text) for address, text in cells(page) if text != "0"]
        assert found
        for address, _text in found[::7]:
            assert browser.get(address, follow=True).status_code == 200


def test_the_page_links_to_its_further_tables(readers):
    page = report_page(signed_in(readers), "pipeline", "from=2026-01-01&to=2026-01-31")
    for title in ("Moves between steps", "Steps by person", "Then and now"):
        assert f">{title}</a>" in page


def test_the_total_is_named_on_the_card_in_the_row_and_in_its_explanation(readers):
    query = "from=2026-01-01&to=2026-01-31&pipeline=p"
    page = report_page(signed_in(readers), "pipeline", query)
    foot = page.partition("<tfoot>")[2].partition("</tfoot>")[0]
    assert '<th scope="row">Whole pipeline</th>' in foot
    assert ">Win rate of entries</span>" in foot
    assert ">Win rate of entries</a>" in page.partition("<table")[0]
    explained = report_page(
        signed_in(readers), "pipeline/explain", f"{query}&column=conversion_rate"
    )
    assert "Win rate of entries" in explained
    assert "In the total, this column is “Win rate of entries”." in explained

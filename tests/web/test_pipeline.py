"""The page of the pipeline report: its funnel, its further tables, and the linked lists."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client as Browser
from django.utils import translation

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
    bars = values(chart, "bars")
    assert [(bar["row"][4:], bar["size"]) for bar in bars] == [
        ("Contact", 3),
        ("Offer", 2),
        ("Deal", 2),
    ]
    assert [bar["said"].split(" · ")[0] for bar in bars] == ["3", "2", "2"]
    assert bars[0]["said"].startswith("3 · 66.7")
    assert "10" in bars[1]["said"].split(" · ")[2]
    assert chart.title == "Entered, on to the next and median days in step"
    assert [key.text for key in chart.keys] == [
        "A step counts as entered when it or a later one is reached"
    ]


def test_each_bar_of_the_funnel_links_to_its_list(company):
    [chart] = charts_of(company.report("pipeline", **JANUARY, skipping="visited")).charts
    assert chart.keys[0].text == "A step counts as entered only when visited"
    for bar, step in zip(values(chart, "bars"), ("contact", "offer", "deal"), strict=True):
        asked = dict(parse_qsl(urlsplit(bar["href"]).query))
        assert (asked["column"], asked["row"], asked["skipping"]) == ("entered", step, "visited")


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
    assert ">Won of entered</span>" in foot
    assert ">Won of entered</a>" in page.partition("<table")[0]
    explained = report_page(
        signed_in(readers), "pipeline/explain", f"{query}&column=conversion_rate"
    )
    assert "Won of entered" in explained
    assert "The total is “Won of entered”." in explained

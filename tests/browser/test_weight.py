"""Weight of a report page: the files a browser loads, their size, and those it waits for."""

from __future__ import annotations

import gzip
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Response, Route, expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.web.worked import MONTHS

# Real transactions: the server's thread must see the rows too.
pytestmark = pytest.mark.django_db(transaction=True)

REPORT = f"/reports/company/?{MONTHS}"
CHART_SCRIPT = "/static/leadlight/bundle.charts.js"
PRINT_STYLES = "/static/leadlight/print.css"
# A browser shows the figures when the page and its stylesheets have arrived. The scripts of every
# page follow, then that of the charts. The limits of size below are for a connection with 50 kB/s
# and 400 ms per request.
STYLESHEETS = {"/static/leadlight/app.css", "/static/leadlight/reports.css"}
SCRIPTS = {"/static/leadlight/bundle.js", "/static/django_htmx/htmx-2.min.js"}
# The files that a page names: those that a browser loads before it shows anything, and all.
BLOCKING = """() => [...document.querySelectorAll(
  "link[rel=stylesheet]:not([media]), script:not([type=module], [defer], [async], [type*=json])",
)].map((one) => new URL(one.href || one.src).pathname)"""
NAMED = """() => [...document.querySelectorAll("link[rel=stylesheet], script[src]")]
  .map((one) => new URL(one.href || one.src).pathname)"""
WITH_CHARTS = [
    f"/reports/company/?{MONTHS}",
    f"/reports/team/?{MONTHS}",
    f"/reports/team/?view=ranking&{MONTHS}",
    f"/reports/leads/?{MONTHS}",
    f"/reports/pipeline/?{MONTHS}",
    f"/reports/forecast/?{MONTHS}",
    f"/reports/forecast/?view=steps&{MONTHS}",
    f"/reports/categories/?{MONTHS}",
]


def path_of(response: Response) -> str:
    return urlsplit(response.url).path


def loaded(page: Page, address: str, charts: int = 0) -> dict[str, Response]:
    """Open a page, wait until its charts are drawn and it asks for nothing more.

    Return its responses by path.
    """
    responses: list[Response] = []
    page.on("response", lambda response: responses.append(response))
    page.goto(address)
    expect(page.locator(".chart svg.marks")).to_have_count(charts)
    page.wait_for_load_state("networkidle")
    return {path_of(response): response for response in responses}


def weight(response: Response) -> int:
    """Return the size of a response body as `leadlight serve` sends it.

    The test server does not compress static files, `leadlight serve` does: so an uncompressed body
    is compressed here.
    """
    if response.header_value("content-encoding"):
        return response.request.sizes()["responseBodySize"]
    return len(gzip.compress(response.body()))


def test_a_report_waits_for_few_bytes_and_loads_the_chart_script_after_its_figures(
    page, readers, enter
):
    enter(page, readers.ada)
    responses = loaded(page, REPORT, charts=3)
    assert {*page.evaluate(BLOCKING)} == STYLESHEETS
    assert {*page.evaluate(NAMED)} == STYLESHEETS | SCRIPTS | {PRINT_STYLES}
    # The script of every page asks for that of the charts, after the page is read.
    asked = {path for path in responses if path.endswith((".css", ".js"))}
    assert asked == STYLESHEETS | SCRIPTS | {PRINT_STYLES, CHART_SCRIPT}
    weights = {path: weight(response) for path, response in responses.items()}
    assert weights["/reports/company/"] + sum(weights[path] for path in STYLESHEETS) < 25_000
    assert sum(weights[path] for path in SCRIPTS) < 24_000
    assert weights[CHART_SCRIPT] < 155_000


def test_a_page_without_a_chart_does_not_load_the_chart_script(page, readers, enter):
    enter(page, readers.ada)
    assert "/static/leadlight/bundle.js" in (responses := loaded(page, "/leads/"))
    assert CHART_SCRIPT not in responses


def test_until_the_chart_script_is_loaded_the_chart_is_a_picture_of_the_same_size(
    readers, open_page, enter
):
    page = enter(open_page(color_scheme="dark"), readers.ada)
    held: list[Route] = []
    page.route(f"**{CHART_SCRIPT}", lambda route: held.append(route))
    page.goto(REPORT)
    chart = page.locator("[data-chart=chart-counts]")
    expect(chart.locator("img")).to_be_visible()
    expect(page.locator(".figures tbody tr")).to_have_count(3)
    before = chart.bounding_box()
    address = urlsplit(chart.locator("img").get_attribute("src"))
    assert address.path == "/reports/company/charts/counts.svg"
    assert address.query == f"{MONTHS}&scheme=dark&width={before['width']:.0f}"
    for route in held:
        route.continue_()
    expect(chart.locator("svg.marks")).to_be_visible()
    expect(chart.locator("img")).to_have_count(0)
    assert chart.bounding_box() == pytest.approx(before, abs=0.5)


@pytest.mark.parametrize(
    ("size", "language", "color_scheme", "query"),
    [
        (DESKTOP, "fr", "dark", "&scheme=dark"),
        (PHONE, "en", "light", "&width=350"),
    ],
)
def test_without_scripts_a_chart_is_a_picture_with_a_description(
    size, language, color_scheme, query, browser, live_server, readers, enter
):
    context = browser.new_context(
        base_url=live_server.url,
        java_script_enabled=False,
        viewport={"width": size[0], "height": size[1]},
        locale=language,
        color_scheme=color_scheme,
    )
    page = enter(context.new_page(), readers.ada)
    responses = loaded(page, REPORT)
    chart = page.locator("[data-chart=chart-counts]")
    picture, description = chart.locator("img"), chart.get_attribute("aria-label")
    assert picture.get_attribute("alt") == description
    address = picture.evaluate("(image) => image.currentSrc")
    assert urlsplit(address).path == "/reports/company/charts/counts.svg"
    assert urlsplit(address).query == MONTHS + query
    response = page.request.get(address, headers={"Accept-Language": language})
    assert {"en": "Feb 2026", "fr": "févr. 2026"}[language] in response.text()
    assert picture.bounding_box()["height"] > 150
    assert CHART_SCRIPT not in responses
    context.close()


def test_the_chart_script_has_the_parts_of_vega_that_the_reports_need(page, readers, enter):
    enter(page, readers.ada)
    for address in WITH_CHARTS:
        page.goto(address)
        charts = page.locator("[data-chart]").count()
        assert charts > 0, address
        expect(page.locator(".chart svg.marks")).to_have_count(charts)


def test_filters_redraw_the_chart_without_asking_for_its_picture(page, readers, enter):
    enter(page, readers.ada)
    page.goto(REPORT)
    expect(page.locator(".chart svg.marks")).to_have_count(3)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.locator("#filter-period").select_option("all_time")
    page.wait_for_url("**/?period=all_time&bucket=month")
    expect(page.locator(".chart svg.marks")).to_have_count(3)
    assert [address for address in asked if "/charts/" in address or ".js" in address] == []

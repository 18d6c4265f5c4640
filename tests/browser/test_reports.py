"""Reading a report in a real browser: filters, sorting, and opening the leads behind a figure."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, press
from tests.web.worked import MONTHS

# Real transactions: the server's thread must see the rows too.
pytestmark = pytest.mark.django_db(transaction=True)

REPORT = f"/reports/company/?{MONTHS}"
TEAM = f"/reports/team/?{MONTHS}"
SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])


def assert_fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def wait_for_address(page: Page, ending: str) -> None:
    page.wait_for_url(lambda address: address.endswith(ending))


# Display


@SIZES
@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_charts_are_drawn_and_fit_the_screen(
    size, language, color_scheme, readers, open_page, enter
):
    page = enter(open_page(size, language, color_scheme), readers.ada)
    for address, pictures in [(REPORT, 3), (f"{TEAM}&compare=last_year", 2)]:
        page.goto(address)
        expect(page.locator(".chart svg.marks")).to_have_count(pictures)
        expect(page.locator(".report-cards .card")).to_have_count(5)
        assert_fits(page)
    expect(page.locator("html")).to_have_attribute("lang", language)


@SIZES
def test_the_texts_of_cards_keep_clear_of_the_edges(size, readers, open_page, enter):
    page = enter(open_page(size), readers.ada)
    page.goto(REPORT)
    insets = page.locator(".report-cards .card").evaluate_all(
        "cards => cards.map((card) => parseFloat(getComputedStyle(card).paddingInlineStart))"
    )
    assert len(insets) == 5
    assert min(insets) >= 6


def test_months_and_amounts_of_the_chart_are_in_french_for_a_french_browser(
    readers, open_page, enter
):
    page = enter(open_page(language="fr"), readers.ada)
    page.goto(REPORT)
    expect(page.locator(".chart").get_by_text("févr. 2026", exact=True).first).to_be_visible()
    expect(page.locator(".chart").get_by_text(re.compile(r"^1\s500\s€$")).first).to_be_visible()


def test_the_colours_of_the_chart_follow_the_color_scheme(readers, open_page, enter):
    fills = set()
    for scheme in ("light", "dark"):
        page = enter(open_page(color_scheme=scheme), readers.ada)
        page.goto(REPORT)
        mark = page.locator(".chart path[fill='var(--won)']").last
        fills.add(mark.evaluate("mark => getComputedStyle(mark).fill"))
    assert len(fills) == 2
    assert "none" not in fills


def test_a_chart_adapts_to_the_width_of_the_page(page, readers, enter):
    enter(page, readers.ada)
    page.goto(REPORT)
    picture = page.locator(".chart svg.marks").first
    before = picture.bounding_box()["width"]
    page.set_viewport_size({"width": 700, "height": 900})
    page.wait_for_function(
        "before => document.querySelector('.chart svg').clientWidth > before + 100", arg=before
    )
    assert_fits(page)


# Filters


@SIZES
def test_changing_the_period_updates_results_and_address_in_place(size, readers, open_page, enter):
    page = enter(open_page(size), readers.ada)
    page.goto(REPORT)
    page.evaluate("document.body.dataset.kept = 'yes'")
    page.locator("#filter-period").select_option("all_time")
    wait_for_address(page, "/reports/company/?period=all_time&bucket=month")
    expect(page.locator("#resolved")).to_have_attribute("data-first", "2026-01-05")
    expect(page.locator(".chart svg.marks")).to_have_count(3)
    assert page.evaluate("document.body.dataset.kept") == "yes"
    page.go_back()
    expect(page.locator("#filter-from")).to_have_value("2026-01-01")


def test_custom_days_are_prefilled_with_the_previous_period(page, readers, enter):
    enter(page, readers.ada)
    page.goto("/reports/company/?period=all_time")
    expect(page.locator("#filter-from")).to_be_hidden()
    page.locator("#filter-period").select_option("custom")
    expect(page.locator("#filter-from")).to_be_visible()
    expect(page.locator("#filter-from")).to_have_value("2026-01-05")
    page.wait_for_url(lambda address: "?from=2026-01-05&to=" in address)
    page.locator("#filter-to").fill("2026-02-28")
    wait_for_address(page, "/?from=2026-01-05&to=2026-02-28")
    page.locator("#filter-period").select_option("all_time")
    wait_for_address(page, "/?period=all_time")


def test_sellers_are_chosen_from_a_menu_and_removed_as_chips(page, readers, enter):
    enter(page, readers.ada)
    page.goto(REPORT)
    page.locator("summary", has_text="Filters").click()
    menu = page.locator("details[data-dimension=user]")
    menu.locator("summary").click()
    menu.get_by_label("Bo Berg").check()
    wait_for_address(page, f"{REPORT}&user=bo")
    menu.get_by_label("Ana Abreu").check()
    wait_for_address(page, "&user=ana&user=bo")
    expect(page.locator("#chosen-user")).to_have_text("2")
    press(page, "Escape")
    expect(menu.locator(".panel")).to_be_hidden()
    press(page, "Escape")
    page.get_by_role("link", name="Remove User: Bo Berg").click()
    wait_for_address(page, f"{REPORT}&user=ana")
    expect(page.locator("#chosen-user")).to_have_text("1")
    page.locator("summary", has_text="Filters").click()
    menu.locator("summary").click()
    expect(menu.get_by_label("Ana Abreu")).to_be_checked()
    expect(menu.get_by_label("Bo Berg")).not_to_be_checked()


def test_sources_are_searched_on_the_server(page, readers, enter):
    from leadlight.sales.models import Lead

    Lead.objects.filter(key__in=["L1", "L2"]).update(source="Fair")
    Lead.objects.filter(key="L3").update(source="Web")
    enter(page, readers.ada)
    page.goto(REPORT)
    page.locator("summary", has_text="Filters").click()
    menu = page.locator("details[data-dimension=source]")
    menu.locator("summary").click()
    search = menu.get_by_label("Search")
    with page.expect_response(lambda response: "/choices/source/" in response.url):
        search.focus()
    expect(menu.get_by_label("Web")).to_be_visible()
    with page.expect_response(lambda response: "fai" in response.url):
        search.fill("fai")
    expect(menu.get_by_label("Web")).to_have_count(0)
    menu.get_by_label("Fair").check()
    wait_for_address(page, "&source=Fair")
    expect(page.locator("#filters")).to_be_visible()


def test_an_error_replaces_the_results_and_can_be_corrected_in_the_bar(
    page, readers, enter, complaints
):
    enter(page, readers.ada)
    page.goto(REPORT)
    page.locator("#filter-to").fill("2025-12-31")
    expect(page.get_by_role("alert")).to_contain_text("is before the first day")
    page.locator("#filter-to").fill("2026-03-31")
    expect(page.locator(".report-cards")).to_be_visible()
    assert [text for text in complaints if "400" not in text] == []
    complaints.clear()


def test_a_report_works_without_scripts(readers, browser, live_server, enter):
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = enter(context.new_page(), readers.ada)
    page.goto("/reports/company/")
    page.locator("#filter-period").select_option("all_time")
    page.get_by_role("button", name="Show").click()
    wait_for_address(page, "/reports/company/?period=all_time&compare=previous")
    expect(page.locator(".report-cards")).to_be_visible()
    context.close()


# Sorting and drill-down


def test_any_column_sorts_in_both_directions(page, readers, enter):
    enter(page, readers.ada)
    page.goto(TEAM)
    names = page.locator(".figures tbody th")
    page.locator(".figures thead").get_by_role("link", name="User").click()
    expect(names).to_have_text(["Ada", "Ana Abreu", "Bo Berg", "Mona", "Uma"])
    page.locator(".figures thead").get_by_role("link", name="Lost", exact=True).click()
    expect(names.first).to_have_text("Bo Berg")
    wait_for_address(page, "&sort=-lost_leads")
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("Lost")
    page.locator(".figures thead").get_by_role("link", name="Lost", exact=True).click()
    expect(names.last).to_have_text("Bo Berg")
    page.locator("#filter-period").select_option("all_time")
    wait_for_address(page, "/reports/team/?period=all_time&bucket=month&sort=lost_leads")


@SIZES
def test_a_figure_opens_its_leads(size, readers, open_page, enter):
    page = enter(open_page(size), readers.ada)
    page.goto(REPORT)
    row = page.locator(".figures tbody tr").nth(1)
    number = row.locator("a[href*='column=won_leads']")
    expect(number).to_have_text("2")
    number.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Won · February 2026")
    expect(page.locator(".leads-behind tbody tr")).to_have_count(2)
    assert_fits(page)
    page.get_by_role("link", name="Lead 1").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Lead 1")
    page.go_back()
    page.get_by_role("link", name="← Company performance").click()
    expect(page).to_have_url(re.compile(re.escape(REPORT) + "$"))


def test_a_mark_of_the_chart_shows_its_figure_and_opens_its_leads(page, readers, enter):
    enter(page, readers.ada)
    page.goto(REPORT)
    won = page.locator("[data-chart=chart-counts] path[fill='var(--won)']").nth(1)
    won.hover()
    expect(page.locator("#tip")).to_have_text(re.compile(r"February 2026\s+Won: 2"))
    won.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Won · February 2026")


def test_a_figure_has_an_explanation(page, readers, enter):
    enter(page, readers.ada)
    page.goto(REPORT)
    panel = page.locator(".column-chooser .panel")
    page.locator("summary", has_text="Columns").click()
    expect(panel).to_be_visible()
    expect(panel).to_contain_text("A cancelled lead counts as not won")
    press(page, "Escape")
    expect(panel).to_be_hidden()


def test_columns_are_chosen_and_sorting_keeps_the_place(page, readers, enter):
    enter(page, readers.ada)
    page.goto(f"{TEAM}&compare=previous")
    heads = page.locator(".figures thead tr").last.get_by_role("columnheader")
    page.locator("summary", has_text="Columns").click()
    panel = page.locator(".column-chooser .panel")
    panel.get_by_label("Average sales cycle").check()
    panel.get_by_label("Win rate").uncheck()
    panel.get_by_role("button", name="Show these columns").click()
    page.wait_for_url(re.compile("&columns=mean_days_to_win&"))
    expect(heads.filter(has_text="Average sales cycle")).to_have_count(1)
    expect(heads.filter(has_text="Win rate")).to_have_count(0)
    page.set_viewport_size({"width": 700, "height": 800})
    frame = page.locator("#frame")
    frame.evaluate("frame => frame.scrollTo(400, 0)")
    sort = page.locator("#sort-open_leads")
    sort.focus()
    press(page, "Enter")
    page.wait_for_url(re.compile("&sort=-open_leads&"))
    # The address changes before the table does.
    expect(heads.filter(has=sort)).to_have_attribute("aria-sort", "descending")
    expect(sort).to_be_focused()
    page.wait_for_function("document.querySelector('#frame').scrollLeft >= 300")
    expect(heads.filter(has_text="Average sales cycle")).to_have_count(1)
    page.locator("summary", has_text="Columns").click()
    page.get_by_role("link", name="Default columns").click()
    expect(heads.filter(has_text="Win rate")).to_have_count(1)


def test_rows_stay_compact_once_chosen(page, readers, enter):
    enter(page, readers.ada)
    page.goto(REPORT)
    row = page.locator(".figures tbody tr").first
    before = row.bounding_box()["height"]
    page.get_by_role("button", name="Compact rows").click()
    assert row.bounding_box()["height"] < before
    page.reload()
    expect(page.get_by_role("button", name="Compact rows")).to_have_attribute(
        "aria-pressed", "true"
    )
    assert row.bounding_box()["height"] < before


def test_the_heads_of_a_table_stick_to_the_page(page, readers, enter):
    enter(page, readers.ada)
    page.set_viewport_size({"width": 1440, "height": 500})
    page.goto("/reports/company/?from=2025-01-01&to=2026-03-31&bucket=month")
    page.locator(".figures tfoot").scroll_into_view_if_needed()
    head = page.locator(".figures thead").bounding_box()
    assert 0 <= head["y"] < 100


def test_a_period_steps_back_and_forth(page, readers, enter):
    enter(page, readers.ada)
    page.goto("/reports/company/?from=2026-02-01&to=2026-02-28")
    page.locator("#earlier").click()
    wait_for_address(page, "from=2026-01-01&to=2026-01-31")
    expect(page.locator("#resolved")).to_contain_text("1–31 Jan 2026")
    expect(page.locator("#announced")).to_contain_text("From 1 Jan 2026 to 31 Jan 2026.")
    page.locator("#later").click()
    wait_for_address(page, "from=2026-02-01&to=2026-02-28")


def test_filters_and_figures_can_be_reached_with_the_keyboard(page, readers, enter):
    enter(page, readers.ada)
    page.goto(REPORT)
    page.locator(".all-filters > summary").focus()
    press(page, "Enter")
    page.locator("details[data-dimension=user] summary").focus()
    press(page, "Enter")
    press(page, "Tab")
    press(page, "Space")
    wait_for_address(page, "&user=me")
    press(page, "Escape")
    expect(page.locator("details[data-dimension=user] summary")).to_be_focused()


@pytest.mark.parametrize("kind", ["XLSX", "CSV", "CSV for French Excel"])
def test_a_report_can_be_downloaded(kind, page, readers, enter):
    enter(page, readers.ada)
    page.goto(REPORT)
    page.locator("summary", has_text="Export").click()
    with page.expect_download() as taken:
        page.get_by_role("link", name=kind, exact=True).click()
    ending = {"XLSX": ".xlsx", "CSV": ".csv", "CSV for French Excel": "_french-excel.csv"}[kind]
    name = r"company_2026-01-01_2026-03-31_as-of-\d{4}-\d\d-\d\d-\d{4}"
    assert re.fullmatch(name + re.escape(ending), taken.value.suggested_filename)


def test_an_explanation_opens_by_click_or_key_and_has_a_shareable_link(open_page, readers, enter):
    page = enter(open_page(), readers.ada)
    page.goto(REPORT)
    panel = page.locator("dialog#explain")
    number = page.locator(".figures tbody a[href$='column=win_rate&row=2026-02']")
    number.focus()
    press(page, "e")
    expect(panel.get_by_role("heading", level=2)).to_have_text("Win rate · February 2026")
    expect(panel).to_contain_text("Won: 2 ÷ Closed: 4")
    press(page, "Escape")
    expect(panel).to_be_hidden()
    expect(number).to_be_focused()

    page.locator(".report-cards").get_by_role("link", name="Win rate").click()
    expect(panel.get_by_role("heading", level=2)).to_have_text("Win rate")
    link = panel.get_by_role("link", name="Link to this explanation").get_attribute("href")
    other = enter(open_page(), readers.ada)
    other.goto(link)
    expect(other.get_by_role("heading", level=1)).to_have_text("Win rate")
    expect(other.locator(".parts")).to_have_text(panel.locator(".parts").inner_text())


# Data quality


def test_the_data_quality_strip_loads_when_scrolled_to(readers, open_page, enter):
    page = enter(open_page(size=(1280, 500)), readers.ada)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(REPORT)
    strip = page.locator(".quality")
    expect(page.locator(".chart svg.marks")).to_have_count(3)
    assert not any("/quality/" in address for address in asked)
    # At once: the section that comes into view is replaced.
    page.evaluate("document.querySelector('.quality').scrollIntoView()")
    expect(strip.get_by_role("heading", name="Reopened")).to_be_visible()
    assert sum("/quality/" in address for address in asked) == 1


def test_without_scripts_data_quality_is_a_separate_page(browser, live_server, readers, enter):
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = enter(context.new_page(), readers.ada)
    page.goto(REPORT)
    page.locator(".quality").get_by_role("link", name="Data quality").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Data quality")
    expect(page.get_by_role("heading", name="Reopened")).to_be_visible()
    context.close()

"""Journeys of an admin, a manager and a seller through the reports in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from leadlight.sales.models import Lead, Shortcut
from tests.browser.conftest import DESKTOP, PHONE, press
from tests.web.worked import MONTHS

# Real transactions: the server's thread must see the rows too.
pytestmark = pytest.mark.django_db(transaction=True)

# Script that lists accessibility faults and horizontal overflow.
FLAWS = """() => {
  const flaws = [], told = new Set();
  const shown = element => element.checkVisibility();
  for (const { id } of document.querySelectorAll("[id]")) {
    if (told.has(id)) flaws.push(`two elements are #${id}`);
    told.add(id);
  }
  if (document.querySelectorAll("h1").length !== 1) flaws.push("there is not one h1");
  for (const field of document.querySelectorAll("input:not([type=hidden]), select, textarea"))
    if (shown(field) && !field.labels.length && !field.ariaLabel)
      flaws.push(`no label: ${field.outerHTML}`);
  for (const one of document.querySelectorAll("main a[href], main button, main summary"))
    if (shown(one) && !(one.ariaLabel || one.textContent.trim() || one.title))
      flaws.push(`no name: ${one.outerHTML}`);
  for (const table of document.querySelectorAll("main table"))
    if (!table.querySelector("thead th[scope=col]")) flaws.push("a table without headers");
  if (document.documentElement.scrollWidth > window.innerWidth) flaws.push("wider than the screen");
  return flaws;
}"""


def assert_sound(page: Page) -> None:
    assert page.evaluate(FLAWS) == []


def go(page: Page, address: str) -> None:
    page.goto(address)
    assert_sound(page)


def open_tab(page: Page, name: str) -> None:
    page.locator(".tabs").get_by_role("link", name=name, exact=True).click()
    expect(page.locator(".tabs [aria-current=page]")).to_have_text(name)
    assert_sound(page)


def heading(page: Page, text: str | re.Pattern[str]) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def created_in_all(page: Page) -> int:
    return int(page.locator(".figures tfoot a[href$='column=created_leads']").inner_text())


def test_an_admin_opens_every_table(page, readers, enter):
    enter(page, readers.ada)
    tables = {
        "activities": [],
        "leads": ["Cohorts by month", "Needs attention"],
        "pipeline": ["Moves between steps", "Steps by person", "Then and now"],
    }
    for key, tabs in tables.items():
        go(page, f"/reports/{key}/?{MONTHS}")
        expect(page.locator(".figures tbody tr").first).to_be_visible()
        for tab in tabs:
            open_tab(page, tab)
            expect(page.locator(".figures tbody tr").first).to_be_visible()
    go(page, f"/reports/activities/?{MONTHS}")
    open_tab(page, "Goals")
    expect(page.get_by_text("These rows have no goals.")).to_be_visible()
    for key in ("prospecting", "categories", "losses"):
        go(page, f"/reports/{key}/?{MONTHS}")
        expect(page.locator(".figures tfoot")).to_be_visible()


def test_an_admin_compares_the_pipeline_on_two_days_and_opens_the_won_leads(page, readers, enter):
    enter(page, readers.ada)
    go(page, "/reports/pipeline/?view=between&from=2026-01-31&to=2026-02-28")
    total = page.locator(".figures tfoot").get_by_role("link")
    first_day, came_in, last_day = (
        int(page.locator(f".figures tfoot a[href$='column={key}']").inner_text())
        for key in ("at_start", "came_in", "at_end")
    )
    gone = sum(
        int(page.locator(f".figures tfoot a[href$='column={key}']").inner_text())
        for key in ("won", "lost", "cancelled", "left")
    )
    assert first_day + came_in - gone == last_day
    total.first.click()
    heading(page, re.compile("^First day"))
    expect(page.locator(".leads-behind tbody tr")).to_have_count(first_day)
    assert_sound(page)


def test_a_manager_sets_a_goal_that_appears_next_to_the_activities(page, readers, enter):
    enter(page, readers.mona)
    go(page, "/goals/")
    form = page.locator("form", has_text="Set a goal")
    form.locator("[name=holder]").select_option("user:bo")
    form.locator("[name=counted]").select_option("won_leads")
    form.locator("[name=period]").select_option("month")
    form.locator("[name=starts_on]").fill("2026-01-01")
    form.locator("[name=target]").fill("10")
    form.get_by_role("button", name="Set the goal").click()
    expect(page.locator(".table tbody tr")).to_have_count(1)
    expect(page.locator(".table tbody tr")).to_contain_text("Bo Berg")
    go(page, "/reports/activities/?view=goals&from=2026-02-01&to=2026-02-28")
    row = page.locator(".figures tbody tr", has_text="Bo Berg")
    expect(row.get_by_role("link", name="10", exact=True)).to_be_visible()
    expect(row).to_contain_text("February 2026")


def test_a_manager_saves_and_shares_a_report_that_a_seller_opens(open_page, readers, enter):
    manager = enter(open_page(), readers.mona)
    go(manager, "/reports/leads/?group_by=user&period=this_year")
    manager.locator(".save-shortcut summary").click()
    form = manager.locator("#save-shortcut")
    form.locator("[name=name]").fill("Our year")
    form.locator("[name=sharing]").select_option("team:south")
    form.get_by_role("button", name="Save").click()
    go(manager, "/shortcuts/")
    line = manager.locator("tbody tr", has_text="Our year")
    if line.get_by_role("button", name="Pin Our year", exact=True).count():
        line.get_by_role("button", name="Pin Our year", exact=True).click()
    expect(manager.locator("#pinned").get_by_role("link", name="Our year")).to_be_visible()
    line.get_by_role("button", name="Default Our year").click()
    manager.get_by_role("navigation").get_by_role("link", name="Lead performance").click()
    expect(manager.locator(".figures thead")).to_contain_text("User")

    seller = enter(open_page(), readers.bo)
    go(seller, "/shortcuts/")
    expect(seller.locator("tbody tr")).to_have_count(1)
    expect(seller.get_by_role("link", name="Delete Our year")).to_have_count(0)
    seller.get_by_role("link", name="Our year", exact=True).click()
    heading(seller, "Lead performance")
    expect(seller.locator(".figures tbody th").filter(has_text="Bo Berg")).to_have_count(1)
    admin = enter(open_page(), readers.ada)
    admin.goto(seller.url)
    assert 0 < created_in_all(seller) < created_in_all(admin)
    assert_sound(seller)


def test_a_seller_reads_the_overview_and_waiting_leads_on_a_phone(phone, readers, enter):
    enter(phone, readers.bo)
    go(phone, "/reports/")
    heading(phone, "My numbers")
    expect(phone.get_by_role("list", name="This month").get_by_role("listitem")).to_have_count(6)
    phone.get_by_role("button", name="Menu").click()
    phone.get_by_role("link", name="Goals", exact=True).click()
    expect(phone.get_by_text("No goals are set for you.")).to_be_visible()
    go(phone, f"/reports/leads/?{MONTHS}")
    for tab in ("Cohorts by month", "Needs attention"):
        open_tab(phone, tab)
    go(phone, f"/reports/pipeline/?view=between&{MONTHS}")


def test_a_figure_of_the_overview_opens_its_explanation(page, readers, enter):
    enter(page, readers.ada)
    go(page, "/reports/")
    page.get_by_role("link", name="Open amount").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", level=2)).to_contain_text("Open amount")
    press(page, "Escape")
    expect(dialog).not_to_be_visible()
    page.get_by_role("list", name="This month").locator(".value a").first.press("e")
    expect(dialog.get_by_role("heading", level=2)).to_contain_text("Won amount")
    assert_sound(page)


def test_the_reports_are_in_french_for_a_french_browser(open_page, readers, enter):
    page = enter(open_page(language="fr"), readers.ada)
    go(page, "/reports/")
    heading(page, "Vue d’ensemble")
    for key in ("activities", "pipeline", "prospecting"):
        go(page, f"/reports/{key}/?{MONTHS}")
        assert "%(" not in page.locator("main").inner_text()
    go(page, f"/reports/leads/?view=triangle&{MONTHS.replace('&bucket=month', '')}")
    expect(page.locator(".figures tbody th").first).to_have_text("Janvier 2026")
    expect(page.locator(".figures tbody")).to_contain_text(re.compile(r"\d+,\d\s%"))


@pytest.mark.parametrize("view", ["triangle", "work"])
def test_a_further_table_is_downloaded_as_shown(view, page, readers, enter):
    enter(page, readers.ada)
    page.goto(f"/reports/leads/?view={view}&from=2026-01-01&to=2026-03-31")
    page.locator("summary", has_text="Export").click()
    for kind, ending in (("XLSX", "xlsx"), ("PDF", "pdf"), ("CSV", "csv")):
        link = page.get_by_role("link", name=kind, exact=True)
        if not link.is_visible():
            page.locator("summary", has_text="Export").click()
        with page.expect_download() as taken:
            link.click()
        assert taken.value.suggested_filename.endswith(f".{ending}")
    written = taken.value.path().read_text()
    shown = page.locator(".figures tbody tr").count()
    assert len(written.strip().splitlines()) >= shown + 1


def test_the_leads_of_the_pipeline_can_be_reached_on_a_phone(open_page, readers, enter):
    page = enter(open_page(PHONE), readers.ada)
    go(page, f"/reports/pipeline/?{MONTHS}")
    page.locator(".figures tbody a[href*='column=entered']").first.click()
    heading(page, re.compile("^Entered · "))
    expect(page.locator(".leads-behind tbody tr").first).to_be_visible()
    assert_sound(page)


def test_an_admin_opens_the_past_and_explains_the_changes_since(open_page, readers, enter):
    """As of 1 March L5, amount 300, was won; it was reopened on 2 March."""
    for size, language in ((DESKTOP, "en"), (PHONE, "fr")):
        page = enter(open_page(size=size, language=language), readers.ada)
        words = {
            "en": ("As of", "Back to now", "What changed since then", "Reopened"),
            "fr": ("État au", "Revenir à l’état actuel", "Ce qui a changé depuis", "Rouvertes"),
        }
        as_of, back, changed, reopened = words[language]
        go(page, "/reports/company/?from=2026-02-01&to=2026-02-28")
        won = page.locator(".figures tfoot a[href$='column=won_leads']")
        expect(won).to_have_text("2")
        page.locator("summary").filter(has_text=as_of).click()
        page.locator("#filter-as_of").fill("2026-03-01")
        expect(won).to_have_text("3")
        page.locator("#filter-as_of_time").fill("12:00")
        expect(page.locator(".past")).to_contain_text("12:00")
        expect(page.locator("#filter-as_of")).to_have_value("2026-03-01")
        assert "as_of=2026-03-01T12%3A00%3A00%2B01%3A00" in page.url
        assert_sound(page)
        page.locator(".past").get_by_role("link", name=back).click()
        expect(page.locator(".past")).to_have_count(0)
        expect(won).to_have_text("2")
        expect(page.locator("#filter-as_of")).to_have_value("")
        assert "as_of" not in page.url
        go(page, "/reports/company/?from=2026-02-01&to=2026-02-28&as_of=2026-03-01")
        page.locator(".past").get_by_role("link", name=changed).click()
        expect(page.locator(".bridge thead")).to_contain_text(reopened)
        page.locator(".bridge a[href*='column=won_amount']").first.click()
        expect(page.locator(".leads-behind tbody tr")).to_have_count(1)
        expect(page.locator(".leads-behind tbody")).to_contain_text("Lead 5")
        assert_sound(page)


def test_a_shortcut_links_to_the_changes_since_its_last_opening(page, readers, enter):
    enter(page, readers.ana)
    kept = Shortcut.objects.create(
        owner=readers.ana, name="February", report="company", query="from=2026-02-01&to=2026-02-28"
    )
    go(page, f"/shortcuts/{kept.key}/")
    expect(page.locator(".said")).not_to_contain_text("last opened")
    Lead.objects.get(key="L1").set_amount(900, by=readers.ana)
    go(page, f"/shortcuts/{kept.key}/")
    page.get_by_role("link", name="What changed since you last opened “February”").click()
    row = page.locator(".bridge tbody tr").filter(has_text="Won amount")
    expect(row).to_contain_text("€100")
    assert_sound(page)

"""Reports as of the past: the control in the filter bar, presets, the link back, and notices."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest

from tests import clock
from tests.web.pages import Page
from tests.web.worked import MONTHS, THEN, html, report_page

pytestmark = pytest.mark.answers


def control(page):
    """Return type and value of the day field, and the value of the time field."""
    [day] = re.findall(r'type="(\w+)" id="filter-as_of" name="as_of"\s+value="([^"]*)"', page)
    [hour] = re.findall(r'id="filter-as_of_time" name="as_of_time" value="([^"]*)"', page)
    return (*day, hour)


def test_the_bar_shows_the_as_of_instant_as_day_and_time(readers, visit):
    browser = visit(readers.ada)
    assert control(html(browser, "/reports/company/")) == ("date", "", "")
    day = html(browser, "/reports/company/?as_of=2026-03-01")
    assert control(day) == ("date", "2026-03-01", "")
    assert control(report_page(browser)) == ("date", "2026-03-15", "12:00:00")
    utc = html(browser, "/reports/company/?as_of=2026-03-15T11:00:00.5Z")
    assert control(utc) == ("date", "2026-03-15", "12:00:00.500")
    refused = html(browser, "/reports/company/?as_of=yesterday", status=400)
    assert control(refused) == ("text", "yesterday", "")


@pytest.mark.parametrize(
    ("sent", "asked"),
    [
        ("as_of=2026-03-01&as_of_time=12:00", "as_of=2026-03-01T12%3A00%3A00%2B01%3A00"),
        ("as_of=2025-07-01&as_of_time=12:00:30", "as_of=2025-07-01T12%3A00%3A30%2B02%3A00"),
        # Clocks went back at three: the first of the two instants.
        ("as_of=2025-10-26&as_of_time=02:30", "as_of=2025-10-26T02%3A30%3A00%2B02%3A00"),
        ("as_of=2026-03-01&as_of_time=", "as_of=2026-03-01T23%3A59%3A59.999999%2B01%3A00"),
        ("as_of=&as_of_time=", "compare=none"),
    ],
)
def test_day_and_time_are_combined_in_the_company_time_zone(sent, asked, readers, visit):
    response = visit(readers.ada).get(f"/reports/company/?{sent}")
    assert response.status_code == 302
    assert response.headers["Location"].partition("?")[2] == asked


def test_a_time_without_a_day_means_today(readers, visit):
    [answer] = re.findall(
        r"as_of=(\S+)T00%3A00%3A00%2B0",
        visit(readers.ada).get("/reports/company/?as_of_time=00:00").headers["Location"],
    )
    assert answer == clock.START.date().isoformat()


@pytest.mark.parametrize("sent", ["as_of=2026-03-01&as_of_time=noon", "as_of=soon&as_of_time=1"])
def test_an_invalid_time_is_refused_and_can_be_corrected(sent, readers, visit):
    page = html(visit(readers.ada), f"/reports/company/?{sent}", status=400)
    assert "is not a date and time" in Page.read(page).text
    assert control(page)[0] == "text"


def links_of_control(page):
    """Return the links of the control: label → address."""
    panel = page[page.index('id="as-of-control"') :].partition("</ul>")[0]
    found = re.findall(r'<a href="([^"]+)"[^>]*>([^<]+)</a>', panel)
    return {unescape(name): unescape(address) for address, name in found}


def test_presets_and_a_link_back_to_now_are_offered(readers, visit):
    browser = visit(readers.ada)
    asked = "/reports/company/?period=all_time&user=ana"
    page = html(browser, asked)
    today = clock.START.date()
    days = {
        "Yesterday evening": today - timedelta(1),
        "A week ago": today - timedelta(7),
        "The end of last month": today.replace(day=1) - timedelta(1),
    }
    assert links_of_control(page).keys() == days.keys()
    for name, day in days.items():
        address = links_of_control(page)[name]
        assert address.startswith(f"{asked}&as_of={day}T23%3A59%3A59.999999%2B0")
        there = html(browser, address)
        assert control(there) == ("date", day.isoformat(), "")
        assert "These are past figures" in Page.read(there).text
        assert links_of_control(there)["Back to now"] == asked
        note = there[there.index('class="note warning past"') :]
        assert unescape(re.findall('href="([^"]+)"', note)[0]) == asked
    assert "These are past figures" not in Page.read(page).text


@pytest.mark.parametrize("path", ["", "leads", "explain", "credit", "quality"])
def test_every_page_of_a_report_states_that_it_is_as_of_the_past(path, readers, visit):
    column = "&column=won_leads" if path in ("leads", "explain") else ""
    address = f"/reports/company/{path}/?{MONTHS}".replace("//", "/")
    past = html(visit(readers.ada), f"{address}&{THEN}{column}")
    assert 'role="note"' in past
    said = " ".join(Page.read(past).text.split())
    assert "Past figures, as of 15 Mar 2026, 12:00" in said
    assert "As recorded on 15 Mar 2026, 12:00." in said
    assert " Days in the time zone Europe/Paris." in said
    assert "As of 15 Mar 2026, 12:00, days" not in said
    assert 'role="note"' not in html(visit(readers.ada), f"{address}{column}")

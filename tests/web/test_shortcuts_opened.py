"""Opening, pinning and default shortcuts."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest

from leadlight.sales.models import Default, Opening, Pin, Shortcut
from tests.web.test_shortcuts import QUERY, kept, save
from tests.web.worked import html

pytestmark = pytest.mark.database


def menu(browser, address="/leads/"):
    """Return the pinned shortcuts in the menu: address, mark and name."""
    page = html(browser, address)
    pinned = page[page.index('id="pinned"') :].partition("</ul>")[0]
    return re.findall(r'<a href="([^"]+)"( aria-current="page")?>([^<]+)</a>', pinned)


# Opening


def test_a_shortcut_opens_its_report_with_its_query(readers, visit):
    response = visit(readers.bo).get(f"/shortcuts/{kept(readers.bo).key}/")
    assert response.url == f"/reports/company/?{QUERY}"
    assert visit(readers.bo).get(response.url).status_code == 200


def test_openings_are_recorded_per_reader(readers, visit):
    shortcut = kept(readers.mona, "everyone")
    for reader in (readers.bo, readers.bo, readers.ana):
        visit(reader).get(f"/shortcuts/{shortcut.key}/")
    assert {one.user for one in Opening.objects.all()} == {readers.bo, readers.ana}
    assert Opening.objects.count() == 2


def test_hidden_filter_values_give_the_same_error_as_missing_ones(readers, visit):
    query = "group_by=user&user=ana&user=nobody&team=south"
    shortcut = kept(readers.mona, "everyone", query=query)
    response = visit(readers.bo).get(f"/shortcuts/{shortcut.key}/")
    page = unescape(response.content.decode())
    assert response.status_code == 400
    for sentence in ("Unknown user: “ana”", "Unknown user: “nobody”", "Unknown team: “south”"):
        assert f"{sentence}." in page
    assert 'href="/reports/company/?group_by=user"' in page
    assert "Abreu" not in page


def test_the_report_without_a_refused_filter_keeps_the_readers_scope(readers, visit):
    shortcut = kept(readers.mona, "everyone", query="from=2026-01-01&to=2026-03-31&team=south")
    page = html(visit(readers.ana), f"/shortcuts/{shortcut.key}/", status=400)
    [address] = re.findall(r'<a href="([^"]+)">Open the report without', page)
    assert "Only the leads you have access to" in html(visit(readers.ana), unescape(address))


def test_everyone_may_filter_by_leads_without_an_owner(readers, visit):
    shortcut = kept(readers.mona, "everyone", query="user=none")
    response = visit(readers.bo).get(f"/shortcuts/{shortcut.key}/")
    assert response.url == "/reports/company/?user=none"


# Pinned and default


def test_the_menu_has_pinned_shortcuts_in_order_and_marks_the_current_one(readers, visit):
    browser = visit(readers.bo)
    first, second = kept(readers.bo), kept(readers.bo, name="Other", query="", report="team")
    for shortcut in (first, second):
        browser.post(f"/shortcuts/{shortcut.key}/pin/", {"do": "pin"})
    assert [name for _, _, name in menu(browser)] == ["Our month", "Other"]
    browser.post(f"/shortcuts/{second.key}/pin/", {"do": "up"})
    assert [name for _, _, name in menu(browser)] == ["Other", "Our month"]
    marks = {name: mark for _, mark, name in menu(browser, f"/reports/company/?{QUERY}")}
    assert marks == {"Other": "", "Our month": ' aria-current="page"'}
    browser.post(f"/shortcuts/{second.key}/pin/", {"do": "unpin"})
    assert [name for _, _, name in menu(browser)] == ["Our month"]


def test_a_pin_belongs_to_one_reader(readers, visit):
    shortcut = kept(readers.mona, "everyone")
    visit(readers.bo).post(f"/shortcuts/{shortcut.key}/pin/", {"do": "pin"})
    assert [name for _, _, name in menu(visit(readers.bo))] == ["Our month"]
    assert menu(visit(readers.ana)) == []


def test_pinning_twice_creates_one_pin(readers, visit):
    shortcut = kept(readers.bo)
    for _ in range(2):
        visit(readers.bo).post(f"/shortcuts/{shortcut.key}/pin/", {"do": "pin"})
    assert Pin.objects.count() == 1


def test_a_shortcut_no_longer_shared_disappears_from_menus(readers, visit):
    shortcut = kept(readers.mona, "everyone")
    browser = visit(readers.bo)
    browser.post(f"/shortcuts/{shortcut.key}/pin/", {"do": "pin"})
    browser.post(f"/shortcuts/{shortcut.key}/default/", {"do": "on"})
    Shortcut.objects.update(sharing="private")
    assert menu(browser) == []
    assert f"/shortcuts/{shortcut.key}/" not in html(browser, "/leads/")


def test_a_report_opens_with_the_default_shortcut_of_the_reader(readers, visit):
    browser, shortcut = visit(readers.bo), kept(readers.bo)
    other = kept(readers.bo, name="Other", query="")
    for one in (other, shortcut):
        browser.post(f"/shortcuts/{one.key}/default/", {"do": "on"})
    assert Default.objects.get().shortcut == shortcut
    assert f'<a href="/shortcuts/{shortcut.key}/" >Company performance' in html(browser, "/leads/")
    browser.post(f"/shortcuts/{shortcut.key}/default/", {"do": "off"})
    assert '<a href="/reports/company/" >Company performance' in html(browser, "/leads/")


def test_a_shortcut_can_be_pinned_and_made_default_when_saved(readers, visit):
    save(visit(readers.bo), is_pinned="on", is_default="on")
    assert Pin.objects.get().shortcut == Default.objects.get().shortcut == Shortcut.objects.get()


def test_an_unknown_action_is_refused(readers, visit):
    address = f"/shortcuts/{kept(readers.bo).key}/pin/"
    assert visit(readers.bo).post(address, {"do": "dance"}).status_code == 400
    assert visit(readers.bo).get(address).status_code == 405


# Since it was last opened


def opened(browser, shortcut):
    """Return the page that a shortcut redirects to."""
    return unescape(html(browser, f"/shortcuts/{shortcut.key}/"))


AGAIN = "When you last opened “Our month”"
SINCE = "What changed since you last opened “Our month”"


def test_reopening_a_shortcut_links_to_the_state_at_its_last_opening(readers, visit):
    shortcut, browser = kept(readers.ana), visit(readers.ana)
    page = opened(browser, shortcut)
    assert AGAIN not in page
    assert SINCE not in page
    first = Opening.objects.get().last_opened_at
    page = opened(browser, shortcut)
    assert Opening.objects.get().opened_before_at == first
    [then] = re.findall(f'<a href="([^"]+)"[^>]*>{AGAIN}</a>', page)
    instant = quote(first.astimezone(ZoneInfo("Europe/Paris")).isoformat(), safe="")
    assert then == f"/reports/company/?{QUERY}&as_of={instant}"
    assert AGAIN in unescape(html(browser, then))
    [since] = re.findall(f'<a href="([^"]+)">{SINCE}</a>', page)
    assert since == f"/reports/company/changes/?{QUERY}&since={instant}"
    assert "What changed" in html(browser, since)


def test_only_the_page_of_the_shortcut_mentions_its_last_opening(readers, visit):
    shortcut, browser = kept(readers.ana, "everyone"), visit(readers.ana)
    for _ in range(2):
        opened(browser, shortcut)
    assert AGAIN not in unescape(html(browser, f"/reports/company/?{QUERY}&user=ana"))
    assert AGAIN not in unescape(html(browser, f"/reports/team/?{QUERY}"))
    assert AGAIN in unescape(html(browser, f"/reports/company/?{QUERY}&sort=label"))
    assert AGAIN not in opened(visit(readers.bo), shortcut)


def test_a_shortcut_no_longer_visible_does_not_mention_its_last_opening(readers, visit):
    shortcut, browser = kept(readers.bo, "everyone"), visit(readers.ana)
    for _ in range(2):
        opened(browser, shortcut)
    Shortcut.objects.update(sharing="private")
    assert AGAIN not in unescape(html(browser, f"/reports/company/?{QUERY}"))

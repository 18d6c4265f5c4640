"""History of a lead on its page: kinds of entries, parts, and permanent links."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest

from leadlight.sales.models import Activity, CustomField
from tests.clock import START
from tests.query_numbers import with_name_searches
from tests.web.pages import Page

pytestmark = pytest.mark.database

HTMX = {"HX-Request": "true"}


def html(browser, path, **more):
    response = browser.get(path, **more)
    assert response.status_code == 200
    return response.content.decode()


def entries(page):
    """Return the texts of the entries on a page by their keys, in their order."""
    start = page.index('<ol class="timeline" id="history">')
    parts = re.split(r'<li id="entry-', page[start : page.index("</ol>", start)])[1:]
    return {
        part.partition('"')[0]: " ".join(Page.read(part.partition(">")[2]).text.split())
        for part in parts
    }


def kinds(page):
    """Return the shown number of entries of each kind, and the address of each."""
    found = re.search(r'<nav class="buttons history-kinds".*?</nav>', page, re.DOTALL)
    links = (
        re.findall(r'href="([^"]*)".*?>(.*?) <span class="muted">(\d+)', found[0]) if found else []
    )
    return {title: (int(count), unescape(address)) for address, title, count in links}


def more_address(page):
    found = re.search(r'<li class="more"><a [^>]*hx-get="([^"]+)"', page)
    return found and unescape(found[1])


@pytest.fixture
def lead(cast):
    """The lead of the company, with entries of every kind."""
    lead, olga = cast.lead, cast.olga
    lead.comment("Prefers oak", by=olga)
    removed = lead.comment("A mistake", by=olga)
    lead.remove_comment(removed, by=olga)
    edited = lead.comment("Calls on Mondya", by=cast.mona)
    lead.edit_comment(edited, "Calls on Monday", by=cast.mona)
    lead.set_amount(2000, by=olga)
    lead.rename("Hotel doors", by=olga)
    lead.set_field(CustomField.define("lead", "Floors", "text"), "Five", by=olga)
    lead.assign_to(cast.tom, by=cast.mona)
    lead.assign_to(olga, by=cast.mona)
    return lead


def test_entries_are_counted_and_filtered_by_kind(lead, cast, visit):
    browser = visit(cast.olga)
    page = html(browser, f"/leads/{lead.key}/")
    found = kinds(page)
    assert {title: count for title, (count, _address) in found.items()} == {
        # 2 comments, 2 activities, creation, step, won, reopened, 2 owners, amount, title, field
        "Everything": 13,
        "Comments": 2,
        "Activities": 2,
        "Step, status and owner": 6,
        # The creation sets an amount and an expected date too.
        "Amounts and dates": 2,
        "Other changes": 2,
    }
    for count, address in found.values():
        assert len(entries(html(browser, address))) == count
    comments = html(browser, found["Comments"][1])
    assert ["Calls on Monday" in text for text in entries(comments).values()] == [True, False]
    assert found["Comments"][1] == f"/leads/{lead.key}/?history=comments"


def test_a_change_on_the_page_keeps_the_filter(lead, cast, visit):
    browser = visit(cast.olga)
    here = f"/leads/{lead.key}/?history=comments"
    headers = HTMX | {"HX-Current-URL": f"http://testserver{here}"}
    response = browser.post(f"/change-lead/comment/{lead.key}/", {"text": "Third"}, headers=headers)
    shown = list(entries(response.content.decode()).values())
    assert len(shown) == 3
    assert shown[0].startswith("Third")


def test_a_long_history_comes_in_parts_without_gaps(cast, visit, django_assert_max_num_queries):
    lead, call = cast.lead, cast.lead.activities.get()
    Activity.objects.bulk_create(
        Activity(
            lead=lead,
            activity_type=call.activity_type,
            user=cast.olga,
            occurred_at=START - timedelta(days=30, minutes=number // 3),
            content=f"Call {number}",
        )
        for number in range(250)
    )
    for number in range(20):
        lead.comment(f"Comment {number}", by=cast.olga)
    browser, address = visit(cast.olga), f"/leads/{lead.key}/"
    page = html(browser, address)
    (every, _address) = kinds(page)["Everything"]
    found, parts = entries(page), 1
    assert len(found) == 100
    while next_part := more_address(page):
        with django_assert_max_num_queries(with_name_searches(43)):
            page = html(browser, next_part)
        assert not found.keys() & entries(page).keys()
        found |= entries(page)
        parts += 1
    assert (len(found), parts) == (every, 3)
    assert "Call 249" in " ".join(found.values())


def test_a_link_leads_to_an_old_entry(cast, visit):
    lead = cast.lead
    first = lead.comment("The first comment", by=cast.olga)
    for number in range(120):
        lead.comment(f"Comment {number}", by=cast.olga)
    browser = visit(cast.olga)
    assert first.key not in entries(html(browser, f"/leads/{lead.key}/"))
    page = html(browser, f"/leads/{lead.key}/?entry={first.key}")
    assert next(iter(entries(page))) == first.key
    assert f'href="/leads/{lead.key}/"' in page[page.index("history-kinds") :]
    recent = lead.comment("The last comment", by=cast.olga)
    assert recent.key in entries(html(browser, f"/leads/{lead.key}/?entry={recent.key}"))


def test_the_feed_links_to_the_entry_on_the_page_of_the_lead(lead, cast, visit):
    browser = visit(cast.olga)
    links = re.findall(r'href="(/leads/[^"]+\?entry=[^"]+)"', html(browser, "/activity/"))
    assert len(links) >= 9
    for link in links:
        address, _, fragment = link.partition("#entry-")
        assert fragment in entries(html(browser, address))


@pytest.mark.parametrize("query", ["history=nothing", "entry=nothing", "entry=%00", "history="])
def test_unknown_parts_show_the_newest_entries(query, lead, cast, visit):
    assert len(entries(html(visit(cast.olga), f"/leads/{lead.key}/?{query}"))) == 13

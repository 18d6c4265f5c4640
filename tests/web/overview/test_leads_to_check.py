"""Leads to check on the overview: open leads with a problem."""

from __future__ import annotations

import re
from datetime import date
from html import unescape

import pytest

from leadlight.sales.models import Lead
from tests.web.overview.parts import MID_MARCH, section
from tests.web.worked import html

pytestmark = pytest.mark.answers


def leads_to_check(page):
    found = re.findall(
        r'<li><span title="[^"]+">([^<]+)</span> <a href="([^"]+)"><strong>(\d+)<',
        section(page, "leads-to-check"),
    )
    return {title: (number, unescape(address)) for title, address, number in found}


def test_open_leads_that_need_attention_are_counted(readers, visit, now):
    now(MID_MARCH)
    browser = visit(readers.ada)
    lead = Lead.objects.get(key="L5")
    untouched = {"No activity for 30 days": "1"}
    found = leads_to_check(html(browser, "/reports/"))
    assert {title: number for title, (number, _) in found.items()} == {
        "No close date": "1",
        **untouched,
    }
    lead.set_estimated_closing(date(2026, 3, 14), by=readers.ada)
    lead.assign_to(None, by=readers.ada)
    found = leads_to_check(html(browser, "/reports/"))
    assert {title: number for title, (number, _) in found.items()} == {
        "Past close date": "1",
        "No owner": "1",
        **untouched,
    }
    for _number, address in found.values():
        assert "Lead 5" in html(browser, address)
    assert "€300" in section(html(browser, "/reports/"), "leads-to-check")


def test_a_seller_has_only_their_own_leads_to_check(shared, visit, now):
    now(MID_MARCH)
    assert leads_to_check(html(visit(shared.bo), "/reports/"))["No close date"][0] == "1"
    page = html(visit(shared.ana), "/reports/")
    assert leads_to_check(page) == {}
    assert "No open lead needs attention." in page

"""Bulk jobs in the feed: the entries of one job are one entry, with a link to its leads."""

from __future__ import annotations

from html import unescape

import pytest

from leadlight.accounts.models import Organization
from leadlight.sales.bulk import start
from leadlight.sales.bulk_undo import begin_undo
from leadlight.sales.bulk_verbs import VERBS
from leadlight.sales.models import BulkJob, Lead, LeadEvent
from leadlight.sales.models.actions import acting
from leadlight.sales.models.bulk import IMPORT
from leadlight.web.bulk.forms import FORMS
from leadlight.web.feed import entries
from leadlight.web.feed.jobs import SENTENCES
from tests.web.pages import Page

pytestmark = pytest.mark.database


@pytest.fixture
def leads(cast):
    """Twelve leads of Olga's and two of Uma's, without events of their creation."""
    cast.lead.events.all().delete()
    cast.lead.activities.all().delete()
    for number in range(12):
        Lead.create(title=f"House {number}", by=cast.olga, owner=cast.olga)
    for number in range(2):
        Lead.create(title=f"Roof {number}", by=cast.uma, owner=cast.uma)
    LeadEvent.objects.all().delete()
    return Lead.objects.exclude(pk=cast.lead.pk).order_by("pk")


def change(by, verb, leads, **given):
    with acting(f"key-{LeadEvent.objects.count()}", by) as action:
        start(action, verb, given, leads)
    return action


def lines_of(browser, address="/activity/"):
    """Return the texts of the entries of all pages, a list for each page."""
    pages = []
    while address:
        context = browser.get(address).context
        lines = [line for day in context["page"].days for line in day.entries]
        pages.append([words(line) for line in lines])
        address = context["earlier"]
    return pages


def words(line):
    if line.folded:
        return f"{line.folded.who.first_name} {line.folded.sentence}"
    return str(line.lead)


def test_a_job_is_one_entry_that_leads_to_its_leads(cast, leads, visit):
    leads[3].rename("Castle", by=cast.olga)
    action = change(cast.ada, "star", leads)
    leads[5].rename("Hut", by=cast.olga)
    browser = visit(cast.ada)
    assert lines_of(browser) == [["Hut", "Ada starred 14 leads", "Castle"]]
    html = unescape(browser.get("/activity/").content.decode())
    assert f'<a href="/leads/?change={action.key}">starred 14 leads</a>' in html
    found = browser.get(f"/leads/?change={action.key}")
    assert len(found.context["page"]) == 14
    assert "Leads of one change" in Page.read(found.content.decode()).text


def test_the_entry_counts_only_leads_that_the_reader_may_see(cast, leads, visit):
    action = change(cast.ada, "star", leads)
    assert lines_of(visit(cast.olga)) == [["Ada starred 12 leads"]]
    assert lines_of(visit(cast.uma)) == [["Ada starred 2 leads"]]
    found = visit(cast.uma).get(f"/leads/?change={action.key}").context["page"]
    assert sorted(lead.title for lead in found) == ["Roof 0", "Roof 1"]
    assert lines_of(visit(cast.tom)) == [[]]


def test_a_job_of_one_lead_is_an_entry_of_the_lead(cast, leads, visit):
    change(cast.olga, "star", leads.filter(title="House 7"))
    assert lines_of(visit(cast.olga)) == [["House 7"]]


def test_a_job_over_several_pages_is_one_entry(cast, leads, visit, monkeypatch):
    monkeypatch.setattr("leadlight.web.feed.moments.ON_A_PAGE", 4)
    monkeypatch.setattr(entries, "FEWEST", 3)
    for number in range(3):
        leads[number].rename(f"Before {number}", by=cast.olga)
    change(cast.ada, "star", leads)
    change(cast.ada, "unstar", leads)
    leads[5].rename("After", by=cast.olga)
    pages = lines_of(visit(cast.ada))
    assert [line for page in pages for line in page] == [
        "After",
        "Ada removed the star of 14 leads",
        "Ada starred 14 leads",
        "Before 2",
        "Before 1",
        "Before 0",
    ]


def test_changes_of_others_during_a_job_stay_entries(cast, leads, visit, monkeypatch):
    monkeypatch.setattr("leadlight.web.feed.moments.ON_A_PAGE", 3)
    monkeypatch.setattr(entries, "FEWEST", 1)
    action = change(cast.ada, "star", leads)
    events = list(action.events.order_by("recorded_at", "pk"))
    cast.lead.rename("Between", by=cast.olga)
    cast.lead.events.update(recorded_at=events[4].recorded_at)
    lines = [line for page in lines_of(visit(cast.ada)) for line in page]
    assert lines == ["Ada starred 14 leads", "Between"]


def test_the_filters_apply_to_jobs(cast, leads, visit):
    change(cast.ada, "assign", leads, owner=cast.tom.pk, team=None)
    browser = visit(cast.ada)
    text = "Ada changed the owner of 14 leads"
    assert lines_of(browser, "/activity/?kind=assigned") == [[text]]
    assert lines_of(browser, "/activity/?kind=won") == [[]]
    assert lines_of(browser, f"/activity/?user={cast.ada.key}") == [[text]]
    assert lines_of(browser, f"/activity/?user={cast.olga.key}") == [[]]


def test_an_undone_job_is_one_entry(cast, leads, visit):
    action = change(cast.ada, "star", leads)
    begin_undo(action, by=cast.ada)
    assert lines_of(visit(cast.ada)) == [["Ada starred 14 leads, undone"]]
    key = BulkJob.objects.get().undone.key
    assert len(visit(cast.ada).get(f"/leads/?change={key}").context["page"]) == 14


def test_a_job_is_announced_as_one_new_entry(cast, leads, visit):
    browser = visit(cast.ada)
    address = browser.get("/activity/").context["news_address"]
    change(cast.mona, "star", leads.filter(owner=cast.olga))
    cast.lead.rename("Alone", by=cast.olga)
    assert "2 new entries" in Page.read(browser.get(address).content.decode()).text


def test_each_verb_has_its_sentence(cast):
    assert set(SENTENCES) == {*VERBS, IMPORT}
    assert {*FORMS} <= {*VERBS}


def test_the_list_of_a_change_keeps_its_other_filters_and_refuses_other_texts(cast, leads, visit):
    Organization.objects.update(privacy=Organization.Privacy.SHARED)
    action = change(cast.ada, "star", leads)
    browser = visit(cast.olga)
    html = browser.get(f"/leads/?change={action.key}&user={cast.uma.key}").content.decode()
    assert f'<input type="hidden" name="change" value="{action.key}">' in html
    found = browser.get(f"/leads/?change={action.key}&user={cast.uma.key}").context["page"]
    assert len(found) == 2
    assert not browser.get("/leads/?change=unknown").context["page"]
    for text in ("a b", "%00", "é", "x" * 50):
        assert browser.get(f"/leads/?change={text}").status_code == 400

"""Pages of the activity feed: paging, folded imports, limits of queries, and their plans."""

from __future__ import annotations

import random
import re
from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leadlight.accounts.models import Organization
from leadlight.sales.models import (
    Activity,
    ActivityType,
    Client,
    CustomField,
    Lead,
    LeadEvent,
    Outcome,
    Tag,
)
from leadlight.sales.models.event_log import Channel
from tests.clock import START
from tests.web.pages import Page

pytestmark = pytest.mark.database


def pages_of(browser, query=""):
    """Yield each page of the feed as its lines, following the link to earlier entries."""
    address = f"/activity/?{query}"
    for _page in range(200):
        context = browser.get(address).context
        yield [line for day in context["page"].days for line in day.entries]
        if not context["earlier"]:
            return
        address = context["earlier"]
    pytest.fail("the pages do not end")


def every_line(browser, query=""):
    return [line for page in pages_of(browser, query) for line in page]


def key_of(line):
    return line.at, line.lead.pk, line.entry.happened_at, bool(line.entry.activity)


@pytest.fixture
def empty(cast):
    """The cast without events and activities."""
    cast.lead.events.all().delete()
    cast.lead.activities.all().delete()
    return cast


def imported(leads, at, kind="source"):
    """Add an event of each lead to the log, as an import at one instant writes it."""
    LeadEvent.objects.bulk_create(
        LeadEvent(
            lead=lead, occurred_at=at, recorded_at=at, kind=kind, value="Web", channel="import"
        )
        for lead in leads
    )


def some_leads(number, cast, owner=None):
    leads = [Lead.create(title=f"Lead {each}", by=cast.ada, owner=owner) for each in range(number)]
    for lead in leads:
        lead.events.all().delete()
    return leads


# Paging


def test_pages_show_every_entry_once_in_order(empty, visit):
    leads = some_leads(4, empty)
    call = ActivityType.objects.get()
    chance = random.Random(3)
    for number in range(300):
        lead = chance.choice(leads)
        at = START - timedelta(hours=chance.randrange(60))
        if chance.random() < 0.3:
            Activity.objects.create(
                activity_type=call,
                lead=lead,
                user=empty.ada,
                occurred_at=at - timedelta(minutes=number),
                recorded_at=at,
            )
        else:
            LeadEvent.objects.create(
                lead=lead,
                occurred_at=at - timedelta(minutes=number),
                recorded_at=at,
                actor=empty.ada,
                kind="source",
                value=f"{number}",
                channel=Channel.PAGE,
            )
    pages = list(pages_of(visit(empty.ada)))
    lines = [line for page in pages for line in page]
    assert len(pages) > 2
    assert all(one.at >= next_one.at for one, next_one in pairwise(lines))
    assert len(set(map(key_of, lines))) == len(lines)
    events = {
        (one.recorded_at, one.lead_id, one.occurred_at, False) for one in LeadEvent.objects.all()
    }
    activities = [
        (one.recorded_at, one.lead_id, one.occurred_at, True)
        for one in Activity.objects.exclude(lead=None)
    ]
    assert set(map(key_of, lines)) == events | set(activities)
    assert len(lines) == len(events) + len(activities)


def test_a_rare_kind_is_found_over_pages_of_limited_length(empty, visit, monkeypatch):
    """A query reads a limited number of events; the reader is told how far back it looked."""
    monkeypatch.setattr("leadlight.web.feed.moments.MOST_CANDIDATES", 10)
    lead = Lead.create(title="Rare", by=empty.ada, owner=empty.olga)
    lead.win(by=empty.ada)
    for number in range(25):
        other = Lead.create(title=f"Other {number}", by=empty.ada, owner=empty.olga)
        other.stand_by(by=empty.ada)
    browser = visit(empty.ada)
    for query in ("kind=won", f"kind=won&user={empty.ada.key}"):
        first, *rest = pages_of(browser, query)
        assert first == []
        assert [line.lead.title for page in rest for line in page] == ["Rare"]
    text = " ".join(Page.read(browser.get("/activity/?kind=won").content.decode()).text.split())
    assert "Nothing matches these filters back to 25 Nov 2026." in text
    assert "Earlier" in text


def test_the_last_page_says_that_there_is_nothing_earlier(empty, visit):
    lead = Lead.create(title="Only", by=empty.ada)
    event = lead.events.first()
    before = f"{event.recorded_at.replace(tzinfo=None).isoformat()}~{lead.pk}"
    html = visit(empty.ada).get(f"/activity/?before={before}").content.decode()
    assert "There is nothing earlier." in html
    assert '<a class="button" href="/activity/">Newest</a>' in html


# Imports


@pytest.mark.parametrize(("number", "is_folded"), [(5, False), (6, True), (60, True), (51, True)])
def test_an_import_of_many_leads_at_one_instant_is_one_entry(number, is_folded, empty, visit):
    leads = some_leads(number, empty)
    for days in (1, 3):
        Lead.create(title=f"{days} days old", by=empty.ada)
        Lead.objects.latest("pk").events.update(recorded_at=START - timedelta(days=days))
    imported(leads, START - timedelta(days=2))
    lines = every_line(visit(empty.ada))
    middle = lines[1:-1]
    assert (lines[0].lead.title, lines[-1].lead.title) == ("1 days old", "3 days old")
    if is_folded:
        assert [(line.imported, line.is_more) for line in middle] == [(number, False)]
    else:
        assert [line.lead for line in middle] == sorted(leads, key=lambda lead: -lead.pk)


def test_a_page_goes_on_behind_an_import(empty, visit):
    imported(some_leads(120, empty), START)
    old = Lead.create(title="Old", by=empty.ada)
    old.events.update(recorded_at=START - timedelta(days=3))
    [page] = pages_of(visit(empty.ada))
    assert page[0].imported == 120
    assert page[1].lead == old
    text = visit(empty.ada).get("/activity/").content.decode()
    assert "Import: 120 leads" in text


def test_an_import_counts_only_leads_that_the_reader_may_see(empty, visit):
    own, others = some_leads(7, empty, empty.olga), some_leads(70, empty, empty.uma)
    imported([*own, *others], START)
    for user, number in ((empty.olga, 7), (empty.mona, 7), (empty.uma, 70), (empty.ada, 77)):
        [line] = every_line(visit(user))
        assert line.imported == number
    own[0].bin(by=empty.ada)
    LeadEvent.objects.filter(kind="deleted").delete()
    [line] = every_line(visit(empty.olga))
    assert line.imported == 6
    assert every_line(visit(empty.tom)) == []


def test_the_count_of_an_import_has_a_limit(empty, visit, monkeypatch):
    monkeypatch.setattr("leadlight.web.feed.entries.MOST_COUNTED", 60)
    imported(some_leads(61, empty), START)
    html = visit(empty.ada).get("/activity/").content.decode()
    assert "Import: more than 60 leads" in html


def test_a_filter_by_kind_counts_its_part_of_an_import(empty, visit):
    leads = some_leads(60, empty)
    imported(leads, START)
    imported(leads[:55], START, "description")
    browser = visit(empty.ada)
    assert [line.imported for line in every_line(browser, "kind=other")] == [60]
    assert every_line(browser, "kind=won") == []
    assert every_line(browser, f"user={empty.ada.key}") == []


# Queries


def much_on(lead, cast, number):
    client = Client.objects.create(name=f"Client {number}")
    lead.set_client(client, by=cast.olga)
    lead.move_to(cast.steps[number % 2 + 1], by=cast.olga)
    lead.assign_to(cast.tom, by=cast.mona)
    lead.assign_to(cast.olga, by=cast.mona)
    lead.tag(Tag.objects.create(name=f"Tag {number}"), by=cast.olga)
    lead.set_field(CustomField.objects.get(), f"{number}", by=cast.olga)
    comment = lead.comment("First", by=cast.mona)
    lead.edit_comment(comment, "Second", by=cast.mona)
    result = Outcome.objects.get()
    Activity.objects.create(
        activity_type=result.activity_type, outcome=result, lead=lead, user=cast.olga
    )


@pytest.mark.parametrize("who", ["ada", "olga", "mona"])
def test_the_number_of_queries_does_not_depend_on_the_number_of_entries(who, cast, visit):
    CustomField.define("lead", "Floor", "text")
    browser = visit(getattr(cast, who))

    def queries(query):
        with CaptureQueriesContext(connection) as captured:
            browser.get(f"/activity/?{query}")
        return len(captured)

    much_on(cast.lead, cast, 1)
    asked = ["", "kind=other", "kind=activity&kind=moved", "user=me", "period=today"]
    few = [queries(query) for query in asked]
    for number in range(2, 20):
        lead = Lead.create(title=f"Lead {number}", by=cast.olga, owner=cast.olga)
        much_on(lead, cast, number)
    assert [queries(query) for query in asked] == few
    assert max(few) < 40


FILTERS = [
    *("", "kind=created", "kind=won", "kind=moved", "kind=assigned", "kind=comment", "kind=other"),
    *("kind=activity", "kind=activity:call", "user=me", "user=me&kind=won", "team=north"),
    *("period=today", "to=2026-11-24", "period=last_7_days&kind=lost"),
    "before=2026-11-25T10:00:00~5",
]


EVENTS_OR_ACTIVITIES = re.compile(r"\b(sales_leadevent|sales_activity)\b")
SEARCH = "ORDER BY 1 DESC, 2 DESC"
# An index of the feed, the events or activities of some leads, or the row itself.
INDEXED = re.compile(r"INDEX (event|activity)_feed|\(lead_id=\?|PRIMARY KEY")


def plan_of(sql):
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        return [row[3] for row in cursor.fetchall()]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL scans small tables")
@pytest.mark.parametrize("query", FILTERS)
@pytest.mark.parametrize(("who", "privacy"), [("ada", "shared"), ("olga", "own"), ("mona", "own")])
def test_every_filter_is_answered_by_an_index(who, privacy, query, cast, visit):
    """Neither all events nor all activities are read, nor are many of them sorted."""
    Organization.objects.update(privacy=privacy)
    ActivityType.objects.update(key="call")
    cast.olga.teams.update(key="north")
    if "team" in query and who == "olga":
        return
    browser = visit(getattr(cast, who))
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(f"/activity/?{query}").status_code == 200
    plans = [plan_of(one["sql"]) for one in captured if "sales_" in one["sql"]]
    read = [step for plan in plans for step in plan if EVENTS_OR_ACTIVITIES.search(step)]
    assert read
    assert [step for step in read if not INDEXED.search(step)] == []
    if who == "ada" and "team" not in query:
        in_order = [one["sql"] for one in captured if SEARCH in one["sql"]]
        searches = [plan_of(sql) for sql in in_order if "IN (SELECT" not in sql]
        assert searches
        assert "USE TEMP B-TREE FOR ORDER BY" not in {step for plan in searches for step in plan}

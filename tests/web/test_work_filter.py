"""Filters of the list by work done and planned, against a naive oracle in Python."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from leadlight.sales import lead_order
from leadlight.sales.lead_links import follow
from leadlight.sales.models import ActivityType, Lead, LeadEvent, Reminder
from leadlight.sales.models.actions import acting
from leadlight.web.leads import listing
from leadlight.web.leads.work_filter import CRITERIA

pytestmark = pytest.mark.database

PARIS = ZoneInfo("Europe/Paris")
# A Wednesday; in Paris it is already Thursday.
NOW = datetime(2026, 3, 18, 23, 30, tzinfo=UTC)
LEADS = 60


@pytest.fixture
def leads(cast, monkeypatch):
    """Create leads with random work on them, over sixty days before `NOW`."""
    cast.lead.bin(by=cast.olga)
    chance = random.Random(7)
    kind = ActivityType.objects.first() or ActivityType.objects.create(name="Call")
    clock = [NOW]
    monkeypatch.setattr(timezone, "now", lambda: clock[0])
    for number in range(LEADS):
        start = NOW - timedelta(days=chance.randrange(1, 60), hours=chance.randrange(24))
        clock[0] = start
        lead = Lead.create(
            title=f"Lead {number}",
            by=cast.olga,
            owner=chance.choice((None, cast.olga)),
            amount=chance.choice((None, Decimal(5), Decimal("7.50"), Decimal(12))),
            estimated_closing_on=chance.choice(
                (None, NOW.date() + timedelta(days=chance.randrange(-40, 60)))
            ),
        )
        for _step in range(chance.randrange(4)):
            clock[0] = min(NOW, clock[0] + timedelta(hours=chance.randrange(1, 300)))
            work(lead, chance, kind, cast, clock[0])
        if number % 5 == 1:
            link = chance.choice(("upsell", "renewal"))
            follow(lead, Lead.objects.get(title=f"Lead {number - 1}"), link, by=cast.olga)
    clock[0] = NOW
    with acting("web-sources", cast.olga):
        for lead in Lead.objects.filter(title__endswith="2", is_deleted=False):
            lead.set_source("Web", by=cast.olga)
    return list(Lead.objects.filter(is_deleted=False))


def work(lead, chance, kind, cast, now):
    verb = chance.randrange(9)
    if verb == 0:
        lead.log_activity(kind, by=cast.olga)
    elif verb == 1:
        lead.comment("Called", by=cast.olga)
    elif verb in (2, 6, 7) and lead.is_open:
        at = max(now, NOW + timedelta(days=chance.randrange(-6, 9)))
        lead.stand_by(until=Reminder(at), by=cast.olga)
    elif verb == 3:
        lead.assign_to(chance.choice((cast.olga, cast.tom)), by=cast.ada)
    elif verb == 4 and lead.is_open:
        chance.choice((lead.win, lead.lose, lead.cancel))(by=cast.olga)
    elif verb == 5:
        lead.move_to(chance.choice(list(lead.pipeline.steps.all())), by=cast.olga)
    else:
        lead.star(by=cast.olga)


TODAY = NOW.astimezone(PARIS).date()
SUNDAY = TODAY + timedelta(days=6 - TODAY.weekday())


def day_of(instant):
    return instant and instant.astimezone(PARIS).date()


def is_untouched(lead):
    owners = LeadEvent.objects.filter(lead=lead, kind="owner").order_by("occurred_at", "pk")
    last = owners.last()
    since = last.occurred_at if last else lead.created_at
    comments = LeadEvent.objects.filter(lead=lead, kind="comment", occurred_at__gte=since)
    activities = lead.activities.filter(occurred_at__gte=since)
    return lead.is_open and not comments.exists() and not activities.exists()


def drags(lead, is_long):
    waits = lead.reminder_at is not None and lead.reminder_at > NOW
    return lead.is_open and not waits and is_long


def days(instant):
    return (NOW - instant) / timedelta(days=1)


def expected_in(lead, year, month):
    day = lead.estimated_closing_on
    return day is not None and (day.year, day.month) == (year, month)


def reminded(lead, is_meant):
    return lead.is_open and lead.reminder_at is not None and is_meant(day_of(lead.reminder_at))


ORACLE = {
    "state=open": lambda lead: lead.status in ("todo", "standby"),
    "state=closed": lambda lead: lead.status in ("won", "lost", "cancelled"),
    "starred=yes": lambda lead: lead.is_starred,
    "untouched=yes": is_untouched,
    "follows=yes": lambda lead: lead.follows is not None,
    "follows=upsell": lambda lead: lead.follows_as == "upsell",
    "follows=renewal": lambda lead: lead.follows_as == "renewal",
    "reminder=late": lambda lead: reminded(lead, lambda day: day < TODAY),
    "reminder=today": lambda lead: reminded(lead, lambda day: day == TODAY),
    "reminder=week": lambda lead: reminded(lead, lambda day: TODAY <= day <= SUNDAY),
    "reminder=later": lambda lead: reminded(lead, lambda day: day > SUNDAY),
    "reminder=none": lambda lead: lead.is_open and lead.reminder_at is None,
    "expected=past": lambda lead: (
        lead.is_open and bool(lead.estimated_closing_on) and lead.estimated_closing_on < TODAY
    ),
    "expected=this_month": lambda lead: expected_in(lead, 2026, 3),
    "expected=next_month": lambda lead: expected_in(lead, 2026, 4),
    "expected=none": lambda lead: lead.estimated_closing_on is None,
    "expected.from=2026-03-20": lambda lead: (
        bool(lead.estimated_closing_on) and f"{lead.estimated_closing_on}" >= "2026-03-20"
    ),
    "expected.to=2026-03-20": lambda lead: (
        bool(lead.estimated_closing_on) and f"{lead.estimated_closing_on}" <= "2026-03-20"
    ),
    "amount.from=7.5": lambda lead: lead.amount is not None and lead.amount >= Decimal("7.5"),
    "amount.to=7.5": lambda lead: lead.amount is not None and lead.amount <= Decimal("7.5"),
    "created.from=2026-02-20": lambda lead: f"{day_of(lead.created_at)}" >= "2026-02-20",
    "created.to=2026-02-20": lambda lead: f"{day_of(lead.created_at)}" <= "2026-02-20",
    "todo_days=9": lambda lead: drags(lead, lead.status == "todo" and days(lead.status_since) >= 9),
    "step_days=9": lambda lead: drags(lead, days(lead.step_since) >= 9),
    "postponed=1": lambda lead: drags(lead, lead.postponements >= 1),
    "change=web-sources": lambda lead: lead.source == "Web",
    "idle_days=9": lambda lead: drags(lead, days(lead.last_activity_at or lead.created_at) >= 9),
}


def titles(browser, query):
    response = browser.get(f"/leads/?{query}")
    shown = list(response.context["page"])
    while response.context["listing"].next_address:
        response = browser.get(response.context["listing"].next_address)
        shown += response.context["page"]
    return sorted(lead.title for lead in shown)


@pytest.mark.parametrize("most", [1_000, 5], ids=["in memory", "by index"])
def test_each_filter_selects_the_leads_of_the_oracle(most, leads, cast, visit, monkeypatch):
    monkeypatch.setattr(lead_order, "MOST_COUNTED", most)
    monkeypatch.setattr(listing, "LEADS_ON_A_PAGE", 20)
    browser, sizes = visit(cast.ada), {}
    for query, is_meant in ORACLE.items():
        meant = sorted(lead.title for lead in leads if is_meant(lead))
        assert titles(browser, query) == meant, query
        sizes[query] = len(meant)
    assert {query.partition("=")[0] for query in ORACLE} == {*CRITERIA}
    assert all(0 < size < LEADS for size in sizes.values()), sizes


@pytest.mark.parametrize("most", [1_000, 5], ids=["in memory", "by index"])
def test_filters_together_select_the_leads_of_all_of_them(most, leads, cast, visit, monkeypatch):
    monkeypatch.setattr(lead_order, "MOST_COUNTED", most)
    chance, browser = random.Random(3), visit(cast.ada)
    for _draw in range(15):
        first, *others = chance.sample(list(ORACLE), 3)
        queries = [first]
        for query in others:
            if query.partition("=")[0] not in {one.partition("=")[0] for one in queries}:
                queries.append(query)
        meant = [lead.title for lead in leads if all(ORACLE[query](lead) for query in queries)]
        sort = chance.choice(("", "&sort=amount", "&sort=-reminder", "&sort=title"))
        assert titles(browser, "&".join(queries) + sort) == sorted(meant), queries


@pytest.mark.parametrize(
    "query",
    [
        *("state=half", "starred=no", "reminder=never", "expected=soon", "idle_days=0"),
        *("idle_days=-1", "idle_days=99999", "idle_days=x", "amount.from=much", "amount.to=1e9e"),
        *("created.from=2026-02-30", "created.to=9999-12-31", "expected.from=0001-01-01"),
        *("state=open&state=closed", "step_days=²", "amount.from=99999999999999999999"),
    ],
)
def test_an_invalid_value_is_refused(query, cast, visit):
    assert visit(cast.olga).get(f"/leads/?{query}").status_code == 400


def test_a_filter_has_a_chip_and_a_link_without_it(cast, visit):
    response = visit(cast.olga).get("/leads/?idle_days=30&amount.from=1000&state=open&starred=yes")
    chips = {chip.text: chip.address for chip in response.context["bar"].chips}
    assert chips["Minimum days without an activity: 30"] == (
        "/leads/?state=open&starred=yes&amount.from=1000"
    )
    assert {"State: Open", "Starred", "Amount from: €1,000"} <= {*chips}
    assert "their next action is planned" in response.content.decode()


def test_a_quick_filter_is_one_link_and_a_second_click_removes_it(cast, visit):
    browser = visit(cast.olga)
    off = {link.title: link for link in browser.get("/leads/").context["quick"]}
    assert off["Late"].address == "/leads/?sort=reminder&reminder=late"
    assert off["Mine"].address == "/leads/?user=me"
    on = browser.get(off["Late"].address).context["quick"]
    [late] = [link for link in on if link.is_on]
    assert late.address == "/leads/"

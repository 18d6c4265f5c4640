"""Order of leads and keyset paging, against a naive sort in Python."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from leadlight.sales import lead_order
from leadlight.sales.lead_order import SORTS, ordered, sort_of
from leadlight.sales.models import Client, CustomField, Lead, Reminder
from leadlight.sales.models.client_names import sort_name
from tests.clock import START
from tests.recorded_company import recorded_rows
from tests.sales.conftest import found as company_of_two

pytestmark = pytest.mark.database

LEADS = 40
STATUSES = ("todo", "standby", "won", "lost", "cancelled")
WORDS = [sign + key for key in SORTS for sign in ("", "-")]


def company_with_areas():
    """Create leads with random values, many of them equal or missing."""
    company = company_of_two()
    chance = random.Random(12)
    field = CustomField.define("lead", "Area", "number")
    users = [company.ana, company.bo]
    steps = [company.contact, company.offer, company.deal, company.elsewhere]
    clients = [Client.create(name=name, by=None) for name in ("Äther", "bar", "Zoo")]
    for _number in range(LEADS):
        at = START - timedelta(days=chance.randrange(50, 60))
        lead = Lead.create(
            title=chance.choice(("beta", "Alpha", "élan", "Zulu")),
            by=None,
            step=chance.choice(steps),
            owner=chance.choice((None, *users)),
            client=chance.choice((None, *clients)),
            amount=chance.choice((None, Decimal(5), Decimal("7.5"))),
            probability=chance.choice((None, 10, 90)),
            source=chance.choice(("", "Web", "web", "Fair")),
            estimated_closing_on=chance.choice((None, START.date())),
            at=at,
        )
        status = chance.choice(STATUSES)
        until = Reminder(START + timedelta(days=chance.randrange(9)))
        verbs = {"won": lead.win, "lost": lead.lose, "cancelled": lead.cancel}
        if status == "standby":
            lead.stand_by(until=until, by=None)
        elif status in verbs:
            verbs[status](by=None, at=at + timedelta(days=chance.randrange(3)))
        if chance.random() < 0.5:
            lead.set_field(field, str(chance.randrange(3)), by=None)
    return field


area = recorded_rows(company_with_areas)


def value(lead, key, field):
    """Return the value by which people expect a lead to be sorted."""
    attributes = {
        "created": "created_at",
        "updated": "updated_at",
        "amount": "amount",
        "expected": "estimated_closing_on",
        "reminder": "reminder_at",
        "activity": "last_activity_at",
        "status_days": "status_since",
        "step_days": "step_since",
        "postponements": "postponements",
        "probability": "probability",
    }
    if key in attributes:
        return getattr(lead, attributes[key])
    if key == "status":
        return STATUSES.index(lead.status)
    if key == "step":
        return lead.step.pipeline_id, lead.step.position
    if key.startswith("field:"):
        text = lead.field_texts.get(field.key)
        return None if text is None else Decimal(text)
    texts = {
        "title": lead.title,
        "client": lead.client and lead.client.name,
        "owner": lead.owner and lead.owner.full_name,
        "team": lead.team and lead.team.name,
        "source": lead.source,
    }
    return sort_name(texts[key]) if texts[key] else None


def expected(word, field):
    key, goes_down = word.removeprefix("-"), word.startswith("-")
    rows = [(value(lead, key, field), lead.pk) for lead in Lead.objects.all()]
    known = sorted((row for row in rows if row[0] is not None), reverse=goes_down)
    unknown = sorted((row for row in rows if row[0] is None), key=lambda row: row[1])
    return [pk for _value, pk in known + (unknown[::-1] if goes_down else unknown)]


def pages(sort, size, leads=None):
    """Yield the pages of the list, each read from the text of the last position before it."""
    after = None
    while True:
        order = ordered(Lead.objects.all() if leads is None else leads, sort)
        found = order.after(after, size)
        if not found:
            return
        yield found
        after = sort.position_of(found[-1].text)


WAYS = pytest.mark.parametrize("most", [lead_order.MOST_COUNTED, 10], ids=["in memory", "by index"])


def sorts(most, area):
    """Return the sorts that are possible for the leads, each with its word."""
    words = [*WORDS, f"field:{area.key}", f"-field:{area.key}"]
    every = [(word, sort_of(word, [area])) for word in words]
    return [(word, sort) for word, sort in every if sort.is_indexed or most >= LEADS]


@WAYS
def test_all_pages_together_are_the_list_in_its_order(most, area, monkeypatch):
    monkeypatch.setattr(lead_order, "MOST_COUNTED", most)
    for word, sort in sorts(most, area):
        found = [one.pk for page in pages(sort, 7) for one in page]
        assert found == expected(word, area), word


@WAYS
def test_the_way_back_is_the_way_there(most, area, monkeypatch):
    monkeypatch.setattr(lead_order, "MOST_COUNTED", most)
    for word, sort in sorts(most, area):
        order = ordered(Lead.objects.all(), sort)
        every = order.after(None, LEADS)
        assert order.before(every[0], 5) == [], word
        for one, other in list(pairwise(every))[::3]:
            assert order.after(one, 1) == [other], word
            assert order.before(other, 1) == [one], word
        assert order.before(every[10], 4) == every[6:10], word
        lead = Lead.objects.get(pk=every[3].pk)
        assert lead_order.position_of(lead, sort) == every[3], word


def test_too_many_leads_for_a_sort_in_memory_are_listed_newest_first(area, monkeypatch):
    monkeypatch.setattr(lead_order, "MOST_COUNTED", 10)
    order = ordered(Lead.objects.all(), sort_of("title", []))
    assert (order.sort, order.count) == (lead_order.NEWEST, None)


@WAYS
@pytest.mark.parametrize("word", ["-created", "amount", "-reminder", "status_days"])
def test_leads_that_do_not_change_are_listed_once_while_others_do(word, most, area, monkeypatch):
    """Between two pages, one lead moves, one is added and one is deleted."""
    monkeypatch.setattr(lead_order, "MOST_COUNTED", most)
    sort, chance = sort_of(word, []), random.Random(word)
    before = set(Lead.objects.values_list("pk", flat=True))
    changed, found = set(), []
    for page in pages(sort, 4):
        found += [one.pk for one in page]
        lead = chance.choice(list(Lead.objects.all()))
        lead.set_amount(Decimal(chance.randrange(9)), by=None)
        lead.set_reminder(Reminder(START + timedelta(days=chance.randrange(9))), by=None)
        gone = chance.choice(list(Lead.objects.exclude(pk=lead.pk)))
        changed |= {lead.pk, gone.pk}
        gone.events.all().delete()
        gone.field_values.all().delete()
        gone.delete()
        if len(found) < LEADS:
            Lead.create(title="New", by=None, at=START - timedelta(days=chance.randrange(50, 60)))
    unchanged = before - changed
    assert [pk for pk in found if pk in unchanged] == [
        pk for pk in expected(word, area) if pk in unchanged
    ]


def test_the_position_of_a_lead_is_read_back_from_its_text(area):
    for _word, sort in sorts(LEADS, area):
        for one in ordered(Lead.objects.all(), sort).after(None, LEADS):
            assert sort.position_of(one.text) == one


@pytest.mark.parametrize("word", ["colour", "--amount", "field:nowhere", "", "-"])
def test_an_unknown_sort_is_none(word):
    assert sort_of(word, []) is None

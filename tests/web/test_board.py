"""Board: columns of the steps of a pipeline, and changes of the leads on it."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from html import unescape
from urllib.parse import urlencode

import pytest
from django.urls import reverse
from django.utils.html import escape

from leadlight.accounts.keys import new_key
from leadlight.accounts.models import Organization
from leadlight.sales.models import Category, Client, Lead, Pipeline, Reminder, Step, Tag
from leadlight.web.leads.board import closed, columns
from tests.clock import START
from tests.web.pages import Page

pytestmark = pytest.mark.database

DAY = timedelta(days=1)
HTMX = {"HX-Request": "true"}
BOARD = "/leads/?view=board"
STATUSES = ("todo", "standby", "won", "lost", "cancelled")


def html(browser, path=BOARD, **more):
    response = browser.get(path, **more)
    assert response.status_code == 200
    return response.content.decode()


def text(page):
    return " ".join(Page.read(page).text.split())


def column(page, step):
    """Return the part of a page with the cards of a step."""
    start = page.index(f'id="cards-{step.pk}"')
    return page[start : page.index("</ol>", start)]


def titles(part):
    return [unescape(one) for one in re.findall(r'card-title"><a [^>]*>(.*?)</a>', part)]


def more_address(part):
    found = re.search(r'hx-get="([^"]+)"', part)
    return found and unescape(found[1])


def total(page, step):
    """Return the shown number of leads of a column, and their amount with all its digits."""
    start = page.rindex("<p", 0, page.index(f'id="total-{step.pk}"'))
    part = page[start : page.index("</p>", start)]
    amount = re.search(r'title="([^"]*)"', part)
    return text(part).split()[0], amount and unescape(amount[1])


def send(browser, what, lead, query=BOARD, headers=HTMX, **data):
    sent = {"return": "board", "query": query.partition("?")[2], "action": new_key(), **data}
    return browser.post(f"/change-lead/{what}/{lead.key}/", sent, headers=headers)


def move(browser, lead, step, **data):
    """Move a lead as the board does, from the step that it has now."""
    before = data.pop("before", str(lead.step_id))
    return send(browser, "step", lead, step=step.key, **{"before:step": before}, **data)


def read(lead):
    return Lead.objects.get(pk=lead.pk)


# Columns


@pytest.fixture
def random_company(cast):
    """Add leads with random steps, statuses, owners, clients, tags and amounts, without events."""
    draw = random.Random(20261125)
    second = Pipeline.objects.create(name="Partners")
    steps = [
        *cast.steps,
        *(Step.objects.create(pipeline=second, name=f"P{n}", position=n) for n in (1, 2)),
    ]
    clients = [None, *(Client.objects.create(name=f"Client {number}") for number in range(3))]
    tags = list(Tag.objects.all())
    for number in range(150):
        step, status = draw.choice(steps), draw.choice(STATUSES)
        lead = Lead.objects.create(
            title=f"Lead {number}",
            pipeline=step.pipeline,
            step=step,
            status=status,
            closed_at=None if status in ("todo", "standby") else START,
            owner=draw.choice([cast.olga, cast.tom, cast.uma, None]),
            client=draw.choice(clients),
            amount=draw.choice([None, Decimal(0), Decimal(draw.randrange(1, 10**7)) / 100]),
            created_at=START - timedelta(days=60),
            # Few instants, so that several leads entered a step at the same one.
            step_since=START - timedelta(days=draw.randrange(8)),
            is_deleted=draw.random() < 0.1,
        )
        lead.tags.set(draw.sample(tags, draw.randrange(len(tags) + 1)))
    return cast


def naive_board(cast, pipeline, fits=lambda lead: True):
    """Return the open leads on the board of an admin, by step, in their order."""
    found = defaultdict(list)
    for lead in Lead.objects.select_related("owner", "client").prefetch_related("tags"):
        if lead.is_open and not lead.is_deleted and lead.pipeline == pipeline and fits(lead):
            found[lead.step_id].append(lead)
    return {
        step: sorted(leads, key=lambda lead: (lead.step_since, lead.pk), reverse=True)
        for step, leads in found.items()
    }


def filters(cast):
    client, tag = Client.objects.get(name="Client 1"), Tag.objects.first()
    return {
        "": lambda lead: True,
        f"&user={cast.olga.key}": lambda lead: lead.owner == cast.olga,
        "&user=none": lambda lead: lead.owner is None,
        f"&client={client.key}": lambda lead: lead.client == client,
        f"&tag={tag.key}&status=standby": lambda lead: (
            tag in lead.tags.all() and lead.status == "standby"
        ),
    }


def recount_address(page):
    """Return the address from which the page requests the totals of its columns, "" if none."""
    found = re.search(r'id="recount"[^>]*hx-get="([^"]+)"', page)
    return unescape(found[1]) if found else ""


@pytest.mark.parametrize("most_read", [2000, 5], ids=["few", "many"])
@pytest.mark.parametrize("number", range(5))
def test_columns_hold_each_open_lead_once_with_their_number_and_amount(
    number, most_read, random_company, visit, monkeypatch
):
    monkeypatch.setattr(columns, "MOST_READ", most_read)
    monkeypatch.setattr(columns, "FIRST_CARDS", 3)
    monkeypatch.setattr(columns, "CARDS_AT_A_TIME", 4)
    cast, browser = random_company, visit(random_company.ada)
    address, fits = list(filters(cast).items())[number]
    for pipeline in Pipeline.objects.all():
        path = f"{BOARD}{address}&pipeline={pipeline.key}"
        page, expected = html(browser, path), naive_board(cast, pipeline, fits)
        recount = recount_address(page)
        counted = html(browser, recount, headers=HTMX) if recount else page
        for step in pipeline.steps.all():
            part = column(page, step)
            found = titles(part)
            assert len(found) <= 3
            while next_cards := more_address(part):
                part = html(browser, next_cards, headers=HTMX)
                found += titles(part)
            leads = expected.get(step.pk, [])
            assert found == [lead.title for lead in leads]
            amount = sum(lead.amount or 0 for lead in leads)
            count, shown = total(counted, step)
            assert count == str(len(leads))
            assert Decimal(re.sub(r"[^\d.]", "", shown)) == amount


def test_many_leads_are_counted_only_when_asked_for(random_company, visit, monkeypatch):
    monkeypatch.setattr(columns, "MOST_READ", 5)
    monkeypatch.setattr(columns, "FIRST_CARDS", 2)
    monkeypatch.setattr(columns, "MOST_COUNTED", 3)
    cast, browser = random_company, visit(random_company.ada)
    page = html(browser)
    expected = naive_board(cast, cast.steps[0].pipeline)
    assert total(page, cast.steps[0]) == ("2+", None)
    counted = html(browser, recount_address(page), headers=HTMX)
    assert total(counted, cast.steps[0]) == ("3+", None)
    address = unescape(re.search(r'href="([^"]+)" data-counts', page)[1])
    for headers in ({}, HTMX):
        counted = html(browser, address, headers=headers)
        for step in cast.steps:
            count, amount = total(counted, step)
            assert count == str(len(expected[step.pk]))
            assert amount is not None
    lead = expected[cast.steps[0].pk][0]
    moved = move(browser, lead, cast.steps[1])
    assert "total-" not in moved.content.decode()
    assert recount_address(moved.content.decode()) == recount_address(page)


def test_chosen_statuses_replace_the_open_ones(random_company, visit):
    page = html(visit(random_company.ada), BOARD + "&status=won")
    won = Lead.objects.filter(status="won", is_deleted=False, step__in=random_company.steps)
    assert sum(int(total(page, step)[0]) for step in random_company.steps) == won.count() > 5


def test_a_card_tells_when_the_lead_is_due(cast, visit):
    days = {"Late: 24 Nov 2026": -1, "Today at": 0, "Later: 26 Nov 2026": 1}
    for title, shift in days.items():
        lead = Lead.create(title=title, by=cast.olga, owner=cast.olga, at=START - timedelta(days=9))
        reminder = Reminder(START + timedelta(days=shift, hours=3))
        lead.set_reminder(reminder, by=cast.olga)
    page = html(visit(cast.olga))
    for name, sentence in zip(("late", "today", "later"), days, strict=True):
        card = page[page.index(f'class="lead-card due-{name}"') :].split("</li>")[0]
        assert sentence in text(card)
        assert "9 days in step" in text(card)
    card = page[page.index('class="lead-card due-none"') :].split("</li>")[0]
    assert "Hotel windows" in text(card)
    assert "No reminder" in text(card)
    assert "Closing on 31 Mar 2026" in text(card)


def test_the_number_of_queries_does_not_depend_on_the_number_of_leads(
    cast, visit, django_assert_max_num_queries
):
    browser = visit(cast.mona)
    for number in range(60):
        Lead.create(title=f"Lead {number}", by=cast.mona, owner=cast.olga, client=cast.lead.client)
    html(browser)
    with django_assert_max_num_queries(30):
        html(browser)
    with django_assert_max_num_queries(40):
        assert move(browser, cast.lead, cast.steps[2]).status_code == 200


def test_cards_link_to_leads_with_any_key(cast, visit):
    key = "A/b c?d&é~'\""
    Lead.objects.filter(pk=cast.lead.pk).update(key=key)
    browser = visit(cast.olga)
    page = html(browser)
    for name in ("lead", "change_lead"):
        address = reverse(name, args=["step", key] if name == "change_lead" else [key])
        assert f'href="{escape(address)}' in page
        assert browser.get(address).status_code == 200


# Access


def test_the_board_shows_only_leads_that_the_user_may_see(cast, visit):
    assert titles(html(visit(cast.olga))) == ["Hotel windows"]
    assert titles(html(visit(cast.uma))) == []
    step = cast.steps[1]
    query = urlencode({"query": "view=board", "after": "2027-01-01T00:00:00~1"})
    shown = html(visit(cast.uma), f"/board/more/{step.key}/?{query}", headers=HTMX)
    assert titles(shown) == []
    assert move(visit(cast.uma), cast.lead, cast.steps[2]).status_code == 404
    assert read(cast.lead).step == cast.steps[1]


def test_who_may_see_a_lead_but_not_change_it_gets_no_control(cast, visit):
    Organization.objects.update(privacy="shared")
    page = html(visit(cast.uma))
    assert titles(page) == ["Hotel windows"]
    assert "data-action" not in page
    assert "/change-lead/" not in page[page.index('id="board"') :]
    assert move(visit(cast.uma), cast.lead, cast.steps[2]).status_code == 403
    assert read(cast.lead).step == cast.steps[1]


@pytest.mark.parametrize("query", ["after=yesterday", "after=2026-01-01~x", "query=nonsense=1", ""])
def test_addresses_of_more_cards_that_the_board_does_not_make_are_not_found(query, cast, visit):
    response = visit(cast.olga).get(f"/board/more/{cast.steps[0].key}/?{query}")
    assert response.status_code == 404


# Changes


def test_a_move_replaces_the_card_and_the_totals_and_offers_to_undo(cast, visit):
    browser, lead = visit(cast.olga), cast.lead
    before, after = cast.steps[1], cast.steps[2]
    response = move(browser, lead, after)
    page = response.content.decode()
    assert response.status_code == 200
    assert read(lead).step == after
    assert f'<li id="card-{lead.pk}" hx-swap-oob="delete">' in page
    assert f'hx-swap-oob="afterbegin:#cards-{after.pk}"' in page
    assert (total(page, before)[0], total(page, after)[0]) == ("0", "1")
    assert "Moved to “Deal”." in text(page)
    undo = re.search(r'action="(/undo/\w+/)"', page)[1]
    browser.post(undo, {"next": BOARD})
    assert read(lead).step == before


def test_a_move_without_scripts_returns_to_the_board(cast, visit):
    browser = visit(cast.olga)
    panel = html(browser, f"/change-lead/step/{cast.lead.key}/?return=board&query=view%3Dboard")
    assert 'role="dialog"' in panel
    response = move(browser, cast.lead, cast.steps[0], headers={})
    assert (response.status_code, response["Location"]) == (302, BOARD)
    assert read(cast.lead).step == cast.steps[0]


def test_a_card_dropped_twice_moves_once(cast, visit):
    browser, key, before = visit(cast.olga), new_key(), str(cast.lead.step_id)
    for _time in range(2):
        response = move(browser, cast.lead, cast.steps[2], action=key, before=before)
        assert response.status_code == 200
    assert read(cast.lead).events.filter(kind="step", value=cast.steps[2].pk).count() == 1


def test_a_conflict_shows_before_theirs_and_ones_own_step_on_the_card(cast, visit):
    lead, browser = cast.lead, visit(cast.olga)
    before = str(lead.step_id)
    read(lead).move_to(cast.steps[0], by=cast.mona)
    response = move(browser, lead, cast.steps[2], before=before)
    page = response.content.decode()
    assert response.status_code == 409
    assert read(lead).step == cast.steps[0]
    assert f'hx-swap-oob="afterbegin:#cards-{cast.steps[0].pk}"' in page
    assert "Before Offer Theirs Contact Yours Deal" in text(page)
    assert 'role="alert"' in page
    again = move(browser, read(lead), cast.steps[2])
    assert again.status_code == 200
    assert read(lead).step == cast.steps[2]


def test_a_refused_move_tells_why_and_shows_the_card_where_it_was(cast, visit):
    response = send(visit(cast.olga), "step", cast.lead, step="no-such-step")
    page = response.content.decode()
    assert response.status_code == 400
    assert "Select a valid choice" in text(page)
    assert f'id="card-{cast.lead.pk}" hx-swap-oob="true"' in page


def test_closing_on_the_board_asks_for_a_required_reason(cast, visit):
    reasons = Category.objects.create(name="Why lost", is_required=True, reason_for="lost")
    price = Tag.objects.create(name="Too dear", category=reasons)
    browser, address = visit(cast.olga), f"/change-lead/lost/{cast.lead.key}/"
    panel = html(browser, f"{address}?return=board&query=view%3Dboard", headers=HTMX)
    assert 'id="board-panel" hx-swap-oob="innerHTML"' in panel
    assert "Too dear" in text(panel)
    refused = send(browser, "lost", cast.lead)
    assert refused.status_code == 400
    assert "Choose a reason in “Why lost”." in text(refused.content.decode())
    assert read(cast.lead).is_open
    closed = send(browser, "lost", cast.lead, reasons=price.key).content.decode()
    assert read(cast.lead).status == "lost"
    assert f'<li id="card-{cast.lead.pk}" hx-swap-oob="delete">' in closed
    assert total(closed, cast.steps[1])[0] == "0"


def test_a_star_changes_the_card_in_place(cast, visit):
    page = send(visit(cast.olga), "star", cast.lead).content.decode()
    assert read(cast.lead).is_starred
    assert f'id="card-{cast.lead.pk}" hx-swap-oob="true"' in page
    assert 'aria-pressed="true"' in page


def test_a_lead_moved_to_another_pipeline_leaves_the_board(cast, visit):
    other = Step.objects.create(
        pipeline=Pipeline.objects.create(name="Partners"), name="First", position=1
    )
    page = move(visit(cast.olga), cast.lead, other).content.decode()
    assert read(cast.lead).step == other
    assert f'<li id="card-{cast.lead.pk}" hx-swap-oob="delete">' in page
    assert "lead-card" not in page


# Closed leads


def closed_titles(page, status):
    start = page.index(f'id="closed-{status}"')
    part = page[start : page.index("</section>", start)]
    return titles(part)


def test_the_switch_shows_the_last_closed_leads_of_each_outcome(cast, visit, monkeypatch):
    monkeypatch.setattr(closed, "MOST_SHOWN", 2)
    for number, status in enumerate(("win", "win", "win", "lose")):
        lead = Lead.create(title=f"Over {number}", by=cast.olga, owner=cast.olga, at=START - DAY)
        getattr(lead, status)(by=cast.olga, at=START - DAY + timedelta(hours=number))
    binned = Lead.create(title="Gone", by=cast.olga, owner=cast.olga, at=START - DAY)
    binned.lose(by=cast.olga, at=START - DAY + timedelta(hours=9))
    binned.bin(by=cast.olga)
    browser = visit(cast.olga)
    page = html(browser)
    assert 'id="closed-won"' not in page
    assert 'href="/leads/?view=board&amp;closed=last"' in page
    page = html(browser, f"{BOARD}&closed=last")
    assert closed_titles(page, "won") == ["Over 2", "Over 1"]
    assert closed_titles(page, "lost") == ["Over 3"]
    assert closed_titles(page, "cancelled") == []
    assert 'href="/leads/?view=board"' in page
    pipeline = cast.lead.pipeline.key
    listed = f"/leads/?status=won&amp;pipeline={pipeline}&amp;view=compact"
    assert listed in page or f"/leads/?pipeline={pipeline}&amp;status=won&amp;view=compact" in page


def test_closed_leads_keep_to_the_filters_and_to_what_one_may_see(cast, visit):
    for owner in (cast.olga, cast.uma):
        lead = Lead.create(title=f"Of {owner.first_name}", by=owner, owner=owner)
        lead.win(by=owner)
    assert closed_titles(html(visit(cast.olga), f"{BOARD}&closed=last"), "won") == ["Of Olga"]
    page = html(visit(cast.ada), f"{BOARD}&closed=last&user={cast.uma.key}")
    assert closed_titles(page, "won") == ["Of Uma"]


def test_a_board_of_closed_leads_has_no_switch(cast, visit):
    page = html(visit(cast.olga), f"{BOARD}&status=won&closed=last")
    assert 'id="closed-won"' not in page
    assert "Last closed leads" not in page


def test_a_lead_closed_on_the_board_appears_among_the_closed_ones(cast, visit):
    lead = Lead.create(title="Fresh", by=cast.olga, owner=cast.olga)
    response = send(visit(cast.olga), "won", lead, query=f"{BOARD}&closed=last")
    assert response.status_code == 200
    page = response.content.decode()
    assert closed_titles(page, "won") == ["Fresh"]
    assert 'hx-swap-oob="true"' in page


def test_the_switch_refuses_other_values(cast, visit):
    assert visit(cast.olga).get(f"{BOARD}&closed=all").status_code == 400

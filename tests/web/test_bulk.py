"""Bulk changes on the pages: forms, rights, double clicks, progress and undo."""

from __future__ import annotations

import json

import pytest

from leadlight.accounts.models import Organization
from leadlight.sales import bulk, bulk_undo
from leadlight.sales.bulk import run_unfinished
from leadlight.sales.models import BulkJob, Lead, Tag
from leadlight.web.bulk.forms import FORMS
from tests.web.conftest import at
from tests.web.pages import Page


@pytest.fixture
def leads(cast):
    """Four more leads of Olga's, and one of Uma's."""
    for number in range(4):
        Lead.create(title=f"House {number}", by=cast.olga, owner=cast.olga, at=at(6 + number))
    Lead.create(title="Uma's house", by=cast.uma, owner=cast.uma, at=at(15))
    return list(Lead.objects.filter(owner=cast.olga).order_by("pk"))


def post(browser, verb, leads=(), htmx=False, **more):
    keys = json.dumps([lead.key for lead in leads])
    sent = {"keys": keys, "scope": "leads", "query": "", "all": "", "next": "/leads/"}
    headers = {"hx-request": "true"} if htmx else {}
    return browser.post(f"/bulk/{verb}/", sent | more, headers=headers)


def text(response):
    return Page.read(response.content.decode()).text


def owners():
    return dict(Lead.objects.values_list("title", "owner__first_name"))


def test_a_form_says_how_many_leads_it_changes(cast, leads, visit):
    response = post(visit(cast.mona), "assign", leads[:3], htmx=True)
    assert "Assign to · 3 leads" in text(response)
    assert set(owners().values()) == {"Olga", "Uma"}


def test_assigned_leads_and_their_undo(cast, leads, visit):
    browser = visit(cast.mona)
    response = post(browser, "assign", leads[:3], apply="1", owner=cast.tom.key)
    assert response.url == "/leads/"
    page = browser.get("/leads/").content.decode()
    assert "Assign to Tom Glass: 3 leads changed." in page
    assert list(owners().values()).count("Tom") == 3
    job = BulkJob.objects.get()
    assert f"/undo/{job.action.key}/" in page
    response = browser.post(f"/undo/{job.action.key}/", {"next": "/leads/"})
    assert response.url == "/leads/"
    assert "Tom" not in owners().values()
    assert "Undone." in browser.get("/leads/").content.decode()


def test_a_form_in_place_leads_back_and_lets_the_list_forget_its_selection(cast, leads, visit):
    response = post(visit(cast.mona), "assign", leads[:2], htmx=True, apply="1", owner=cast.tom.key)
    assert response.headers["HX-Redirect"] == "/leads/"
    assert response.headers["HX-Trigger"] == "bulk-started"


@pytest.mark.parametrize("verb", ["todo", "star", "bin", "unassign"])
def test_a_verb_without_input_needs_one_click(verb, cast, leads, visit):
    assert post(visit(cast.mona), verb, leads[:2]).status_code == 302
    assert BulkJob.objects.get().total == 2


def test_a_form_sent_twice_acts_once(cast, leads, visit):
    browser = visit(cast.mona)
    for _ in range(2):
        response = post(browser, "assign", leads, apply="1", owner=cast.tom.key, action="0" * 30)
        assert response.status_code == 302
    assert BulkJob.objects.count() == 1


def test_the_key_of_another_change_is_not_that_of_a_job(cast, leads, visit):
    browser = visit(cast.olga)
    browser.post(f"/change-lead/star/{leads[0].key}/", {"action": "0" * 30})
    assert post(browser, "star", leads, action="0" * 30).status_code == 404
    assert not BulkJob.objects.exists()


def test_all_leads_found_are_those_of_the_query(cast, leads, visit):
    browser = visit(cast.ada)
    query = "user=" + cast.olga.key
    response = post(browser, "star", all="1", query=query, htmx=True)
    assert "Star · 5 leads" in text(response)
    assert not Lead.objects.filter(is_starred=True).exists()
    post(browser, "star", all="1", query=query, apply="1", number="5")
    starred = Lead.objects.filter(is_starred=True)
    assert set(starred.values_list("owner__first_name", flat=True)) == {"Olga"}
    assert starred.count() == 5


def test_a_list_that_has_changed_since_is_shown_again(cast, leads, visit):
    browser = visit(cast.ada)
    response = post(browser, "bin", all="1", apply="1", number="5")
    assert response.status_code == 409
    assert "The list has changed in the meantime." in text(response)
    assert "Move to the bin · 6 leads" in text(response)
    assert not BulkJob.objects.exists()


def test_an_invalid_query_is_refused(cast, leads, visit):
    response = post(visit(cast.ada), "star", all="1", query="no-such-filter=1")
    assert response.status_code == 400
    assert not BulkJob.objects.exists()


def test_nothing_selected_is_a_sentence(cast, leads, visit):
    response = post(visit(cast.ada), "star")
    assert response.status_code == 400
    assert "Select leads first." in text(response)


@pytest.mark.parametrize("verb", FORMS)
def test_hidden_leads_cannot_be_changed_by_their_keys(verb, cast, leads, visit):
    """Olga sends the key of Uma's lead, which she does not see."""
    hidden = Lead.objects.get(owner=cast.uma)
    response = post(visit(cast.olga), verb, [hidden], apply="1", number="1")
    assert response.status_code == 400
    assert "Uma" not in text(response)
    assert not BulkJob.objects.exists()


def test_leads_that_one_sees_but_may_not_change_are_left_out(cast, leads, visit):
    Organization.objects.update(privacy="shared")
    theirs = Lead.objects.get(owner=cast.uma)
    browser = visit(cast.olga)
    post(browser, "star", [*leads[:2], theirs])
    page = browser.get("/leads/").content.decode()
    assert "Left out, because you cannot change them: 1." in page
    assert not Lead.objects.get(pk=theirs.pk).is_starred
    response = post(browser, "star", [theirs])
    assert response.status_code == 400
    assert "You cannot change any of these leads." in text(response)


def test_people_that_one_may_not_assign_to_are_refused(cast, leads, visit):
    response = post(visit(cast.olga), "assign", leads, apply="1", owner=cast.uma.key)
    assert response.status_code == 400
    assert "Uma" not in owners().values() or list(owners().values()).count("Uma") == 1


def test_sellers_cannot_distribute(cast, leads, visit):
    response = post(visit(cast.olga), "distribute", leads, apply="1", sellers=cast.olga.key)
    assert response.status_code == 400
    assert not BulkJob.objects.exists()


def test_the_preview_of_a_distribution_counts_the_leads_of_each(cast, leads, visit):
    sellers = [cast.olga.key, cast.tom.key]
    response = post(visit(cast.mona), "distribute", leads, htmx=True, sellers=sellers)
    assert "Olga Glass: 3" in text(response)
    assert "Tom Glass: 2" in text(response)
    assert not BulkJob.objects.exists()


def test_refused_leads_are_listed_with_their_reason(cast, leads, visit):
    leads[1].win(by=cast.olga)
    browser = visit(cast.mona)
    response = post(browser, "todo", leads[:3])
    job = BulkJob.objects.get()
    assert response.url == f"/bulk-jobs/{job.action.key}/"
    shown = text(browser.get(response.url))
    assert "Not possible 1" in shown
    assert "“House 0” is closed. Reopen it first." in shown


@pytest.fixture
def background(monkeypatch):
    for module in (bulk, bulk_undo):
        monkeypatch.setattr(module, "AT_ONCE", 1)
        monkeypatch.setattr(module, "BATCH", 2)


def test_the_page_of_a_job_follows_it_to_the_end_and_its_undo(cast, leads, visit, background):
    browser = visit(cast.mona)
    response = post(browser, "assign", leads, apply="1", owner=cast.tom.key)
    job = BulkJob.objects.get()
    page = f"/bulk-jobs/{job.action.key}/"
    assert response.url == page
    html = browser.get(page).content.decode()
    assert 'hx-trigger="load delay:1s"' in html
    assert "0 of 5" in html
    assert "Stop and undo" in html
    assert "A bulk change is in progress." in browser.get("/leads/").content.decode()
    bulk.run_batch(job.pk)
    assert "2 of 5" in browser.get(page, headers={"hx-request": "true"}).content.decode()
    run_unfinished()
    html = browser.get(page).content.decode()
    assert "hx-trigger" not in html.partition('id="bulk-job"')[2].partition(">")[0]
    assert "Changed" in html
    response = browser.post(f"/undo/{job.action.key}/", {"next": "/leads/"})
    assert response.url == page
    assert "Being undone" in browser.get(page).content.decode()
    run_unfinished()
    assert "Set back 5" in text(browser.get(page))
    assert "Tom" not in owners().values()


@pytest.mark.parametrize("name", ["olga", "uma", "ada", "tom"])
def test_only_its_user_sees_a_job(name, cast, leads, visit):
    post(visit(cast.mona), "star", leads)
    key = BulkJob.objects.get().action.key
    browser = visit(getattr(cast, name))
    assert browser.get(f"/bulk-jobs/{key}/").status_code == 404
    assert browser.post(f"/undo/{key}/").status_code == 404


def test_the_history_of_a_lead_links_to_the_job_instead_of_undoing_it(cast, leads, visit):
    browser = visit(cast.mona)
    post(browser, "star", leads)
    key = BulkJob.objects.get().action.key
    html = browser.get(f"/leads/{leads[1].key}/").content.decode()
    html = browser.get(f"/leads/{leads[1].key}/").content.decode()  # without the message
    assert f'href="/bulk-jobs/{key}/"' in html
    assert f"/undo/{key}/" not in html
    other = visit(cast.ada).get(f"/leads/{leads[1].key}/").content.decode()
    assert f"/bulk-jobs/{key}/" not in other


@pytest.mark.parametrize("verb", FORMS)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_form_is_shown(verb, language, cast, leads, visit):
    Tag.objects.create(name="Other")
    browser = visit(cast.mona, language)
    response = post(browser, verb, all="1")
    assert response.status_code == 200
    page = Page.read(response.content.decode())
    assert page.unlabelled == []
    assert page.faults == []


def test_a_standby_until_one_of_the_days_offered(cast, leads, visit):
    browser = visit(cast.mona)
    assert "In 2 days" in text(post(browser, "standby", leads))
    post(browser, "standby", leads, **{"in": "2"})
    assert Lead.objects.filter(status="standby", reminder_at__isnull=False).count() == 5


def test_an_unknown_verb_is_missing(cast, leads, visit):
    assert post(visit(cast.ada), "explode", leads).status_code == 404
    assert post(visit(cast.ada), "hand-over", leads).status_code == 404


def test_closing_many_asks_for_a_required_reason(cast, leads, visit):
    from leadlight.sales.models import Category

    price = Category.objects.create(name="Why", is_required=True, reason_for="lost")
    tag = Tag.objects.create(name="Too dear", category=price)
    browser = visit(cast.mona)
    response = post(browser, "lost", leads[1:], apply="1", comment="")
    assert "Choose a reason in “Why”." in text(response)
    post(browser, "lost", leads[1:], apply="1", comment="", reasons=tag.key)
    assert Lead.objects.filter(status="lost", tags=tag).count() == 4


@pytest.mark.parametrize("keys", ["{", "[1, null]", '"L1"', '["a\\u0000b"]', "[" * 5000])
def test_hostile_keys_select_nothing(keys, cast, leads, visit):
    response = post(visit(cast.ada), "star", keys=keys)
    assert response.status_code == 400
    assert not BulkJob.objects.exists()

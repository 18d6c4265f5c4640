"""Filters of the list of leads: selected leads, access, and display."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leadlight.accounts.models import Organization
from leadlight.sales.models import Client, Lead, Tag
from tests.web.pages import Page

pytestmark = pytest.mark.database


def titles(browser, query):
    return sorted(lead.title for lead in browser.get(f"/leads/?{query}").context["page"])


def text(browser, query, status=200):
    response = browser.get(f"/leads/?{query}")
    assert response.status_code == status
    return " ".join(Page.read(response.content.decode()).text.split())


@pytest.fixture
def leads(cast):
    """Add to Olga's lead of the cast a won lead with source "Web", and one without an owner."""
    museum = Client.objects.create(name="Museum", key="museum")
    won = Lead.create(title="Museum doors", by=cast.olga, owner=cast.olga, source="Web")
    won.set_client(museum, by=cast.olga)
    won.tag(Tag.objects.create(name="Big", key="big"), by=cast.olga)
    won.win(by=cast.olga)
    nobody = Lead.create(title="Roof", by=cast.ada)
    nobody.tag(Tag.objects.get(key="big"), Tag.objects.create(name="Old", key="old"), by=cast.ada)
    return cast


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=won", ["Museum doors"]),
        ("status=todo&status=won", ["Hotel windows", "Museum doors", "Roof"]),
        ("client=museum", ["Museum doors"]),
        ("client=none", ["Roof"]),
        ("source=Web", ["Museum doors"]),
        ("source=none", ["Roof"]),
        ("user=none", ["Roof"]),
        ("tag=big", ["Museum doors", "Roof"]),
        ("tag=big&tag=old", ["Museum doors", "Roof"]),
        ("tag=big&tag=old&tags=all", ["Roof"]),
        ("tag=none", []),
        ("status=todo&q=windows", ["Hotel windows"]),
        ("status=won&q=windows", []),
    ],
)
def test_each_filter_selects_its_leads(query, found, leads, visit):
    assert titles(visit(leads.ada), query) == found


def test_filters_do_not_reveal_hidden_leads(leads, visit):
    assert titles(visit(leads.olga), "user=none") == []
    assert titles(visit(leads.uma), "status=won") == []


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("status=open", "Unknown status: “open”."),
        ("user=nobody", "Unknown user: “nobody”."),
        ("step=x", "Unknown step: “x”."),
        ("tags=some", "is not possible for “Tags”"),
        ("colour=red", "Unknown filter: “colour”."),
        ("tag=%00", "Unknown tag"),
    ],
)
def test_an_invalid_filter_is_refused_with_a_message(query, sentence, leads, visit):
    assert sentence in text(visit(leads.ada), query, status=400)


def test_a_hidden_client_gives_the_same_error_as_a_missing_one(leads, visit):
    browser = visit(leads.uma)
    assert "Unknown client: “museum”." in text(browser, "client=museum", status=400)


def test_active_filters_are_shown_and_can_be_removed(leads, visit):
    html = visit(leads.ada).get("/leads/?status=won&status=lost&tag=big").content.decode()
    said = " ".join(Page.read(html).text.split())
    assert "Status: Lost" in said
    assert "Status: Won" in said
    assert "Tag: Big" in said
    assert 'href="/leads/?tag=big&amp;status=won"' in html


def test_a_filter_without_matches_shows_a_message(leads, visit):
    assert "No leads match these filters." in text(visit(leads.ada), "tag=none")


def test_pages_and_search_keep_the_filters(leads, visit):
    for number in range(60):
        Lead.create(title=f"Lead {number}", by=None)
    response = visit(leads.ada).get("/leads/?status=todo&q=Lead")
    html = response.content.decode()
    assert response.context["listing"].next_address.startswith("/leads/?q=Lead&status=todo&after=")
    assert 'name="q" value="Lead"' in html


def test_filter_choices_can_be_searched(leads, visit):
    html = visit(leads.ada).get("/lead-choices/client/?search=mus&client=").content.decode()
    assert "Museum" in html
    assert "Élysée" not in html
    assert visit(leads.uma).get("/lead-choices/team/").status_code == 404
    assert visit(leads.ada).get("/lead-choices/colour/").status_code == 404


def test_clients_are_looked_up_when_a_manager_opens_their_menu(leads, visit):
    browser = visit(leads.mona)
    with CaptureQueriesContext(connection) as asked:
        html = browser.get("/leads/").content.decode()
    assert 'hx-get="/lead-choices/client/"' in html
    assert not any("sales_client" in query["sql"] and "UNION" in query["sql"] for query in asked)
    assert "Museum" in browser.get("/lead-choices/client/").content.decode()


def test_a_menu_without_any_choice_is_left_out(leads, visit):
    Lead.objects.update(client=None)
    Client.objects.all().delete()
    assert "/lead-choices/client/" not in visit(leads.mona).get("/leads/").content.decode()


def test_with_shared_privacy_filters_cover_all_leads(leads, visit):
    Organization.objects.update(privacy=Organization.Privacy.SHARED)
    assert titles(visit(leads.uma), "status=won") == ["Museum doors"]


def test_the_filters_are_in_french(leads, visit):
    leads.ada.language = "fr"
    leads.ada.save()
    said = text(visit(leads.ada), "status=won")
    assert "Statut" in said
    assert "Étape" in said


def test_empty_controls_of_a_form_are_left_out_of_the_address(leads, visit):
    response = visit(leads.ada).get("/leads/?q=&status=won&tag=&columns=")
    assert (response.status_code, response.url) == (302, "/leads/?status=won")


def test_choices_with_a_nul_are_looked_up_like_others(leads, visit):
    response = visit(leads.ada).get("/lead-choices/client/?search=%00&client=%00")
    assert response.status_code == 200

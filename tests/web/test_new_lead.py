"""Page of a new lead."""

from __future__ import annotations

import pytest

from leadlight.accounts.keys import new_key
from leadlight.sales.models import (
    Client,
    Lead,
)
from tests.web.pages import Page

pytestmark = pytest.mark.database


def read(lead):
    return Lead.objects.get(pk=lead.pk)


def shown(response):
    return " ".join(Page.read(response.content.decode()).text.split())


def test_a_title_is_enough_for_a_new_lead(cast, visit):
    browser, key = visit(cast.olga), new_key()
    form = {"title": "Lake house", "step": cast.steps[0].key, "owner": cast.olga.key, "action": key}
    responses = [browser.post("/new-lead/", form) for _time in range(2)]
    lead = Lead.objects.get(title="Lake house")
    assert {response.url for response in responses} == {f"/leads/{lead.key}/"}
    assert (lead.owner, lead.created_by, lead.status) == (cast.olga, cast.olga, "todo")
    assert lead.team.name == "North"
    browser.post(f"/undo/{key}/", {"next": f"/leads/{lead.key}/"})
    assert read(lead).is_deleted


def test_a_new_lead_takes_the_client_of_the_page_it_was_opened_from(cast, visit):
    client = Client.objects.get()
    html = visit(cast.olga).get(f"/new-lead/?client={client.key}").content.decode()
    assert 'value="Hôtel Élysée"' in html


def test_of_two_clients_with_one_name_the_lead_gets_the_one_of_the_page(cast, visit):
    first = Client.objects.get()
    second = Client.create(name=first.name, by=cast.olga)
    form = {"title": "Spa", "step": cast.steps[0].key, "client": first.name}
    for number, client in enumerate((second, first)):
        sent = form | {"title": f"Spa {number}", "client_key": client.key}
        visit(cast.olga).post("/new-lead/", sent)
        assert Lead.objects.get(title=f"Spa {number}").client == client


def test_a_new_lead_without_a_title_is_refused(cast, visit):
    response = visit(cast.olga).post("/new-lead/", {"step": cast.steps[0].key})
    assert response.status_code == 400
    assert "Enter a title for the lead." in shown(response)

"""Pages that copy or split a lead."""

from __future__ import annotations

import pytest

from leadlight.sales.models import Client, Lead

pytestmark = pytest.mark.database

KEY = "0123456789abcdef0123"


def test_the_copy_opens_and_its_client_groups_both(cast, visit):
    lead, browser = cast.lead, visit(cast.mona)
    lead.set_client(None, by=cast.olga)
    html = browser.get(f"/copy-lead/{lead.key}/").content.decode()
    assert f'name="client" value="{lead.title}"' in html
    sent = {"name": "Second", "client": "Lake Hotel", "action": KEY}
    response = browser.post(f"/copy-lead/{lead.key}/", sent)
    copy = Lead.objects.get(title="Second")
    assert response.url == f"/leads/{copy.key}/"
    lead.refresh_from_db()
    assert (copy.owner, copy.client) == (cast.mona, lead.client)
    assert browser.post(f"/copy-lead/{lead.key}/", sent).url == f"/leads/{copy.key}/"
    assert Lead.objects.filter(title="Second").count() == 1


def test_a_copy_keeps_a_client_whose_name_others_share(cast, visit):
    client = Client.objects.create(name="Lake Hotel")
    Client.objects.create(name="Lake Hotel")
    twin = Client.objects.create(name="Lake Hotel")
    cast.lead.set_client(twin, by=cast.olga)
    visit(cast.olga).post(f"/copy-lead/{cast.lead.key}/", {"name": "B", "client": "Lake Hotel"})
    assert Lead.objects.get(title="B").client == twin != client


def test_a_split_asks_for_an_amount_below_that_of_the_lead(cast, visit):
    lead, browser = cast.lead, visit(cast.olga)
    lead.reopen(by=cast.olga) if lead.is_closed else None
    lead.set_amount(100, by=cast.olga)
    address = f"/split-lead/{lead.key}/"
    for amount in ("", "0", "100", "many"):
        response = browser.post(address, {"name": "Part", "amount": amount})
        assert response.status_code == 400
    response = browser.post(address, {"name": "Part", "amount": "40"})
    part = Lead.objects.get(title="Part")
    assert response.url == f"/leads/{part.key}/"
    assert (part.amount, Lead.objects.get(pk=lead.pk).amount) == (40, 60)


def test_a_split_of_an_amount_that_changed_meanwhile_is_a_conflict(cast, visit):
    lead = cast.lead
    lead.reopen(by=cast.olga) if lead.is_closed else None
    lead.set_amount(100, by=cast.olga)
    sent = {"name": "Part", "amount": "40", "before:amount": "90"}
    response = visit(cast.olga).post(f"/split-lead/{lead.key}/", sent)
    assert response.status_code == 409
    assert Lead.objects.count() == 1


@pytest.mark.parametrize("what", ["copy-lead", "split-lead"])
@pytest.mark.parametrize(("who", "status"), [("uma", 404), ("mona", 200)])
def test_leads_are_copied_by_those_who_may_change_them(what, who, status, cast, visit):
    browser = visit(getattr(cast, who))
    assert browser.get(f"/{what}/{cast.lead.key}/").status_code == status
    cast.organization.privacy = "shared"
    cast.organization.save()
    status = 403 if status == 404 else status
    assert browser.get(f"/{what}/{cast.lead.key}/").status_code == status
    before = Lead.objects.count()
    browser.post(f"/{what}/{cast.lead.key}/", {"name": ""})
    assert Lead.objects.count() == before

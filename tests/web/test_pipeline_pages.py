"""Settings pages of pipelines and steps; closed steps are offered nowhere."""

from __future__ import annotations

import pytest

from leadlight.accounts.keys import new_key
from leadlight.accounts.models import AuditEntry
from leadlight.sales.models import Lead, Pipeline, Step
from tests.web.pages import Page

pytestmark = pytest.mark.database

PIPELINES = "/settings/pipelines/"
HOSTILE = "<script>\u202e😀=1+1"


def said(response) -> str:
    return Page.read(response.content.decode()).text


def page_of(pipeline: Pipeline) -> str:
    return f"{PIPELINES}{pipeline.key}/edit/"


def page(step: Step, verb: str) -> str:
    return f"/settings/steps/{step.key}/{verb}/"


def test_a_pipeline_is_added_renamed_made_default_and_archived(cast, visit):
    browser = visit(cast.ada)
    shown = browser.post(PIPELINES, {"name": HOSTILE, "first_step": "Call"}, follow=True)
    assert "Pipeline added. Add its steps." in said(shown)
    made = Pipeline.objects.get(name=HOSTILE)
    browser.post(page_of(made), {"name": "Repairs"})
    browser.post(f"{PIPELINES}{made.key}/default/")
    refused = browser.post(f"{PIPELINES}{made.key}/archive/", follow=True)
    assert "Make another pipeline the default one first." in said(refused)
    browser.post(f"{PIPELINES}{cast.steps[0].pipeline.key}/default/")
    browser.post(f"{PIPELINES}{made.key}/archive/")
    made.refresh_from_db()
    assert (made.name, made.is_default, made.is_archived) == ("Repairs", False, True)
    rows = AuditEntry.objects.filter(action="pipeline").order_by("pk")
    assert list(rows.values_list("old_value", "new_value"))[:3] == [
        ("", HOSTILE),
        (HOSTILE, "Repairs"),
        ("Repairs", "Repairs · default pipeline"),
    ]
    browser.post(f"{PIPELINES}{made.key}/restore/")
    assert not Pipeline.objects.get(pk=made.pk).is_archived


@pytest.mark.parametrize("name", ["", "direct sales", "a\0b", "x" * 10_000])
def test_a_bad_name_is_refused_with_a_sentence(cast, visit, name):
    browser = visit(cast.ada)
    for address in (PIPELINES, page_of(Pipeline.objects.create(name="Other"))):
        shown = browser.post(address, {"name": name, "first_step": "Call"})
        assert shown.status_code == 400
        assert 'class="errorlist' in shown.content.decode()
    assert Pipeline.objects.count() == 2


def test_a_step_is_added_renamed_and_moved(cast, visit):
    browser, pipeline = visit(cast.ada), cast.steps[0].pipeline
    browser.post(f"{PIPELINES}{pipeline.key}/add/", {"name": HOSTILE, "probability": "55"})
    step = Step.objects.get(name=HOSTILE)
    browser.post(page(step, "edit"), {"name": "Visit", "probability": ""})
    browser.post(page(step, "move"), {"to": "up"})
    assert browser.post(page(step, "move"), {"to": "left"}).status_code == 400
    names = list(pipeline.steps.order_by("position").values_list("name", "probability"))
    assert names == [("Contact", 10), ("Offer", 40), ("Visit", None), ("Deal", 70)]
    for bad in ({"name": ""}, {"name": "Offer"}, {"name": "V", "probability": "101"}):
        assert browser.post(page(step, "edit"), bad).status_code == 400
        assert browser.post(f"{PIPELINES}{pipeline.key}/add/", bad).status_code == 400

    entries = AuditEntry.objects.filter(action="step").order_by("pk")
    assert entries.last().new_value == "Contact · 10 %; Offer · 40 %; Visit; Deal · 70 %"
    browser.post(page(step, "remove"))
    assert not Step.objects.filter(pk=step.pk).exists()


def test_a_closed_step_is_offered_nowhere_and_its_leads_are_moved_and_brought_back(cast, visit):
    browser, (contact, offer, _deal) = visit(cast.ada), cast.steps
    lead = Lead.create(title="Doors", by=cast.olga, owner=cast.olga, step=contact)
    asked = browser.get(page(contact, "close"))
    assert "1 open lead is in this step." in said(asked)
    assert browser.post(page(contact, "close"), {"to": ""}).status_code == 400
    assert browser.post(page(contact, "close"), {"to": contact.key}).status_code == 400
    key = new_key()
    for _ in range(2):  # a double click acts once
        shown = browser.post(page(contact, "close"), {"to": offer.key, "action": key}, follow=True)
    assert "Close “Contact” and move its leads to “Offer”" in said(shown)
    lead.refresh_from_db()
    assert lead.step == offer
    places = ("/new-lead/", f"/leads/{lead.key}/", f"/change-lead/step/{lead.key}/")
    for address in places:
        choices = browser.get(address).content.decode()
        assert f'value="{contact.key}"' not in choices, address
    board = browser.get("/leads/?view=board").content.decode()
    assert f'data-step="{offer.key}"' in board
    assert f'data-step="{contact.key}"' not in board
    refused = browser.post(f"/change-lead/step/{lead.key}/", {"step": contact.key})
    assert refused.status_code == 400
    browser.post(f"/undo/{key}/")
    lead.refresh_from_db()
    assert (lead.step, Step.objects.get(pk=contact.pk).is_closed) == (contact, False)


def test_a_lead_in_a_closed_step_stays_on_the_board_and_keeps_its_choice(cast, visit):
    browser, offer = visit(cast.ada), cast.steps[1]
    lead = Lead.create(title="Doors", by=cast.olga, owner=cast.olga, step=offer)
    Step.objects.filter(pk=offer.pk).update(is_closed=True)
    assert "Doors" in said(browser.get("/leads/?view=board"))
    form = browser.get(f"/change-lead/step/{lead.key}/").content.decode()
    assert f'value="{offer.key}" selected' in form


def test_an_empty_step_is_closed_and_opened_again(cast, visit):
    browser, deal = visit(cast.ada), cast.steps[2]
    Lead.objects.all().update(step=cast.steps[0])
    assert "No open lead is in this step." in said(browser.get(page(deal, "close")))
    browser.post(page(deal, "close"))
    assert Step.objects.get(pk=deal.pk).is_closed
    assert "closed" in said(browser.get(page_of(deal.pipeline)))
    browser.post(page(deal, "reopen"))
    assert not Step.objects.get(pk=deal.pk).is_closed


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_pages_are_well_formed_and_completely_in_french(cast, visit, language):
    browser, step = visit(cast.ada, language), cast.steps[0]
    addresses = [PIPELINES, page_of(step.pipeline), page(step, "edit"), page(step, "close")]
    for address in addresses:
        shown = Page.read(browser.get(address).content.decode())
        assert (shown.language, len(shown.headings)) == (language, 1)
        assert shown.faults == shown.unlabelled == []
        assert len(shown.ids) == len(set(shown.ids)), address


def test_pages_of_pipelines_run_a_fixed_number_of_queries(cast, visit, django_assert_num_queries):
    browser, pipeline = visit(cast.ada), cast.steps[0].pipeline
    for number in range(20):
        Step.objects.create(pipeline=pipeline, name=f"S{number}", position=number + 9)
    browser.get(page_of(pipeline))
    with django_assert_num_queries(10):
        browser.get(page_of(pipeline))

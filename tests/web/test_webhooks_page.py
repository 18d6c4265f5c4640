"""Settings pages of webhooks."""

from __future__ import annotations

import pytest

from leadlight.automation.models import Delivery, Webhook
from leadlight.jobs.worker import run_due

PAGE = "/settings/webhooks/"
GIVEN = {
    "name": "Accounting",
    "url": "https://hooks.example.com/won?a=1",
    "events": ["lead.status.changed.to.won", "lead.creation"],
}


@pytest.fixture
def hook(cast, visit):
    visit(cast.ada).post(PAGE, GIVEN)
    return Webhook.objects.get()


def test_a_webhook_is_added_and_changed(cast, visit, hook):
    assert hook.events == ["lead.creation", "lead.status.changed.to.won"]
    page = visit(cast.ada).get(f"{PAGE}{hook.key}/edit/").text
    assert "Status changed to “Won”" in page
    assert hook.secret in page

    browser = visit(cast.ada)
    browser.post(f"{PAGE}{hook.key}/edit/", {**GIVEN, "name": "Wins", "includes_imports": "on"})
    hook.refresh_from_db()
    assert (hook.name, hook.includes_imports) == ("Wins", True)
    assert "Wins" in browser.get(PAGE).text
    assert "Wins" in browser.get("/settings/audit/").text


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": ""}, "Enter a name."),
        ({"url": ""}, "Enter an address."),
        ({"url": "hooks"}, "Enter an address such as https://example.com/hook."),
        ({"url": "http://example.com/"}, "The address must begin with https://."),
        ({"url": "https://10.0.0.1/"}, "This address is one of a private network."),
        ({"events": []}, "Choose at least one event."),
        ({"events": ["odd"]}, "Select a valid choice."),
    ],
)
def test_invalid_values_are_refused_with_a_sentence(cast, visit, wrong, sentence):
    answer = visit(cast.ada).post(PAGE, GIVEN | wrong)
    assert answer.status_code == 400
    assert sentence in answer.text
    assert not Webhook.objects.exists()


def test_a_test_message_is_listed_and_sent_again(cast, visit, hook, monkeypatch):
    browser = visit(cast.ada)
    page = browser.post(f"{PAGE}{hook.key}/test/", follow=True).text
    assert "The test is on its way." in page
    one = Delivery.objects.get()
    assert one.body["events"] == ["test"]
    Delivery.objects.update(state="failed", answered_with=500, answer="<b>broken</b>")

    page = browser.get(f"{PAGE}{hook.key}/edit/").text
    assert "500 · &lt;b&gt;broken&lt;/b&gt;" in page
    page = browser.post(f"/settings/deliveries/{one.key}/repeat/", follow=True).text
    assert "The message is sent again, with the same id." in page
    assert Delivery.objects.get().state == "waiting"


def test_a_webhook_that_is_switched_off_sends_nothing(cast, visit, hook):
    browser = visit(cast.ada)
    browser.post(f"{PAGE}{hook.key}/test/")
    browser.post(f"{PAGE}{hook.key}/switch/", {"active": "no"})
    hook.refresh_from_db()
    assert not hook.is_active
    assert (
        "The webhook is switched off." in browser.post(f"{PAGE}{hook.key}/test/", follow=True).text
    )
    run_due()
    assert Delivery.objects.get().state == "failed"
    assert (
        "Webhook switched on."
        in browser.post(f"{PAGE}{hook.key}/switch/", {"active": "yes"}, follow=True).text
    )


def test_a_new_secret_replaces_the_earlier_one(cast, visit, hook):
    secret = hook.secret
    page = visit(cast.ada).post(f"{PAGE}{hook.key}/secret/", follow=True).text
    assert secret not in page
    assert Webhook.objects.get().secret in page


def test_the_page_needs_the_same_number_of_queries_for_any_number_of_messages(
    cast, visit, hook, django_assert_num_queries
):
    browser = visit(cast.ada)
    address = f"{PAGE}{hook.key}/edit/"
    browser.get(address)
    for _n in range(5):
        browser.post(f"{PAGE}{hook.key}/test/")
    browser.get(address)
    with django_assert_num_queries(8):
        browser.get(address)


def test_only_admins_see_and_change_webhooks(cast, visit, hook):
    browser = visit(cast.mona)
    for address in (PAGE, f"{PAGE}{hook.key}/edit/"):
        assert browser.get(address).status_code == 403
        assert browser.post(address, GIVEN).status_code == 403
    for verb in ("test", "switch", "secret"):
        assert browser.post(f"{PAGE}{hook.key}/{verb}/").status_code == 403
    assert Webhook.objects.get().is_active
    assert not Delivery.objects.exists()

"""Webhooks: signed messages about each change, in order, to public addresses only."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from leadlight.accounts.models import AuditEntry
from leadlight.accounts.readers import SYSTEM
from leadlight.accounts.refusals import Refused
from leadlight.automation import delivery, webhooks
from leadlight.automation.dispatch import dispatch
from leadlight.automation.events import EVENTS
from leadlight.automation.models import Delivery, PendingChange, Webhook
from leadlight.automation.public_http import Unreachable, post
from leadlight.job_queue.models import QueuedJob
from leadlight.jobs.worker import run_due
from leadlight.sales.models import (
    Activity,
    ActivityType,
    Client,
    Lead,
    ProspectColumn,
    ProspectingList,
    Tag,
)
from leadlight.sales.models.event_log import Channel, through
from tests.automation.receiver import Receiver, receiver
from tests.prospects import add_prospect
from tests.sales.conftest import Company, company  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.database]

State = Delivery.State


@pytest.fixture
def received(settings: Any) -> Iterator[Receiver]:
    settings.LEADLIGHT_PRIVATE_WEBHOOKS = True
    settings.LEADLIGHT_ORIGIN = "https://sales.example.com"
    with receiver() as one:
        yield one


@pytest.fixture
def hook(company: Company, received: Receiver) -> Webhook:  # noqa: F811
    return added(received.url)


def added(url: str, events: Any = tuple(EVENTS), **more: bool) -> Webhook:
    one = Webhook()
    values = {"includes_imports": False, **more}
    webhooks.save(one, by=SYSTEM, name="Accounting", url=url, events=events, **values)
    return one


def run() -> None:
    dispatch()
    run_due()


def test_a_created_lead_is_one_message_with_the_whole_lead(
    company: Company,  # noqa: F811
    hook: Webhook,
    received: Receiver,
) -> None:
    tag = Tag.objects.create(name="Fair")
    lead = Lead.create(
        title="Windows",
        by=company.ana,
        owner=company.ana,
        amount=1200,
        description="Email: eva@x.example",
    )
    lead.set_tags([tag], by=company.ana)
    run()

    created, tagged = received.messages
    assert created["events"] == ["lead.creation"]
    assert created["actor"]["email"] == "ana@example.com"
    assert created["channel"] == "command"
    assert created["lead"]["title"] == "Windows"
    assert created["lead"]["amount"] == "1200"
    assert created["lead"]["url"] == f"https://sales.example.com/leads/{lead.key}/"
    assert created["lead"]["contacts"] == [{"kind": "email", "value": "eva@x.example", "name": ""}]
    assert tagged["events"] == ["lead.any_update"]
    assert tagged["changes"] == [
        {"kind": "tags", "about": "", "old": [], "new": [{"key": tag.key, "name": "Fair"}]}
    ]


def test_each_kind_of_change_has_its_names(
    company: Company,  # noqa: F811
    hook: Webhook,
    received: Receiver,
) -> None:
    lead = Lead.create(title="Windows", by=company.ana)
    run()
    for change, names in (
        (lambda: lead.assign_to(company.bo, by=company.ana), ["lead.assigned"]),
        (lambda: lead.move_to(company.offer, by=company.ana), ["lead.step.changed"]),
        (lambda: lead.rename("Doors", by=company.ana), ["lead.content_has_changed"]),
        (lambda: lead.comment("Called", by=company.ana), ["lead.commented"]),
        (
            lambda: lead.win(by=company.ana),
            ["lead.status.changed", "lead.status.changed.to.won"],
        ),
    ):
        received.bodies.clear()
        change()
        run()
        assert received.events == [["lead.any_update", *names]]


def test_a_webhook_gets_only_the_events_that_it_asked_for(
    company: Company,  # noqa: F811
    received: Receiver,
) -> None:
    added(received.url, ["lead.status.changed.to.won"])
    lead = Lead.create(title="Windows", by=company.ana)
    lead.set_amount(5, by=company.ana)
    lead.win(by=company.ana)
    run()

    assert received.events == [["lead.status.changed.to.won"]]
    assert [change["new"] for change in received.messages[0]["changes"]] == ["won"]


def test_activities_clients_and_prospects_are_told(
    company: Company,  # noqa: F811
    hook: Webhook,
    received: Receiver,
) -> None:
    lead = Lead.create(title="Windows", by=company.ana)
    call = ActivityType.objects.create(name="Call")
    run()
    received.bodies.clear()
    Activity.objects.create(lead=lead, user=company.ana, activity_type=call, content="Hello")
    Client.objects.create(name="Glass Ltd")
    rows = ProspectingList.objects.create(name="Fair")
    ProspectColumn.objects.create(prospecting_list=rows, header="Company", position=1)
    add_prospect(rows, {"Company": "Bakery"})
    run()

    told = {message["events"][0]: message for message in received.messages}
    assert told["activity.created"]["activity"]["type"]["name"] == "Call"
    assert told["activity.created"]["lead"]["key"] == lead.key
    assert told["client_folder.created"]["client"]["name"] == "Glass Ltd"
    assert told["prospect.created"]["prospect"]["cells"] == {"Company": "Bakery"}


def test_the_signature_is_that_of_time_and_body(
    company: Company,  # noqa: F811
    hook: Webhook,
    received: Receiver,
) -> None:
    Lead.create(title="Fenêtres “é”", by=company.ana)
    run()

    time, _comma, given = received.signatures[0].partition(",v1=")
    signed = time.removeprefix("t=").encode() + b"." + received.bodies[0]
    assert hmac.new(hook.secret.encode(), signed, sha256).hexdigest() == given
    assert received.paths == ["/hook?from=leadlight"]


def test_nothing_is_noted_without_an_active_webhook_nor_told_later(
    company: Company,  # noqa: F811
    hook: Webhook,
    received: Receiver,
) -> None:
    webhooks.set_active(hook, by=SYSTEM, is_active=False)
    Lead.create(title="Windows", by=company.ana)
    assert not PendingChange.objects.exists()
    webhooks.set_active(hook, by=SYSTEM, is_active=True)
    run()

    assert received.bodies == []


def test_a_change_that_is_rolled_back_is_not_told(
    company: Company,  # noqa: F811
    hook: Webhook,
    received: Receiver,
) -> None:
    with transaction.atomic():
        Lead.create(title="Windows", by=company.ana)
        transaction.set_rollback(True)
    run()

    assert received.bodies == []


def test_imported_data_are_told_only_if_wished(
    company: Company,  # noqa: F811
    received: Receiver,
) -> None:
    added(received.url)
    added(received.url, includes_imports=True)
    with through(Channel.IMPORT):
        Lead.create(title="Windows", by=company.ana)
    run()

    assert len(received.bodies) == 1


def test_a_refused_message_is_sent_again_with_the_same_id_before_later_ones(
    company: Company,  # noqa: F811
    hook: Webhook,
    received: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    received.status = 503
    lead = Lead.create(title="Windows", by=company.ana)
    lead.win(by=company.ana)
    run()
    assert received.events == [["lead.creation"]], "the later message waits for the earlier one"
    waiting = hook.deliveries.order_by("pk")[0]
    assert (waiting.state, waiting.answered_with, waiting.attempts) == (State.WAITING, 503, 1)

    received.status = 204
    now = timezone.now() + timedelta(minutes=1)
    monkeypatch.setattr(timezone, "now", lambda: now)
    run()
    first, again, second = received.messages
    assert first == again
    assert "lead.status.changed.to.won" in second["events"]
    assert [one.state for one in hook.deliveries.all()] == [State.DELIVERED] * 2


def test_after_about_a_day_a_message_is_failed_and_can_be_repeated(
    company: Company,  # noqa: F811
    hook: Webhook,
    received: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    received.status, received.text = 500, b"broken\0" + b"x" * 10_000
    Lead.create(title="Windows", by=company.ana)
    start = timezone.now()
    for hours in range(24):
        now = start + timedelta(hours=hours)
        monkeypatch.setattr(timezone, "now", lambda now=now: now)
        run()
    failed = hook.deliveries.get()
    assert failed.state == State.FAILED
    assert failed.answer.startswith("brokenx")
    assert len(received.bodies) == failed.attempts == 7

    received.status = 200
    webhooks.repeat(failed)
    run()
    failed.refresh_from_db()
    assert failed.state == State.DELIVERED
    assert received.messages[-1]["id"] == failed.key


def test_a_redirect_is_not_followed(
    company: Company,  # noqa: F811
    hook: Webhook,
    received: Receiver,
) -> None:
    received.status, received.headers = 302, {"Location": received.url}
    webhooks.test(hook)
    run()

    assert received.events == [["test"]]
    assert hook.deliveries.get().answered_with == 302


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://10.1.2.3/",
        "https://192.168.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://[fe80::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[64:ff9b::a00:1]/",
        "https://0.0.0.0/",
        "https://localhost/",
        "https://2130706433/",
        "https://0x7f.1/",
    ],
)
def test_private_addresses_are_never_called(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(_socket: object, address: object) -> None:
        raise AssertionError(address)

    monkeypatch.setattr("socket.socket.connect", connect)
    with pytest.raises(Unreachable):
        post(url, b"{}", {})


@pytest.mark.parametrize(
    "url",
    [
        *("", "x", "ftp://example.com/", "https://", "https://a b/", "http://example.com/"),
        *("https://user:word@example.com/", "https://example.com:x/", "https://exämple.com/"),
        *(
            "https://127.0.0.1/",
            "https://localhost/",
            "https://db.internal/",
            "javascript:alert(1)",
        ),
        "https://example.com/\r\nHost: x",
    ],
)
def test_an_invalid_address_is_refused_with_a_sentence(company: Company, url: str) -> None:  # noqa: F811
    with pytest.raises(Refused):
        added(url)
    assert not Webhook.objects.exists()


def test_an_unknown_event_or_none_is_refused(company: Company) -> None:  # noqa: F811
    with pytest.raises(Refused):
        added("https://example.com/", ["lead.unknown"])


def test_a_server_that_sends_a_byte_at_a_time_is_cut_off(
    received: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leadlight.automation.public_http.TOTAL_SECONDS", 0)
    with pytest.raises(Unreachable):
        post(received.url, b"{}", {}, allows_private=True)


def test_the_secret_is_stored_encrypted_and_changes_are_in_the_audit_log(
    hook: Webhook,
) -> None:
    secret = hook.secret
    assert secret not in str(Webhook.objects.values().get())
    webhooks.renew_secret(hook, by=SYSTEM)
    assert hook.secret != secret
    webhooks.set_active(hook, by=SYSTEM, is_active=False)

    entries = AuditEntry.objects.order_by("pk").values_list("action", flat=True)
    assert list(entries) == ["webhook", "webhook_secret", "webhook"]
    assert secret not in str(list(AuditEntry.objects.values()))


def test_after_a_change_of_the_secret_key_messages_fail_with_a_sentence(
    company: Company,  # noqa: F811
    hook: Webhook,
    received: Receiver,
    settings: Any,
) -> None:
    settings.SECRET_KEY = "another key of this instance, for this test"
    webhooks.test(hook)
    run()

    assert received.bodies == []
    one = hook.deliveries.get()
    assert (one.state, one.answer) == (
        State.FAILED,
        "The secret key of this instance has changed.",
    )
    assert QueuedJob.objects.get().state == QueuedJob.State.FAILED


def test_old_messages_are_removed(hook: Webhook, monkeypatch: pytest.MonkeyPatch) -> None:
    webhooks.test(hook)
    now = timezone.now() + delivery.KEPT_FOR + timedelta(minutes=1)
    monkeypatch.setattr(timezone, "now", lambda: now)

    assert delivery.remove_old() == 1
    assert not hook.deliveries.exists()


def test_many_changes_are_dispatched_in_batches_that_part_no_change(
    company: Company,  # noqa: F811
    hook: Webhook,
    received: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("leadlight.automation.dispatch.CHANGES_AT_ONCE", 2)
    for number in range(3):
        Lead.create(title=f"Lead {number}", by=company.ana, owner=company.ana, amount=5)
    run()

    assert received.events == [["lead.creation"]] * 3


def test_a_change_that_cannot_be_told_holds_up_no_other(
    company: Company,  # noqa: F811
    hook: Webhook,
    received: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def of_lead(lead: Lead) -> dict[str, Any]:
        if lead.title == "Odd":
            raise ValueError("odd")
        return {"title": lead.title}

    monkeypatch.setattr("leadlight.automation.payloads.of_lead", of_lead)
    for title in ("First", "Odd", "Last"):
        Lead.create(title=title, by=company.ana, owner=company.ana)
    run()

    assert [message["lead"]["title"] for message in received.messages] == ["First", "Last"]
    assert not PendingChange.objects.exists()
    assert "cannot be dispatched" in caplog.text


def test_the_dispatch_needs_the_same_number_of_queries_for_any_number_of_leads(
    company: Company,  # noqa: F811
    hook: Webhook,
    query_count: Callable[[], int],
) -> None:
    Lead.create(title="One", by=company.ana)
    with_one = query_count()
    for number in range(4):
        Lead.create(title=f"Lead {number}", by=company.ana)
    # Each message is two rows: the delivery, and its job.
    assert query_count() - with_one <= 3 * 6


@pytest.fixture
def query_count(django_assert_max_num_queries: Any) -> Callable[[], int]:
    def count() -> int:
        with django_assert_max_num_queries(500) as captured:
            dispatch()
        return len(captured)

    return count

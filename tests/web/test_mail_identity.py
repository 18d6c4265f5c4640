"""A mail that is sent twice, because a worker was killed in between, can be told as one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail as outgoing
from django.utils import timezone

from leadlight.accounts.mails import headers, instance_id
from leadlight.automation import notifications, scheduled_mails
from leadlight.automation.dispatch import dispatch
from leadlight.automation.models import Notification, Rule
from leadlight.job_queue import queue
from leadlight.job_queue.models import QueuedJob
from leadlight.jobs.worker import run_due
from leadlight.sales.models import Lead, Reminder
from tests.clock import START


@pytest.fixture
def later(monkeypatch):
    """Move the clock forward and run what is due by then.

    With `is_killed`, the worker is killed after each mail, before it notes that it was sent.
    """

    def later(*, is_killed=False, **passed):
        now = timezone.now() + timedelta(**passed)
        monkeypatch.setattr(timezone, "now", lambda: now)
        dispatch()
        scheduled_mails.add_due()
        with monkeypatch.context() as patch:
            if is_killed:
                patch.setattr(queue, "finish", lambda _job: True)
            run_due()
        if is_killed:
            QueuedJob.objects.filter(state="running").update(taken_until=now)
            Notification.objects.update(sent_at=None)

    return later


def identities():
    return [(letter.to[0], letter.extra_headers["Message-ID"]) for letter in outgoing.outbox]


def test_a_scheduled_mail_is_one_for_each_instant(cast, later):
    mail = scheduled_mails.of_person(cast.olga, None)
    scheduled_mails.start(mail, rhythm="working_days", weekday=1, at=mail.at, formats=[])
    cast.lead.set_reminder(Reminder(START), by=cast.olga)
    later(days=1, is_killed=True)
    later(minutes=1)
    later(days=1)
    first, again, next_day = identities()
    assert first == again != next_day


def test_notifications_are_one_mail_until_another_one_joins_them(cast, later):
    notifications.choose(cast.olga, mentions=True, assignments=False, wins="")
    cast.lead.comment(f"@{cast.olga} first", by=cast.mona)
    later()
    later(minutes=2, is_killed=True)
    later(minutes=1, is_killed=True)
    cast.lead.comment(f"@{cast.olga} second", by=cast.mona)
    later(minutes=1)
    later(minutes=2)
    first, again, *others = identities()
    assert first == again
    assert others
    assert first not in others


def test_the_mails_of_a_rule_are_one_for_each_receiver_and_sent_alone(cast, later):
    notify = {"users": [cast.olga.key, cast.ada.key], "addresses": ["office@example.com"]}
    Rule.objects.create(name="New", trigger="created", actions={"notify": notify})
    Lead.create(title="Doors", by=cast.olga, owner=cast.olga)
    later(is_killed=True)
    later(minutes=1)
    sent = identities()
    assert len(sent) == 6
    assert sorted(set(sent)) == sorted(sent[:3])
    assert len({one for _to, one in sent}) == 3


def test_a_mail_names_its_instance_and_asks_programs_not_to_answer(settings):
    settings.DEFAULT_FROM_EMAIL = "Sales <sales@company.example>"
    found = headers("x")
    assert found["Message-ID"].endswith("@company.example>")
    assert found["Auto-Submitted"] == "auto-generated"
    assert found["X-Leadlight-Instance"] == instance_id()
    settings.SECRET_KEY = "another instance"
    assert headers("x")["X-Leadlight-Instance"] != found["X-Leadlight-Instance"]
    assert headers("x")["Message-ID"] != found["Message-ID"]

"""Mails about mentions, assignments and wins: to those who chose them, once, and grouped."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail as outgoing
from django.utils import timezone

from leadlight.accounts.models import Organization
from leadlight.automation import notifications
from leadlight.automation.dispatch import dispatch
from leadlight.automation.models import Notification, NotificationChoice, PendingChange
from leadlight.job_queue.models import QueuedJob
from leadlight.jobs.worker import run_due
from leadlight.sales.models import Lead
from leadlight.sales.models.event_log import Channel, through

CHOICE = "/my-mails/notifications/"


def mails(monkeypatch):
    """Dispatch the changes, and return the mails that are sent in the next minutes."""
    outgoing.outbox.clear()
    dispatch()
    run_due()
    assert outgoing.outbox == []
    now = timezone.now() + timedelta(minutes=2)
    monkeypatch.setattr(timezone, "now", lambda: now)
    run_due()
    assert not QueuedJob.objects.exclude(state="done").exists()
    return outgoing.outbox


def choose(visit, user, **given):
    return visit(user).post(CHOICE, given, follow=True)


def test_nobody_is_told_of_anything_unless_they_choose_it(cast, visit, monkeypatch):
    Lead.create(title="Doors", by=cast.mona, owner=cast.olga).win(by=cast.olga)
    assert not PendingChange.objects.exists()
    assert mails(monkeypatch) == []


def test_a_mention_an_assignment_and_a_win_are_one_mail(cast, visit, monkeypatch):
    page = choose(visit, cast.olga, mentions="yes", assignments="yes", wins="team").text
    assert "Settings saved." in page
    lead = Lead.create(title="Doors <b>", by=cast.mona, owner=cast.olga, amount=1200)
    lead.comment(f"@{cast.olga} please call\n<script>", by=cast.mona)
    lead.win(by=cast.mona)

    [letter] = mails(monkeypatch)
    assert letter.to == [cast.olga.email]
    assert letter.subject == "3 changes of leads"
    html = letter.alternatives[0][0]
    for text in (letter.body, html):
        assert lead.key in text
    assert "Mona Glass assigns “Doors &lt;b&gt;” to you" in html
    assert "Mona Glass mentions you on “Doors <b>”" in letter.body
    assert "&lt;script&gt;" in html
    assert "Mona Glass has won “Doors <b>” (€1,200)" in letter.body
    assert mails(monkeypatch) == []


def test_what_a_person_does_is_not_told_to_them(cast, visit, monkeypatch):
    choose(visit, cast.olga, mentions="yes", assignments="yes", wins="all")
    lead = Lead.create(title="Doors", by=cast.olga, owner=cast.olga)
    lead.comment(f"@{cast.olga} note to myself", by=cast.olga)
    lead.win(by=cast.olga)
    assert mails(monkeypatch) == []


def test_wins_are_told_to_the_team_or_to_all_as_far_as_they_see_the_lead(cast, visit, monkeypatch):
    choose(visit, cast.mona, wins="team")
    choose(visit, cast.ada, wins="all")
    choose(visit, cast.uma, wins="all")
    cast.lead.win(by=cast.olga)
    assert sorted(letter.to[0] for letter in mails(monkeypatch)) == [
        cast.ada.email,
        cast.mona.email,
    ]

    Organization.objects.update(privacy=Organization.Privacy.SHARED)
    other = Lead.create(title="Doors", by=cast.olga, owner=cast.olga)
    other.win(by=cast.olga)
    assert cast.uma.email in {letter.to[0] for letter in mails(monkeypatch)}


def test_a_lead_that_is_hidden_in_the_meantime_is_not_told(cast, visit, monkeypatch):
    choose(visit, cast.olga, assignments="yes")
    lead = Lead.create(title="Doors", by=cast.mona, owner=cast.olga)
    lead.assign_to(cast.uma, by=cast.ada)
    assert mails(monkeypatch) == []
    assert not Notification.objects.filter(sent_at=None).exists()


def test_imported_leads_are_not_told(cast, visit, monkeypatch):
    choose(visit, cast.olga, assignments="yes", wins="all")
    with through(Channel.IMPORT):
        Lead.create(title="Doors", by=cast.mona, owner=cast.olga).win(by=cast.mona)
    assert mails(monkeypatch) == []


def test_many_changes_are_one_mail_with_the_first_of_them(cast, visit, monkeypatch):
    choose(visit, cast.olga, assignments="yes")
    for number in range(25):
        Lead.create(title=f"Lead {number}", by=cast.mona, owner=cast.olga)
    [letter] = mails(monkeypatch)
    assert letter.subject == "25 changes of leads"
    assert "and 5 more" in letter.body


def test_a_killed_worker_tells_a_change_once_more_rather_than_never(cast, visit, monkeypatch):
    choose(visit, cast.olga, assignments="yes")
    Lead.create(title="Doors", by=cast.mona, owner=cast.olga)
    dispatch()
    dispatch()
    assert Notification.objects.count() == 1
    assert QueuedJob.objects.count() == 1


def test_the_link_stops_all_notifications_by_post_only(cast, visit, monkeypatch):
    choose(visit, cast.olga, assignments="yes")
    Lead.create(title="Doors", by=cast.mona, owner=cast.olga)
    [letter] = mails(monkeypatch)
    link = re.fullmatch(r"<(http.*)>", letter.extra_headers["List-Unsubscribe"])[1]
    path = "/stop-mail/" + link.partition("/stop-mail/")[2]
    assert "“Notifications” is sent to olga@example.com." in visit().get(path).text
    assert notifications.is_on(cast.olga)
    assert "is no longer sent" in visit().post(path).text
    assert not NotificationChoice.objects.exists()
    assert "is no longer sent" in visit().get(path).text


@pytest.mark.parametrize("given", [{}, {"wins": "odd"}, {"mentions": "no", "wins": ""}])
def test_no_choice_and_an_invalid_one_tell_nothing(cast, visit, given):
    choose(visit, cast.olga, mentions="yes")
    choose(visit, cast.olga, **given)
    assert not NotificationChoice.objects.exists()


def test_old_notifications_are_removed(cast, visit, monkeypatch):
    choose(visit, cast.olga, assignments="yes")
    Lead.create(title="Doors", by=cast.mona, owner=cast.olga)
    dispatch()
    now = timezone.now() + notifications.KEPT_FOR + timedelta(minutes=1)
    monkeypatch.setattr(timezone, "now", lambda: now)
    assert notifications.remove_old() == 1

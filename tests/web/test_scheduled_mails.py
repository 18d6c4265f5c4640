"""Morning mails and shortcuts by mail: content, schedule, and the link that stops them."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from zipfile import ZipFile

import pytest
from django.core import mail as outgoing
from django.utils import timezone

from leadlight.accounts.models import Organization, User
from leadlight.automation import scheduled_mails
from leadlight.automation.models import ScheduledMail
from leadlight.job_queue.models import QueuedJob
from leadlight.jobs.worker import run_due
from leadlight.sales.models import ActivityType, Lead, Reminder, Shortcut, Task
from tests.clock import START

MORNING = "/my-mails/morning/"
TODAY = START.date()


def sent_later(monkeypatch, **passed):
    """Add and run the jobs that are due after a time; return the mails sent."""
    now = timezone.now() + timedelta(**passed)
    monkeypatch.setattr(timezone, "now", lambda: now)
    outgoing.outbox.clear()
    scheduled_mails.add_due()
    run_due()
    assert not QueuedJob.objects.exclude(state="done").exists()
    return outgoing.outbox


def html_of(letter):
    return letter.alternatives[0][0]


@pytest.fixture
def olga(cast, visit):
    visit(cast.olga).post(MORNING, {"at": "07:30"})
    return cast.olga


def test_the_morning_mail_tells_what_is_due_and_what_is_new(cast, olga, monkeypatch, settings):
    settings.LEADLIGHT_ORIGIN = "https://sales.example.com"
    call = ActivityType.objects.get()
    due = Lead.create(title="Bay <b>windows", by=olga, owner=olga)
    reminder = Reminder(START + timedelta(days=1), activity_type=call, note="Ask for Lea")
    due.stand_by(until=reminder, by=olga)
    later = Lead.create(title="Skylights", by=olga, owner=olga)
    later.stand_by(until=Reminder(START + timedelta(days=9)), by=olga)
    Lead.create(title="Doors", by=cast.mona, owner=olga)
    Task.add(due, "Order glass", by=olga, owner=olga, due_on=TODAY + timedelta(days=1))

    [letter] = sent_later(monkeypatch, days=1)
    assert letter.to == ["olga@example.com"]
    assert letter.subject == "Thu 26 Nov 2026: 3 to do"
    for text in (letter.body, html_of(letter)):
        assert f"https://sales.example.com/leads/{due.key}/" in text
        assert "Ask for Lea" in text
        assert "Order glass" in text
        assert "Doors" in text
        assert cast.lead.title in text  # expected to close in the past
        assert "Skylights" not in text
    assert "Bay &lt;b&gt;windows" in html_of(letter)
    assert letter.extra_headers["Auto-Submitted"] == "auto-generated"


def test_the_morning_mail_is_in_the_language_of_its_receiver(cast, olga, monkeypatch):
    User.objects.filter(pk=olga.pk).update(language="fr")
    Lead.create(title="Portes", by=cast.mona, owner=olga)
    [letter] = sent_later(monkeypatch, days=1)
    assert letter.subject.startswith("jeu. 26 nov. 2026")
    assert "Arrêter cet e-mail" in letter.body


def test_without_anything_to_tell_there_is_no_mail(cast, olga, monkeypatch):
    cast.lead.win(by=olga)
    assert sent_later(monkeypatch, days=8) == []
    assert ScheduledMail.objects.get().is_on


def test_a_day_with_nothing_but_a_loss_is_told(cast, olga, monkeypatch):
    cast.lead.lose(by=olga)
    [letter] = sent_later(monkeypatch, days=1)
    assert "25 Nov 2026" in letter.body
    assert "Won" in letter.body


def test_a_mail_is_not_sent_to_somebody_who_left_or_stopped_it(cast, olga, visit, monkeypatch):
    Lead.create(title="Doors", by=cast.mona, owner=olga)
    visit(olga).post(MORNING, {"do": "stop"})
    assert sent_later(monkeypatch, days=1) == []
    visit(olga).post(MORNING, {"at": "07:30"})
    User.objects.filter(pk=olga.pk).update(is_active=False)
    assert sent_later(monkeypatch, days=1) == []


def shortcut_of(user, *, name="Wins", report="company", query="period=last_month", **more):
    return Shortcut.objects.create(owner=user, name=name, report=report, query=query, **more)


def schedule(visit, user, shortcut, **given):
    values = {"rhythm": "working_days", "weekday": "1", "at": "07:30", **given}
    return visit(user).post(f"/my-mails/{shortcut.key}/", values, follow=True)


def test_a_shortcut_is_sent_with_its_figures_chart_and_files(readers, visit, monkeypatch):
    shortcut = shortcut_of(readers.ada, query="from=2026-01-01&to=2026-03-31&bucket=month")
    page = schedule(visit, readers.ada, shortcut, formats=["pdf", "xlsx", "csv"]).text
    assert "“Wins” is sent from now on." in page

    [letter] = sent_later(monkeypatch, days=1)
    assert letter.subject.startswith("Wins")
    chart, pdf, workbook, table = letter.attachments
    assert chart.get_content_type() == "image/png"
    assert "cid:chart@leadlight" in html_of(letter)
    assert pdf[0].endswith(".pdf")
    assert pdf[1].startswith(b"%PDF")
    assert "xl/workbook.xml" in ZipFile(io.BytesIO(workbook[1])).namelist()
    assert "2026-01" in (table[1] if isinstance(table[1], str) else table[1].decode())
    assert ScheduledMail.objects.get().last_sent_at is not None


def test_the_receiver_gets_only_what_they_may_see(readers, visit, monkeypatch):
    query = "from=2026-01-01&to=2026-03-31&bucket=month"
    shortcut = shortcut_of(readers.ada, query=query, sharing="everyone")
    for user in (readers.ada, readers.bo):
        schedule(visit, user, shortcut, formats=["csv"])

    letters = {letter.to[0]: letter for letter in sent_later(monkeypatch, days=1)}
    seen = visit(readers.bo).get(f"/reports/company/export/csv?{query}")
    page = b"".join(seen).decode()
    ours, theirs = (letters[user.email].attachments[-1][1] for user in (readers.bo, readers.ada))
    assert (ours if isinstance(ours, str) else ours.decode()).splitlines() == page.splitlines()
    assert ours != theirs


def test_without_the_right_to_export_a_mail_has_no_files(readers, visit, monkeypatch):
    shortcut = shortcut_of(readers.bo)
    schedule(visit, readers.bo, shortcut, formats=["csv"])
    Organization.objects.update(may_export="admins")
    assert "formats" not in visit(readers.bo).get(f"/my-mails/{shortcut.key}/").text

    [letter] = sent_later(monkeypatch, days=1)
    assert [one for one in letter.attachments if isinstance(one, tuple)] == []


def test_a_shortcut_that_is_no_longer_shared_or_works_stops_its_mail(readers, visit, monkeypatch):
    hidden = shortcut_of(readers.ada, sharing="everyone")
    broken = shortcut_of(readers.bo, name="Old", query="user=nobody")
    for shortcut in (hidden, broken):
        schedule(visit, readers.bo, shortcut)
    Shortcut.objects.filter(pk=hidden.pk).update(sharing="private")

    assert sent_later(monkeypatch, days=1) == []
    page = visit(readers.bo).get("/my-mails/").text
    assert "Stopped: the shortcut is no longer shared with you." in page
    assert "Stopped: the shortcut no longer works. Open it to see why." in page


def test_the_link_stops_a_mail_by_post_only_and_without_a_session(cast, olga, visit, monkeypatch):
    Lead.create(title="Doors", by=cast.mona, owner=olga)
    [letter] = sent_later(monkeypatch, days=1)
    link = re.fullmatch(r"<(http.*)>", letter.extra_headers["List-Unsubscribe"])[1]
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert link in letter.body
    path = "/stop-mail/" + link.partition("/stop-mail/")[2]
    stranger = visit()
    assert "“Morning mail” is sent to olga@example.com." in stranger.get(path).text
    assert ScheduledMail.objects.get().is_on

    stranger.handler.enforce_csrf_checks = True
    answer = stranger.post(path, {"List-Unsubscribe": "One-Click"})
    assert "is no longer sent" in answer.text
    assert not ScheduledMail.objects.get().is_on
    assert "is no longer sent" in stranger.get(path).text
    assert "Stopped by the link in a mail." in visit(olga).get("/my-mails/").text
    assert stranger.get(path[:-2] + "x/").status_code == 404


@pytest.mark.parametrize("at", ["", "25:00", "noon", "07:30; DROP"])
def test_an_invalid_time_is_refused(cast, visit, at):
    answer = visit(cast.olga).post(MORNING, {"at": at})
    assert answer.status_code == 400
    assert not ScheduledMail.objects.exists()


def test_a_shortcut_of_somebody_else_is_not_found(readers, visit):
    private = shortcut_of(readers.ada)
    leads = shortcut_of(readers.bo, name="Mine", report="lead_list", query="")
    for shortcut in (private, leads):
        assert visit(readers.bo).get(f"/my-mails/{shortcut.key}/").status_code == 404
        assert schedule(visit, readers.bo, shortcut).status_code == 404
    assert not ScheduledMail.objects.exists()


def test_a_second_schedule_replaces_the_first(readers, visit):
    shortcut = shortcut_of(readers.bo)
    schedule(visit, readers.bo, shortcut, formats=["pdf"])
    schedule(visit, readers.bo, shortcut, rhythm="weekly", weekday="3", at="18:00")
    one = ScheduledMail.objects.get()
    assert (one.rhythm, one.weekday, str(one.at), one.formats) == ("weekly", 3, "18:00:00", [])

"""Calendar of a person at a secret address, read by two independent parsers."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import icalendar
import pytest
import vobject
from django.core import mail as outgoing
from django.test import Client as Browser
from django.utils import timezone

from leadlight.accounts.models import AuditEntry, SecretAddress, User
from leadlight.accounts.tokens import new_token
from leadlight.automation.dispatch import dispatch
from leadlight.jobs.worker import run_due
from leadlight.log_format import WithoutSecrets
from leadlight.sales.models import ActivityType, Lead, Reminder, Task
from leadlight.web.calendar import views
from tests.clock import START

PAGE = "/my-calendar/"
PARIS_MIDNIGHT = datetime(2026, 11, 26, 23, tzinfo=UTC)  # of 27 November


@dataclass(frozen=True)
class Seen:
    """Appointment as a parser reads it."""

    uid: str
    sequence: int
    status: str
    title: str
    start: date
    end: date


def of_icalendar(content: bytes) -> list[Seen]:
    events = icalendar.Calendar.from_ical(content).walk("VEVENT")
    return [
        Seen(
            *(str(one["uid"]), int(one["sequence"]), str(one["status"]), str(one["summary"])),
            *(one.start, one.end),
        )
        for one in events
    ]


def of_vobject(content: bytes) -> list[Seen]:
    [file] = vobject.readComponents(content.decode())
    return [
        Seen(
            *(one.uid.value, int(one.sequence.value), one.status.value, one.summary.value),
            *(one.dtstart.value, one.dtend.value),
        )
        for one in file.contents.get("vevent", [])
    ]


def address_of(visit, user: User, do: str = "new") -> str:
    """Return the path of the address that the page shows after a click."""
    page = visit(user).post(PAGE, {"do": do}, follow=True).text
    _before, found, rest = page.partition("/calendar/")
    return f"/calendar/{rest.partition('.ics')[0]}.ics" if found else ""


def read(path: str) -> list[Seen]:
    """Return the appointments, after both parsers have agreed on them."""
    response = Browser().get(path)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    lines = response.content.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert b"BEGIN:VTODO" not in lines
    first, second = of_icalendar(response.content), of_vobject(response.content)
    assert first == second
    return first


def remind(lead: Lead, user: User, at: datetime, **more) -> None:
    lead.set_reminder(Reminder(at, **more), by=user)


def test_only_the_own_reminders_and_tasks_are_in_the_calendar_without_sign_in(cast, visit):
    path = address_of(visit, cast.olga)
    assert read(path) == []
    at = START + timedelta(days=2)
    call = ActivityType.objects.get()
    remind(cast.lead, cast.olga, at, minutes=30, activity_type=call, note="Bring plans")
    Lead.create(title="Mona's", by=cast.mona, owner=cast.mona).stand_by(
        by=cast.mona, until=Reminder(at)
    )
    Task.add(cast.lead, "Invoice", by=cast.mona, owner=cast.olga, due_on=date(2026, 12, 1))
    appointment, task = read(path)
    assert (appointment.title, appointment.start, appointment.end) == (
        *("Phone call · Hotel windows", at, at + timedelta(minutes=30)),
    )
    assert (task.title, task.start, task.end) == (
        *("Invoice · Hotel windows", date(2026, 12, 1), date(2026, 12, 2)),
    )
    text = Browser().get(path).text.replace("\r\n ", "")
    assert f"/leads/{cast.lead.key}/" in text
    assert "Bring plans" in text
    assert text.count("TRANSP:OPAQUE") == text.count("TRANSP:TRANSPARENT") == 1


def test_created_changed_and_cancelled_appointments_are_one_with_a_rising_sequence(cast, visit):
    path = address_of(visit, cast.olga)
    at = START + timedelta(days=2)
    remind(cast.lead, cast.olga, at)
    [created] = read(path)
    remind(cast.lead, cast.olga, at + timedelta(days=1))
    [changed] = read(path)
    cast.lead.lose(by=cast.olga)
    [cancelled] = read(path)
    assert created.uid == changed.uid == cancelled.uid
    assert [one.sequence for one in (created, changed, cancelled)] == [0, 1, 2]
    assert [one.status for one in (created, changed, cancelled)] == [
        *("CONFIRMED", "CONFIRMED", "CANCELLED"),
    ]


@pytest.mark.parametrize(
    ("day", "hour_in_utc"), [(date(2027, 3, 27), 8), (date(2027, 3, 29), 7), (date(2027, 11, 1), 8)]
)
def test_an_appointment_at_nine_stays_at_nine_across_a_change_of_clocks(
    cast, visit, day, hour_in_utc
):
    at = datetime.combine(day, datetime.min.time(), cast.organization.zone).replace(hour=9)
    path = address_of(visit, cast.olga)
    remind(cast.lead, cast.olga, at)
    [one] = read(path)
    assert one.start == datetime(day.year, day.month, day.day, hour_in_utc, tzinfo=UTC)


def test_a_reminder_without_a_time_is_a_whole_day_of_the_organisation(cast, visit):
    path = address_of(visit, cast.olga)
    remind(cast.lead, cast.olga, PARIS_MIDNIGHT, is_all_day=True)
    [one] = read(path)
    assert (one.start, one.end) == (date(2026, 11, 27), date(2026, 11, 28))


def test_a_whole_day_at_a_change_of_clocks_is_one_day(cast, visit):
    path = address_of(visit, cast.olga)
    remind(cast.lead, cast.olga, datetime(2027, 3, 27, 23, tzinfo=UTC), is_all_day=True)
    [one] = read(path)
    assert (one.start, one.end) == (date(2027, 3, 28), date(2027, 3, 29))


@pytest.mark.parametrize(
    "title",
    [
        "Windows\\; doors, and \\n gates: “50 %”",
        "\u202eabc\u202c 🪟🏽" + "é" * 60,
        "=HYPERLINK(1) END:VEVENT <script>",
        "x" * 250,
    ],
)
def test_a_hostile_title_is_text(cast, visit, title):
    path = address_of(visit, cast.olga)
    cast.lead.rename(title, by=cast.olga)
    note = "Plans\r\nEND:VEVENT\nBEGIN:VEVENT"
    remind(cast.lead, cast.olga, START + timedelta(days=1), note=note)
    [one] = read(path)
    assert one.title == title


def test_long_texts_are_cut_off(cast, visit):
    task = Task.add(cast.lead, "Call", by=cast.olga, owner=cast.olga, due_on=date(2026, 12, 1))
    Task.objects.filter(pk=task.pk).update(note="é" * 10_000)
    [one] = icalendar.Calendar.from_ical(Browser().get(address_of(visit, cast.olga)).content).walk(
        "VEVENT"
    )
    note = str(one["description"]).splitlines()[0]
    assert note == "é" * 1_999 + "…"


def test_an_unchanged_calendar_is_not_sent_again(cast, visit):
    path = address_of(visit, cast.olga)
    remind(cast.lead, cast.olga, START + timedelta(days=1))
    etag = Browser().get(path)["ETag"]
    again = Browser().get(path, headers={"if-none-match": f'"other", {etag}'})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag)
    assert again["Cache-Control"] == "private, no-cache"
    head = Browser().head(path)
    assert (head.status_code, head.content, head["ETag"]) == (200, b"", etag)
    remind(cast.lead, cast.olga, START + timedelta(days=3))
    assert Browser().get(path, headers={"if-none-match": etag}).status_code == 200
    assert "sessionid" not in Browser().get(path).cookies


def test_a_new_address_replaces_the_earlier_one_and_a_stopped_one_is_gone(cast, visit):
    first = address_of(visit, cast.olga)
    remind(cast.lead, cast.olga, START + timedelta(days=1))
    [uid] = [one.uid for one in read(first)]
    second = address_of(visit, cast.olga)
    assert second != first
    assert Browser().get(first).status_code == 404
    assert [one.uid for one in read(second)] == [uid]
    assert address_of(visit, cast.olga, do="stop") == ""
    gone = Browser().get(second)
    assert (gone.status_code, gone.content) == (404, b"")
    assert [one.action for one in AuditEntry.objects.filter(kind="addresses").order_by("pk")] == [
        *("created", "renewed", "revoked"),
    ]


def test_the_address_of_a_person_who_left_does_not_work(cast, visit):
    path = address_of(visit, cast.olga)
    User.objects.filter(pk=cast.olga.pk).update(is_active=False)
    assert Browser().get(path).status_code == 404
    assert Browser().get(f"/calendar/{new_token()}.ics").status_code == 404
    assert Browser().post(path).status_code == 405


def test_an_address_that_cannot_be_read_any_more_is_said_to_work(cast, visit, settings):
    path = address_of(visit, cast.olga)
    SecretAddress.objects.update(encrypted_token="")
    page = visit(cast.olga).get(PAGE).text
    assert "Your address works, but cannot be shown" in page
    assert Browser().get(path).status_code == 200


def test_the_address_is_in_no_log(cast, visit, monkeypatch, caplog):
    path = address_of(visit, cast.olga)
    token = path.removeprefix("/calendar/").removesuffix(".ics")
    monkeypatch.setattr(views.calendar, "published", lambda *_given: 1 / 0)
    browser = Browser(raise_request_exception=False)
    with caplog.at_level(logging.DEBUG):
        assert browser.get(path).status_code == 500
        assert browser.get(f"/calendar/{new_token()}.ics").status_code == 404
    lines = [WithoutSecrets().format(one) for one in caplog.records]
    assert any("ZeroDivisionError" in line for line in lines)
    assert not any(token in line for line in lines)


# Plans for the same day, by mail


def mails(monkeypatch):
    outgoing.outbox.clear()
    dispatch()
    now = timezone.now() + timedelta(minutes=2)
    monkeypatch.setattr(timezone, "now", lambda: now)
    run_due()
    return outgoing.outbox


@pytest.fixture
def mail_is_configured(monkeypatch):
    monkeypatch.setattr(views, "is_mail_configured", lambda: True)


def test_a_plan_for_the_same_day_comes_by_mail_with_the_appointment_of_the_calendar(
    cast, visit, monkeypatch, mail_is_configured
):
    path = address_of(visit, cast.olga)
    assert "You therefore also get a mail" in visit(cast.olga).get(PAGE).text
    remind(cast.lead, cast.olga, START + timedelta(hours=4), note="Plans")
    [letter] = mails(monkeypatch)
    assert letter.to == [cast.olga.email]
    assert letter.subject == "“Hotel windows”, 25 Nov 2026, 15:00"
    [(name, content, kind)] = letter.attachments
    assert (name, kind) == ("leadlight.ics", "text/calendar")
    assert of_vobject(content.encode()) == read(path)


def test_plans_of_other_days_are_not_mailed(cast, visit, monkeypatch, mail_is_configured):
    address_of(visit, cast.olga)
    remind(cast.lead, cast.olga, START + timedelta(days=1))
    assert mails(monkeypatch) == []


def test_a_mailed_plan_that_is_cancelled_or_moved_is_mailed_again(
    cast, visit, monkeypatch, mail_is_configured
):
    path = address_of(visit, cast.olga)
    remind(cast.lead, cast.olga, START + timedelta(hours=4))
    mails(monkeypatch)
    cast.lead.set_reminder(None, by=cast.olga)
    [letter] = mails(monkeypatch)
    assert letter.subject == "Cancelled: “Hotel windows”, 25 Nov 2026, 15:00"
    [(name, content, _kind)] = letter.attachments
    assert name == "leadlight-cancelled.ics"
    assert "METHOD:CANCEL" in content
    assert of_icalendar(content.encode()) == read(path)


def test_a_stopped_choice_mails_nothing(cast, visit, monkeypatch, mail_is_configured):
    address_of(visit, cast.olga)
    visit(cast.olga).post("/my-mails/notifications/", {"mentions": "yes"})
    remind(cast.lead, cast.olga, START + timedelta(hours=4))
    assert mails(monkeypatch) == []

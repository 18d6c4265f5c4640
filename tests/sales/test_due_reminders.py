"""Return of standby leads whose reminder has come."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from leadlight.jobs import background
from leadlight.jobs.background import Repeater, Wait
from leadlight.jobs.every_job import RETURN_LEADS
from leadlight.sales import due_reminders
from leadlight.sales.due_reminders import is_to_do, return_due_leads
from leadlight.sales.models import ActivityType, Lead, Reminder
from leadlight.sales.refusals import Refused
from tests.sales.conftest import Company, at, found

DUE, NOW, LATER = at(6, 1), at(6, 2), at(6, 3)


def on_standby(company: Company, title: str, until: Reminder | None) -> Lead:
    lead = Lead.create(title=title, by=company.ana, owner=company.ana, at=at(1, 5))
    lead.stand_by(by=company.ana, until=until, at=at(5, 1))
    return lead


def status(lead: Lead) -> str:
    return Lead.objects.get(pk=lead.pk).status


def test_a_lead_returns_at_the_instant_of_its_reminder_and_keeps_it(company: Company) -> None:
    call = ActivityType.objects.create(name="Call")
    planned = Reminder(DUE, minutes=30, activity_type=call, note="Plans")
    lead = on_standby(company, "Due", planned)
    assert return_due_leads(NOW) == 1
    lead = Lead.objects.get(pk=lead.pk)
    assert (lead.status, lead.status_since, lead.reminder) == ("todo", DUE, planned)
    event = lead.events.latest("pk")
    assert (event.kind, event.value, event.actor, event.channel) == (
        *("status", "todo", None, "reminder"),
    )
    assert event.occurred_at == DUE
    assert return_due_leads(NOW) == 0


def test_a_lead_returns_at_the_exact_instant_and_not_before(company: Company) -> None:
    lead = on_standby(company, "Due", Reminder(DUE))
    assert return_due_leads(DUE - timedelta(microseconds=1)) == 0
    assert status(lead) == "standby"
    assert return_due_leads(DUE) == 1


def test_only_standby_leads_with_a_due_reminder_return(company: Company) -> None:
    later = on_standby(company, "Later", Reminder(LATER))
    without = on_standby(company, "Without", None)
    won = on_standby(company, "Won", Reminder(DUE))
    won.win(by=company.ana)
    todo = Lead.create(title="To do", by=company.ana, at=at(1, 5))
    todo.set_reminder(Reminder(DUE), by=company.ana)
    before = {lead.pk: lead.version for lead in Lead.objects.all()}
    assert return_due_leads(NOW) == 0
    assert {lead.pk: lead.version for lead in Lead.objects.all()} == before
    assert [status(lead) for lead in (later, without, won)] == ["standby", "standby", "won"]


def test_a_due_lead_counts_as_to_do_before_it_returns(company: Company) -> None:
    due = on_standby(company, "Due", Reminder(DUE))
    on_standby(company, "Later", Reminder(LATER))
    on_standby(company, "Without", None)
    todo = Lead.create(title="To do", by=company.ana, at=at(1, 5))
    assert set(Lead.objects.filter(is_to_do(DUE - timedelta(microseconds=1)))) == {todo}
    for now in (DUE, NOW):
        assert set(Lead.objects.filter(is_to_do(now))) == {due, todo}
    return_due_leads(NOW)
    assert set(Lead.objects.filter(is_to_do(NOW))) == {due, todo}


def test_a_lead_put_on_standby_after_its_reminder_returns_from_then_on(company: Company) -> None:
    lead = Lead.create(title="Late", by=company.ana, at=at(5, 1))
    lead.stand_by(by=company.ana, until=Reminder(at(4, 1)), at=at(5, 2))
    assert return_due_leads(NOW) == 1
    assert Lead.objects.get(pk=lead.pk).status_since == at(5, 2)


def test_a_lead_with_a_corrected_creation_returns(company: Company) -> None:
    lead = Lead.create(title="Corrected", by=company.ana, at=at(5, 1))
    lead.correct_creation(at(5, 10), by=company.ana)
    Lead.objects.filter(pk=lead.pk).update(status="standby", reminder_at=at(5, 5))
    assert return_due_leads(NOW) == 1
    assert lead.events.latest("pk").occurred_at == at(5, 10)


def test_a_lead_that_cannot_return_does_not_hold_up_the_others(
    company: Company, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first = on_standby(company, "First", Reminder(DUE))
    second = on_standby(company, "Second", Reminder(DUE + timedelta(hours=1)))
    return_due = Lead.return_due

    def refusing(lead: Lead, **how: object) -> bool:
        if lead == first:
            raise Refused("no")
        return return_due(lead, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(Lead, "return_due", refusing)
    assert return_due_leads(NOW) == 1
    assert (status(first), status(second)) == ("standby", "todo")
    assert f"Lead {first.pk} could not return" in caplog.text


def test_a_lead_that_another_process_returned_is_not_counted(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = on_standby(company, "Due", Reminder(DUE))
    return_due = Lead.return_due

    def meanwhile(lead: Lead, **how: object) -> bool:
        assert return_due(Lead.objects.get(pk=lead.pk), now=NOW)
        return return_due(lead, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(Lead, "return_due", meanwhile)
    assert return_due_leads(NOW) == 0
    assert lead.events.filter(kind="status", value="todo").count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_servers_return_each_lead_once() -> None:
    company = found()
    leads = [on_standby(company, str(number), Reminder(DUE)) for number in range(6)]
    both, counts = threading.Barrier(2), list[int]()

    def serve() -> None:
        try:
            both.wait()
            counts.append(return_due_leads(NOW))
        finally:
            connection.close()

    threads = [threading.Thread(target=serve) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == len(leads)
    assert [lead.events.filter(kind="status").count() for lead in leads] == [3] * len(leads)


# The thread of a serving process


def minutes(number: int, waits: list[float]) -> Wait:
    """Return a waiter that lets a number of minutes pass at once."""

    def wait(seconds: float) -> bool:
        waits.append(seconds)
        return waits.count(RETURN_LEADS.every_s) >= number

    return wait


def run(number: int, work: Callable[..., object] = return_due_leads) -> list[float]:
    waits: list[float] = []
    Repeater(replace(RETURN_LEADS, work=work), minutes(number, waits)).join()
    return [seconds for seconds in waits if seconds == RETURN_LEADS.every_s]


def test_the_thread_runs_once_a_minute() -> None:
    calls: list[object] = []
    assert run(3, lambda **how: calls.append(how)) == [60.0] * 3
    assert len(calls) == 3


def test_the_thread_logs_an_error_and_tries_again_a_minute_later(
    caplog: pytest.LogCaptureFixture,
) -> None:
    outcomes = [OSError("the disk is full"), None]

    def fail(**_how: object) -> None:
        error = outcomes.pop(0)
        if error:
            raise error

    run(2, fail)
    assert outcomes == []
    assert "the disk is full" in caplog.text


def test_a_busy_database_is_no_error(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(**_how: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(background, "is_busy", lambda error: isinstance(error, OperationalError))
    run(2, fail)
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def test_a_stopped_thread_ends_after_the_lead_in_progress(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    leads = [on_standby(company, str(number), Reminder(DUE)) for number in range(3)]
    asked = iter([False, True])
    assert due_reminders.return_due_leads(NOW, is_stopped=lambda: next(asked)) == 1
    assert [status(lead) for lead in leads] == ["todo", "standby", "standby"]


def test_start_and_stop_end_the_thread() -> None:
    repeater = Repeater(replace(RETURN_LEADS, work=lambda **_how: 0))
    (thread,) = [one for one in threading.enumerate() if one.name == "reminders"]
    repeater.stop()
    assert not thread.is_alive()
    repeater.stop()


@pytest.mark.django_db(transaction=True)
def test_the_thread_returns_leads_of_the_database() -> None:
    lead = on_standby(found(), "Due", Reminder(timezone.now() - timedelta(days=1)))
    run(1)
    assert status(lead) == "todo"

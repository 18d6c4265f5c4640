"""Appointments of a person: what is published, changed, cancelled and left as it was."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from leadlight.sales import calendar
from leadlight.sales.merging import merge
from leadlight.sales.models import ActivityType, CalendarEntry, Lead, Reminder, Task
from tests.sales.conftest import Company, at

pytestmark = pytest.mark.database

NOW = at(6, 1)


def planned(company: Company, when: datetime, title: str = "Windows", **more) -> Lead:
    lead = Lead.create(title=title, by=company.ana, owner=company.ana, at=at(1, 5))
    lead.stand_by(by=company.ana, until=Reminder(when, **more), at=at(5, 1))
    return lead


def seen(company: Company, now: datetime = NOW) -> list[tuple[str, datetime, int, bool]]:
    return [
        (one.title, one.starts_at, one.sequence, one.cancelled_at is not None)
        for one in calendar.published(company.ana, now)
    ]


def test_a_reminder_and_a_task_are_appointments(company: Company) -> None:
    call = ActivityType.objects.create(name="Call")
    lead = planned(company, at(6, 2), minutes=45, activity_type=call, note="Ask for the plans")
    Task.add(lead, "Send the bill", by=company.bo, owner=company.ana, due_on=at(6, 5).date())
    reminder, task = calendar.published(company.ana, NOW)
    assert (reminder.title, reminder.note, reminder.minutes, reminder.is_all_day) == (
        *("Call · Windows", "Ask for the plans", 45, False),
    )
    assert (task.title, task.is_all_day) == ("Send the bill · Windows", True)
    assert task.starts_at.isoformat() == "2026-06-05T00:00:00+02:00"
    assert calendar.published(company.bo, NOW) == []


def test_a_moved_reminder_stays_the_same_appointment_and_its_sequence_rises(company) -> None:
    lead = planned(company, at(6, 2))
    [first] = calendar.published(company.ana, NOW)
    lead.set_reminder(Reminder(at(6, 9)), by=company.ana)
    [second] = calendar.published(company.ana, NOW + timedelta(hours=1))
    assert (second.key, second.sequence, second.starts_at) == (first.key, 1, at(6, 9))
    assert second.modified_at > first.modified_at
    [third] = calendar.published(company.ana, NOW + timedelta(hours=2))
    assert (third.sequence, third.modified_at) == (1, second.modified_at)


@pytest.mark.parametrize(
    "end",
    [
        lambda lead, company: lead.win(by=company.ana),
        lambda lead, company: lead.resume(by=company.ana),
        lambda lead, company: lead.assign_to(company.bo, by=company.ana),
        lambda lead, company: lead.bin(by=company.ana),
    ],
    ids=["won", "resumed", "handed over", "binned"],
)
def test_an_appointment_that_no_longer_holds_is_cancelled_and_then_forgotten(company, end) -> None:
    lead = planned(company, at(6, 2))
    assert seen(company) == [("Windows", at(6, 2), 0, False)]
    end(lead, company)
    assert seen(company) == [("Windows", at(6, 2), 1, True)]
    assert seen(company, NOW + timedelta(days=80)) == [("Windows", at(6, 2), 1, True)]
    assert seen(company, NOW + timedelta(days=95)) == []


def test_a_restored_lead_is_the_same_appointment_again(company) -> None:
    lead = planned(company, at(6, 2))
    [first] = calendar.published(company.ana, NOW)
    lead.bin(by=company.ana)
    calendar.published(company.ana, NOW)
    lead.restore(by=company.ana)
    [again] = calendar.published(company.ana, NOW)
    assert (again.key, again.sequence, again.cancelled_at) == (first.key, 2, None)


def test_a_merged_lead_is_cancelled_and_the_kept_one_stays(company) -> None:
    kept, other = planned(company, at(6, 2), "Kept"), planned(company, at(6, 3), "Other")
    calendar.published(company.ana, NOW)
    merge(kept, other, taken=(), by=company.ana)
    assert seen(company) == [("Kept", at(6, 2), 0, False), ("Other", at(6, 3), 1, True)]


def test_a_call_that_took_place_stays_and_the_next_one_is_another_appointment(company) -> None:
    lead = planned(company, at(6, 2, 10))
    [first] = calendar.published(company.ana, NOW)
    lead.set_reminder(Reminder(at(6, 9)), by=company.ana)
    after = at(6, 2, 10, 5)
    past, coming = calendar.published(company.ana, after)
    assert (past.key, past.starts_at, past.sequence) == (first.key, at(6, 2, 10), 0)
    assert coming.key != first.key
    lead.win(by=company.ana)
    assert seen(company, after) == [
        ("Windows", at(6, 2, 10), 0, False),
        ("Windows", at(6, 9), 1, True),
    ]


def test_a_reminder_done_after_its_time_stays_as_it_was(company) -> None:
    lead = planned(company, at(6, 2, 10))
    calendar.published(company.ana, NOW)
    lead.win(by=company.ana)
    assert seen(company, at(6, 2, 10, 1)) == [("Windows", at(6, 2, 10), 0, False)]


def test_a_whole_day_can_be_moved_until_it_is_over(company) -> None:
    midnight = at(6, 1, 22)  # of 2 June in Paris
    lead = planned(company, midnight, is_all_day=True)
    [first] = calendar.published(company.ana, NOW)
    lead.set_reminder(Reminder(at(6, 8, 22), is_all_day=True), by=company.ana)
    [moved] = calendar.published(company.ana, at(6, 2, 12))
    assert (moved.key, moved.starts_at) == (first.key, at(6, 8, 22))
    lead.set_reminder(Reminder(at(6, 15, 22), is_all_day=True), by=company.ana)
    assert len(calendar.published(company.ana, at(6, 9, 22))) == 2


def test_appointments_older_than_three_months_are_left_out_even_if_moved_later(company) -> None:
    lead = planned(company, at(6, 2))
    calendar.published(company.ana, NOW)
    later = at(6, 2) + timedelta(days=91)
    assert seen(company, later) == []
    lead.set_reminder(Reminder(later + timedelta(days=1)), by=company.ana)
    assert seen(company, later) == [("Windows", later + timedelta(days=1), 0, False)]
    assert CalendarEntry.objects.count() == 1


def test_a_renamed_lead_with_an_overdue_reminder_stays_one_appointment(company) -> None:
    lead = planned(company, at(6, 2))
    calendar.published(company.ana, NOW)
    lead.rename("Doors", by=company.ana)
    assert seen(company, at(6, 20)) == [("Doors", at(6, 2), 1, False)]


def test_an_unchanged_calendar_costs_a_fixed_number_of_queries_and_writes_nothing(
    company, django_assert_num_queries
) -> None:
    for day in range(2, 9):
        planned(company, at(6, day))
    calendar.published(company.ana, NOW)
    with django_assert_num_queries(7):
        calendar.published(company.ana, NOW)

"""Instants at which scheduled mails are due, and the jobs for those that are."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from leadlight.automation import scheduled_mails
from leadlight.automation.models import ScheduledMail
from leadlight.job_queue.models import QueuedJob
from leadlight.sales.working_calendar import WorkingCalendar
from tests.sales.conftest import Company, company  # noqa: F401

pytestmark = pytest.mark.database

PARIS = ZoneInfo("Europe/Paris")
WEEKEND = WorkingCalendar(frozenset({6, 7}), frozenset({date(2026, 5, 1)}))
Rhythm = ScheduledMail.Rhythm


def next_of(after: str, at: str = "07:30", **how: object) -> str:
    """Return the next instant in Paris of a mail, for one in Paris after which it is due."""
    mail = ScheduledMail(at=time.fromisoformat(at), **how)
    instant = datetime.fromisoformat(after).replace(tzinfo=PARIS)
    found = scheduled_mails.next_instant(mail, instant, PARIS, WEEKEND)
    return f"{found.astimezone(PARIS):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("2026-04-29 07:29", "2026-04-29 07:30"),
        ("2026-04-29 07:30", "2026-04-30 07:30"),
        ("2026-04-30 12:00", "2026-05-04 07:30"),  # 1 May is a holiday, then a weekend
    ],
)
def test_a_mail_of_working_days_skips_weekends_and_holidays(after: str, expected: str) -> None:
    assert next_of(after) == expected


def test_a_weekly_mail_leaves_on_its_day_even_on_a_holiday() -> None:
    assert next_of("2026-04-29 12:00", rhythm=Rhythm.WEEKLY, weekday=5) == "2026-05-01 07:30"
    assert next_of("2026-05-01 07:30", rhythm=Rhythm.WEEKLY, weekday=5) == "2026-05-08 07:30"


def test_a_monthly_mail_leaves_on_the_first_working_day() -> None:
    assert next_of("2026-04-02 00:00", rhythm=Rhythm.MONTHLY) == "2026-05-04 07:30"
    assert next_of("2026-07-31 12:00", rhythm=Rhythm.MONTHLY) == "2026-08-03 07:30"


def test_a_mail_leaves_at_the_same_time_of_day_across_changes_of_clocks() -> None:
    assert next_of("2026-03-27 12:00") == "2026-03-30 07:30"
    assert next_of("2026-10-23 12:00") == "2026-10-26 07:30"
    # At 02:30 on 29 March the clocks stood at 03:30 already.
    assert next_of("2026-03-28 12:00", "02:30", rhythm=Rhythm.WEEKLY, weekday=7) == (
        "2026-03-29 03:30"
    )


def test_without_working_days_a_mail_is_due_a_day_later() -> None:
    never = WorkingCalendar(frozenset(range(1, 8)), frozenset())
    after = datetime(2026, 4, 29, 12, tzinfo=UTC)
    found = scheduled_mails.next_instant(ScheduledMail(), after, PARIS, never)
    assert found == after + timedelta(days=1)


@pytest.mark.django_db
def test_after_a_pause_of_the_server_a_mail_is_sent_once(
    company: Company,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mail = scheduled_mails.of_person(company.ana, None)
    scheduled_mails.start(mail, rhythm="working_days", weekday=1, at=time(7, 30), formats=[])
    assert scheduled_mails.add_due() == 0

    now = timezone.now() + timedelta(days=14)
    monkeypatch.setattr(timezone, "now", lambda: now)
    assert scheduled_mails.add_due() == 1
    assert scheduled_mails.add_due() == 0
    assert QueuedJob.objects.count() == 1
    mail.refresh_from_db()
    assert mail.next_at is not None
    assert now < mail.next_at <= now + timedelta(days=4)

"""The company's calendar in the replica: a change takes effect in the next report."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from leadlight.accounts.models import Holiday, Organization
from leadlight.accounts.readers import SYSTEM
from leadlight.analytics.reports import CATALOGUE
from leadlight.replication import replica
from leadlight.replication.checks import check
from leadlight.replication.replica import Replica
from leadlight.reporting.reader import report_reader
from leadlight.sales.models import Lead
from tests.sales.conftest import Company, at

pytestmark = pytest.mark.django_db(transaction=True)

JANUARY = {"from": ["2026-01-01"], "to": ["2026-01-31"]}


@pytest.fixture
def lead(company: Company) -> Lead:
    """Won from Monday to Monday: 7 days, 5 of them working days."""
    lead = Lead.create(title="Windows", by=company.ana, owner=company.ana, at=at(1, 5))
    lead.win(by=company.ana, at=at(1, 12))
    return lead


def days(switch: str = "working") -> float:
    """The days to close, rounded to nine decimal places."""
    params = JANUARY | {"days": [switch]}
    found = report_reader(SYSTEM).run(CATALOGUE["company"], params).totals["mean_days_to_win"]
    return round(found, 9)  # type: ignore[arg-type]


def test_a_changed_calendar_applies_to_the_next_report(lead: Lead) -> None:
    assert (days(), days("calendar")) == (5, 7)
    holiday = Holiday.objects.create(day=date(2026, 1, 6), name="Epiphany")
    assert (days(), days("calendar")) == (4, 7)
    Holiday.objects.filter(pk=holiday.pk).update(day=date(2026, 1, 10))
    assert days() == 5
    organization = Organization.current()
    organization.weekend = []
    organization.save()
    assert days() == 6
    Holiday.objects.all().delete()
    assert days() == 7
    organization.weekend = [1, 2, 3, 4, 5, 6]
    organization.save()
    assert days() == 1
    replica.forget()


ZONES = ("Europe/Paris", "Pacific/Apia", "America/Santiago", "America/Havana", "Asia/Kolkata")


@pytest.mark.parametrize("zone", ZONES)
def test_each_local_day_begins_when_the_previous_one_ends(
    company: Company, replica: Replica, zone: str
) -> None:
    """Havana has midnight twice, Santiago sometimes not at all, and Samoa skipped a day."""
    Organization.objects.update(time_zone=zone)
    replica.catch_up()
    rows = replica.engine.run("SELECT day, starts_at, pace FROM days ORDER BY day")
    assert (rows[0][0], rows[-1][0]) == (date(1970, 1, 1), date(2099, 12, 31))
    assert all(rows[n + 1][0] - rows[n][0] == timedelta(1) for n in range(len(rows) - 1))
    local = ZoneInfo(zone)
    for day, starts_at, pace in rows[15_000:21_000]:
        instant = starts_at.replace(tzinfo=UTC)
        was_left_out = (zone, day) == ("Pacific/Apia", date(2011, 12, 30))
        assert instant.astimezone(local).date() == day or was_left_out
        before = (instant - timedelta(microseconds=1)).astimezone(local)
        assert before.date() < day
        assert (pace > 0) == (day.isoweekday() < 6 and not was_left_out)


def test_the_check_covers_the_calendar(lead: Lead, replica: Replica) -> None:
    Holiday.objects.create(day=date(2026, 1, 6), name="Epiphany")
    assert list(check(replica)) == []
    replica.engine.writer().run("UPDATE days SET pace = 1 WHERE day = '2026-01-06'")
    [difference] = check(replica)
    assert str(difference) == (
        "days 2026-01-06: pace is 1.0 in the replica and 0.0 in the database."
    )


def test_past_reports_use_the_current_calendar(lead: Lead) -> None:
    """A report as of an earlier instant uses today's calendar, as it uses today's permissions."""
    lead.events.update(recorded_at=datetime(2026, 1, 13, tzinfo=UTC))
    Holiday.objects.create(day=date(2026, 1, 6), name="Epiphany")
    params = JANUARY | {"days": ["working"], "as_of": ["2026-01-20"]}
    totals = report_reader(SYSTEM).run(CATALOGUE["company"], params).totals
    assert totals["mean_days_to_win"] == pytest.approx(4)
    replica.forget()

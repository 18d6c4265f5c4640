"""`check` finds every difference between replica and database and reports it in a sentence."""

from __future__ import annotations

import pytest

from leadlight.accounts.models import User
from leadlight.replication import build, checks
from leadlight.replication.checks import check
from leadlight.replication.replica import Replica
from leadlight.sales.models import (
    ActivityType,
    Client,
    CustomField,
    Goal,
    Lead,
    LeadEvent,
    Tag,
)
from tests.sales.conftest import Company, at

# On PostgreSQL each catch-up reads the changes of open transactions again, which would repair them.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lead(company: Company, replica: Replica) -> Lead:
    lead = Lead.create(title="Windows", by=company.ana, owner=company.ana, at=at(1, 5))
    lead.tags.add(Tag.objects.create(name="Glass"))
    call = ActivityType.objects.create(name="Call", kind="call")
    lead.log_activity(call, by=company.ana, at=at(1, 6))
    Client.objects.create(name="Hôtel Élysée")
    Goal.objects.create(
        user=company.ana, measure="won_amount", period="month", starts_on="2026-01-01", target=1000
    )
    lead.win(by=company.ana, at=at(2, 3))
    replica.catch_up()
    return lead


def sentences(replica: Replica) -> list[str]:
    return [str(difference) for difference in check(replica)]


def test_a_correct_replica_has_no_differences(lead: Lead, replica: Replica) -> None:
    assert sentences(replica) == []


def test_a_wrong_value_is_reported(company: Company, lead: Lead, replica: Replica) -> None:
    replica.engine.writer().run("UPDATE users SET user_name = 'Eve' WHERE user_name = 'Ana'")
    assert sentences(replica) == [
        f"users {company.ana.pk}: user_name is Eve in the replica and Ana in the database."
    ]


def test_a_missing_row_is_reported(lead: Lead, replica: Replica) -> None:
    replica.engine.writer().run("DELETE FROM lead_tags")
    tag = lead.tags.get()
    assert sentences(replica) == [
        f"lead_tags {lead.pk}: the replica has nothing where the database has "
        f"({lead.pk}, {tag.pk})."
    ]


def test_wrong_choices_are_reported(lead: Lead, replica: Replica) -> None:
    field = CustomField.define("lead", "Sector", "choice", choices=["retail", "industry"])
    lead.set_field(field, "retail", by=None)
    assert sentences(replica) == []
    writer = replica.engine.writer()
    writer.run("UPDATE lead_choices SET choice = 'industry'")
    writer.run("UPDATE choices SET choice_position = 3 WHERE choice = 'industry'")
    writer.run("DELETE FROM fields")
    assert sentences(replica) == [
        f"fields {field.pk}: the replica has nothing where the database has "
        f"({field.pk}, {field.key}, Sector).",
        f"choices {field.pk}: choice_position is 3 in the replica and 2 in the database.",
        f"lead_choices {lead.pk}: choice is industry in the replica and retail in the database.",
    ]


@pytest.mark.parametrize("lead_id", [0, 10**12])
def test_a_surplus_row_is_reported(lead: Lead, replica: Replica, lead_id: int) -> None:
    replica.engine.writer().run(f"INSERT INTO lead_titles VALUES ({lead_id}, 'x', 'Nobody')")
    assert sentences(replica) == [
        f"lead_titles {lead_id}: the replica has ({lead_id}, x, Nobody) where the database has "
        "nothing."
    ]


def test_a_duplicate_row_is_reported(lead: Lead, replica: Replica) -> None:
    replica.engine.writer().run("INSERT INTO activities FROM activities")
    assert len(sentences(replica)) == 1


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("lead_moves", "occurred_on"),
        ("lead_stays", "entered_on"),
        ("lead_steps", "reached_on"),
    ],
)
def test_a_wrong_step_interval_is_reported(
    lead: Lead, replica: Replica, table: str, column: str
) -> None:
    replica.engine.writer().run(f"UPDATE {table} SET {column} = '1999-12-31'")
    (sentence,) = sentences(replica)
    assert sentence == (
        f"{table} {lead.pk}: {column} is 1999-12-31 in the replica and 2026-01-05 in the database."
    )


def test_skipped_steps_returns_and_pipeline_moves_give_no_difference(
    company: Company, lead: Lead, replica: Replica
) -> None:
    way = (company.deal, company.contact, company.offer, company.elsewhere, company.deal)
    for day, step in enumerate(way, start=1):
        lead.move_to(step, by=company.ana, at=at(3, day))
    assert sentences(replica) == []


def test_reordered_steps_give_no_difference(
    company: Company, lead: Lead, replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "LEADS_AT_ONCE", 2)
    for number in range(4):
        other = Lead.create(title=f"Other {number}", by=company.ana, at=at(2, 1))
        other.move_to(company.deal, by=company.ana, at=at(3, 2 + number))
        other.move_to(company.offer, by=company.ana, at=at(4, 2 + number))
    replica.catch_up()
    [before] = replica.engine.run("SELECT count(*) FROM lead_steps WHERE advanced")
    company.deal.position = 0
    company.deal.save()
    assert sentences(replica) == []
    [after] = replica.engine.run("SELECT count(*) FROM lead_steps WHERE advanced")
    assert after != before
    other.move_to(company.deal, by=company.ana, at=at(5, 1))
    assert sentences(replica) == []


@pytest.mark.parametrize("table", ["leads", "lead_versions"])
def test_a_wrong_lead_or_version_is_reported(lead: Lead, replica: Replica, table: str) -> None:
    replica.engine.writer().run(f"UPDATE {table} SET amount = 5 WHERE status = 'won'")
    (sentence,) = sentences(replica)
    assert sentence.startswith(f"{table} {lead.pk}: ")


def test_a_lead_that_contradicts_its_history_is_reported(lead: Lead, replica: Replica) -> None:
    Lead.objects.update(amount=7)
    assert sentences(replica) == [
        f"Lead {lead.pk} (Windows): its history ends with amount –, its row has 7.00."
    ]


def test_a_lead_without_a_history_is_reported(lead: Lead, replica: Replica) -> None:
    LeadEvent.objects.all().delete()
    found = sentences(replica)
    assert f"Lead {lead.pk} (Windows): its history ends with status –, its row has won." in found


def test_companies_larger_than_a_batch_are_checked_completely(
    monkeypatch: pytest.MonkeyPatch, lead: Lead, replica: Replica
) -> None:
    monkeypatch.setattr(checks, "BATCH_SIZE", 3)
    for number in range(10):
        Lead.create(title=str(number), by=None, at=at(1, 5))
    assert sentences(replica) == []
    replica.engine.writer().run("UPDATE leads SET status = 'lost'")
    assert len(sentences(replica)) == 11
    assert User.objects.count() == 2

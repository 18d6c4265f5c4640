"""The change feed records every change of a replicated row, and its positions are reliable."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.contrib.auth.models import update_last_login
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from leadlight.accounts.models import Holiday, Membership, Organization, User
from leadlight.replication import replica as replicas
from leadlight.replication import triggers
from leadlight.replication.changes import Position, changes_since, feed_status, position, prune
from leadlight.replication.replica import Replica
from leadlight.replication.tables import COPIED_TABLES
from leadlight.sales.models import (
    Activity,
    ActivityType,
    Category,
    Client,
    CustomField,
    Goal,
    Lead,
    LeadEvent,
    LeadFieldValue,
    Outcome,
    Pipeline,
    Prospect,
    ProspectingList,
    Step,
    Tag,
)
from tests.replication.conftest import column
from tests.sales.conftest import Company, at

on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite has one writer at a time"
)


@contextmanager
def recorded_changes() -> Iterator[dict[str, set[int]]]:
    """Yield the changes that the feed records within the block."""
    before = position(connection).change_id
    changed: dict[str, set[int]] = defaultdict(set)
    yield changed
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name, row_id FROM replication_change WHERE id > %s", [before])
        for table, row_id in cursor.fetchall():
            changed[table].add(row_id)


@pytest.fixture
def lead(company: Company) -> Lead:
    return Lead.create(title="Windows", by=company.ana, owner=company.ana, at=at(1, 5))


def test_every_replicated_table_has_its_triggers(db: None) -> None:
    triggers.remove(connection)
    assert triggers.install(connection)
    assert not triggers.install(connection)


def test_a_business_method_records_its_lead(company: Company, lead: Lead) -> None:
    with recorded_changes() as changed:
        lead.win(by=company.ana)
    assert changed == {"sales_lead": {lead.pk}}


def test_bulk_updates_are_recorded(company: Company, lead: Lead) -> None:
    with recorded_changes() as changed:
        Lead.objects.update(source="Fair")
        Step.objects.filter(position__gte=2).update(probability=10)
    assert changed == {
        "sales_lead": {lead.pk},
        "sales_step": {company.offer.pk, company.deal.pk},
    }


def test_a_sign_in_is_not_recorded(company: Company) -> None:
    with recorded_changes() as changed:
        update_last_login(None, company.ana)
        company.ana.set_password("another one")
        company.ana.save(update_fields=["password"])
    assert changed == {}
    with recorded_changes() as changed:
        company.ana.last_name = "Abel"
        company.ana.save()
    assert changed == {"accounts_user": {company.ana.pk}}


def test_the_columns_whose_changes_are_recorded_are_those_of_the_replica() -> None:
    read = {
        one.feed: {column.sql for column in one.source.columns.values()}
        for one in COPIED_TABLES.values()
    }
    assert {table: set(columns) for table, columns in triggers.COLUMNS.items()} == {
        table: read[table] for table in triggers.COLUMNS
    }


def test_raw_sql_is_recorded(company: Company, lead: Lead) -> None:
    with recorded_changes() as changed, connection.cursor() as cursor:
        cursor.execute("UPDATE sales_leadevent SET value = '' WHERE kind = 'owner'")
        cursor.execute("DELETE FROM accounts_membership WHERE user_id = %s", [company.bo.pk])
    assert changed == {"sales_lead": {lead.pk}, "accounts_membership": {company.south.pk}}


def test_deletions_are_recorded(company: Company, lead: Lead) -> None:
    pk = lead.pk
    with recorded_changes() as changed:
        lead.delete()
    assert changed == {"sales_lead": {pk}}


def test_adding_and_removing_tags_is_recorded_as_a_change_of_the_lead(
    company: Company, lead: Lead
) -> None:
    tag = Tag.objects.create(name="Glass")
    for change in (lead.tags.add, lead.tags.remove):
        with recorded_changes() as changed:
            change(tag)
        assert changed == {"sales_lead": {lead.pk}}


def test_the_value_of_a_field_is_recorded_as_a_change_of_the_lead(
    company: Company, lead: Lead
) -> None:
    field = CustomField.define("lead", "Sector", "choice", choices=["retail", "industry"])
    with recorded_changes() as changed:
        lead.set_field(field, "retail", by=None)
    assert changed == {"sales_lead": {lead.pk}}
    values = LeadFieldValue.objects.filter(field=field)
    for change in (lambda: values.update(text="industry"), values.delete):
        with recorded_changes() as changed:
            change()
        assert changed == {"sales_lead": {lead.pk}}


def test_moving_an_event_to_another_lead_is_recorded_for_both(company: Company, lead: Lead) -> None:
    other = Lead.create(title="Doors", by=None, at=at(1, 6))
    with recorded_changes() as changed:
        LeadEvent.objects.filter(lead=lead, kind="owner").update(lead=other)
    assert changed == {"sales_lead": {lead.pk, other.pk}}


MADE: list[tuple[str, Callable[[Company], object]]] = [
    ("accounts_organization", lambda _: Organization(currency="CHF").save()),
    ("accounts_holiday", lambda _: Holiday.objects.create(day="2026-05-01", name="Labour Day")),
    ("accounts_user", lambda _: User.objects.create_user("new@example.com", key="new")),
    ("accounts_team", lambda company: company.north.save()),
    (
        "accounts_membership",
        lambda company: Membership.objects.create(team=company.north, user=company.bo),
    ),
    ("sales_pipeline", lambda _: Pipeline.objects.create(name="New")),
    (
        "sales_pastprobability",
        lambda company: company.offer.past_probabilities.create(replaced_at=at(1, 1)),
    ),
    ("sales_category", lambda _: Category.objects.create(name="New")),
    ("sales_tag", lambda _: Tag.objects.create(name="New")),
    (
        "sales_customfield",
        lambda _: CustomField.define("lead", "Sector", "choice", choices=["retail"]),
    ),
    ("sales_client", lambda _: Client.objects.create(name="New")),
    ("sales_prospectinglist", lambda _: ProspectingList.objects.create(name="New")),
    ("sales_activitytype", lambda _: ActivityType.objects.create(name="New")),
    (
        "sales_goal",
        lambda company: Goal.objects.create(
            user=company.ana, measure="won_leads", period="month", starts_on="2026-01-01", target=3
        ),
    ),
]


@pytest.mark.parametrize(("table", "make"), MADE, ids=[table for table, _ in MADE])
def test_each_table_records_its_own_changes(
    company: Company, table: str, make: Callable[[Company], object]
) -> None:
    with recorded_changes() as changed:
        make(company)
    assert set(changed) == {table}


def test_related_rows_are_recorded_under_their_own_tables(company: Company) -> None:
    kind = ActivityType.objects.create(name="Call")
    rows = ProspectingList.objects.create(name="Fair")
    with recorded_changes() as changed:
        outcome = Outcome.objects.create(activity_type=kind, name="Reached")
        prospect = Prospect.objects.create(prospecting_list=rows)
        activity = Activity.objects.create(activity_type=kind, prospect=prospect)
    assert changed == {
        "sales_outcome": {outcome.pk},
        "sales_prospect": {prospect.pk},
        "sales_activity": {activity.pk},
    }


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_change_is_not_recorded(company: Company, lead: Lead) -> None:
    before = position(connection)
    with transaction.atomic():
        lead.win(by=company.ana)
        transaction.set_rollback(True)
    assert feed_status(connection, before).is_newest


@pytest.mark.django_db(transaction=True)
def test_the_feed_status_tells_whether_there_are_new_changes(company: Company, lead: Lead) -> None:
    now = position(connection)
    assert (feed_status(connection, now).is_reachable, feed_status(connection, now).is_newest) == (
        True,
        True,
    )
    lead.win(by=company.ana)
    assert not feed_status(connection, now).is_newest


def feed_length() -> int:
    """Return the number of rows in the feed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM replication_change")
        return int(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_a_pruned_position_is_unreachable(company: Company) -> None:
    old = position(connection)
    for number in range(20):
        Tag.objects.create(name=str(number))
    prune(connection, newest_rows=100)
    assert feed_status(connection, old).is_reachable
    prune(connection, newest_rows=5)
    assert feed_length() == 5
    assert feed_status(connection, position(connection)).is_reachable
    assert not feed_status(connection, old).is_reachable
    assert changes_since(connection, old) is None


def test_a_position_of_another_instance_is_unreachable(company: Company) -> None:
    now = position(connection)
    stranger = Position("another", now.change_id, now.mark, now.snapshot)
    assert not feed_status(connection, stranger).is_reachable


def test_a_position_whose_row_was_replaced_is_unreachable(company: Company) -> None:
    now = position(connection)
    restored = Position(now.instance, now.change_id, now.mark + 1, now.snapshot)
    assert not feed_status(connection, restored).is_reachable
    ahead = Position(now.instance, now.change_id + 5, now.mark, now.snapshot)
    assert not feed_status(connection, ahead).is_reachable


@pytest.mark.django_db(transaction=True)
def test_migrating_restores_lost_triggers_and_invalidates_positions() -> None:
    before = position(connection)
    triggers.remove(connection)
    call_command("migrate", verbosity=0)
    assert changes_since(connection, before) is None
    with recorded_changes() as changed:
        tag = Tag.objects.create(name="Glass")
    assert changed == {"sales_tag": {tag.pk}}


@on_postgresql
def test_truncating_a_table_invalidates_positions(company: Company) -> None:
    before = position(connection)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE sales_goal")
    assert changes_since(connection, before) is None


# PostgreSQL: ids do not follow the order in which transactions commit


@pytest.fixture
def other() -> Iterator[BaseDatabaseWrapper]:
    """A second connection to the same database."""
    second = connections.create_connection(DEFAULT_DB_ALIAS)
    yield second
    second.close()


def add_tag(via: BaseDatabaseWrapper, name: str) -> None:
    with via.cursor() as cursor:
        cursor.execute("INSERT INTO sales_tag (key, name) VALUES (%s, %s)", [name, name])


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_change_with_a_lower_id_that_commits_later_is_read(
    replica: Replica, other: BaseDatabaseWrapper
) -> None:
    other.set_autocommit(False)
    add_tag(other, "slow")
    add_tag(connection, "quick")
    replica.catch_up()
    assert column(replica, "tags", "tag_name") == ["quick"]
    replica.catch_up()
    other.commit()
    replica.catch_up()
    assert column(replica, "tags", "tag_name") == ["quick", "slow"]
    assert feed_status(connection, position(connection)).is_newest


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_an_open_transaction_does_not_cause_repeated_reads(
    replica: Replica, other: BaseDatabaseWrapper
) -> None:
    other.set_autocommit(False)
    add_tag(other, "slow")
    add_tag(connection, "quick")
    now = position(connection)
    assert feed_status(connection, now).is_newest
    add_tag(connection, "quicker")
    assert changes_since(connection, now) is not None
    assert len(changes_since(connection, now) or {}) == 1
    other.rollback()


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_rows_pruned_before_they_were_visible_make_a_position_unreachable(
    replica: Replica, other: BaseDatabaseWrapper
) -> None:
    other.set_autocommit(False)
    add_tag(other, "slow")
    for number in range(30):
        add_tag(connection, str(number))
    seen = position(connection)
    prune(connection, newest_rows=10)
    assert feed_status(connection, seen).is_reachable
    other.commit()
    prune(connection, newest_rows=10)
    assert feed_length() == 10
    assert not feed_status(connection, seen).is_reachable


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_position_taken_during_a_transaction_is_reachable_after_pruning(
    other: BaseDatabaseWrapper,
) -> None:
    other.set_autocommit(False)
    add_tag(other, "slow")
    for number in range(30):
        add_tag(connection, str(number))
    prune(connection, newest_rows=10)
    assert feed_status(connection, position(connection)).is_reachable
    other.rollback()


@pytest.mark.django_db(transaction=True)
def test_the_background_thread_prunes_the_feed(
    monkeypatch: pytest.MonkeyPatch, replica: Replica
) -> None:
    """The background thread prunes when it calls `prepare`; a reader of reports writes nothing."""
    monkeypatch.setattr(replicas, "current", lambda: replica)
    monkeypatch.setattr(prune, "__defaults__", (10,))
    for number in range(40):
        Tag.objects.create(name=str(number))
        replicas.prepare()
    assert feed_length() < 30
    assert len(column(replica, "tags", "tag_id")) == 40

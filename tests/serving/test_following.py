"""A background thread of each serving process catches the replica up after each commit."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from queue import Queue

import pytest
from django.db import connection, transaction

from leadlight.replication import following, freshness
from leadlight.replication.following import WRITES, Follower
from leadlight.sales.models import Tag

LIMIT_S = 60


@pytest.fixture
def catch_ups(monkeypatch: pytest.MonkeyPatch) -> Iterator[Queue[str]]:
    """Queue with an entry for each catch-up of the background thread, which has no timer here."""
    calls: Queue[str] = Queue()
    monkeypatch.setattr(following.replica, "prepare", lambda: calls.put("caught up"))
    monkeypatch.setattr(following, "POLL_EVERY_S", None)
    following.start()
    yield calls
    following.stop()
    connection.execute_wrappers.remove(following._watch_writes)


def wait_for_catch_up(calls: Queue[str]) -> None:
    """Wait until the thread has caught up, and fail if it does not within the time limit."""
    assert calls.get(timeout=LIMIT_S) == "caught up"


@pytest.mark.django_db(transaction=True)
def test_a_commit_causes_a_catch_up(catch_ups: Queue[str]) -> None:
    Tag.objects.create(name="Urgent")
    wait_for_catch_up(catch_ups)
    with transaction.atomic():
        Tag.objects.create(name="After the period")
        Tag.objects.create(name="Never")
        assert len(connection.run_on_commit) == 1
        assert catch_ups.empty()
    wait_for_catch_up(catch_ups)


@pytest.mark.django_db(transaction=True)
def test_a_rollback_or_an_unreplicated_table_causes_no_catch_up(catch_ups: Queue[str]) -> None:
    with transaction.atomic():
        Tag.objects.create(name="Urgent")
        transaction.set_rollback(True)
    list(Tag.objects.all())
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_session")
    following.stop()
    assert catch_ups.empty()


@pytest.mark.django_db(transaction=True)
def test_a_request_sees_its_own_commits(catch_ups: Queue[str]) -> None:
    freshness.begin({freshness.ARRIVED: 5.0})
    list(Tag.objects.all())
    assert freshness.arrived_at() == 5.0
    Tag.objects.create(name="Urgent")
    assert freshness.arrived_at() > 5.0
    wait_for_catch_up(catch_ups)


def test_commits_during_a_catch_up_cause_one_more_catch_up() -> None:
    begun, go_on, calls = threading.Event(), threading.Event(), []

    def catch_up() -> None:
        calls.append(None)
        begun.set()
        go_on.wait(LIMIT_S)

    follower = Follower(catch_up, None, pause=0)
    follower.wake()
    assert begun.wait(LIMIT_S)
    begun.clear()
    for _ in range(5):
        follower.wake()
    go_on.set()
    assert begun.wait(LIMIT_S)
    follower.stop()
    assert len(calls) == 2


def test_the_thread_logs_an_error_and_continues(caplog: pytest.LogCaptureFixture) -> None:
    outcomes, done = [OSError("the disk is full")], threading.Event()

    def catch_up() -> None:
        if outcomes:
            raise outcomes.pop()
        done.set()

    follower = Follower(catch_up, 0.001, pause=0)
    assert done.wait(LIMIT_S)
    follower.stop()
    assert "could not be updated" in caplog.text
    assert "the disk is full" in caplog.text


@pytest.mark.parametrize(
    ("sql", "is_followed"),
    [
        ('INSERT INTO "sales_lead" ("title") VALUES (%s)', True),
        ("insert or replace into sales_lead values (1)", True),
        ('UPDATE "sales_lead" SET "title" = %s', True),
        ('DELETE FROM "accounts_user" WHERE id = 1', True),
        ('UPDATE "django_session" SET "session_data" = %s', False),
        ('SELECT * FROM "sales_lead"', False),
        ('UPDATE "sales_leadership" SET a = 1', False),
    ],
)
def test_statements_that_write_replicated_tables_are_recognized(
    sql: str, is_followed: bool
) -> None:
    assert bool(WRITES.match(sql)) is is_followed

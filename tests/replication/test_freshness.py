"""Requests that wait together share one catch-up, and each sees all commits before its arrival."""

from __future__ import annotations

import threading
from time import monotonic
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import connection, transaction

from leadlight.replication import changes, freshness
from leadlight.replication.replica import Replica
from leadlight.sales.models import Tag
from tests.replication.conftest import column

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def feed_reads(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The times at which the change feed was read."""
    seen: list[float] = []
    feed_status = changes.feed_status

    def noting(*arguments: Any) -> Any:
        seen.append(monotonic())
        return feed_status(*arguments)

    monkeypatch.setattr(changes, "feed_status", noting)
    return seen


def test_a_query_does_not_repeat_a_catch_up_that_began_after_its_arrival(
    replica: Replica,
    feed_reads: list[float],
) -> None:
    replica.catch_up()
    arrived_at = monotonic()
    replica.catch_up(arrived_at=arrived_at)
    before = len(feed_reads)
    replica.catch_up(arrived_at=arrived_at)
    assert len(feed_reads) == before
    replica.catch_up(arrived_at=monotonic())
    assert len(feed_reads) == before + 1


def test_a_query_sees_everything_committed_before_it(replica: Replica) -> None:
    for number in range(5):
        Tag.objects.create(name=str(number))
        replica.catch_up(arrived_at=monotonic())
        assert len(column(replica, "tags", "tag_id")) == number + 1


def test_waiting_queries_share_one_catch_up(
    replica: Replica,
    feed_reads: list[float],
) -> None:
    """Six queries wait while catch-ups are held back: the first to continue catches up for all."""
    replica.catch_up()
    Tag.objects.create(name="Urgent")
    arrived_at, seen = monotonic(), []

    def ask() -> None:
        replica.catch_up(arrived_at=arrived_at)
        seen.append(len(column(replica, "tags", "tag_id")))
        connection.close()

    before = len(feed_reads)
    with replica.paused():
        threads = [threading.Thread(target=ask) for _ in range(6)]
        for thread in threads:
            thread.start()
    for thread in threads:
        thread.join()
    assert seen == [1] * 6
    # The feed is read once to see if it has changes, and once in the snapshot that reads them.
    assert len(feed_reads) == before + 2


def test_a_catch_up_inside_a_transaction_does_not_count_as_fresh(
    replica: Replica,
    feed_reads: list[float],
) -> None:
    replica.catch_up()
    with transaction.atomic():
        arrived_at = monotonic()
        replica.catch_up(arrived_at=arrived_at)
        before = len(feed_reads)
        replica.catch_up(arrived_at=arrived_at)
        assert len(feed_reads) > before


def test_a_query_is_dated_at_the_arrival_of_its_request() -> None:
    request_started.send(sender=None, environ={freshness.ARRIVED: 5.0})
    assert freshness.arrived_at() == 5.0
    request_finished.send(sender=None)
    now = monotonic()
    assert freshness.arrived_at() >= now


def test_server_and_replica_use_the_same_key_for_the_arrival() -> None:
    from leadlight import buffering

    assert freshness.ARRIVED == buffering.ARRIVED

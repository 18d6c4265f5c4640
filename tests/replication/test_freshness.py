"""Requests that waited together share one catch-up, and none sees older numbers than it may."""

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
def looks(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """When the change feed was looked at."""
    seen: list[float] = []
    feed_status = changes.feed_status

    def noting(*arguments: Any) -> Any:
        seen.append(monotonic())
        return feed_status(*arguments)

    monkeypatch.setattr(changes, "feed_status", noting)
    return seen


def test_what_was_read_since_the_question_was_asked_is_not_read_again(
    replica: Replica,
    looks: list[float],
) -> None:
    replica.catch_up()
    asked = monotonic()
    replica.catch_up(asked=asked)
    before = len(looks)
    replica.catch_up(asked=asked)
    assert len(looks) == before
    replica.catch_up(asked=monotonic())
    assert len(looks) == before + 1


def test_what_was_committed_before_the_question_is_in_its_answer(replica: Replica) -> None:
    for number in range(5):
        Tag.objects.create(name=str(number))
        replica.catch_up(asked=monotonic())
        assert len(column(replica, "tags", "tag_id")) == number + 1


def test_questions_that_wait_for_one_catch_up_share_it(
    replica: Replica,
    looks: list[float],
) -> None:
    """Six questions come while somebody catches up: the first that goes on reads for all."""
    replica.catch_up()
    Tag.objects.create(name="Urgent")
    asked, seen = monotonic(), []

    def ask() -> None:
        replica.catch_up(asked=asked)
        seen.append(len(column(replica, "tags", "tag_id")))
        connection.close()

    before = len(looks)
    with replica.standing_still():
        threads = [threading.Thread(target=ask) for _ in range(6)]
        for thread in threads:
            thread.start()
    for thread in threads:
        thread.join()
    assert seen == [1] * 6
    # Once whether there is something new, and once in the snapshot in which it is read.
    assert len(looks) == before + 2


def test_what_an_open_transaction_reads_is_not_taken_for_new(
    replica: Replica,
    looks: list[float],
) -> None:
    replica.catch_up()
    with transaction.atomic():
        asked = monotonic()
        replica.catch_up(asked=asked)
        before = len(looks)
        replica.catch_up(asked=asked)
        assert len(looks) > before


def test_the_question_of_a_request_was_asked_when_it_arrived() -> None:
    request_started.send(sender=None, environ={freshness.ARRIVED: 5.0})
    assert freshness.asked() == 5.0
    request_finished.send(sender=None)
    now = monotonic()
    assert freshness.asked() >= now


def test_the_server_and_the_replica_name_the_arrival_alike() -> None:
    from leadlight import buffering

    assert freshness.ARRIVED == buffering.ARRIVED

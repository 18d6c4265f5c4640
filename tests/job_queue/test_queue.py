"""Jobs of the queue: run at least once, retried, in order, and taken over from killed workers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connections, transaction
from django.utils import timezone

from leadlight.job_queue import queue
from leadlight.job_queue.models import QueuedJob
from leadlight.job_queue.outcomes import Hopeless, Postponed
from leadlight.jobs.handlers import Handler
from leadlight.jobs.worker import run_due

pytestmark = pytest.mark.database

State = QueuedJob.State
NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def set_clock(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setattr(timezone, "now", lambda: now)


class Done(list[Any]):
    """Arguments that the handler of these tests was called with."""

    def handlers(self, *, fails: Callable[[Any], Exception | None] = lambda _: None) -> Any:
        def work(arguments: dict[str, Any]) -> None:
            self.append(arguments["n"])
            if error := fails(arguments["n"]):
                raise error

        return {"test": Handler(work, pauses=(MINUTE, HOUR))}


@pytest.fixture
def done() -> Done:
    return Done()


def add(n: int, **how: Any) -> None:
    queue.add("test", {"n": n}, **how)


def states() -> list[str]:
    return list(QueuedJob.objects.order_by("pk").values_list("state", flat=True))


@pytest.mark.django_db
def test_due_jobs_run_once_the_longest_due_first(done: Done) -> None:
    now = timezone.now()
    add(1, due_at=now - MINUTE)
    add(2, due_at=now - HOUR)
    add(3, due_at=now + HOUR)

    assert run_due(done.handlers()) == 2
    assert run_due(done.handlers()) == 0
    assert done == [2, 1]
    assert states() == [State.DONE, State.DONE, State.WAITING]


@pytest.mark.django_db
def test_a_job_without_a_handler_waits(done: Done) -> None:
    queue.add("unknown", {"n": 1})

    assert run_due(done.handlers()) == 0
    assert states() == [State.WAITING]


@pytest.mark.django_db
def test_a_job_with_the_key_of_another_is_not_added(done: Done) -> None:
    add(1, key="mail 7")
    add(2, key="mail 7")
    run_due(done.handlers())
    add(3, key="mail 7")
    run_due(done.handlers())

    assert done == [1]


@pytest.mark.django_db
def test_a_job_is_added_with_the_transaction_of_its_change_or_not_at_all() -> None:
    @transaction.atomic
    def change() -> None:
        add(1)
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - raised just above
        change()

    assert states() == []


@pytest.mark.django_db
def test_after_errors_a_job_is_tried_again_with_growing_pauses_then_failed(
    done: Done, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = done.handlers(fails=lambda _n: ValueError("no answer"))
    add(1, due_at=NOW)
    for at, state, due_at in (
        (NOW, State.WAITING, NOW + MINUTE),
        (NOW + MINUTE, State.WAITING, NOW + MINUTE + HOUR),
        (NOW + MINUTE + HOUR, State.FAILED, NOW + MINUTE + HOUR),
    ):
        set_clock(monkeypatch, at)
        assert run_due(failing) == 1
        job = QueuedJob.objects.get()
        assert (job.state, job.due_at) == (state, due_at)
        assert job.last_error == "ValueError: no answer"

    assert queue.run_again(job.pk)
    assert run_due(done.handlers()) == 1
    assert states() == [State.DONE]
    assert not queue.run_again(job.pk)


@pytest.mark.django_db
def test_a_hopeless_job_is_failed_at_once_and_a_postponed_one_runs_later(done: Done) -> None:
    later = timezone.now() + HOUR
    ends = {1: Hopeless("The lead is gone."), 2: Postponed(later)}
    add(1)
    add(2)
    run_due(done.handlers(fails=ends.get))

    hopeless, postponed = QueuedJob.objects.order_by("pk")
    assert (hopeless.state, hopeless.last_error) == (State.FAILED, "The lead is gone.")
    assert (postponed.state, postponed.due_at, postponed.attempts) == (State.WAITING, later, 0)


@pytest.mark.django_db
def test_jobs_of_a_sequence_run_in_order_and_wait_for_an_earlier_retry(
    done: Done, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors = {1: ValueError("once")}
    handlers = done.handlers(fails=lambda n: errors.pop(n, None))
    set_clock(monkeypatch, NOW)
    add(1, sequence="lead 1", due_at=NOW)
    add(2, sequence="lead 1", due_at=NOW - HOUR)
    add(3, sequence="lead 2", due_at=NOW)
    run_due(handlers)
    assert done == [1, 3]

    set_clock(monkeypatch, NOW + MINUTE)
    run_due(handlers)
    assert done == [1, 3, 1, 2]


@pytest.mark.django_db
def test_the_jobs_behind_a_retry_are_due_with_it(
    done: Done, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_clock(monkeypatch, NOW)
    add(1, sequence="lead 1", due_at=NOW)
    add(2, sequence="lead 1", due_at=NOW)
    run_due(done.handlers(fails=lambda _n: ValueError("no answer")))
    add(3, sequence="lead 1", due_at=NOW)
    add(4, sequence="lead 2", due_at=NOW + HOUR)

    due = QueuedJob.objects.order_by("pk").values_list("due_at", flat=True)
    assert list(due) == [NOW + MINUTE] * 3 + [NOW + HOUR]
    set_clock(monkeypatch, NOW + MINUTE)
    run_due(done.handlers())
    assert done == [1, 1, 2, 3]


@pytest.mark.django_db
def test_a_failed_job_does_not_block_its_sequence(done: Done) -> None:
    add(1, sequence="lead 1")
    add(2, sequence="lead 1")
    run_due(done.handlers(fails=lambda n: Hopeless("gone") if n == 1 else None))

    assert states() == [State.FAILED, State.DONE]


@pytest.mark.django_db
def test_the_job_of_a_killed_worker_is_run_by_another_after_its_lease(
    done: Done, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_clock(monkeypatch, NOW)
    add(1, due_at=NOW)
    taken = queue.take("killed", ["test"])
    assert taken is not None

    set_clock(monkeypatch, NOW + queue.LEASE - timedelta(seconds=1))
    assert run_due(done.handlers()) == 0
    set_clock(monkeypatch, NOW + queue.LEASE)
    assert run_due(done.handlers()) == 1
    assert done == [1]
    assert not queue.finish(taken), "the first worker must not write over the second"
    assert states() == [State.DONE]


@pytest.mark.django_db
def test_a_prolonged_job_stays_with_its_worker(done: Done, monkeypatch: pytest.MonkeyPatch) -> None:
    set_clock(monkeypatch, NOW)
    add(1, due_at=NOW)
    taken = queue.take("slow", ["test"])
    assert taken is not None
    set_clock(monkeypatch, NOW + queue.LEASE - timedelta(seconds=1))
    assert queue.prolong(taken)

    set_clock(monkeypatch, NOW + queue.LEASE + MINUTE)
    assert run_due(done.handlers()) == 0


@pytest.mark.django_db
def test_a_job_that_kills_its_worker_each_time_is_failed(
    done: Done, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(1, due_at=NOW)
    for attempt in range(3):
        set_clock(monkeypatch, NOW + attempt * HOUR)
        assert queue.take(f"killed {attempt}", ["test"]) is not None

    set_clock(monkeypatch, NOW + 3 * HOUR)
    run_due(done.handlers())
    assert done == []
    assert states() == [State.FAILED]


@pytest.mark.django_db
def test_finished_jobs_keep_no_arguments_and_are_removed_after_a_time(
    done: Done, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_clock(monkeypatch, NOW)
    add(1, due_at=NOW)
    add(2, due_at=NOW)
    run_due(done.handlers(fails=lambda n: Hopeless("gone") if n == 2 else None))
    assert QueuedJob.objects.get(state=State.DONE).arguments == {}

    set_clock(monkeypatch, NOW + queue.DONE_KEPT_FOR + MINUTE)
    assert queue.remove_old() == 1
    assert states() == [State.FAILED]
    set_clock(monkeypatch, NOW + queue.FAILED_KEPT_FOR + MINUTE)
    assert queue.remove_old() == 1
    assert states() == []


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["\0", "’" * 10_000, "\u202e🙂"])
def test_hostile_texts_are_stored_cut(done: Done, text: str) -> None:
    add(1, subject=text)
    run_due(done.handlers(fails=lambda _n: Hopeless(text)))

    job = QueuedJob.objects.get()
    assert len(job.subject) <= 300
    assert len(job.last_error) <= 2_000
    assert "\0" not in job.subject + job.last_error


@pytest.mark.django_db(transaction=True)
def test_several_workers_share_the_jobs(done: Done) -> None:
    for n in range(40):
        add(n, sequence=f"lead {n % 4}")
    handlers = done.handlers()

    def work() -> None:
        try:
            while QueuedJob.objects.filter(state__in=queue.UNFINISHED).exists():
                run_due(handlers)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(done) == list(range(40))
    for lead in range(4):
        assert [n for n in done if n % 4 == lead] == list(range(lead, 40, 4))

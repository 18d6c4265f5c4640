"""What pages leave in cycles is freed between them."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from weakref import ref

import pytest
from django.dispatch import Signal

from leadlight import gc_tuning


class Knot:
    """Something that knows itself."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def never_by_itself() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def leave(count: int) -> ref[Knot]:
    """So many cycles that nobody needs; one of them to be watched."""
    watched = ref(Knot())
    for _ in range(count):
        Knot()
    return watched


def test_what_a_page_leaves_is_freed_when_it_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    for told in ("freeze", "set_threshold"):
        monkeypatch.setattr(gc, told, lambda *_: None)
    page_sent = Signal()
    monkeypatch.setattr(gc_tuning, "request_finished", page_sent)
    watched = leave(gc_tuning.LEFT)
    page_sent.send(sender=None)
    assert watched() is not None
    gc_tuning.collect_after_requests()
    watched = leave(gc_tuning.LEFT)
    page_sent.send(sender=None)
    assert watched() is None


def test_a_little_is_left_for_another_time() -> None:
    watched = leave(10)
    gc_tuning.look()
    assert watched() is not None


def test_what_was_passed_on_while_it_was_needed_is_freed_later() -> None:
    needed = Knot()
    watched = ref(needed)
    leave(gc_tuning.LEFT)
    gc_tuning.look()
    del needed
    leave(gc_tuning.LEFT)
    gc_tuning.look()
    assert watched() is not None
    for _ in range(gc_tuning.YOUNGER):
        leave(gc_tuning.LEFT)
        gc_tuning.look()
    assert watched() is None

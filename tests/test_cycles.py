"""Reference cycles that requests leave behind are collected between requests."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from weakref import ref

import pytest
from django.dispatch import Signal

from leadlight import gc_tuning


class Knot:
    """An object that refers to itself."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def no_automatic_collection() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def leave(count: int) -> ref[Knot]:
    """Create this many unreachable cycles and return a weak reference to one of them."""
    watched = ref(Knot())
    for _ in range(count):
        Knot()
    return watched


def test_cycles_left_by_a_request_are_collected_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_a_few_cycles_are_not_collected_yet() -> None:
    watched = leave(10)
    gc_tuning.collect_if_due()
    assert watched() is not None


def test_cycles_in_the_old_generation_are_collected_eventually() -> None:
    needed = Knot()
    watched = ref(needed)
    leave(gc_tuning.LEFT)
    gc_tuning.collect_if_due()
    del needed
    leave(gc_tuning.LEFT)
    gc_tuning.collect_if_due()
    assert watched() is not None
    for _ in range(gc_tuning.YOUNGER):
        leave(gc_tuning.LEFT)
        gc_tuning.collect_if_due()
    assert watched() is None

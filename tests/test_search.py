"""`make search` stops soon after its time limit and reports every failure."""

from __future__ import annotations

import os
import signal
import sys
import time
from functools import partial
from math import inf
from types import SimpleNamespace
from typing import Any

import pytest

from tests import surroundings
from tests.search import code_of


def ended(command: list[str], end: float = inf) -> int | None:
    return code_of(command, dict(os.environ), end)


def test_a_round_still_running_at_the_time_limit_is_stopped() -> None:
    assert ended(["sleep", "600"], end=0) is None


def test_a_round_is_stopped_where_interrupts_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.search.STOP_SECONDS", 600)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as in a background command of a shell
    try:
        started = time.monotonic()
        assert ended(["sleep", "300"], end=0) is None
        assert time.monotonic() - started < 200
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_round_that_ignores_the_interrupt_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    ignore = partial(signal.signal, signal.SIGINT, signal.SIG_IGN)
    monkeypatch.setattr("tests.search._heed_interrupts", ignore)
    monkeypatch.setattr("tests.search.STOP_SECONDS", 0)
    assert ended(["sleep", "300"], end=0) == -signal.SIGKILL


@pytest.mark.parametrize("code", [0, 1, 2])
def test_a_round_that_ends_in_time_returns_its_exit_code(code: int) -> None:
    assert ended([sys.executable, "-c", f"raise SystemExit({code})"]) == code


@pytest.mark.parametrize(
    ("status", "failed", "expected"),
    [
        (pytest.ExitCode.INTERRUPTED, 0, pytest.ExitCode.INTERRUPTED),
        (pytest.ExitCode.INTERRUPTED, 1, pytest.ExitCode.TESTS_FAILED),
        (pytest.ExitCode.OK, 0, pytest.ExitCode.OK),
    ],
)
def test_an_interrupted_run_with_a_failure_exits_as_failed(
    status: pytest.ExitCode, failed: int, expected: pytest.ExitCode
) -> None:
    session: Any = SimpleNamespace(exitstatus=status, testsfailed=failed)
    surroundings.pytest_sessionfinish(session)
    assert session.exitstatus == expected

"""Run the randomized tests with one new seed after the other: `python -m tests.search`.

It ends at the first failure and prints the seed that reproduces it, or when the time is over: the
round that is running then gets a grace period of some seconds, and is then interrupted.
"""

from __future__ import annotations

import argparse
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from math import inf

import pytest

GRACE_SECONDS = 20
STOP_SECONDS = 60  # from the interrupt of a round to its end
WITHOUT_FAILURE = (pytest.ExitCode.OK, pytest.ExitCode.INTERRUPTED, -signal.SIGINT)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--seed", type=int, help="try this seed alone")
    asked = parser.parse_args()
    if asked.seed is not None:
        return report_failure(asked.seed, run_round(asked.seed, asked.workers))
    end = time.monotonic() + 60 * asked.minutes
    while time.monotonic() < end:
        seed = secrets.randbelow(2**32)
        code = run_round(seed, asked.workers, end + GRACE_SECONDS)
        if code is None:
            print(f"The minutes are over: seed {seed} was stopped, and nothing had failed so far.")
            return 0
        if report_failure(seed, code):
            return code
    return 0


def report_failure(seed: int, code: int | None) -> int:
    """Return the exit code of a round, and print how to reproduce a failure."""
    if code:
        print(f"To repeat it: make search SEED={seed}")
    return code or 0


def run_round(seed: int, workers: int, end: float = inf) -> int | None:
    """Run a round with this seed; return its exit code, None if interrupted without a failure."""
    print(f"Seed {seed} …", flush=True)
    command = [
        *(sys.executable, "-m", "pytest", "--quiet", "-x", "-m", "search"),
        *("-n", str(workers), "--dist", "loadgroup", "--no-loadscope-reorder"),
        f"--hypothesis-seed={seed}",
        *("--ignore=tests/browser", "--ignore=tests/real_data", "tests"),
    ]
    return code_of(command, os.environ | {"LEADLIGHT_TEST_SEED": str(seed)}, end)


def code_of(command: Sequence[str], surroundings: dict[str, str], end: float) -> int | None:
    """Run pytest until the deadline; return its exit code, None if interrupted without a failure.

    An interrupted run in which a test failed exits as failed (`tests.surroundings`). One that does
    not end after the interrupt is killed.
    """
    with subprocess.Popen(command, env=surroundings, preexec_fn=_heed_interrupts) as running:
        try:
            return running.wait(None if end == inf else max(0, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            running.send_signal(signal.SIGINT)
            try:
                code = running.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                running.kill()
                code = running.wait()
    return None if code in WITHOUT_FAILURE else code


def _heed_interrupts() -> None:
    """Undo what a shell does to its background commands, which ignore interrupts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


if __name__ == "__main__":
    raise SystemExit(main())

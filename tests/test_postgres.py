"""The PostgreSQL server of a test run stops with the run, however the run ends."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

PRINT_ADDRESS = "import os; print(os.environ['LEADLIGHT_TEST_DATABASE'], flush=True)"
ASK = PRINT_ADDRESS + (
    "; import psycopg; print(psycopg.connect(os.environ['LEADLIGHT_TEST_DATABASE'])"
    ".execute('select 6 * 7').fetchone()[0])"
)


def with_postgres(code: str) -> list[str]:
    return [sys.executable, "-m", "tests.postgres", "--", sys.executable, "-c", code]


def folder_of(address: str) -> Path:
    return Path(address.split("@")[1].split("/")[0].replace("%2F", "/"))


def is_gone(folder: Path, seconds: float = 30) -> bool:
    """Return whether no server has the folder as its working directory any more."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not (folder / "postmaster.pid").exists():
            return True
        time.sleep(0.1)
    return False


def test_a_command_reaches_the_server_and_its_exit_code_is_returned() -> None:
    done = subprocess.run(
        with_postgres(ASK + "; raise SystemExit(7)"), capture_output=True, text=True, timeout=120
    )
    address, answer = done.stdout.split()
    assert (answer, done.returncode) == ("42", 7), done.stderr
    assert not folder_of(address).parent.exists()


def test_the_server_stops_when_the_tests_are_terminated() -> None:
    running = subprocess.Popen(
        with_postgres(PRINT_ADDRESS + "; input()"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    with running:
        folder = folder_of(running.stdout.readline())
        running.terminate()
        assert running.wait(60) == 143
    assert is_gone(folder)
    assert not folder.parent.exists()


def test_the_server_stops_when_the_tests_are_killed() -> None:
    running = subprocess.Popen(
        with_postgres(PRINT_ADDRESS + "; input()"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    with running:
        folder = folder_of(running.stdout.readline())
        os.kill(running.pid, signal.SIGKILL)
        running.wait(60)
    assert sys.platform != "linux" or is_gone(folder)
    shutil.rmtree(folder.parent)

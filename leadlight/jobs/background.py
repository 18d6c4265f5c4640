"""Background threads of a process, each of which repeats one job.

Several processes can run the same job: its work locks the rows that it changes, and reads them
again before it changes them.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import close_old_connections, connections

from leadlight.busy import is_busy

logger = logging.getLogger(__name__)

Wait = Callable[[float], bool]  # waits for seconds; returns whether to stop


@dataclass(frozen=True)
class Job:
    """Work that is repeated every `every_s` seconds, or `after_error_s` seconds after an error.

    The work gets `is_stopped`, which it calls after each of its transactions. That call waits
    `pause_s` seconds, so that requests can write in between, and returns whether to stop. `threads`
    is the number of threads of a process that do the work.
    """

    name: str
    work: Callable[..., Any]
    every_s: float
    pause_s: float
    after_error_s: float
    threads: int = 1

    def run(self, wait: Wait) -> float:
        """Do the work and log any error; return the seconds until the next time."""
        try:
            self.work(is_stopped=lambda: wait(self.pause_s))
        except Exception as error:
            if not is_busy(error):
                logger.exception("The background job “%s” failed.", self.name)
                return self.after_error_s
            logger.info("The database is busy: the job “%s” is done later.", self.name)
        return self.every_s


def start(jobs: Iterable[Job]) -> list[Repeater]:
    """Start the threads of jobs in this process."""
    return [Repeater(job) for job in jobs for _ in range(job.threads)]


class Repeater:
    """Thread that repeats a job until `stop`."""

    def __init__(self, job: Job, wait: Wait | None = None) -> None:
        self._stopped = threading.Event()
        self._wait = wait or self._stopped.wait
        self._job = job
        self._thread = threading.Thread(target=self._run, name=job.name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread after the transaction in progress."""
        self._stopped.set()
        self.join()

    def join(self) -> None:
        """Wait until the thread has ended."""
        self._thread.join()

    def _run(self) -> None:
        is_stopped = False
        while not is_stopped:
            close_old_connections()
            is_stopped = self._wait(self._job.run(self._wait))
        connections.close_all()

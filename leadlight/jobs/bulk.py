"""Background thread that does the batches of bulk jobs, in each serving process.

Processes do not disturb each other: a batch holds the lock of its job.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from django.db import close_old_connections, connections

from leadlight.busy import is_busy
from leadlight.sales.bulk import run_unfinished

logger = logging.getLogger(__name__)

EVERY_S = 1.0
AFTER_AN_ERROR_S = 30.0
PAUSE_S = 0.02  # between batches, so that requests can write in between

Wait = Callable[[float], bool]  # waits for seconds; returns whether to stop


class Worker:
    """Thread that does unfinished bulk jobs, then waits for `EVERY_S` seconds, until `stop`."""

    def __init__(self, wait: Wait | None = None) -> None:
        self._stopped = threading.Event()
        self._wait = wait or self._stopped.wait
        self._thread = threading.Thread(target=self._run, name="bulk", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread after the batch in progress."""
        self._stopped.set()
        self.join()

    def join(self) -> None:
        """Wait until the thread has ended."""
        self._thread.join()

    def _run(self) -> None:
        is_stopped = False
        while not is_stopped:
            is_stopped = self._wait(EVERY_S if self._work() else AFTER_AN_ERROR_S)
        connections.close_all()

    def _work(self) -> bool:
        """Do all batches, and return whether that went well; errors are logged."""
        close_old_connections()
        try:
            run_unfinished(is_stopped=lambda: self._wait(PAUSE_S))
        except Exception as error:
            if not is_busy(error):
                logger.exception("A bulk job could not go on.")
                return False
            logger.info("The database is busy: bulk jobs go on a second later.")
        return True


_worker: Worker | None = None


def start() -> None:
    """Start the background thread."""
    global _worker
    _worker = Worker()


def stop() -> None:
    """Stop the background thread."""
    global _worker
    if _worker is not None:
        _worker.stop()
        _worker = None

"""Background thread that returns due leads from standby, once a minute in each serving process.

Processes do not disturb each other: a lead is locked and checked again before it returns.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from django.db import close_old_connections, connections

from leadlight.busy import is_busy
from leadlight.sales.due_reminders import return_due_leads

logger = logging.getLogger(__name__)

EVERY_S = 60.0
PAUSE_S = 0.01  # after each lead, so that requests can write in between

Wait = Callable[[float], bool]  # waits for seconds; returns whether to stop


class Returner:
    """Thread that returns due leads, then waits for `EVERY_S` seconds, until `stop`."""

    def __init__(self, wait: Wait | None = None) -> None:
        self._stopped = threading.Event()
        self._wait = wait or self._stopped.wait
        self._thread = threading.Thread(target=self._run, name="reminders", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread after the lead in progress."""
        self._stopped.set()
        self.join()

    def join(self) -> None:
        """Wait until the thread has ended."""
        self._thread.join()

    def _run(self) -> None:
        is_stopped = False
        while not is_stopped:
            self._return()
            is_stopped = self._wait(EVERY_S)
        connections.close_all()

    def _return(self) -> None:
        """Return due leads and log any error; the next run tries again."""
        close_old_connections()
        try:
            return_due_leads(is_stopped=lambda: self._wait(PAUSE_S))
        except Exception as error:
            if is_busy(error):
                logger.info("The database is busy: leads return from standby a minute later.")
            else:
                logger.exception("Leads could not return from standby.")


_returner: Returner | None = None


def start() -> None:
    """Start the background thread."""
    global _returner
    _returner = Returner()


def stop() -> None:
    """Stop the background thread."""
    global _returner
    if _returner is not None:
        _returner.stop()
        _returner = None

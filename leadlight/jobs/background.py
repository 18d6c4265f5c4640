"""Background threads of a serving process, each of which repeats one kind of work."""

from __future__ import annotations

import threading
from collections.abc import Callable

from django.db import close_old_connections, connections

Wait = Callable[[float], bool]  # waits for seconds; returns whether to stop


class Repeater:
    """Thread that calls `work`, then waits for as many seconds as it returns, until `stop`.

    `work` gets the function `wait`, to pause between its parts and to learn whether to stop.
    """

    def __init__(self, name: str, work: Callable[[Wait], float], wait: Wait | None = None) -> None:
        self._stopped = threading.Event()
        self._wait = wait or self._stopped.wait
        self._work = work
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread after the part in progress."""
        self._stopped.set()
        self.join()

    def join(self) -> None:
        """Wait until the thread has ended."""
        self._thread.join()

    def _run(self) -> None:
        is_stopped = False
        while not is_stopped:
            close_old_connections()
            is_stopped = self._wait(self._work(self._wait))
        connections.close_all()

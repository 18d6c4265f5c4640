"""Background thread that keeps the replica of a serving process up to date.

The thread catches up right after each commit of its own process, and polls once a second for
commits of other processes, so that most requests find the replica up to date. Each request still
checks.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable
from time import monotonic
from typing import Any

from django.db import close_old_connections, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from leadlight.replication import freshness, replica
from leadlight.replication.triggers import FEEDS

logger = logging.getLogger(__name__)

POLL_EVERY_S = 1.0
PAUSE = 4  # pause after a catch-up, as a multiple of its duration: at most a fifth of a processor
WRITES = re.compile(
    rf"\s*(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|UPDATE|DELETE\s+FROM)\s+\"?(?:{'|'.join(FEEDS)})\b", re.I
)


class Follower:
    """Thread that calls `catch_up` after each `wake`, and every `poll_every_s` seconds if not None.

    After each catch-up it pauses for `pause` times the duration. All calls of `wake` during a
    catch-up or a pause cause a single catch-up.
    """

    def __init__(
        self,
        catch_up: Callable[[], object],
        poll_every_s: float | None = POLL_EVERY_S,
        pause: float = PAUSE,
    ) -> None:
        self._catch_up = catch_up
        self._poll_every_s = poll_every_s
        self._pause = pause
        self._woken, self._stopped = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="follower", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Request a catch-up after a commit."""
        self._woken.set()

    def stop(self) -> None:
        """Stop the thread after the catch-up in progress."""
        self._stopped.set()
        self._woken.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            self._woken.wait(self._poll_every_s)
            if self._stopped.is_set():
                break
            self._woken.clear()
            start = monotonic()
            self._follow()
            self._stopped.wait((monotonic() - start) * self._pause)
        connections.close_all()

    def _follow(self) -> None:
        """Catch up and log any error; the next request that needs the replica will raise it."""
        close_old_connections()
        try:
            self._catch_up()
        except Exception:
            logger.exception("The replica could not be updated in the background.")


_follower: Follower | None = None


def start() -> None:
    """Start the background thread; this process's commits to replicated tables wake it."""
    global _follower
    _follower = Follower(replica.prepare)
    connection_created.connect(_listen, dispatch_uid="leadlight.replication.following")
    for connection in connections.all(initialized_only=True):
        _listen(connection)


def stop() -> None:
    """Stop the background thread; requests then catch up themselves."""
    global _follower
    if _follower is not None:
        _follower.stop()
        _follower = None


def _listen(connection: BaseDatabaseWrapper, **_kwargs: Any) -> None:
    if _watch_writes not in connection.execute_wrappers:
        connection.execute_wrappers.append(_watch_writes)


def _watch_writes(
    execute: Callable[..., Any], sql: Any, parameters: Any, many: bool, context: dict[str, Any]
) -> Any:
    """Run a statement; after its commit, wake the follower if it wrote to a replicated table."""
    result = execute(sql, parameters, many, context)
    connection = context["connection"]
    if WRITES.match(str(sql)) and all(
        hook is not _committed for _, hook, _ in connection.run_on_commit
    ):
        transaction.on_commit(_committed, using=connection.alias, robust=True)
    return result


def _committed() -> None:
    freshness.forget()
    if _follower is not None:
        _follower.wake()

"""Arrival time of the current request, so that requests that waited together share one catch-up.

A request must see the changes committed before it arrived, and need not see those committed while
it waited for a thread: a replica that caught up after the arrival is fresh enough. A thread must
also see its own commits, so after a commit the current time replaces the arrival time.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from time import monotonic
from typing import Any

from django.core.signals import request_finished, request_started

ARRIVED = "leadlight.arrived"  # key in the WSGI environment, set by `leadlight.buffering`


class _Request(threading.local):
    arrived_at: float | None = None


_request = _Request()


def arrived_at() -> float:
    """Return the arrival time of this thread's request by `monotonic`; now if none is stored."""
    return monotonic() if _request.arrived_at is None else _request.arrived_at


def begin(environ: Mapping[str, Any] | None = None, **_kwargs: Any) -> None:
    """Store the arrival time of a request from its WSGI environment."""
    _request.arrived_at = (environ or {}).get(ARRIVED)


def forget(**_kwargs: Any) -> None:
    """Discard the arrival time of this thread's request: from here on, `arrived_at` is now."""
    _request.arrived_at = None


request_started.connect(begin, dispatch_uid="leadlight.replication.freshness")
request_finished.connect(forget, dispatch_uid="leadlight.replication.freshness")

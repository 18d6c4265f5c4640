"""The instant at which a request asked, so that requests that waited together share one catch-up.

A reader must see what was committed before the question was asked, not before its turn came: a
replica that was read since then is new enough. A thread that commits a change itself is to see that
too, so its question counts as asked anew.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from time import monotonic
from typing import Any

from django.core.signals import request_finished, request_started

ARRIVED = "leadlight.arrived"  # in the WSGI environment, by `leadlight.buffering`


class _Request(threading.local):
    asked: float | None = None


_request = _Request()


def asked() -> float:
    """When the question of this thread was asked, on the clock of `monotonic`; else now."""
    return monotonic() if _request.asked is None else _request.asked


def begin(environ: Mapping[str, Any] | None = None, **_kwargs: Any) -> None:
    """Take the instant of a request from its environment."""
    _request.asked = (environ or {}).get(ARRIVED)


def forget(**_kwargs: Any) -> None:
    """The question of this thread is asked now, whatever came before."""
    _request.asked = None


request_started.connect(begin, dispatch_uid="leadlight.replication.freshness")
request_finished.connect(forget, dispatch_uid="leadlight.replication.freshness")

"""Garbage collection between requests instead of during them.

A page of thousands of rows creates hundreds of thousands of small objects without reference cycles:
with Python's default thresholds, garbage collection took a third of the page's time. Few objects
survive a page, and they are collected after the response has been sent.
"""

from __future__ import annotations

import gc
from typing import Any

from django.core.signals import request_finished

LEFT = 5_000  # new objects; with fewer, no collection after a request
MANY = 200_000  # new objects that trigger a collection during a request
YOUNGER, OLDER = 20, 50  # collections of one generation before one of the next


def collect_after_requests() -> None:
    """Install the collection after requests. Call once, when all modules are loaded: their objects
    are exempt from later collections."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(MANY, YOUNGER, OLDER)
    request_finished.connect(collect_if_due, dispatch_uid="cycles")


def collect_if_due(**_kwargs: Any) -> None:
    """Collect the oldest generation that is due, if a request left `LEFT` new objects or more."""
    young, younger, older = gc.get_count()
    if young >= LEFT:
        gc.collect(2 if older >= OLDER else 1 if younger >= YOUNGER else 0)

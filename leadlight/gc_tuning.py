"""When Python looks for cycles: between two pages, not in the midst of one.

A page of thousands of rows makes hundreds of thousands of small objects, none of them a cycle: with
Python's own thresholds, looking for cycles among them took a third of the page's time. What a page
leaves is little, and is looked through when the page was sent.
"""

from __future__ import annotations

import gc
from typing import Any

from django.core.signals import request_finished

LEFT = 5_000  # objects since the last time; below, looking is put off
MANY = 200_000  # so many make Python look in the midst of a page after all
YOUNGER, OLDER = 20, 50  # how many times those left once, and twice, are put off


def collect_after_requests() -> None:
    """Once, when all is loaded that stays."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(MANY, YOUNGER, OLDER)
    request_finished.connect(look, dispatch_uid="cycles")


def look(**_kwargs: Any) -> None:
    """Free what a page left in cycles, and now and then what earlier ones did."""
    young, younger, older = gc.get_count()
    if young >= LEFT:
        gc.collect(2 if older >= OLDER else 1 if younger >= YOUNGER else 0)

"""Room on Python's stack for deep recursion.

Python keeps the frames of a thread in chunks of 16 KB. Code that calls and returns across the end
of a chunk maps and unmaps memory each time, and templates and the compiler call deeply. A frame
larger than a chunk gets one of the next power of two, and what it leaves is room for the frames
that it calls.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")
WORDS = 140_000  # a little more than 1 MB, so that the chunk has 2 MB


def with_room(call: Callable[[], Result]) -> Result:
    """Call it with 900 KB left in the chunk of the stack."""
    return call()


with_room.__code__ = with_room.__code__.replace(co_stacksize=WORDS)

"""Larger stack chunk for deep recursion.

Python allocates the frames of a thread in chunks of 16 KB. Code that calls and returns across the
end of a chunk maps and unmaps memory each time, and templates and the SQL compiler recurse deeply.
A frame larger than a chunk gets a chunk of the next power of two; the frames that it calls use the
rest of that chunk.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")
WORDS = 140_000  # a little more than 1 MB, so that the chunk has 2 MB


def with_room(call: Callable[[], Result]) -> Result:
    """Call a function with 900 KB left in the stack chunk of the current frame."""
    return call()


with_room.__code__ = with_room.__code__.replace(co_stacksize=WORDS)

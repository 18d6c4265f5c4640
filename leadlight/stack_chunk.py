"""Calls with a large stack chunk, in which deep recursion is fast.

Python allocates the frames of a thread in chunks of 16 KB. Each call across the
end of a chunk maps memory, and each return unmaps it. Templates and the SQL compiler recurse
deeply and so cross it often. A frame larger than 16 KB gets a chunk of the next power of two, and
the frames that it calls use the rest of that chunk.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")
WORDS = 140_000  # of 8 bytes: a little more than 1 MB, so that the chunk has 2 MB


def with_large_chunk(call: Callable[[], Result]) -> Result:
    """Call a function with 900 KB of free space in the stack chunk of its frame."""
    return call()


with_large_chunk.__code__ = with_large_chunk.__code__.replace(co_stacksize=WORDS)

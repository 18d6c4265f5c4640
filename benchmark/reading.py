"""Readers of the `readers` benchmark: a process that requests pages from servers on loopback.

Its argument is the plan as JSON; it prints its measurements as JSON. It imports nothing of
Leadlight, in order to use as little as possible of the processors that it measures.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

PAGE_LIMIT_S = 60
BETWEEN_FAULTS_S = 0.1
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Seen:
    """Milliseconds of each page with status 200, and the count of each other status and error."""

    taken: list[tuple[str, float]] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)


async def read_all(plan: dict[str, Any]) -> Seen:
    """Let readers request pages in random order, up to the planned time or number of pages."""
    seen, end = Seen(), perf_counter() + plan["seconds"]
    await asyncio.gather(
        *(
            _reader(plan, random.Random(number), port, cookie, end, seen)  # noqa: S311
            for number, (port, cookie) in enumerate(plan["readers"])
        )
    )
    return seen


async def _reader(
    plan: dict[str, Any], chance: random.Random, port: int, cookie: str, end: float, seen: Seen
) -> None:
    paths: list[str] = []
    connection = None
    while perf_counter() < end and len(seen.taken) < plan["pages"]:
        paths = paths or chance.sample(plan["paths"], len(plan["paths"]))
        path, start = paths.pop(), perf_counter()
        try:
            async with asyncio.timeout(PAGE_LIMIT_S):
                connection = connection or await asyncio.open_connection("127.0.0.1", port)
                status = await _get(*connection, path, cookie)
        except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
            status = type(error).__name__
            await _close(connection)
            connection = None
            await asyncio.sleep(BETWEEN_FAULTS_S)
        if status == "200":
            seen.taken.append((path, (perf_counter() - start) * 1000))
        else:
            seen.faults[f"{status} {path}"] += 1
    await _close(connection)


async def _close(connection: Connection | None) -> None:
    if connection:
        connection[1].close()
        with suppress(OSError):
            await connection[1].wait_closed()


async def _get(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, cookie: str
) -> str:
    """Request a page on an open connection, read it completely, and return its status."""
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n"
    writer.write(head.encode())
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines[1:] if line)
    if "content-length" in headers:
        await reader.readexactly(int(headers["content-length"]))
    else:
        while size := int(await reader.readline(), 16):
            await reader.readexactly(size + 2)
        await reader.readline()
    return lines[0].split(" ")[1]


if __name__ == "__main__":
    seen = asyncio.run(read_all(json.loads(sys.argv[1])))
    json.dump({"taken": seen.taken, "faults": seen.faults}, sys.stdout)

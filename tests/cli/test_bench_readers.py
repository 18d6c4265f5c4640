"""Readers of the benchmark: the requests they send to a server on loopback, and their results."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from benchmark import bench, readers, reading
from leadlight.cli.console import Stop

ANSWERS = {
    "/length": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    "/chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
    "/broken": b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n",
}


async def read(pages: int) -> tuple[reading.Seen, Counter[str], int]:
    """Return the results of two readers, the requests per path, and the number of connections."""
    asked: Counter[str] = Counter()
    connections = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while head := await reader.readline():
            path = head.split()[1].decode()
            headers = await reader.readuntil(b"\r\n\r\n")
            asked[path] += b"Cookie: session=" in headers
            writer.write(ANSWERS[path])
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    plan = {
        "readers": [[port, "session=one"], [port, "session=two"]],
        "paths": list(ANSWERS),
        "seconds": 60,
        "pages": pages,
    }
    seen = await reading.read_all(plan)
    server.close()
    await asyncio.sleep(0)  # let the server end its responses
    return seen, asked, connections


def test_readers_reuse_their_connection_and_record_every_page() -> None:
    seen, asked, connections = asyncio.run(read(pages=8))
    told = Counter(path for path, _ in seen.taken) + Counter(
        fault.removeprefix("500 ") for fault in seen.faults.elements()
    )
    assert told == asked
    assert connections == 2
    assert set(seen.faults) == {"500 /broken"}
    assert 8 <= len(seen.taken) <= 9
    assert all(milliseconds > 0 for _, milliseconds in seen.taken)


def test_a_refused_connection_is_recorded_as_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refused(*_: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(asyncio, "open_connection", refused)
    monkeypatch.setattr(reading, "BETWEEN_FAULTS_S", 0)
    plan = {"readers": [[1, "a"]], "paths": ["/x"], "seconds": 0.05, "pages": 1}
    told = asyncio.run(reading.read_all(plan))
    assert set(told.faults) == {"ConnectionRefusedError /x"}
    assert told.taken == []


def test_memory_is_summarized_by_first_middle_last_and_highest_sample() -> None:
    told = readers._memory([100.4, 300.0, 200.0])
    assert told == {"first": 100, "middle": 300, "last": 200, "most": 300}
    assert readers._memory([0, 0]) == {}


@pytest.mark.parametrize("wrong", [{"seconds": 4}, {"seconds": 20_000}, {"servers": 0}])
def test_duration_and_number_of_servers_are_limited(wrong: dict[str, int]) -> None:
    with pytest.raises(Stop, match="From 5 to 14400 seconds, and up to 8 servers"):
        bench(part="readers", **wrong)

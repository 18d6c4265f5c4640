"""Two hundred slow clients do not block the server for a normal one."""

from __future__ import annotations

import http.client
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from benchmark.pages import wait_for

SLOW_CLIENTS = 200
BEGUN = {
    "headers": b"POST / HTTP/1.1\r\nHost: localhost\r\nX-Slow",
    "body": b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nabcdef",
    "chunk": b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
}


@pytest.fixture
def port() -> Iterator[int]:
    """The port of a separate server on loopback, which stops itself on SIGTERM."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tests.serving.small", f"127.0.0.1:{port}"]
    with subprocess.Popen(command) as process:
        try:
            wait_for(port)
            yield port
        finally:
            process.terminate()
            try:
                assert process.wait(timeout=60) == 0
            finally:
                process.kill()


def ask(port: int) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/")
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


def test_slow_clients_do_not_block_the_site(port: int) -> None:
    begun = list(BEGUN.values())
    with ExitStack() as open_ones:
        for number in range(SLOW_CLIENTS):
            client = open_ones.enter_context(socket.create_connection(("127.0.0.1", port)))
            client.sendall(begun[number % len(begun)])
        for _ in range(5):
            assert ask(port) == (200, b"hello")
    assert ask(port) == (200, b"hello")


def test_malformed_requests_are_refused(port: int) -> None:
    for request in (
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x00\x01\r\n\r\n",
        b"GET / HTTP/1.1\r\nA B: c\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
            client.sendall(request)
            assert client.recv(12) in (b"HTTP/1.1 400", b"")
    assert ask(port) == (200, b"hello")

"""Requests are buffered before a thread answers them, and slow responses do not hold a thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import Any

import pytest

from leadlight.buffering import ARRIVED, Buffered, Limits, environ_of

SCOPE = {
    "type": "http",
    "method": "POST",
    "path": "/é",
    "query_string": b"a=1&b=%C3%A9",
    "http_version": "1.1",
    "scheme": "http",
    "server": ("127.0.0.1", 8000),
    "client": ("10.0.0.7", 50000),
    "headers": [(b"host", b"localhost")],
}
Environ = dict[str, Any]


def echo(environ: Environ, start_response: Callable[..., Any]) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain"), ("Set-Cookie", " a=b")])
    return [environ["wsgi.input"].read()]


class Client:
    """One request of a client: its chunks, None for one that never arrives, and the response."""

    def __init__(self, *chunks: bytes | None, **scope: Any) -> None:
        self.scope = SCOPE | scope
        self.chunks = list(chunks) or [b""]
        self.sent: list[dict[str, Any]] = []

    async def receive(self) -> dict[str, Any]:
        chunk = self.chunks.pop(0)
        if chunk is None:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": chunk, "more_body": bool(self.chunks)}

    async def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)

    @property
    def status(self) -> int:
        return self.sent[0]["status"]

    @property
    def body(self) -> bytes:
        return b"".join(message["body"] for message in self.sent[1:])


@contextmanager
def serving(application: Callable[..., Any], threads: int = 1, **limits: Any) -> Iterator[Buffered]:
    buffered = Buffered(application, threads, Limits(**limits))
    yield buffered
    buffered.close()


def ask(buffered: Buffered, *clients: Client) -> None:
    async def every() -> None:
        await asyncio.gather(*(buffered(one.scope, one.receive, one.send) for one in clients))

    asyncio.run(every())


def test_a_chunked_request_reaches_the_application_in_one_piece() -> None:
    client = Client(b"one ", b"two")
    with serving(echo) as buffered:
        ask(buffered, client)
    assert (client.status, client.body) == (200, b"one two")
    assert client.sent[0]["headers"] == [(b"content-type", b"text/plain"), (b"set-cookie", b"a=b")]


def test_a_slow_sender_holds_no_thread() -> None:
    slow = [Client(b"a", None) for _ in range(20)]
    honest = Client(b"b")
    with serving(echo, body_s=0.5) as buffered:
        ask(buffered, *slow, honest)
    assert honest.body == b"b"
    assert {client.status for client in slow} == {408}
    assert (b"connection", b"close") in slow[0].sent[0]["headers"]


@pytest.mark.parametrize(
    "client",
    [
        Client(b"", headers=[(b"content-length", b"11")]),
        Client(b"123456", b"78901", b"2"),
    ],
    ids=["announced", "sent"],
)
def test_a_request_body_over_the_limit_is_refused(client: Client) -> None:
    with serving(echo, body_bytes=10) as buffered:
        ask(buffered, client)
    assert client.status == 413


def test_a_disconnected_client_gets_no_response() -> None:
    client = Client()

    async def gone() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    with serving(echo) as buffered:
        asyncio.run(buffered(client.scope, gone, client.send))
    assert client.sent == []


def test_a_chunked_response_is_sent_completely_and_closed_in_its_thread() -> None:
    closed_in: list[str] = []

    class Pieces:
        def __iter__(self) -> Iterator[bytes]:
            return iter([b"a" * 700_000, b"b" * 700_000])

        def close(self) -> None:
            closed_in.append(threading.current_thread().name)

    def large(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", [])
        return Pieces()

    client = Client()
    with serving(large) as buffered:
        ask(buffered, client)
    assert client.body == b"a" * 700_000 + b"b" * 700_000
    assert len(client.sent) > 3
    assert [message["more_body"] for message in client.sent[1:]][-2:] == [True, False]
    assert closed_in[0].startswith("answering")


def test_a_client_that_does_not_read_is_disconnected() -> None:
    client = Client()

    async def stuck(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()

    with serving(echo, chunk_s=0.1) as buffered:
        asyncio.run(buffered(client.scope, client.receive, stuck))
    assert client.sent == []


def test_the_wsgi_environment_describes_the_request() -> None:
    headers = [
        (b"host", b"localhost"),
        (b"content-type", b"text/plain"),
        (b"content-length", b"3"),
        (b"cookie", b"a=1"),
        (b"cookie", b"b=2"),
        (b"x-forwarded-for", b"10.0.0.1"),
        (b"x-forwarded-for", b"10.0.0.2"),
        (b"x_forwarded_proto", b"https"),
    ]
    with TemporaryFile() as body:
        environ = environ_of(SCOPE | {"headers": headers}, body)
    said = {name: value for name, value in environ.items() if not name.startswith("wsgi.")}
    assert said == {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/\xc3\xa9",
        "QUERY_STRING": "a=1&b=%C3%A9",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "REMOTE_ADDR": "10.0.0.7",
        "HTTP_HOST": "localhost",
        "CONTENT_TYPE": "text/plain",
        "CONTENT_LENGTH": "3",
        "HTTP_COOKIE": "a=1; b=2",
        "HTTP_X_FORWARDED_FOR": "10.0.0.1,10.0.0.2",
    }


def test_the_arrival_of_a_request_precedes_its_wait_for_a_thread() -> None:
    arrived: list[float] = []
    ended: list[float] = []

    def answer(environ: Environ, start_response: Callable[..., Any]) -> list[bytes]:
        from time import monotonic

        arrived.append(environ[ARRIVED])
        both_here.wait()
        start_response("200 OK", [])
        ended.append(monotonic())
        return [b""]

    both_here = threading.Event()
    second = Client()
    receive = second.receive

    async def receive_and_tell() -> dict[str, Any]:
        both_here.set()
        return await receive()

    second.receive = receive_and_tell  # type: ignore[method-assign]
    with serving(answer) as buffered:
        ask(buffered, Client(), second)
    assert arrived[1] < ended[0]

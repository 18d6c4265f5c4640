"""Adapter from an ASGI server to a WSGI application that buffers whole requests and responses.

A request takes a thread only after its body has been read, and releases the thread as soon as the
application has produced the response: a client that sends or reads slowly holds no thread. Requests
beyond the number of threads wait in order of arrival.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from tempfile import SpooledTemporaryFile
from time import monotonic
from typing import IO, Any

from leadlight.stack_chunk import with_large_chunk

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

ARRIVED = "leadlight.arrived"  # in the WSGI environment: `monotonic()` before the request was read
IN_MEMORY = 1 << 20  # bytes; a longer body goes to a temporary file
CHUNK = 1 << 18  # bytes


class Refused(Exception):
    """Rejected request: answered with an error status, without the application.

    The response closes the connection.
    """

    def __init__(self, status: HTTPStatus) -> None:
        self.status = status
        super().__init__(status.phrase)


class Gone(Exception):
    """Disconnection of a client before it has sent the whole request."""


@dataclass(frozen=True)
class Limits:
    """Limits of one request: bytes of the body, seconds for the client to send the body, and
    seconds for the client to read each chunk of the response."""

    body_bytes: int = 10 << 20
    body_s: float = 30
    chunk_s: float = 60


LIMITS = Limits()


@dataclass
class Response:
    """Response of the application. The body is an open file, positioned at the start."""

    status: int
    headers: Headers
    body: IO[bytes]


class Buffered:
    """ASGI application that runs a WSGI application in a fixed number of threads."""

    def __init__(self, wsgi: Callable[..., Any], threads: int, limits: Limits = LIMITS) -> None:
        self._wsgi = wsgi
        self._limits = limits
        self._threads = ThreadPoolExecutor(threads, "answering")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        arrived = monotonic()
        with SpooledTemporaryFile(IN_MEMORY) as body:
            try:
                await self._read(scope, receive, body)
                environ = environ_of(scope, body) | {ARRIVED: arrived}
                running = asyncio.get_running_loop()
                answer = partial(with_large_chunk, partial(self._answer, environ))
                response = await running.run_in_executor(self._threads, answer)
            except Refused as refused:
                response = _short(refused.status)
            except Gone:
                return
        # After a timeout the server closes the connection of a client that does not read.
        with closing(response.body), suppress(TimeoutError):
            await _send(send, response, self._limits.chunk_s)

    def close(self) -> None:
        """Wait for the requests in progress, and accept no more."""
        self._threads.shutdown()

    async def _read(self, scope: Scope, receive: Receive, body: IO[bytes]) -> None:
        """Read the whole body of the request. Raises Refused or Gone."""
        if _length_of(scope) > self._limits.body_bytes:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        try:
            async with asyncio.timeout(self._limits.body_s):
                while await _read_chunk(receive, body):
                    if body.tell() > self._limits.body_bytes:
                        raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        except TimeoutError:
            raise Refused(HTTPStatus.REQUEST_TIMEOUT) from None
        body.seek(0)

    def _answer(self, environ: dict[str, Any]) -> Response:
        """Run the application in this thread and read its whole response."""
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], _exc: Any = None) -> None:
            started[:] = [(status, headers)]

        with _spooled() as body:
            output = self._wsgi(environ, start_response)
            try:
                for chunk in output:
                    body.write(chunk)
            finally:
                if hasattr(output, "close"):
                    output.close()
            body.seek(0)
        status, headers = started[0]
        return Response(int(status.split(" ", 1)[0]), [*map(_encoded, headers)], body)


def _encoded(header: tuple[str, str]) -> tuple[bytes, bytes]:
    name, text = header
    return name.lower().encode("latin-1"), text.strip().encode("latin-1")


@contextmanager
def _spooled() -> Iterator[IO[bytes]]:
    """Yield a temporary file; leave it open unless the block raises."""
    file = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115
    try:
        yield file
    except BaseException:
        file.close()
        raise


async def _read_chunk(receive: Receive, body: IO[bytes]) -> bool:
    """Append the next chunk to a body; return False after the last one. Raises Gone."""
    message = await receive()
    if message["type"] != "http.request":
        raise Gone
    body.write(message.get("body", b""))
    return bool(message.get("more_body"))


async def _send(send: Send, response: Response, chunk_s: float) -> None:
    """Send a response. Raises TimeoutError if the client takes over `chunk_s` for one chunk."""
    await send(
        {"type": "http.response.start", "status": response.status, "headers": response.headers}
    )
    chunk, is_last = response.body.read(CHUNK), False
    while not is_last:
        following = response.body.read(CHUNK)
        is_last = not following
        async with asyncio.timeout(chunk_s):
            await send({"type": "http.response.body", "body": chunk, "more_body": not is_last})
        chunk = following


def _short(status: HTTPStatus) -> Response:
    """Return a one-line response that closes the connection."""
    body: IO[bytes] = SpooledTemporaryFile()  # noqa: SIM115
    body.write(f"{status.phrase}\n".encode())
    length = body.tell()
    body.seek(0)
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(length).encode()),
        (b"connection", b"close"),
    ]
    return Response(status, headers, body)


def _length_of(scope: Scope) -> int:
    """Return the Content-Length of a request, 0 without one. The server validated the number."""
    return next((int(value) for name, value in scope["headers"] if name == b"content-length"), 0)


def environ_of(scope: Scope, body: IO[bytes]) -> dict[str, Any]:
    """Return the WSGI environment of a request (PEP 3333).

    Headers with an underscore are dropped: WSGI cannot distinguish them from the same name with a
    hyphen, so a client could override a header set by a proxy.
    """
    server, client = scope.get("server") or ("localhost", 80), scope.get("client") or ("", 0)
    environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "REMOTE_ADDR": client[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope["headers"]:
        if b"_" in name:
            continue
        key = name.decode("latin-1").upper().replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = f"HTTP_{key}"
        text = value.decode("latin-1")
        between = "; " if key == "HTTP_COOKIE" else ","
        environ[key] = f"{environ[key]}{between}{text}" if key in environ else text
    return environ

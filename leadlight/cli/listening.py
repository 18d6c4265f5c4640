"""HTTP server of the site: its processes and the limits of its connections."""

from __future__ import annotations

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.common import AbstractServer

HEADERS_MS = 10_000  # to send the headers of a request, and to keep an idle connection
LAST_ANSWERS_S = 30  # for what is being answered when the server is stopped
CONNECTIONS = 512  # of each process, besides those that the system lets wait


def server(target: str, listen: str, workers: int) -> AbstractServer:
    """Server of an ASGI application, on an address and a port, in so many processes.

    A process that ends by itself is started again, unless it ends at once.
    """
    host, port = listen.rsplit(":", 1)
    return Granian(
        target,
        address=host.strip("[]"),
        port=int(port),
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADERS_MS),
        workers=workers,
        backpressure=CONNECTIONS,
        respawn_failed_workers=True,
        workers_kill_timeout=LAST_ANSWERS_S,
        websockets=False,
        log_level="warning",  # type: ignore[arg-type]
    )
